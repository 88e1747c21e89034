"""The sheet of pairs: sways nobody, and comes back only as it was written."""

import csv
import datetime
import io
import re
import stat

import numpy as np
import pyarrow as pa
import pytest
from csv_readers import rows_everywhere

from adverts.errors import InputError
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.judgements.judgement_sheet import (
    COLUMNS,
    read_judgement_sheet,
    write_judgement_sheet,
)
from adverts_findings.campaigns.judgements.which_to_judge import PairDrawn

pytestmark = pytest.mark.promise

BANK = "0123456789abcdef"
NOW = "2026-03-02T10:00:00+00:00"
TOKEN = "PHONE:" + "5" * 32
SECRETS = ("3.25", "0.4375", "joins", "review", "because of something", TOKEN)
START = datetime.datetime(2026, 1, 1, 8, 30, tzinfo=datetime.UTC)
IDS = ("a1", "=cmd()", "007", "a4")


def adverts():
    rows = [
        {
            "id": name,
            "platform": None if name == "a4" else "aster",
            "url": f"https://aster.example/{k}",
            "posted_at": None if name == "a4" else START + datetime.timedelta(days=k),
            "contacts": [TOKEN],
        }
        for k, name in enumerate(IDS)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["adverts"])


EDGES = Edges(
    first=np.array([0, 1, 2]),
    second=np.array([1, 2, 3]),
    kind=np.array([0, 3, 1]),
    value=(TOKEN, "template of 12", TOKEN),
    adverts=np.array([12, 3, 4]),
    accounts=np.array([7, 2, 1]),
    silence=np.array([31.4, 0.0, np.nan]),
    across=np.array([True, False, False]),
    also=np.array([0b1010, 0, 0]),
    weight=np.array([3.25, 3.25, 3.25]),
    probability=np.array([0.4375, 0.4375, 0.4375]),
    status=np.array([0, 1, 2]),
    reason=("", "because of something", "because of something"),
)
DRAWN = (
    PairDrawn(0, "random", 0.1 + 0.2),
    PairDrawn(1, "informative", 1.0),
    PairDrawn(2, "informative", 1e-5),
)


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "pairs.csv"
    write_judgement_sheet(path, DRAWN, EDGES, adverts(), build=3, bank=BANK)
    return path


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def save(path, rows, columns=COLUMNS, between=","):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=between)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def fill(path, change=lambda row: row | {"said": "same", "by": "anna"}, only=None):
    rows = rows_of(path)
    save(path, [change(row) if only is None or k in only else row for k, row in enumerate(rows)])


def read(path, build=3, bank=BANK):
    return read_judgement_sheet(path, build=build, bank=bank, now=NOW)


def test_a_new_sheet_says_nothing_and_only_its_owner_reads_it(sheet):
    assert read(sheet).words == ()
    assert read(sheet).unfinished == 3
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600


def test_every_reader_sees_the_rows_of_a_sheet_whatever_is_in_an_address(tmp_path):
    shown = adverts().to_pylist()
    shown[0]["url"] = "https://aster.example/\r=1"
    table = pa.Table.from_pylist(shown, schema=TABLES["adverts"])
    path = tmp_path / "pairs.csv"
    write_judgement_sheet(path, DRAWN, EDGES, table, build=3, bank=BANK)
    header, *rows = rows_everywhere(path)
    assert header == [*COLUMNS]
    assert "https://aster.example/\r'=1" in {row[header.index("first_url")] for row in rows}
    assert read(path).unfinished == len(rows) == len(DRAWN)


def test_the_same_pairs_make_the_same_sheet_whatever_their_order(sheet, tmp_path):
    write_judgement_sheet(tmp_path / "again.csv", DRAWN[::-1], EDGES, adverts(), build=3, bank=BANK)
    assert (tmp_path / "again.csv").read_bytes() == sheet.read_bytes()


def test_it_shows_no_contact_weight_probability_status_or_reason(sheet):
    text = sheet.read_text("utf-8-sig")
    assert not [secret for secret in SECRETS if secret in text]


def test_it_shows_in_words_what_the_two_share(sheet):
    row = next(row for row in rows_of(sheet) if row["first"] == "a1")
    assert row["share"] == "a contact"
    assert (row["shown_by_adverts"], row["shown_by_accounts"]) == ("'12", "'7")
    assert row["silent_days"] == "'31"
    assert row["also_share"] == "an account, nearly the same text or picture"
    assert row["first_posted_at"] == "2026-01-01 08:30+00:00"
    assert row["second_url"] == "https://aster.example/1"


def test_what_is_not_known_is_empty(sheet):
    row = next(row for row in rows_of(sheet) if row["second"] == "a4")
    unknown = ("silent_days", "also_share", "second_platform", "second_posted_at")
    assert [row[name] for name in unknown] == ["", "", "", ""]


def test_no_cell_is_taken_for_a_formula_or_a_number(sheet):
    cells = [cell for row in rows_of(sheet) for cell in row.values()]
    assert not [cell for cell in cells if re.match(r"[=+\-@]|[\d.,:eE]+$", cell)]


def test_answers_come_back_with_what_binds_them(sheet):
    fill(sheet)
    words = {one.first: one for one in read(sheet).words}
    assert set(words) == {"a1", "=cmd()", "007"}
    one = words["a1"]
    assert (one.said, one.second, one.by) == ("same", "=cmd()", "anna")
    assert (one.drawn, one.chance) == ("random", 0.1 + 0.2)
    assert one.edge == EDGES.names(IDS)[0]


def test_rows_without_an_answer_are_counted_and_left_out(sheet):
    fill(sheet, only={1})
    assert (len(read(sheet).words), read(sheet).unfinished) == (1, 2)


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_sheet_saved_by_a_spreadsheet_is_read(sheet, between):
    rows = [row | {"said": " Different ", "by": "Jörg"} for row in rows_of(sheet)]
    save(sheet, rows[::-1], COLUMNS[::-1], between)
    assert [one.said for one in read(sheet).words] == ["different"] * 3


@pytest.mark.parametrize("name", ["pair", "first", "second", "drawn", "chance", "edge", "build"])
@pytest.mark.parametrize("value", ["", "1", "x"])
def test_a_changed_binding_is_named(sheet, name, value):
    fill(sheet, lambda row: row | {"said": "same", "by": "anna", name: value}, only={0})
    with pytest.raises(InputError, match="row 2: one of the cells pair, .* bring back the row"):
        read(sheet)


def test_a_column_that_was_sorted_alone_is_noticed(sheet):
    rows = rows_of(sheet)
    chances = [row["chance"] for row in rows]
    save(sheet, [row | {"chance": one} for row, one in zip(rows, chances[::-1], strict=True)])
    with pytest.raises(InputError, match="row 2: one of the cells"):
        read(sheet)


def test_rows_of_another_builds_sheet_are_refused(sheet, tmp_path):
    write_judgement_sheet(tmp_path / "later.csv", DRAWN, EDGES, adverts(), build=4, bank=BANK)
    save(sheet, [*rows_of(sheet), *rows_of(tmp_path / "later.csv")])
    with pytest.raises(
        InputError, match="row 5: is of build 4, and the rows before are of build 3"
    ):
        read(sheet, build=9)


def test_a_sheet_of_a_build_that_the_bank_never_had_is_refused(sheet):
    with pytest.raises(InputError, match="is of build 3, and the bank has 2"):
        read(sheet, build=2)
    assert read(sheet, build=7).unfinished == 3


def test_one_person_cannot_say_two_things_of_a_pair(sheet):
    row = rows_of(sheet)[0]
    save(sheet, [row | {"said": said, "by": "anna"} for said in ("same", "different")])
    with pytest.raises(InputError, match="row 3: 'anna' says 'different' .* 'same' in row 2; keep"):
        read(sheet)


def test_two_people_may_judge_one_pair_and_a_row_twice_counts_once(sheet):
    row = rows_of(sheet)[0]
    people = [("same", "anna"), ("different", "bob"), ("same", "Anna")]
    save(sheet, [row | {"said": said, "by": by} for said, by in people])
    assert [one.by for one in read(sheet).words] == ["anna", "bob"]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"said": "merge", "by": "anna"}, "row 2: said: found 'merge'; legal: same, different"),
        ({"said": "sam", "by": "anna"}, "row 2: said: found 'sam'; nearest: same"),
        ({"said": "same"}, "row 2: by is empty; write the name"),
        ({"said": "same", "by": "anna", "at": "2027-01-01"}, "row 2: at: .* lies in the future"),
    ],
)
def test_an_answer_at_fault_says_what_to_do(sheet, cells, wanted):
    fill(sheet, lambda row: row | cells, only={0})
    with pytest.raises(InputError, match=wanted):
        read(sheet)


def test_a_sheet_is_never_written_over_another(sheet):
    before = sheet.read_bytes()
    with pytest.raises(InputError, match="cannot be written .* name a new file"):
        write_judgement_sheet(sheet, DRAWN, EDGES, adverts(), build=4, bank=BANK)
    assert sheet.read_bytes() == before


def test_a_sheet_that_is_not_there_or_is_another_file_says_what_to_give(tmp_path):
    with pytest.raises(InputError, match="is no file; give a sheet of pairs"):
        read(tmp_path)
    (tmp_path / "j.csv").write_text("said,first,second,by,at,why\n")
    with pytest.raises(InputError, match="the header has no column pair, share"):
        read(tmp_path / "j.csv")


def test_a_sheet_cut_short_in_a_row_is_refused(sheet):
    sheet.write_bytes(sheet.read_bytes()[:-40])
    with pytest.raises(InputError, match="row 4: one of the cells|cannot be read as CSV"):
        read(sheet)
