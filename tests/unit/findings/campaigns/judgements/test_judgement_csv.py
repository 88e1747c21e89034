"""The CSV file of judgements: read however it was saved, and each fault says what to do."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.errors import InputError
from adverts.files.delimited import guarded
from adverts_findings.campaigns.judgements.judgement_csv import COLUMNS, read_judgement_csv
from adverts_findings.campaigns.judgements.spoken_words import Faults

pytestmark = pytest.mark.promise

NOW = "2026-03-02T10:00:00+00:00"
HEADER = "said,first,second,by,at,why\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text, encoding="utf-8"):
        path = tmp_path / "judgements.csv"
        path.write_bytes(text.encode(encoding))
        return read_judgement_csv(path, now=NOW)

    return read_text


def faults(read, *rows):
    with pytest.raises(InputError) as error:
        read(HEADER + "\n".join(rows))
    return str(error.value).splitlines()


def test_each_row_is_a_word(read):
    one, other = read(HEADER + "same,a1,a2,anna,2026-03-01T10:00:00+02:00,\nundo,j1,,bob,,wrong\n")
    assert (one.said, one.first, one.second, one.by) == ("same", "a1", "a2", "anna")
    assert (one.at, one.why, one.drawn, one.chance) == ("2026-03-01T08:00:00+00:00", "", "", 0.0)
    assert (other.said, other.first, other.second, other.at) == ("undo", "j1", "", "")
    assert other.where.endswith("judgements.csv, row 3")


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_a_spreadsheet_saves_is_read(read, between, mark, end):
    rows = [COLUMNS, ("merge", "c1", "c2", "anna", "", "one voice"), ("",) * 6]
    (word,) = read(mark + end.join(between.join(row) for row in rows))
    assert (word.said, word.why) == ("merge", "one voice")


def test_columns_may_stand_in_any_order(read):
    (word,) = read("why,by,second,first,at,said\n,anna,a2,a1,,same\n")
    assert (word.first, word.second, word.by) == ("a1", "a2", "anna")


def test_neither_capitals_nor_spaces_of_a_word_matter(read):
    (word,) = read(HEADER + "  Not  THIS advert ,c1,a1,anna,,seen by me\n")
    assert word.said == "not this advert"


def test_a_file_with_a_header_alone_says_nothing(read):
    assert read(HEADER) == ()


def test_a_file_that_is_not_there_says_what_to_give(tmp_path):
    with pytest.raises(InputError, match="is no file; give a CSV file with the columns said, "):
        read_judgement_csv(tmp_path, now=NOW)


def test_another_encoding_says_how_to_save_it(read):
    with pytest.raises(InputError, match="is not UTF-8; save it as"):
        read(HEADER + "same,a1,a2,Jörg,,\n", encoding="cp1252")
    with pytest.raises(InputError, match="is not UTF-8; save it as"):
        read("\ufeff" + HEADER, encoding="utf-16-le")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("said,first,second,by,at", "has no column why; wanted said, first"),
        ("said,first,second,by,at,why,why", "names why twice"),
        ("said,first,second,by,at,why,whyy", "no such column 'whyy'; nearest: why"),
        ("", "has no column said, first, second, by, at, why"),
    ],
)
def test_a_header_at_fault_is_named(read, header, wanted):
    with pytest.raises(InputError, match=wanted):
        read(header + "\nsame,a1,a2,anna,,\n")


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("mergee,c1,c2,anna,,x", r"row 2: said: found 'mergee'; nearest: merge"),
        (",c1,c2,anna,,x", r"row 2: said: found ''; legal: same, different"),
        ("same,,a2,anna,,", r"row 2: first is empty; write the id"),
        ("same,a1,,anna,,", r"row 2: second is empty; write the id"),
        ("same,a1,a1,anna,,", r"row 2: first and second are the same; name two things"),
        ("undo,j1,j2,anna,,", r"row 2: second must be empty"),
        ("same,a1,a2,,,", r"row 2: by is empty; write the name"),
        ("same,a1,a2,an\u202ena,,", r"row 2: by: found 5 characters, wanted .* printed"),
        ("merge,c1,c2,anna,,", r"row 2: why is empty; write why you say 'merge'"),
        ("split,c1,e1,anna,, ", r"row 2: why is empty; write why you say 'split'"),
        ("not this advert,c1,a1,anna,,", r"row 2: why is empty"),
        ("suspect,i000001,,anna,,", r"row 2: why is empty; write why you say 'suspect'"),
        ("victim,i000001,i000002,anna,,x", r"row 2: second must be empty where victim is said"),
        ("suspekt,i000001,,anna,,x", r"row 2: said: found 'suspekt'; nearest: suspect"),
        ("grade,scores/posts,,anna,,x", r"row 2: second: found '', wanted a grade such as 2B"),
        ("grade,scores/posts,4B,anna,,x", r"row 2: second: found '4B', wanted .* 2 untested"),
        ("grade,scores/posts,2B,anna,,", r"row 2: why is empty; write why you say 'grade'"),
        ("same,a1,a2,anna,yesterday,", r"row 2: at: found 'yesterday', wanted a time such as"),
        ("same,a1,a2,anna,9999-12-31T23:59:59-23:00,", r"row 2: at: found"),
        ("same,a1,a2,anna,2026-03-02T11:00:00,", r"lies in the future; add its zone"),
    ],
)
def test_a_row_at_fault_says_what_to_do(read, row, wanted):
    first, last = faults(read, row)
    assert re.search(wanted, first)
    assert last == "nothing was recorded"


def test_each_fault_has_its_own_line_and_many_are_counted(read):
    assert len(faults(read, "sam,a1,a2,anna,,", "same,a1,a2,anna,,", "same,a1,a2,,,")) == 3
    lines = faults(read, *(["same,a1,a2,,,"] * 30))
    assert len(lines) == 12
    assert lines[-2] == "… and 20 more faults"


def test_all_faults_of_a_row_are_told_at_once(read):
    lines = faults(read, "merge,c1,c1,,yesterday,")
    assert [re.findall("row 2: (first|by|at|why)", line) for line in lines[:-1]] == [
        ["first"],
        ["by"],
        ["at"],
        ["why"],
    ]


def test_what_the_other_rows_say_comes_with_the_faults(read):
    with pytest.raises(Faults) as error:
        read(HEADER + "same,a1,a2,anna,,\nsame,a1,a2,,,\n")
    assert [one.by for one in error.value.words] == ["anna"]
    assert len(error.value.faults) == 1


def test_a_grade_is_read_in_small_letters_too(read):
    (word,) = read(HEADER + "grade,scores/posts, 2b ,anna,,seldom wrong\n")
    assert (word.first, word.second) == ("scores/posts", "2B")


def test_a_line_break_in_a_cell_makes_no_other_line_of_faults(read):
    assert len(faults(read, '"sa\nme",a1,a2,anna,,')) == 2


def test_a_row_with_too_many_cells_is_named(read):
    with pytest.raises(InputError, match="row 2: has more cells"):
        read(HEADER + "same,a1,a2,anna,,why,not\n")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.text("ab1=+-@'; ,\n\"é", min_size=1, max_size=9).map(str.strip), min_size=3).filter(
        lambda cells: all(cells[:3]) and cells[0] != cells[1] and cells[2].isprintable()
    )
)
def test_ids_and_words_that_look_like_formulas_come_back(tmp_path_factory, cells):
    first, second, by, *why = cells
    by += "Ad"
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerow(["same", *map(guarded, (first, second, by)), "", guarded("".join(why))])
    path = tmp_path_factory.mktemp("csv") / "j.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    (word,) = read_judgement_csv(path, now=NOW)
    assert (word.first, word.second, word.by, word.why) == (first, second, by, "".join(why))
