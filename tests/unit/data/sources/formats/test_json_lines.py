"""JSON Lines files, and everything that can be wrong with them."""

from functools import partial

import pytest

from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.formats import json_lines

read_jsonl = partial(json_lines.read_jsonl, max_bytes=8_000_000)


def written(tmp_path, content):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def values(rows):
    return [row for _, row in rows if not isinstance(row, RowFault)]


def faults(rows):
    return [(number, row.reason) for number, row in rows if isinstance(row, RowFault)]


def test_json_lines_tell_what_each_bad_line_is(tmp_path):
    content = b'\xef\xbb\xbf{"id": 1}\n\n[1]\n{"id": \n\xff\n{"id": 2}\n' + b"[" * 100_000 + b"\n"
    rows = list(read_jsonl(written(tmp_path, content)))
    assert values(rows) == [{"id": 1}, {"id": 2}]
    assert [number for number, _ in faults(rows)] == [3, 4, 5, 7]
    assert faults(rows)[0][1] == "is a JSON list, an object is wanted"


def test_json_that_ends_too_early_is_told_by_its_column(tmp_path):
    rows = read_jsonl(written(tmp_path, '{"id": \n'))
    assert faults(rows) == [(1, "is not JSON (column 7: Expecting value)")]


def test_no_reason_quotes_the_row(tmp_path):
    secret = "unmistakable"
    rows = list(read_jsonl(written(tmp_path, f'{{"id": "{secret}\n"{secret}"\n')))
    assert faults(rows)
    assert not any(secret in reason for _, reason in faults(rows))


def test_of_a_line_that_is_too_long_no_more_is_held_and_the_next_is_read(tmp_path):
    long = "x" * 5_000
    path = written(tmp_path, f'{{"id": 1}}\n{{"id": "{long}"}}\n{{"id": 2}}\n')
    rows = list(json_lines.read_jsonl(path, max_bytes=1_000))
    assert values(rows) == [{"id": 1}, {"id": 2}]
    ((number, reason),) = faults(rows)
    assert number == 2
    assert reason.startswith("has more than 1,000 bytes")


@pytest.mark.parametrize("deep", ["[" * 700 + "]" * 700, '{"a":' * 700 + "1" + "}" * 700])
def test_json_that_is_nested_deep_is_the_fault_of_its_line(tmp_path, deep):
    rows = list(read_jsonl(written(tmp_path, f'{{"text": {deep}}}\n{{"id": 2}}\n')))
    assert values(rows) == [{"id": 2}]
    assert faults(rows) == [(1, "nests lists and objects 701 deep, at most 20 are read")]


def test_json_with_many_lists_side_by_side_is_read(tmp_path):
    path = written(tmp_path, '{"text": [' + ",".join(['["a"]'] * 100) + "]}")
    assert values(read_jsonl(path)) == [{"text": [["a"]] * 100}]


def test_a_number_of_thousands_of_digits_is_the_fault_of_its_line(tmp_path):
    path = written(tmp_path, '{"id": ' + "1" * 5_000 + '}\n{"id": 2}\n')
    assert faults(read_jsonl(path)) == [
        (1, "holds a number with too many digits; write it as text")
    ]
