"""CSV files, and everything that can be wrong with them."""

from functools import partial

import pytest

from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.formats import csv_rows
from adverts.errors import InputError

MOST = 8_000_000
csv_columns = partial(csv_rows.csv_columns, max_bytes=MOST)
read_csv = partial(csv_rows.read_csv, max_bytes=MOST)


def written(tmp_path, content, name="adverts.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def values(rows):
    return [row for _, row in rows if not isinstance(row, RowFault)]


def faults(rows):
    return [(number, row.reason) for number, row in rows if isinstance(row, RowFault)]


def test_rows_carry_the_line_on_which_they_begin(tmp_path):
    path = written(tmp_path, 'id,text\n1,"two\nlines"\n\n2,plain\n')
    assert list(read_csv(path)) == [
        (2, {"id": "1", "text": "two\nlines"}),
        (5, {"id": "2", "text": "plain"}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_and_line_ends_do_not_matter(tmp_path, mark, end):
    path = written(tmp_path, mark + f"id,text{end}1,a{end}".encode())
    assert csv_columns(path) == ("id", "text")
    assert values(read_csv(path)) == [{"id": "1", "text": "a"}]


def test_lines_that_end_in_cr_alone_are_refused_with_what_to_do(tmp_path):
    with pytest.raises(InputError, match="CR alone; .* save the file with LF or CRLF"):
        csv_columns(written(tmp_path, "id,text\r1,a\r"))


@pytest.mark.parametrize("cell", ["a\rb", "\rb", "a\r"])
def test_a_cr_in_quotes_is_text_and_without_quotes_a_fault_of_this_row_alone(tmp_path, cell):
    rows = list(read_csv(written(tmp_path, f'id,text,n\n1,"{cell}",x\n2,{cell},x\n3,c,x\n')))
    assert values(rows) == [
        {"id": "1", "text": cell, "n": "x"},
        {"id": "3", "text": "c", "n": "x"},
    ]
    [(line, reason)] = faults(rows)
    assert line == 3
    assert "CR alone" in reason
    assert "quote the cell that holds it" in reason


def test_a_missing_last_line_end_does_not_matter(tmp_path):
    assert values(read_csv(written(tmp_path, "id\n1"))) == [{"id": "1"}]


def test_a_row_of_another_width_is_told_and_the_next_is_read(tmp_path):
    rows = list(read_csv(written(tmp_path, "id,text\n1\n2,a,b\n3,c\n")))
    assert faults(rows) == [
        (2, "has 1 fields, the header has 2"),
        (3, "has 3 fields, the header has 2"),
    ]
    assert values(rows) == [{"id": "3", "text": "c"}]


def test_a_row_that_is_not_utf8_is_told_and_the_next_is_read(tmp_path):
    rows = list(read_csv(written(tmp_path, b"id,text\n1,caf\xe9\n2,b\n")))
    assert faults(rows) == [(2, "is not UTF-8 (byte 6 of the line); save the file as UTF-8")]
    assert values(rows) == [{"id": "2", "text": "b"}]


def test_a_stray_quote_is_told_with_the_lines_it_swallowed(tmp_path):
    rows = list(read_csv(written(tmp_path, 'id,text\n1,"open\n2,"x" y\n3,c\n')))
    [(line, reason)] = faults(rows)
    assert line == 2
    assert "lines 2 to 3 are lost" in reason
    assert values(rows) == [{"id": "3", "text": "c"}]


def test_a_quote_that_never_closes_is_refused_since_it_hides_all_after_it(tmp_path):
    with pytest.raises(InputError, match="begins on line 3 does not close"):
        list(read_csv(written(tmp_path, 'id,text\n1,a\n2,"b\n3,c\n4,d\n')))


@pytest.mark.parametrize("huge", ["x" * 140_000, '"' + "x" * 140_000 + '"'])
def test_a_huge_field_is_told_and_the_next_row_is_read(tmp_path, huge):
    rows = list(read_csv(written(tmp_path, f"id,text\n1,{huge}\n2,b\n")))
    assert faults(rows) == [(2, "has a field of more than 131,072 characters; shorten it")]
    assert values(rows) == [{"id": "2", "text": "b"}]


def test_a_quote_that_swallows_many_lines_is_refused(tmp_path):
    with pytest.raises(InputError, match="begins on line 2 does not close"):
        list(read_csv(written(tmp_path, 'id,text\n1,"open\n' + "2,plain\n" * 20_000)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"id,text,id\n", "names id twice"),
        (b"\xff\xfei\x00d\x00", "is UTF-16"),
        (b"id,caf\xe9\n1,2\n", "header cannot be read"),
        (b'id,"te"xt\n', "header cannot be read"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(tmp_path, content, reason):
    with pytest.raises(InputError, match=reason):
        csv_columns(written(tmp_path, content))


def test_no_reason_quotes_the_row(tmp_path):
    secret = "unmistakable"
    rows = list(read_csv(written(tmp_path, f'id,text\n{secret}\n1,"{secret}"x\n')))
    assert faults(rows)
    assert not any(secret in reason for _, reason in faults(rows))


def test_of_a_line_that_is_too_long_no_more_is_held_and_the_next_is_read(tmp_path):
    path = written(tmp_path, f"id,text\n1,{'x' * 5_000}\n2,b\n")
    rows = list(csv_rows.read_csv(path, max_bytes=1_000))
    assert values(rows) == [{"id": "2", "text": "b"}]
    assert [number for number, _ in faults(rows)] == [2]


def test_a_row_of_quotes_over_many_lines_ends_before_it_fills_memory(tmp_path):
    path = written(tmp_path, "id,text\n" + '"\n",' * 50_000)
    with pytest.raises(InputError, match="begins on line 2 does not close"):
        list(csv_rows.read_csv(path, max_bytes=10_000))


def test_a_header_of_very_many_columns_is_refused_at_once(tmp_path):
    names = ",".join(f"c{i}" for i in range(300_000))
    with pytest.raises(InputError, match="300,000 columns, at most 10,000"):
        csv_columns(written(tmp_path, names + "\n1\n"))
    with pytest.raises(InputError, match="has more than 100 bytes"):
        csv_rows.csv_columns(written(tmp_path, names + "\n1\n"), max_bytes=100)
