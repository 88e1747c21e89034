"""A sheet that people fill in becomes labels, once, and pairs are not asked about again."""

import csv
import datetime
import io

import numpy as np
import pyarrow as pa
import pytest

from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.judgements.apply_judgements import apply_judgements, judged_rows
from adverts_findings.campaigns.judgements.bank_names import known_names
from adverts_findings.campaigns.judgements.judgement_file import read_judgements
from adverts_findings.campaigns.judgements.judgement_sheet import (
    COLUMNS,
    read_judgement_sheet,
    write_judgement_sheet,
)
from adverts_findings.campaigns.judgements.labelled_edges import labelled_edges
from adverts_findings.campaigns.judgements.record_judgements import record
from adverts_findings.campaigns.judgements.which_to_judge import which_to_judge

pytestmark = pytest.mark.promise

BANK = "0123456789abcdef"
NOW = "2026-03-02T10:00:00+00:00"
COUNT = 60
IDS = [f"a{row:03d}" for row in range(2 * COUNT)]
ROWS = {name: row for row, name in enumerate(IDS)}
ZEROS = np.zeros(COUNT, dtype=np.int64)
EDGES = Edges(
    first=2 * np.arange(COUNT),
    second=2 * np.arange(COUNT) + 1,
    kind=np.arange(COUNT) % 4,
    value=tuple(f"v{k}" for k in range(COUNT)),
    adverts=ZEROS + 2,
    accounts=ZEROS + 2,
    silence=np.zeros(COUNT),
    across=ZEROS.astype(bool),
    also=ZEROS,
    weight=np.zeros(COUNT),
    probability=np.linspace(0.01, 0.99, COUNT),
    status=np.arange(COUNT) % 3,
    reason=("",) * COUNT,
)


def adverts():
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    rows = [{"id": name, "posted_at": at, "campaign": f"c{k // 2}"} for k, name in enumerate(IDS)]
    return pa.Table.from_pylist(rows, schema=TABLES["adverts"])


def names():
    empty = {name: TABLES[name].empty_table() for name in ("edges", "identities", "replaced")}
    return known_names({"adverts": adverts(), **empty})


def draw(judged=(), seed=0):
    roots = np.arange(2 * COUNT) // 2 * 2
    return which_to_judge(EDGES, roots=roots, bridges=(), judged=judged, budget=24, seed=seed)


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "pairs.csv"
    write_judgement_sheet(path, draw(), EDGES, adverts(), build=1, bank=BANK)
    return path


def fill(path, answer):
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(row | {"said": answer(row), "by": "anna"} for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def is_same(row):
    return "same" if int(row["first"][1:]) % 4 == 0 else "different"


def recorded(sheet, file):
    words = read_judgement_sheet(sheet, build=1, bank=BANK, now=NOW).words
    return record(file, words, names(), now=NOW)


def test_labels_are_what_was_said_with_the_chance_of_their_draw(sheet, tmp_path):
    fill(sheet, is_same)
    recorded(sheet, tmp_path / "j.jsonl")
    found = labelled_edges(read_judgements(tmp_path / "j.jsonl"), EDGES, ROWS)
    drawn = {one.edge: one for one in draw()}
    assert found.places.tolist() == sorted(drawn)
    assert found.chance.tolist() == [drawn[place].chance for place in found.places]
    assert found.at_random.tolist() == [drawn[place].drawn == "random" for place in found.places]
    assert found.same.tolist() == [int(IDS[2 * place][1:]) % 4 == 0 for place in found.places]
    assert found.num_random == 6


def test_a_sheet_recorded_twice_changes_nothing(sheet, tmp_path):
    fill(sheet, is_same)
    first = recorded(sheet, tmp_path / "j.jsonl")
    before = (tmp_path / "j.jsonl").read_bytes()
    again = recorded(sheet, tmp_path / "j.jsonl")
    assert (again.added, again.known, again.taken_back) == ((), len(first.added), ())
    assert (tmp_path / "j.jsonl").read_bytes() == before


def test_an_answer_that_is_corrected_in_the_sheet_replaces_the_first(sheet, tmp_path):
    fill(sheet, is_same)
    recorded(sheet, tmp_path / "j.jsonl")
    fill(sheet, lambda row: "different")
    recorded(sheet, tmp_path / "j.jsonl")
    judgements = read_judgements(tmp_path / "j.jsonl")
    assert not labelled_edges(judgements, EDGES, ROWS).same.any()
    assert apply_judgements(judgements, ROWS).same == ()


def test_judged_pairs_are_not_asked_about_again(sheet, tmp_path):
    fill(sheet, lambda row: "unsure")
    recorded(sheet, tmp_path / "j.jsonl")
    judged = judged_rows(read_judgements(tmp_path / "j.jsonl"), ROWS)
    assert len(judged) == len(draw())
    before = {one.edge for one in draw()}
    assert not before & {one.edge for seed in range(20) for one in draw(judged, seed)}
