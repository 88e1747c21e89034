"""Adverts that a model cannot read count against it; none may be taken out of the judgement."""

import contextlib
import dataclasses
import io
import random

import numpy as np
import pytest
from composing import load
from PIL import Image

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.errors import AdvertsError, GateFailedError, InputError
from adverts.evaluate import evaluate
from adverts.evaluation.gate.gate_record import read_record
from adverts.evaluation.predictions.prediction_file import (
    read_predictions,
    select,
    write_predictions,
)
from adverts.ocr.protocol import ReaderSpec
from adverts.train import train

SPEC = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"canvas_px": 640})
SCHEMA = LabelSchema("halves", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
QUALITY = ReadQuality(0.9, 20.0, 0.5, 1, 0)
RELEASE = (
    "gate=release",
    "~gate.conditions.survives_disguise",
    "gate.conditions.finds_as_much.must_see=0.9",
    "gate.conditions.ranks_as_well.must_see=0.9",
    "gate.conditions.ranks_as_well_everywhere.if_insufficient=report",
    "gate.conditions.calibrated.must_see=0.9",
    "gate.conditions.calibrated.at_most=1.0",
    "gate.conditions.calibrated.if_insufficient=report",
    "~gate.conditions.as_fast",
    "gate.promises=null",
    "accept_no_prevalence=made-up words",
    "decisions.recall=0.6",  # which so few adverts can show, so that a threshold ships
)
UNREAD = (590, 592)
"""Numbers of test adverts whose picture nobody could read."""


def picture(number):
    pixels = np.full((16, 20, 3), 200, np.uint8)
    pixels[number % 16, number // 16 % 20] = number % 251
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def row(i, rng, unread):
    """Every second post is a picture alone, whose text somebody has read."""
    positive = rng.random() < 0.4
    words = rng.choices([f"word{k}" for k in range(5, 40)], k=6)
    words[rng.randrange(6)] = f"word{rng.randrange(5)}" if positive else "word39"
    text, pictured = " ".join(words), i % 2 == 0
    read = pictured and i not in unread
    return PreparedRow(
        id=f"h{i}",
        split="train" if i < 300 else "validation" if i < 400 else "test",
        cluster=f"c{i}",
        lang="en",
        text="" if pictured else text,
        images=(StoredImage(picture(i)),) if pictured else (),
        ocr_text=text if read else None,
        ocr_quality=QUALITY if read else None,
        ocr_engine=SPEC.key if read else None,
        targets={"refer": (0.0, 1.0) if positive else (1.0, 0.0)},
    )


def halves(folder, *, unread=()):
    rng = random.Random(0)
    rows = [row(i, rng, unread) for i in range(600)]
    write_prepared(folder, rows, name="halves", schema=SCHEMA, made=Making(ocr=SPEC.facts))
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return halves(tmp_path_factory.mktemp("halves") / "prepared")


@pytest.fixture(scope="module")
def runs(prepared, tmp_path_factory):
    """A model that reads text and pictures, and one that reads text alone."""
    folder = tmp_path_factory.mktemp("runs")
    for name, inputs in (("both", "[text,ocr]"), ("text", "[text]")):
        train(
            load(
                "train",
                f"prepared={prepared}",
                f"run_dir={folder / name}",
                "model=tfidf",
                f"model.inputs={inputs}",
                f"model.name={name}",
                "tracking=none",
            )
        )
    return folder


@pytest.fixture
def judge(prepared, tmp_path):
    def call(candidate, *overrides, name="report", dataset=prepared):
        return evaluate(
            load(
                "evaluate",
                f"candidate={candidate}",
                f"prepared={dataset}",
                f"run_dir={tmp_path / name}",
                f"ledger={tmp_path / 'looks.jsonl'}",
                "bootstrap_resamples=100",
                "baseline=false",
                "tracking=none",
                *overrides,
            )
        )

    return call


def verdict_of(judge, tmp_path, candidate, *overrides, **named):
    """Return the record of a gate, whatever its verdict."""
    with contextlib.suppress(AdvertsError):
        judge(candidate, *overrides, **named)
    return read_record(tmp_path / named.get("name", "report") / "gate.json")


def outcomes(record, name):
    return [one.outcome for one in record.results if one.name == name]


def test_a_candidate_that_cannot_read_half_of_the_adverts_fails_the_release_gate(
    judge, runs, tmp_path
):
    with pytest.raises(GateFailedError, match="answers_enough"):
        judge(runs / "text", f"champion={runs / 'both'}", *RELEASE)
    record = read_record(tmp_path / "report" / "gate.json")
    assert record.adverts == 200
    for name in ("answers_enough", "finds_as_much", "ranks_as_well"):
        assert "failed" in outcomes(record, name), name


def test_a_candidate_that_reads_more_than_its_champion_passes(judge, runs, tmp_path):
    record = verdict_of(judge, tmp_path, runs / "both", f"champion={runs / 'text'}", *RELEASE)
    assert set(outcomes(record, "answers_enough")) == {"passed"}
    assert {"failed"}.isdisjoint(one.outcome for one in record.results)


def test_the_first_gate_does_not_pass_a_model_that_reads_half(judge, runs, tmp_path):
    record = verdict_of(judge, tmp_path, runs / "text", "gate=first")
    assert "failed" in outcomes(record, "answers_enough")


def test_the_report_counts_what_the_model_cannot_read_as_never_flagged(judge, runs):
    done = judge(runs / "text", f"champion={runs / 'both'}")
    account, task = done.report.account, done.report.evaluation.reviewed.tasks[0]
    assert (account.split, account.judged.adverts, account.judged.unreadable) == (200, 200, 100)
    assert task.evidence.adverts == 200
    assert done.report.comparison.account.judged.unreadable == 0
    assert any("Only the candidate cannot read" in n for n in done.report.comparison.notes)
    pictured = np.array(done.predictions.modalities) == "image"
    assert done.predictions.probabilities["refer"][pictured, 1].max() == 0.0
    page = (done.folder / "report.md").read_text()
    assert "| + | of which it cannot read, counted as never flagged | 100 |" in page


def test_no_threshold_promises_a_recall_of_what_is_never_read(judge, runs):
    rules = judge(runs / "text").report.rules
    (recall,) = [one for one in rules.thresholds.thresholds if one.purpose == "recall"]
    assert recall.value is None


def forge(folder, predictions):
    """Overwrite predictions, and leave no report that would tell."""
    write_predictions(folder / "predictions.parquet", predictions)
    (folder / "report.json").unlink()


@pytest.mark.parametrize("role", ["candidate", "champion"])
def test_predictions_that_lack_half_of_their_rows_never_pass(judge, runs, tmp_path, role):
    folder = judge(runs / "both", name="half").folder
    said = read_predictions(folder / "predictions.parquet")
    forge(folder, select(said, range(100)))
    pair = (folder, runs / "both") if role == "candidate" else (runs / "both", folder)
    with pytest.raises(InputError, match=r"no prediction of 100 of 200 adverts"):
        judge(pair[0], f"champion={pair[1]}", *RELEASE)
    assert not (tmp_path / "report").exists()


def test_a_predictions_file_cannot_take_adverts_out_of_the_judgement(judge, runs, tmp_path):
    folder = judge(runs / "text", name="stored").folder
    said = read_predictions(folder / "predictions.parquet")
    readable = np.array(said.modalities) == "text"
    forged = dataclasses.replace(
        said,
        reviewed=readable,
        seen=~readable,
        clusters=["one"] * len(said),
        answers=["given"] * len(said),
    )
    forge(folder, forged)
    record = verdict_of(judge, tmp_path, folder, f"champion={runs / 'both'}", *RELEASE)
    assert record.verdict == "failed"
    assert record.adverts == 200
    assert "failed" in outcomes(record, "answers_enough")


@pytest.mark.slow
def test_stored_predictions_give_the_verdict_of_the_models_themselves(judge, runs, tmp_path):
    same = "decisions.recall=0.6"  # stored predictions keep the thresholds of their evaluation
    ours = judge(runs / "text", same, name="ours").folder
    theirs = judge(runs / "both", same, name="theirs").folder
    asked = verdict_of(judge, tmp_path, runs / "text", f"champion={runs / 'both'}", *RELEASE)
    again = verdict_of(judge, tmp_path, ours, f"champion={theirs}", *RELEASE, name="again")
    named = {(one.name, one.scope): one.found for one in asked.results}
    stored = {(one.name, one.scope): one.found for one in again.results}
    for key in named:
        if key[0] in ("finds_as_much", "ranks_as_well", "answers_enough"):
            assert stored[key] == named[key]


def test_a_picture_that_nobody_could_read_makes_its_advert_one_that_is_never_flagged(
    judge, runs, tmp_path
):
    some = halves(tmp_path / "some", unread=UNREAD)
    done = judge(runs / "both", dataset=some, name="unread")
    assert done.report.account.judged.unreadable == len(UNREAD)
    places = [done.predictions.ids.index(f"h{i}") for i in UNREAD]
    assert done.predictions.probabilities["refer"][places, 1].tolist() == [0.0, 0.0]
