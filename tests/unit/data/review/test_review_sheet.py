"""The review sheet: what people fill in comes back, and what cannot be meant is told by row."""

import csv
import stat
from dataclasses import replace

import pytest
from csv_readers import rows_everywhere
from hypothesis import given
from hypothesis import strategies as st

from adverts.advert import Task
from adverts.data.review.review_sheet import (
    PartToReview,
    part_name,
    read_review,
    write_review,
)
from adverts.errors import InputError
from adverts.files import delimited

TASKS = (
    Task("refer", "single", ("no", "yes"), "yes"),
    Task("signals", "multi", ("price_mention", "urgency")),
    Task("risk", "ordinal", ("0", "1", "2")),
)
HEADER = "part,cluster,example,adverts,reason,label.refer,label.signals,label.risk,note"


def sheet(tmp_path, *lines, header=HEADER):
    path = tmp_path / "review.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def part(example="a1", adverts=3):
    return PartToReview(part_name(example), "c1", example, adverts, "conflict")


def cells(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_written_sheet_has_one_empty_column_for_each_task(tmp_path):
    path = tmp_path / "review.csv"
    told = replace(part(), current="no", likelier="=yes", confidence=0.934, split="train")
    write_review(path, [told], TASKS)
    header, row = cells(path)
    told_as = "reason,current,likelier,confidence,split,label.refer"
    assert ",".join(header) == HEADER.replace("reason,label.refer", told_as)
    assert row[:5] == [part_name("a1"), "c1", "a1", "3", "conflict"]
    assert row[5:] == ["no", "'=yes", "0.93", "train", "", "", "", ""]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_untouched_sheet_says_nothing(tmp_path):
    write_review(tmp_path / "review.csv", [part(), part("a2")], TASKS)
    assert read_review(tmp_path / "review.csv", tasks=TASKS) == ()


def test_a_filled_row_is_read(tmp_path):
    path = sheet(
        tmp_path, "p1,c1,a1,3,conflict,yes,urgency|price_mention,2,as discussed", "", ",,,"
    )
    (found,) = read_review(path, tasks=TASKS)
    assert (found.part, found.example, found.adverts, found.row) == ("p1", "a1", 3, 2)
    assert found.labels == {
        "refer": ("yes",),
        "signals": ("price_mention", "urgency"),
        "risk": ("2",),
    }
    assert found.note == "as discussed"


def test_whoever_is_unsure_gives_no_label(tmp_path):
    path = sheet(tmp_path, "p1,c1,a1,3,x,unsure,,,", "p2,c2,a2,3,x,unsure,urgency,,")
    (found,) = read_review(path, tasks=TASKS)
    assert (found.part, found.labels) == ("p2", {"signals": ("urgency",)})


def test_the_word_none_says_that_no_signal_is_there(tmp_path):
    (found,) = read_review(sheet(tmp_path, "p1,c1,a1,3,large,,none,,"), tasks=TASKS)
    assert found.labels == {"signals": ()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path, delimiter, line_end, mark):
    rows = [HEADER, "p1,c1,a1,3,conflict,yes,,,", "p2,c1,a2,1,large,no,,1,"]
    text = line_end.join(rows).replace(",", delimiter) + line_end
    path = tmp_path / "review.csv"
    path.write_bytes(mark + text.encode())
    found = read_review(path, tasks=TASKS)
    assert [one.labels.get("refer") for one in found] == [("yes",), ("no",)]
    assert [one.row for one in found] == [2, 3]


@pytest.mark.parametrize(
    "example", ["=1+1", "+44", "-x", "@demo_fictional_01", "\t=1", "'quoted", "＝1"]
)
def test_an_id_never_becomes_a_formula(tmp_path, example):
    path = tmp_path / "review.csv"
    write_review(path, [part(example)], TASKS)
    assert cells(path)[1][2].startswith("'")


@pytest.mark.parametrize("example", ["x;=1+1;", 'x;"=1+1"', "x\t@y", "x, +1", "a;'=1", "|-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_part_of_an_id_becomes_a_formula_whatever_separates_cells(tmp_path, example, delimiter):
    path = tmp_path / "review.csv"
    write_review(path, [part(example)], TASKS)
    line = path.read_bytes().decode("utf-8-sig").splitlines()[1]
    for cell in line.split(delimiter):
        assert cell.strip(' "')[:1] not in set("=+-@")
    (found,) = read_review(answered(path), tasks=TASKS)
    assert found.example == example


def answered(path):
    """Answer the first row of a sheet, as a person does."""
    rows = cells(path)
    rows[1][rows[0].index("label.refer")] = "yes"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("example", ["1234567890123456789", "007", "12e5", "1-2"])
def test_an_id_never_becomes_a_number_or_a_date(tmp_path, example):
    path = tmp_path / "review.csv"
    write_review(path, [part(example)], TASKS)
    assert cells(path)[1][2] == f"'{example}"


def test_every_reader_sees_the_rows_of_a_sheet_whatever_is_in_an_id(tmp_path):
    path = tmp_path / "review.csv"
    write_review(path, [part("a\rb"), part('c\r\n"d",')], TASKS)
    header, *rows = rows_everywhere(path)
    assert [row[header.index("example")] for row in rows] == ["a\rb", 'c\r\n"d",']
    (found,) = read_review(answered(path), tasks=TASKS)
    assert found.example == "a\rb"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1))
def test_every_id_comes_back_as_it_was(tmp_path_factory, example):
    path = tmp_path_factory.mktemp("sheet") / "review.csv"
    write_review(path, [part(example)], TASKS)
    rows = cells(path)
    rows[1][rows[0].index("label.refer")] = "yes"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    (found,) = read_review(path, tasks=TASKS)
    assert (found.example, found.part) == (example, part_name(example))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("p1,c1,a1,3,x,yse,,,", "row 3: label.refer: no such label 'yse'; nearest: yes"),
        ("p1,c1,a1,3,x,,urgency|urgent,,", "label.signals: no such label 'urgent'"),
        ("p1,c1,a1,3,x,yes|no,,,", "row 3: label.refer: no such label 'yes|no'"),
        ("p1,c1,,3,x,yes,,,", "row 3: has labels but no example; restore it, or clear the row"),
        (",c1,a1,3,x,yes,,,", "row 3: has labels but no part"),
        ("p1,c1,a1,many,x,yes,,,", "row 3: adverts: found 'many', a whole number is wanted"),
        ("p1,c1,a1,3,x,yes,,,,more", "row 3: has more cells than the 9 columns of the header"),
        ("p0,c1,a1,3,x,no,,,", "row 3: part p0 has other labels than in row 2; keep one"),
    ],
)
def test_a_mistake_is_told_by_row(tmp_path, line, message):
    path = sheet(tmp_path, "p0,c1,a0,1,x,yes,,,", line)
    with pytest.raises(InputError) as found:
        read_review(path, tasks=TASKS)
    assert message in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("part,cluster,adverts,reason,label.refer", "no column example"),
        (HEADER.replace("label.refer", "label.referr"), "'label.referr'; nearest: label.refer"),
        (HEADER + ",note", "names note twice"),
        ("part,cluster,example,adverts,reason,note", "no column label.<task>"),
        ("", "no column part, cluster, example, adverts, reason"),
    ],
)
def test_a_wrong_header_is_told(tmp_path, header, message):
    with pytest.raises(InputError, match=message.replace("<", ".")):
        read_review(sheet(tmp_path, header=header), tasks=TASKS)


def test_a_part_that_stands_twice_with_equal_labels_counts_once(tmp_path):
    path = sheet(tmp_path, "p1,c1,a1,3,x,yes,,,", "p1,c1,a2,3,x,yes,,,")
    assert [one.example for one in read_review(path, tasks=TASKS)] == ["a1"]


def test_without_tasks_any_label_is_read(tmp_path):
    (found,) = read_review(sheet(tmp_path, "p1,c1,a1,3,x,yse,a|b,,"))
    assert found.labels == {"refer": ("yse",), "signals": ("a", "b")}


def test_a_row_after_a_note_of_two_lines_keeps_its_number(tmp_path):
    path = sheet(tmp_path, 'p1,c1,a1,3,x,yes,,,"two\nlines"', "p2,c1,a2,3,x,maybe,,,")
    with pytest.raises(InputError, match="row 3"):
        read_review(path, tasks=TASKS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not a review sheet"),
        (b"\xff\xfep\x00", "is not UTF-8"),
        (b'part,"cluster\n', "cannot be read as CSV"),
    ],
)
def test_what_is_no_sheet_is_told(tmp_path, content, message):
    path = tmp_path / "review.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_review(path)


def test_a_count_of_thousands_of_digits_is_told_by_its_row(tmp_path):
    path = sheet(tmp_path, "p1,c1,a1," + "9" * 5_000 + ",x,yes,,,")
    with pytest.raises(InputError, match=r"row 2: adverts: found '9{100}'"):
        read_review(path, tasks=TASKS)


def test_a_sheet_that_no_spreadsheet_opens_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="has more than 100 bytes"):
        read_review(sheet(tmp_path, "p1,c1,a1,3,x,yes,,," * 9), tasks=TASKS)


def test_a_header_of_thousands_of_columns_is_refused(tmp_path):
    with pytest.raises(InputError, match="1,001 columns; at most 1,000"):
        read_review(sheet(tmp_path, header=",".join(["a"] * 1_001)), tasks=TASKS)
