"""Rows of delimited text are the same rows and cells for every reader."""

import codecs

import pytest
from csv_readers import rows_everywhere, sniffed_by_duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adverts.files.delimited import DELIMITERS, delimited, spreadsheet

HEADER = ["id", "text", "score"]
HOSTILE = {
    "CR": "a\rb",
    "CR alone": "\r",
    "CR at the end": "a\r",
    "CR LF": "a\r\nb",
    "LF": "a\nb",
    "LF CR": "a\n\rb",
    "NEL, a line end of str.splitlines": "a\x85b",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "vertical tab": "a\x0bb",
    "form feed": "a\x0cb",
    "file separator": "a\x1cb",
    "end of a file under DOS": "a\x1ab",
    "NUL": "a\x00b",
    "mark of the byte order": "\ufeffa",
    "quote": 'a"b',
    "quote first": '"a',
    "two quotes": '""',
    "quote and CR": 'a"\r"b',
    "space at both ends": "  a  ",
    "space alone": " ",
    "tab": "\ta",
    "commas": "a,b,",
    "semicolons": "a;b;",
    "bars": "a|b|",
    "backslash last": "a\\",
    "backslash and quote": 'a\\"b',
    "no value of a database": "\\N",
    "no value of pandas": "NA",
    "null": "null",
    "nothing": "",
    "comment": "# a",
    "first letters of SYLK": "ID",
    "as long as a field of Python's csv may be": "a\r" + "b" * 131_070,
}


@pytest.mark.parametrize("cell", HOSTILE.values(), ids=HOSTILE)
def test_every_reader_sees_the_same_cells(tmp_path, cell):
    rows = [HEADER, ["1", cell, "0.9"], [cell, "plain", "0.5"], ["3", "plain", cell]]
    path = tmp_path / "rows.csv"
    path.write_bytes(delimited(rows))
    assert rows_everywhere(path) == rows


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_every_reader_sees_the_same_cells_whatever_is_between_them(tmp_path, delimiter, mark):
    rows = [HEADER, *([cell, "plain", cell] for cell in HOSTILE.values())]
    path = tmp_path / "rows.csv"
    path.write_bytes(mark + delimited(rows, delimiter=delimiter))
    assert rows_everywhere(path, delimiter) == rows


def test_every_reader_sees_the_cells_of_a_spreadsheet(tmp_path):
    rows = [HEADER, *([cell, "plain", cell] for cell in HOSTILE.values())]
    (tmp_path / "rows.csv").write_bytes(spreadsheet(rows))
    assert rows_everywhere(tmp_path / "rows.csv") == rows


hostile_cells = st.text(
    st.sampled_from("a \",;|\t\r\n\x00\x85\u2028\ufeff'\\=é") | st.characters(codec="utf-8"),
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.integers(1, 3).flatmap(
        lambda width: st.lists(
            st.lists(hostile_cells, min_size=width, max_size=width), min_size=1, max_size=4
        )
    ),
    delimiter=st.sampled_from(DELIMITERS),
    quote_all=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_rows_are_the_same_for_every_reader(tmp_path_factory, rows, **written):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    table = [HEADER[: len(rows[0])], *rows]
    path.write_bytes(delimited(table, **written))
    assert rows_everywhere(path, written["delimiter"]) == table


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_what_duckdb_finds_out_by_itself_are_the_same_rows(tmp_path, delimiter):
    posts = [[f"p{number}", f"words {number}", "0.5"] for number in range(40)]
    rows = [HEADER, *posts, ["q", "a\rb", "0.9"], ["r", f'c{delimiter}d"\n', "0.1"]]
    (tmp_path / "rows.csv").write_bytes(delimited(rows, delimiter=delimiter))
    assert sniffed_by_duckdb(tmp_path / "rows.csv") == rows


def test_ordinary_cells_have_no_quotes():
    rows = [["id", "text"], ["p1", "two words; and 50 % – “so”"], ["'=1", None], [2, 0.5]]
    assert delimited(rows).decode() == ("id,text\np1,two words; and 50 % – “so”\n'=1,\n2,0.5\n")


def test_a_row_of_one_empty_cell_is_no_empty_line():
    assert delimited([["a"], [""], ["b"]]) == b'a\n""\nb\n'


def test_a_lone_surrogate_hides_no_other_cell():
    assert delimited([["a\ud800", "b"]]) == b"a?,b\n"
