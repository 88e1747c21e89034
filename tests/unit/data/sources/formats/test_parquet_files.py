"""Parquet files that unpack to far more than they are, and rows that Python cannot hold."""

import contextlib
import io
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.formats import arrow_rows, parquet_files
from adverts.data.sources.formats.arrow_rows import weigh
from adverts.data.sources.formats.parquet_files import parquet_columns, read_parquet
from adverts.data.sources.formats.parquet_pages import PageError, read_pages
from adverts.errors import InputError

MOST = 8_000_000


def written(tmp_path, table, name="a.parquet", **options):
    path = tmp_path / name
    usual = {"compression": "zstd", "store_schema": False}
    pq.write_table(pa.table(table), path, **usual | options)
    return path


def repeated(value, times):
    places = pa.array([0] * times, pa.int32())
    return pa.DictionaryArray.from_arrays(places, pa.array([value]))


def read(path, wanted=("id", "text"), max_bytes=MOST):
    return list(read_parquet(path, wanted, max_bytes=max_bytes))


def faults(rows):
    return [(number, str(row.field), row.reason) for number, row in rows if type(row) is RowFault]


def test_a_small_file_of_one_text_in_many_rows_is_refused_early(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "_MAX_SKIPPED_BYTES", 40_000_000)
    monkeypatch.setattr(parquet_files, "_BATCH_BYTES", 30_000_000)
    path = written(tmp_path, {"text": repeated("x" * 12_000_000, 1_000)})
    assert path.stat().st_size < 9_000
    with pytest.raises(InputError, match="unpacks to more than 200 times its size"):
        read(path)


def test_legal_texts_of_a_small_file_may_not_add_up_either(tmp_path):
    path = written(tmp_path, {"text": repeated("word " * 19_000, 1_000)})
    with pytest.raises(InputError, match="unpacks to more than 200 times its size"):
        read(path)


def test_a_row_that_is_too_large_is_its_own_fault_and_the_others_are_read(tmp_path):
    texts = ["first", "y" * 9_000_000, "last"]
    rows = read(written(tmp_path, {"id": [1, 2, 3], "text": texts}))
    assert [row for number, row in rows if number != 2] == [
        {"id": 1, "text": "first"},
        {"id": 3, "text": "last"},
    ]
    ((number, _, reason),) = faults(rows)
    assert number == 2
    assert "has 9,000,016 bytes, at most 8,000,000 are read" in reason


@pytest.mark.parametrize(
    "made",
    [
        lambda: pa.array([["z" * 100] * 200_000, ["a"]]),
        lambda: pa.array([[["z"]] * 1_000_000, []]),
        lambda: pa.array([{"a": ["z" * 100] * 200_000}, None]),
        lambda: pa.array([[("k" * 100, "v")] * 200_000, []], pa.map_(pa.string(), pa.string())),
        lambda: pa.array([[1] * 2_000_000, [1]]),
    ],
    ids=["list", "list of lists", "struct", "map", "numbers"],
)
def test_a_row_is_weighed_with_all_that_stands_in_its_lists(tmp_path, made):
    rows = read(written(tmp_path, {"id": [1, 2], "text": made()}))
    assert [number for number, _, _ in faults(rows)] == [1]
    assert rows[1][1]["id"] == 2


def test_pictures_of_a_row_have_a_bound_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_rows, "PICTURE_BYTES_OF_ROW", 10_000_000)
    small, large = [b"p" * 9_000_000], [b"p" * 2_000_000] * 6
    rows = read(written(tmp_path, {"id": [1, 2], "text": pa.array([small, large])}))
    assert rows[0][1]["text"] == small
    assert "pictures of 12,000,0" in faults(rows)[0][2]


def test_weights_are_those_of_the_rows_that_a_slice_holds():
    table = pa.table(
        {
            "list": [["a" * 10] * n for n in range(4)],
            "dictionary": pa.array(["b" * n for n in range(4)]).dictionary_encode(),
            "struct": [{"c": "d" * n, "e": b"f" * n} for n in range(4)],
            "null": pa.nulls(4),
        }
    )
    (batch,) = table.to_batches()
    whole, part = weigh(batch), weigh(batch.slice(1, 2))
    assert part.texts.tolist() == whole.texts[1:3].tolist()
    assert part.pictures.tolist() == [1, 2]
    assert (whole.texts - whole.texts[0]).tolist() == [n * (10 + 8 + 1 + 1) for n in range(4)]


def test_a_value_that_python_cannot_hold_is_the_fault_of_its_row(tmp_path):
    weeks = pa.array([0, 2**61], pa.timestamp("us"))
    rows = read(written(tmp_path, {"id": [1, 2], "text": weeks}))
    assert rows[0][1]["id"] == 1
    ((number, field, reason),) = faults(rows)
    assert (number, field) == (2, "text")
    assert reason.startswith("cannot be read (")


def test_a_text_that_is_not_utf8_is_the_fault_of_its_row(tmp_path):
    broken = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
    )
    rows = read(written(tmp_path, {"id": [1, 2], "text": broken}))
    assert rows[0][1] == {"id": 1, "text": "a"}
    assert faults(rows) == [(2, "text", "cannot be read (UnicodeDecodeError)")]


def test_more_rows_than_a_file_can_hold_are_refused(tmp_path):
    path = written(tmp_path, {"text": pa.nulls(3_000_000, pa.string())})
    with pytest.raises(InputError, match=r"says that it holds 3,000,000 rows in [\d,]+ bytes"):
        read(path)


def test_a_page_that_grows_beyond_the_bound_is_refused_whatever_the_footer_says(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(parquet_files, "_MAX_PAGE_BYTES", 1_000)
    with pytest.raises(InputError, match="a page unpacks to 2,004 bytes"):
        read(written(tmp_path, {"text": ["x" * 2_000]}))
    assert len(read(written(tmp_path, {"text": [os.urandom(2_000)]}))) == 1


def test_lists_whose_values_share_prefixes_are_refused_where_they_could_grow(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "_BATCH_BYTES", 25_600_000)
    lists = [["x" * 40_000 + str(i) for i in range(1_000)]]
    options = {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"}
    path = written(tmp_path, {"text": pa.array(lists)}, **options)
    with pytest.raises(InputError, match="DELTA_BYTE_ARRAY may unpack to any size"):
        read(path)


@pytest.mark.parametrize("options", [{}, {"data_page_version": "2.0"}, {"use_dictionary": False}])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip"])
def test_pages_are_found_as_arrow_wrote_them(tmp_path, options, compression):
    texts = [str(i) for i in range(50_000)]
    path = written(tmp_path, {"text": texts}, compression=compression, **options)
    assert [row["text"] for _, row in read(path)] == texts
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    with path.open("rb") as file:
        pages = read_pages(file, start, num_values=chunk.num_values)
    assert pages.values == 50_000
    assert pages.largest_bytes <= chunk.total_uncompressed_size


BROKEN = [b"", b"\x15", b"\x15\x00" * 30, b"\xff" * 90, b"\x1c" * 90, b"\0"]


@pytest.mark.parametrize("data", BROKEN)
def test_headers_of_pages_that_are_none_are_told(data):
    with pytest.raises(PageError):
        read_pages(io.BytesIO(data), 0, num_values=1)


def test_bytes_that_are_changed_end_in_one_line_or_in_rows(tmp_path):
    path = written(tmp_path, {"id": list(range(99)), "text": [f"word {i}" for i in range(99)]})
    good = path.read_bytes()
    for place in range(4, len(good) - 8, 7):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        with contextlib.suppress(InputError):
            parquet_columns(path)
            read(path)


def test_ordinary_lists_of_texts_are_read_as_they_stand(tmp_path):
    labels = [["yes"] * 3, [], None, ["no", None]]
    assert [row["text"] for _, row in read(written(tmp_path, {"text": pa.array(labels)}))] == labels


def test_lists_that_could_grow_are_read_through_their_dictionary(tmp_path, monkeypatch):
    kinds = []

    def weighed(batch):
        kinds.append(batch.schema.field("text").type.value_type)
        return weigh(batch)

    monkeypatch.setattr(parquet_files, "_BATCH_BYTES", 1_000)
    monkeypatch.setattr(parquet_files, "weigh", weighed)
    labels = [["long label"] * 30] * 5
    rows = read(written(tmp_path, {"id": range(5), "text": pa.array(labels)}))
    assert [row["text"] for _, row in rows] == labels
    assert all(map(pa.types.is_dictionary, kinds))


def test_lists_of_more_values_than_a_row_group_may_hold_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "_MAX_LISTED", 150)
    assert len(read(written(tmp_path, {"text": pa.array([["a"] * 30] * 5)}))) == 5
    with pytest.raises(InputError, match="lists of 151 values in one row group, at most 150"):
        read(written(tmp_path, {"text": pa.array([["a"] * 30] * 5 + [["a"]])}))
