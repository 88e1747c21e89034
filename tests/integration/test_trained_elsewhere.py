"""A model of another dataset: adverts that it learnt from are counted or not known, never 0."""

import json
import shutil
from dataclasses import replace

import pytest
from composing import load
from preparing import families_beside
from tiny_adverts import tiny_rows

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.prepared import write_prepared
from adverts.evaluate import evaluate, summary_text
from adverts.judging.compare_runs import compare_runs
from adverts.train import train

SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")


def write(folder, rows, name):
    beside = families_beside(rows)
    write_prepared(folder, rows, name=name, schema=SCHEMA, side_files=beside)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A dataset, and another one that trains on 20 adverts and chooses by 5 of the test of it.

    Every id differs between the two, and every text: some by case alone.
    """
    place = tmp_path_factory.mktemp("two")
    unlike = [replace(row, text=f"{row.id} {row.text}") for row in tiny_rows()]
    write(place / "prepared" / "judged", unlike, "judged")
    other = [
        replace(row, id=f"b{i}", text=f"other{i} {row.text}") for i, row in enumerate(tiny_rows())
    ]
    for i in range(20):
        other[i] = replace(other[i], text=unlike[340 + i].text.upper())
    for i in range(5):
        other[280 + i] = replace(other[280 + i], text=unlike[360 + i].text)
    for i in range(7):
        other[340 + i] = replace(other[340 + i], text=unlike[370 + i].text)  # only its test
    write(place / "prepared" / "mine", other, "mine")
    for name in ("mine", "judged"):
        given = (f"prepared={place / 'prepared' / name}", f"run_dir={place / 'runs' / name}")
        train(load("train", *given, "model=tfidf", "tracking=none"))
    return place


def judged(place, name, *more, run="mine"):
    return evaluate(
        load(
            "evaluate",
            f"candidate={place / 'runs' / run}",
            f"prepared={place / 'prepared' / 'judged'}",
            f"run_dir={place / 'runs' / run / name}",
            f"ledger={place / 'looks.jsonl'}",
            "bootstrap_resamples=100",
            "min_positive_clusters=10",
            "tracking=none",
            *more,
        )
    )


@pytest.fixture
def without_training_data(place):
    """The other dataset is nowhere."""
    kept = place / "elsewhere"
    shutil.move(place / "prepared" / "mine", kept)
    yield
    shutil.move(kept, place / "prepared" / "mine")


def test_adverts_identical_to_those_of_the_training_are_counted_and_set_aside(place):
    done = judged(place, "report")
    account = done.report.account
    assert (account.set_aside, account.seen, account.judged.adverts) == (25, None, 35)
    (told,) = [one for one in _headline(done)["cautions"] if one.startswith("Overlap")]
    assert "trained on another dataset, mine" in told
    assert "At least 25 adverts of 60" in told
    for page in ("report.md", "report.html"):
        assert "at least 25" in (done.folder / page).read_text()
    assert told in summary_text(done)


def test_whole_datasets_are_held_out_from_a_model_of_another(place):
    done = judged(place, "whole", "split=all")
    assert done.report.account.set_aside == 25
    assert done.report.origin.refusal is None


def test_where_the_training_data_are_nowhere_no_page_prints_a_zero(place, without_training_data):
    done = judged(place, "unknown")
    account = done.report.account
    assert (account.set_aside, account.seen, account.judged.adverts) == (None, None, 60)
    assert json.loads((done.folder / "report.json").read_text())["account"]["set_aside"] is None
    assert "Overlap not known" in summary_text(done)
    for page in ("report.md", "report.html"):
        rows = [
            line for line in (done.folder / page).read_text().splitlines()
            if "linked to adverts that taught" in line.lower()
        ]  # fmt: skip
        assert len(rows) == 2
        assert all("not known" in row for row in rows)


def test_changed_training_data_are_not_believed(place, without_training_data):
    folder = place / "prepared" / "mine"
    shutil.copytree(place / "elsewhere", folder)
    shard = next(folder.glob("shard-*"))
    shard.write_bytes(shard.read_bytes() + b"x")
    assert judged(place, "changed").report.account.set_aside is None
    shutil.rmtree(folder)


def test_a_comparison_says_what_is_known_of_a_run_of_another_dataset(place):
    judged(place, "report", run="judged")
    judged(place, "report")
    runs = [place / "runs" / name for name in ("judged", "mine")]
    found = compare_runs(runs, ledger=place / "looks.jsonl")
    facts = {row["fact"]: row for row in found.data_differences}
    assert facts["set aside, linked to training"]["mine"] == "at least 25"
    assert any("mine was trained on another dataset, mine" in note for note in found.notes)


def test_a_champion_of_another_dataset_is_told(place):
    done = judged(place, "beside", f"champion={place / 'runs' / 'mine'}", run="judged")
    (told,) = [one for one in done.report.comparison.notes if "champion learnt" in one]
    assert "at least 25 that are judged; it was trained on another dataset, mine" in told


def test_on_its_own_dataset_the_zero_is_counted(place):
    done = judged(place, "own", run="judged")
    assert (done.report.account.set_aside, done.report.account.seen) == (0, 0)
    assert not [one for one in _headline(done)["cautions"] if one.startswith("Overlap")]


def _headline(done):
    return json.loads((done.folder / "report.json").read_text())["headline"]
