"""A leak never passes a gate: what is linked to training is not judged, what is not known stops."""

import csv
import random
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from composing import load
from preparing import families_beside
from tiny_adverts import tiny_rows, write_tiny

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.cluster_evidence import LINKS, write_links
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.preparing.fingerprint import rule_versions
from adverts.errors import CannotJudgeError, GateFailedError
from adverts.evaluate import evaluate
from adverts.evaluation.gate.gate_record import read_record
from adverts.evaluation.predictions.prediction_file import FILE_NAME
from adverts.prepare import prepare
from adverts.train import train

pytestmark = pytest.mark.promise

GATE = ("gate=first", "gate.conditions.ranks_well.must_see=0.9")


@pytest.fixture(scope="module")
def run(tiny_prepared, tmp_path_factory):
    """A tf-idf model of the made-up words."""
    return trained(tiny_prepared, tmp_path_factory.mktemp("runs") / "tfidf")


def trained(prepared, folder):
    places = (f"prepared={prepared}", f"run_dir={folder}")
    train(load("train", *places, "model=tfidf", "tracking=none"))
    return folder


@pytest.fixture
def judge(run, tmp_path):
    """Judge the run, or what is given, on a dataset of its very shards."""

    def call(prepared, *overrides, candidate=run, folder="report"):
        return evaluate(
            load(
                "evaluate",
                f"candidate={candidate}",
                f"prepared={prepared}",
                f"run_dir={tmp_path / folder}",
                f"ledger={tmp_path / 'looks.jsonl'}",
                "bootstrap_resamples=100",
                "min_positive_clusters=10",
                "tracking=none",
                *overrides,
            )
        )

    return call


@pytest.fixture
def leak_check(judge, tmp_path):
    """What the condition ``no_leak`` found, whatever the verdict is."""

    def call(prepared, **options):
        with suppress(CannotJudgeError, GateFailedError):
            judge(prepared, *GATE, **options)
        record = read_record(tmp_path / options.get("folder", "report") / "gate.json")
        return next(one for one in record.results if one.name == "no_leak"), record

    return call


class Pairs:
    """Links between rows by number; a train advert has a number below 280, test one from 340 on."""

    def __init__(self, pairs):
        self.first, self.second = map(list, zip(*pairs, strict=True))


def linked(folder, pairs):
    """The rows of the training, with links that came to light later."""
    return write_tiny(folder, side_files=families_beside(tiny_rows(), Pairs(pairs)))


LEAK = [(i, 340 + i) for i in range(25)]


def test_adverts_linked_to_training_are_reported_and_not_judged(leak_check, tmp_path):
    found, record = leak_check(linked(tmp_path / "data", LEAK))
    assert found.outcome == "passed"
    assert found.found == "0 of 35 (0.00%); 25 more are linked, were set aside and are not judged"
    assert record.adverts == 35
    assert (tmp_path / "report" / "gate.json").is_file()


@pytest.mark.parametrize("tokens", [(), ("a token",)])
def test_contacts_that_no_key_made_comparable_are_told_beside_the_leaks(
    leak_check, tmp_path, tokens
):
    rows = [
        replace(row, text=f"{row.text} <PHONE>", contacts=tokens) if i >= 390 else row
        for i, row in enumerate(tiny_rows())
    ]
    schema = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    beside = families_beside(rows)
    write_prepared(tmp_path / "data", rows, name="tiny", schema=schema, side_files=beside)
    run = trained(tmp_path / "data", tmp_path / "run")
    found, _ = leak_check(tmp_path / "data", candidate=run)
    told = "shared contacts were not compared, and 10 adverts contain one" in found.found
    assert told == (not tokens)


def test_copies_in_validation_are_set_aside_too(leak_check, tmp_path):
    pairs = [(280 + i, 340 + i) for i in range(10)]
    assert "10 more are linked" in leak_check(linked(tmp_path / "data", pairs))[0].found


@pytest.mark.parametrize("kind", ["given", "made"])
def test_what_training_holds_in_set_phrases_is_set_aside(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    draw = random.Random(0)

    def words(count):
        return ["".join(draw.choices("abcdefghijklmnoprstuvz", k=6)) for _ in range(count)]

    asked = [words(24) for _ in range(40)]
    pieces = [" ".join(text[place : place + 6]) for text in asked[:10] for place in range(0, 24, 6)]
    taught = [" ".join([*draw.sample(pieces, 3), *words(4)]) for _ in range(200)]
    with Path("a.csv").open("w", newline="") as file:
        write = csv.writer(file).writerow
        write(["id", "text", "label", "split"])
        for split, texts in (("test", map(" ".join, asked)), ("train", taught)):
            for i, text in enumerate(texts):
                write([f"{split} {i}", text, ["ham", "spam"][i % 2], split])
    source = ["data=csv", "data.root=.", "data.source.paths=[a.csv]", "data.tasks.positive=spam"]
    given = ["data.split.kind=given", "data.columns.split=split"] if kind == "given" else []
    config = load("prepare", *source, *given, "prepared=out", "ocr=none")
    prepare(config)
    dataset = open_prepared(Path("out"))
    test = dataset.split("test")
    seen = {name for name, one in zip(test.ids, dataset.seen.of(test.ids).seen, strict=True) if one}
    held = {name for name in test.ids if name in {f"test {i}" for i in range(10)}}
    assert held
    assert held <= seen
    assert not seen & {f"test {i}" for i in range(10, 40)}


def test_no_figure_but_that_by_campaign_counts_what_was_seen(judge, tmp_path):
    done = judge(linked(tmp_path / "data", LEAK))
    task = done.report.evaluation.reviewed.tasks[0]
    assert task.evidence.adverts == 35
    assert by_campaign(done) == {"new": 35, "seen before": 25}
    assert any(
        note.startswith("25 adverts of 60 are linked to adverts")
        for note in done.report.origin.notes
    )


def by_campaign(done):
    slices = done.report.evaluation.reviewed.tasks[0].slices
    return {one.value: one.evidence.adverts for one in slices if one.dimension == "campaign"}


def test_what_validation_shares_with_training_calibrates_and_chooses_nothing(judge, tmp_path):
    clean = judge(linked(tmp_path / "clean", [(0, 1)]), folder="one").report
    leaky = judge(
        linked(tmp_path / "leaky", [(i, 280 + i) for i in range(25)]), folder="two"
    ).report
    assert clean.rules.calibration.fitted_on["adverts"] == 60
    assert leaky.rules.calibration.fitted_on["adverts"] == 35


def test_a_split_of_which_every_advert_is_seen_is_no_verdict(judge, tmp_path):
    prepared = linked(tmp_path / "data", [(0, i) for i in range(340, 400)])
    with pytest.raises(
        CannotJudgeError, match="every labelled advert of split test is linked to adverts"
    ):
        judge(prepared, *GATE)


def links(count):
    """Write some links between adverts that prepare found, as before the record of families."""
    from adverts.clusters.links import equal_links

    ids = [one.id for one in tiny_rows()]
    found = equal_links("same_group", LEAK[:count])
    return {LINKS: lambda path: write_links(path, found, equal_links("near_text", []), ids=ids)}


@pytest.mark.parametrize(
    "files",
    [{}, links(0), links(12)],
    ids=["no links", "an empty file", "half of the file"],
)
def test_where_links_are_missing_the_gate_cannot_judge(leak_check, tmp_path, files):
    made = Making(cluster_links={"same_group": 25}, rules=rule_versions())
    found, record = leak_check(write_tiny(tmp_path / "data", side_files=files, made=made))
    assert found.outcome == "insufficient"
    assert re.search("links|families", found.message)
    assert record.verdict != "passed"


def test_stored_predictions_are_judged_by_the_links_of_today(judge, leak_check, tmp_path):
    prepared = linked(tmp_path / "data", LEAK)
    stored = judge(prepared).folder / FILE_NAME
    table = pq.read_table(stored)
    pq.write_table(table.drop_columns(["seen", "seen_known"]), stored)
    stored.with_name("report.json").unlink()  # which knows what it judged
    found, _ = leak_check(prepared, candidate=stored.parent, folder="again")
    assert "25 more are linked" in found.found


def test_what_stored_predictions_say_of_links_is_not_believed(judge, tmp_path):
    prepared = linked(tmp_path / "data", LEAK)
    stored = judge(prepared).folder / FILE_NAME
    table = pq.read_table(stored)
    place, none = table.column_names.index("seen"), pa.array([False] * len(table))
    pq.write_table(table.set_column(place, "seen", none), stored)
    stored.with_name("report.json").unlink()
    again = judge(prepared, candidate=stored.parent, folder="again")
    assert by_campaign(again) == {"new": 35, "seen before": 25}
