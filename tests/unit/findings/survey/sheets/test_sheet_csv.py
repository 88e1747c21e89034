"""The sheet of a round: what people fill in comes back, and what cannot be meant is refused."""

import stat

import pytest
from asked_sample import NOW, asked_sample, cells_of, fill, name, said
from csv_readers import rows_everywhere
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.data.review.answer_sheet import write_answer_sheet
from adverts.data.review.reviews import item_name
from adverts.errors import InputError
from adverts_findings.survey.sheets.sheet_csv import read_sheet, write_sheet

SAMPLE = asked_sample()
ALL = [name(i) for i in (0, 1, 2, 3, 4, 90)]
HEADER = (
    "part,cluster,example,adverts,reason,label.refer,note,sample,round,reviewer,reviewed_at,"
    "saw_others"
)


@pytest.fixture
def sheet(tmp_path):
    """An empty sheet of round 1."""
    write_sheet(tmp_path / "sheet.csv", ALL, SAMPLE, 1)
    return tmp_path / "sheet.csv"


def read(path, reviews=(), sample=SAMPLE):
    return read_sheet(path, sample, reviews, now=NOW)


def edit(path, old, new):
    """Replace the first occurrence of a text in a sheet."""
    text = path.read_bytes()
    assert old.encode() in text
    path.write_bytes(text.replace(old.encode(), new.encode(), 1))
    return path


def refused(path, *words, reviews=()):
    """Assert that a sheet is refused by one line that holds these words."""
    with pytest.raises(InputError) as found:
        read(path, reviews)
    message = str(found.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_a_sheet_holds_one_row_for_each_item_and_gives_nothing_away(sheet):
    assert sheet.read_bytes().startswith(b'\xef\xbb\xbf"part","cluster"')
    assert sheet.read_bytes().count(b"\r\n") == 7
    header, rows = cells_of(sheet)
    assert ",".join(header) == HEADER
    assert [row["example"] for row in rows] == [row["part"] for row in rows] == ALL
    rest = {(row["cluster"], row["adverts"], row["reason"], row["round"]) for row in rows}
    assert rest == {("", "1", "sampled", "1")}
    assert {row["sample"] for row in rows} == {SAMPLE.seal}
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600


def test_every_reader_sees_the_rows_of_a_sheet_whatever_is_in_a_name(tmp_path):
    path = tmp_path / "sheet.csv"
    items = ["i\r1", 'i"\r\n2', "i3"]
    write_answer_sheet(path, items, task="refer", reason="sampled", sample="s\r1", number=1)
    header, *rows = rows_everywhere(path)
    assert ",".join(header) == HEADER
    assert [row[header.index("example")] for row in rows] == items
    assert {row[header.index("sample")] for row in rows} == {"s\r1"}


def test_a_sheet_that_teaches_says_so(tmp_path):
    sample = asked_sample(design="learn")
    write_sheet(tmp_path / "sheet.csv", ALL, sample, 1)
    assert {row["reason"] for row in cells_of(tmp_path / "sheet.csv")[1]} == {"taught"}
    path = fill(tmp_path / "sheet.csv", {name(0): "yes"})
    assert read(path, sample=sample)[0].design == "learn"


def test_a_sheet_that_is_there_is_never_replaced(sheet):
    with pytest.raises(FileExistsError):
        write_sheet(sheet, ALL, SAMPLE, 1)


def test_an_untouched_sheet_says_nothing(sheet):
    assert read(sheet) == []


def test_a_filled_row_becomes_a_review(sheet):
    fill(
        sheet,
        {name(3): "yes"},
        note="'=seen",
        reviewed_at="2026-03-02T12:00:00+02:00",
        reviewer="AB",
    )
    when = "2026-03-02T10:00:00+00:00"
    assert read(sheet) == [said(SAMPLE, 3, "yes", "AB", note="=seen", reviewed_at=when)]


def test_a_row_without_a_time_has_the_time_of_reading(sheet):
    assert read(fill(sheet, {name(3): "no"}))[0].reviewed_at == NOW


@pytest.mark.parametrize(("cell", "blind"), [("no", True), ("YES", False), (" No ", True)])
def test_a_review_is_blind_if_its_reviewer_saw_nothing(sheet, cell, blind):
    assert read(fill(sheet, {name(0): "no"}, saw_others=cell))[0].blind is blind


def test_unsure_is_always_an_answer(sheet):
    assert read(fill(sheet, {name(0): "unsure"}))[0].label == "unsure"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_sheet_saved_by_a_spreadsheet_is_read(sheet, delimiter):
    found = read(fill(sheet, {name(0): "yes", name(90): "no"}, delimiter=delimiter))
    assert [(one.item, one.label) for one in found] == [(name(0), "yes"), (name(90), "no")]


answered = st.dictionaries(st.sampled_from(ALL), st.sampled_from(["yes", "no", "unsure"]))


@settings(deadline=None)
@given(answered, st.sampled_from([",", ";", "\t"]))
def test_no_label_is_lost_or_changed_on_the_way(tmp_path_factory, answers, delimiter):
    folder = tmp_path_factory.mktemp("sheets")
    first, second = folder / "first.csv", folder / "second.csv"
    write_sheet(first, ALL, SAMPLE, 1)
    found = read(fill(first, answers, delimiter=delimiter, reviewer="anna"))
    assert {one.item: one.label for one in found} == answers
    write_sheet(second, ALL, SAMPLE, 1)
    again = {one.item: one.label for one in found}
    assert read(fill(second, again)) == found


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1))
def test_a_guarded_note_comes_back_as_it_was(tmp_path_factory, note):
    from adverts.files.delimited import guarded

    path = tmp_path_factory.mktemp("sheets") / "sheet.csv"
    write_sheet(path, ALL, SAMPLE, 1)
    assert read(fill(path, {name(0): "yes"}, note=guarded(note)))[0].note == note


def test_a_sheet_of_another_sample_is_refused(sheet):
    other = asked_sample(draws=6)
    with pytest.raises(InputError, match="row 2: is of another sample .* give the sheet of this"):
        read(sheet, sample=other)


def test_one_row_of_another_sample_is_refused_even_without_a_label(sheet):
    refused(edit(sheet, SAMPLE.seal, "0" * 64), "row 2", "another sample ('000000000000')")


def test_an_item_of_no_sample_is_refused(sheet):
    edit(sheet, f'"","{name(0)}"', f'"","{item_name("stranger")}"')
    refused(sheet, "row 2", "is no item of sample made")


def test_an_item_that_the_round_is_not_about_is_refused(tmp_path):
    first = [said(SAMPLE, i, "no", "anna") for i in (0, 1, 2, 3, 4, 90)]
    write_sheet(tmp_path / "sheet.csv", [name(1), name(3)], SAMPLE, 2)
    path = fill(tmp_path / "sheet.csv", {name(1): "no", name(3): "no"}, reviewer="ben")
    refused(path, "row 3", f"{name(3)} is not asked about in round 2", reviews=first)


def test_a_second_round_before_the_first_is_complete_is_refused(tmp_path):
    write_sheet(tmp_path / "sheet.csv", [name(1)], SAMPLE, 2)
    path = fill(tmp_path / "sheet.csv", {name(1): "no"}, reviewer="ben")
    first = [said(SAMPLE, i, "no", "anna") for i in (0, 1, 2)]
    refused(path, "round 1 is complete: 3 of 6 items have no answer", reviews=first)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"label": "yse"}, "no such label 'yse'; nearest: yes"),
        ({"label": "=1+1"}, "no such label '=1+1'; legal: no, yes, unsure"),
        ({"label": "x" * 5_000}, "no such label '" + "x" * 100 + "'"),
        ({"label": "yes\x00"}, "no such label 'yes"),
        ({"saw_others": ""}, "saw_others: found '', wanted yes or no"),
        ({"saw_others": "maybe"}, "saw_others: found 'maybe', wanted yes or no"),
        ({"reviewer": ""}, "reviewer is empty"),
        ({"reviewer": "an\u200bna"}, "that can be printed"),
        ({"reviewer": "\u202eanna"}, "that can be printed"),
        ({"reviewer": "a" * 201}, "found 201 characters, wanted at most 200"),
        ({"reviewed_at": "28/11/2026"}, "found '28/11/2026', wanted a time such as"),
        ({"reviewed_at": "0001-01-01T00:00+23:00"}, "wanted a time such as"),
        ({"reviewed_at": "2026-02-01T10:00:00Z"}, "sealed at 2026-03-01T09:00:00+00:00"),
        ({"reviewed_at": "2030-01-01T10:00:00Z"}, "and it is 2026-03-05T12:00:00+00:00"),
        ({"round": "4"}, "round: found '4', wanted 1, 2 or 3"),
        ({"round": "１"}, "round: found '１', wanted 1, 2 or 3"),
        ({"round": ""}, "has no round; was the file cut short?"),
        ({"sample": ""}, "has no sample; was the file cut short?"),
        ({"note": "n" * 10_001}, "the note has 10,001 characters; at most 10,000"),
        ({"note": "n" * 1_000_000}, "cannot be read as CSV"),
    ],
)
def test_a_wrong_cell_is_refused_by_its_row(sheet, cells, words):
    label = cells.get("label", "yes")
    others = {key: value for key, value in cells.items() if key != "label"}
    refused(fill(sheet, {name(0): label}, **others), words)


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-01T08:55:00", "2026-03-05T13:05:00+01:00"])
def test_clocks_may_differ_and_a_date_is_enough(sheet, day):
    assert read(fill(sheet, {name(0): "yes"}, reviewed_at=day))[0].label == "yes"


def test_one_person_who_says_two_things_of_an_item_is_refused(sheet):
    fill(sheet, {name(0): "yes"})
    row = sheet.read_text().splitlines()[1]
    path = sheet.with_name("doubled.csv")
    path.write_text(sheet.read_text() + row.replace("yes", "no").replace("anna", "Anna") + "\n")
    refused(path, "row 8", "has another label than in row 2; keep one of the two")


def test_a_row_that_occurs_twice_counts_once(sheet):
    fill(sheet, {name(0): "yes"})
    sheet.write_text(sheet.read_text() + sheet.read_text().splitlines()[1] + "\n")
    assert len(read(sheet)) == 1


def test_two_people_may_answer_in_one_file(sheet):
    fill(sheet, {name(0): "yes"})
    row = sheet.read_text().splitlines()[1].replace("yes", "no").replace("anna", "ben")
    sheet.write_text(sheet.read_text() + row + "\n")
    assert [(one.reviewer, one.label) for one in read(sheet)] == [("anna", "yes"), ("ben", "no")]


@pytest.mark.parametrize("left", [0, 2, 10, 200, 300, 420, 700, 900])
def test_a_sheet_that_was_cut_short_is_refused(sheet, left):
    fill(sheet, dict.fromkeys(ALL, "yes"))
    sheet.write_bytes(sheet.read_bytes()[:left])
    refused(sheet)


def test_every_cut_of_a_written_sheet_is_refused(sheet):
    data = sheet.read_bytes()
    cut = sheet.with_name("cut.csv")
    for left in range(0, len(data) - 20, 7):
        cut.write_bytes(data[:left])
        refused(cut)


def test_a_sheet_that_lacks_rows_says_how_many(sheet):
    fill(sheet, dict.fromkeys(ALL, "yes"))
    sheet.write_text("\n".join(sheet.read_text().splitlines()[:-2]) + "\n")
    refused(sheet, "lacks 2 items of round 1", "was the file cut short?")


def test_a_sheet_of_the_rest_of_a_round_need_not_hold_what_was_answered(tmp_path):
    first = [said(SAMPLE, i, "no", "anna") for i in (0, 1, 2, 3)]
    write_sheet(tmp_path / "sheet.csv", [name(4), name(90)], SAMPLE, 1)
    path = fill(tmp_path / "sheet.csv", {name(4): "yes"})
    assert [one.item for one in read(path, first)] == [name(4)]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace(",saw_others", ""), "at fault: saw_others, label.refer"),
        (HEADER.replace("label.refer", "label.risk"), "at fault: label.risk"),
        (HEADER.replace("label.refer", "refer"), "at fault: no label"),
        (HEADER + ",score", "no such column 'score'"),
        (HEADER + ",note", "names note twice"),
        ("part,cluster,example,adverts,reason,label.refer,note", "at fault: sample, round"),
        ("", "at fault: part, cluster"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path, header, words):
    path = tmp_path / "sheet.csv"
    path.write_text(header + "\n")
    refused(path, words)


def test_a_sheet_without_rows_is_refused(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text(HEADER + "\n")
    refused(path, "has no row; was the file cut short?")


def test_a_sheet_that_is_not_there_is_refused(tmp_path):
    refused(tmp_path / "none.csv", "is not a review sheet")
