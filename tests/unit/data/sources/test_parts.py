"""A source cut into parts gives what the whole source gives, however it is cut."""

import dataclasses
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adverts.config.data import FileSource
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.formats import cut_csv
from adverts.data.sources.open_files import open_files
from adverts.errors import InputError

WANTED = ("id", "text", "label")
MOST = 60


def opened(path, kind="csv", *, most=MOST, part=None, **given):
    config = FileSource(kind=kind, paths=(path.name,), **given)
    return open_files(path.parent, config, max_row_bytes=most, part=part)


def seen(rows):
    """What is known of each row, so that two readings can be compared."""
    return [row if isinstance(row, BadRow) else dataclasses.astuple(row) for row in rows]


def by_parts(path, rows, **options):
    """All parts of a file, and their rows, each part read by a source that opens it alone."""
    source = opened(path, **options)
    parts = list(source.parts(rows))
    assert parts == list(source.parts(rows))
    found = []
    for part in parts:
        of_part = seen(opened(path, part=part, **options).read(WANTED, part))
        assert len(of_part) == part.rows
        assert seen(source.read(WANTED, part)) == of_part
        assert (of_part[0].row if isinstance(of_part[0], BadRow) else of_part[0][1]) == (
            part.first_row
        )
        found += of_part
    return parts, found


def outcome(call):
    try:
        return call()
    except InputError as error:
        return str(error)


PIECES = st.sampled_from(
    [
        *(b"1", b"word", b",", b",", b"\n", b"\n", b"\r\n", b"\r", b'"', b'"', b'""', b'","', b" "),
        *(b'1,"a",no\n', b'2,"two\nlines",no\n', b'3,st"ray,no\n', b"4,\xc3\xa9\xd8\xb9,yes\r\n"),
        *(b"5,short\n", b"\xe9", b"\xff", b"6," + b"x" * 70 + b",no\n", b'7,"' + b"y\n" * 40),
        *(b'8,"say ""no""\r\n\r\nnow",no\r\n', b"\n\n", b"\r\r\n", b"\0", b"\xef\xbb\xbf", b";"),
    ]
)
BODIES = st.lists(PIECES, max_size=40).map(b"".join)


USUAL = {"rows": 2, "most": 400, "mark": False, "encoding": None}
WRITTEN = st.fixed_dictionaries(
    {
        "rows": st.integers(1, 9),
        "most": st.sampled_from([20, 60, 400]),
        "mark": st.booleans(),
        "encoding": st.sampled_from([None, "utf-8", "cp1252", "cp1256", "utf-7", "shift-jis"]),
    }
)


@settings(max_examples=200, deadline=None)
@given(body=BODIES, how=WRITTEN)
@example(body=b'1,a,b\n2,"\nx",b\n\n\n3,c,d\n', how=USUAL | {"mark": True})
@example(body=b'1,"a,b\n' + b'2,"x" y,c\n' * 5, how=USUAL)
def test_parts_of_a_csv_file_are_its_rows(tmp_path_factory, body, how):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" * how["mark"] + b"id,text,label\n" + body)
    options = {"most": how["most"], "encoding": how["encoding"], "delimiter": ","}
    whole = outcome(lambda: seen(opened(path, **options).read(WANTED)))
    cut = outcome(lambda: by_parts(path, how["rows"], **options)[1])
    assert cut == whole


@settings(max_examples=40, deadline=None)
@given(body=BODIES, rows=st.integers(1, 200))
@pytest.mark.slow
def test_blocks_of_many_rows_are_cut_like_single_rows(tmp_path_factory, body, rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    lines = b'1,plain,no\n2,"quoted, ""twice""",no\n3,"two\nlines",no\n' * 70
    path.write_bytes(b"id,text,label\n" + lines + body + lines)
    options = {"most": 5_000, "delimiter": ","}
    whole = outcome(lambda: seen(opened(path, **options).read(WANTED)))
    assert outcome(lambda: by_parts(path, rows, **options)[1]) == whole


JSON_PIECES = st.sampled_from(
    [
        *(b'{"id": 1}\n', b'{"id": 2, "text": "caf\xc3\xa9"}\r\n', b"\n", b"  \n", b"[1]\n", b"{"),
        *(b"\xff\n", b'{"id": "' + b"x" * 70 + b'"}\n', b"\r", b"x" * 200, b"\xef\xbb\xbf", b'"'),
    ]
)


@settings(max_examples=100, deadline=None)
@given(body=st.lists(JSON_PIECES, min_size=1, max_size=30).map(b"".join), rows=st.integers(1, 9))
def test_parts_of_a_json_lines_file_are_its_rows(tmp_path_factory, body, rows):
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    path.write_bytes(body)
    whole = outcome(lambda: seen(opened(path, "jsonl").read(WANTED)))
    assert outcome(lambda: by_parts(path, rows, kind="jsonl")[1]) == whole


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(st.integers(0, 7), min_size=1, max_size=8).filter(any),
    rows=st.integers(1, 12),
)
def test_parts_of_a_parquet_file_are_whole_row_groups(tmp_path_factory, counts, rows):
    path = tmp_path_factory.mktemp("parquet") / "a.parquet"
    schema = pa.schema({"id": pa.int64(), "text": pa.string()})
    with pq.ParquetWriter(path, schema) as writer:
        for group, count in enumerate(counts):
            texts = ["z" * 100 if i == 3 else f"{group} {i}" for i in range(count)]
            table = pa.table({"id": list(range(count)), "text": texts}, schema=schema)
            writer.write_table(table)
    parts, found = by_parts(path, rows, kind="parquet")
    assert found == seen(opened(path, "parquet").read(WANTED))
    assert all(part.rows <= max(rows, max(counts)) for part in parts)


def test_a_part_says_all_that_reading_it_needs(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id;text\n1;a\n" + b"2;caf\xe9\n" * 4)
    *_, part = opened(path).parts(2)
    assert (part.file, part.rows, part.first_row, part.first_record) == ("a.csv", 1, 6, 5)
    path.write_bytes(path.read_bytes().replace(b"caf\xe9", b"cafe"))  # it looks like UTF-8 now
    assert (part.encoding, part.delimiter) == ("cp1252", ";")
    (row,) = opened(path, part=part).read(WANTED, part)
    assert (row.row, row.record, row.values["text"]) == (6, 5, "cafe")


def test_a_quote_that_never_closes_is_found_while_the_file_is_cut(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "1,a\n" * 500 + '2,"b\n' + "3,c\n" * 30)
    with pytest.raises(InputError, match="begins on line 502 does not close"):
        list(opened(path, most=5_000).parts(100))


def test_only_the_header_gives_no_part(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n\n\r\n")
    assert list(opened(path).parts(5)) == []


def test_a_part_of_no_rows_is_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n")
    with pytest.raises(ValueError, match="at least one row, got 0"):
        opened(path, "jsonl").parts(0)


def test_a_line_of_many_megabytes_is_passed_over_without_being_held(tmp_path):
    import tracemalloc

    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"id,text\n1,a\n2,")
        for _ in range(64):
            file.write(b"x" * 1_000_000)
        file.write(b"\n3,c\n")
    tracemalloc.start()
    parts = list(opened(path, most=100_000, encoding="utf-8", delimiter=",").parts(1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [part.first_row for part in parts] == [2, 3, 4]
    assert peak < 20_000_000


def test_stamps_know_a_changed_file_without_reading_it(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n")
    before = opened(path, "jsonl").stamps
    assert before == opened(path, "jsonl").stamps
    assert before["a.jsonl"].size == 3
    path.write_text("[]\n")
    assert opened(path, "jsonl").stamps != before


def test_files_are_hashed_only_when_somebody_asks(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": 1}) + "\n")
    asked = []
    monkeypatch.setattr(
        "adverts.data.sources.open_files.file_sha256", lambda file: asked.append(file) or "hash"
    )
    source = opened(path, "jsonl")
    assert len(list(source.read(WANTED))) == 1
    assert not asked
    assert source.fingerprint == {"a.jsonl": "hash"}


def test_the_fast_pass_is_the_one_that_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(cut_csv._Place, "_read", lambda *_: 0)
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + '1,"a\nb"\n2,st"ray\n' * 1_000)
    assert sum(part.rows for part in opened(path, most=100_000).parts(300)) == 2_000


@pytest.mark.parametrize("content", ["id,text\n1,a\n2,b\n", "id,text\n1,a\n2,b\n\n\n\n\n\n"])
def test_a_part_of_another_number_of_rows_than_before_is_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,a\n2,b\n3,c\n4,d\n")
    source = opened(path)
    *_, part = source.parts(2)
    path.write_text(content)
    with pytest.raises(InputError, match="a.csv changed since it was cut into parts: . rows inst"):
        list(opened(path, part=part).read(WANTED, part))


def test_a_part_of_row_groups_that_are_gone_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3]}), path, row_group_size=1)
    *_, part = opened(path, "parquet").parts(1)
    pq.write_table(pa.table({"id": [1, 2, 3]}), path)
    with pytest.raises(InputError, match="a.parquet changed since it was cut into parts"):
        list(opened(path, "parquet", part=part).read(WANTED, part))


def test_files_that_are_read_alike_are_told_in_one_line(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("id;text\n1;x\n")
    config = FileSource(kind="csv", paths=("*.csv",))
    (line,) = open_files(tmp_path, config, max_row_bytes=MOST).told
    assert line.startswith("a.csv and 2 more: read as UTF-8, semicolons between cells;")
