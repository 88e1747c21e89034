"""Who hides the adverts that a model gets wrong gains no pass, whichever way they are hidden."""

import csv
import random
from contextlib import suppress

import pytest
from composing import load

from adverts.errors import CannotJudgeError, GateFailedError
from adverts.evaluate import evaluate
from adverts.evaluation.gate.gate_record import read_record
from adverts.prepare import prepare
from adverts.train import train

pytestmark = pytest.mark.promise

HARD = 45
"""Negatives of the test split that read like positives: a tenth of it."""


def rows(hide, draw):
    """Made-up posts; ``hide`` changes the text or the label of a negative that reads like one."""
    words = ["".join(draw.choices("abcdefghijklmnoprstuvz", k=6)) for _ in range(400)]
    of = {"spam": words[:200], "ham": words[200:]}
    for split, count in (("train", 600), ("validation", 300), ("test", 400)):
        for i in range(count):
            label = ("ham", "spam")[i % 2]
            mostly, rarely = of[label], of[("spam", "ham")[i % 2]]
            said = [*draw.sample(mostly, draw.randint(5, 9)), *draw.sample(rarely, 4)]
            draw.shuffle(said)
            yield {"id": f"{split} {i}", "text": " ".join(said), "label": label, "split": split}
    for i in range(HARD):
        text = " ".join(draw.sample(of["spam"], 12))
        yield hide({"id": f"hard {i}", "text": text, "label": "ham", "split": "test"})


WAYS = {
    "shown": ({}, ()),
    "unlabelled": ({"label": ""}, ()),
    "masked": ({"label": "unsure"}, ("data.tasks.masked=[unsure]",)),
    "rare": ({"label": "news"}, ("data.min_label_count=200",)),
    "quarantine": ({"split": "tests"}, ("data.on_error=quarantine",)),
    "too long": ({"text": "wort " * 200_000}, ("data.on_error=quarantine",)),
    "blank": ({"text": " "}, ()),
}


RELATIVE = (
    "finds_as_much",
    "ranks_as_well",
    "finds_as_much_in_service",
    "ranks_as_well_in_service",
    "ranks_as_well_everywhere",
)
GATES = {
    "first": (
        "gate=first",
        "gate.conditions.ranks_well.at_least=0.87",
        "gate.conditions.calibrated.must_see=0.1",
        "gate.conditions.calibrated.must_see_at_top=0.2",
    ),
    "release": (
        "gate=release",
        "~gate.conditions.survives_disguise",
        *(f"gate.conditions.{name}.must_see=0.9" for name in RELATIVE),
        "gate.conditions.calibrated.must_see=0.1",
        "gate.conditions.calibrated.must_see_at_top=0.2",
    ),
}
EVERY = [("first", way) for way in ("none", *WAYS)]
EVERY += [("release", way) for way in ("none", "unlabelled", "rare", "blank")]


@pytest.mark.parametrize(("gate", "way"), EVERY)
def test_hard_negatives_gain_no_pass_whichever_way_they_are_hidden(tmp_path, gate, way):
    changed, settings = WAYS.get(way, ({}, ()))
    written = list(rows(lambda row: row | changed, random.Random(7)))
    with (tmp_path / "a.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["id", "text", "label", "split"])
        table.writeheader()
        table.writerows(written[: -HARD if way == "none" else None])
    source = ["data=csv", f"data.root={tmp_path}", "data.source.paths=[a.csv]"]
    source += ["data.tasks.positive=spam", "data.split.kind=given", "data.columns.split=split"]
    prepared = f"prepared={tmp_path / 'data'}"
    prepare(load("prepare", *source, prepared, "ocr=none", *settings))
    model, report = tmp_path / "tfidf", tmp_path / "report"
    train(load("train", prepared, f"run_dir={model}", "model=tfidf", "tracking=none"))
    places = [f"candidate={model}", prepared, f"run_dir={report}", "tracking=none"]
    places += [f"ledger={tmp_path / 'looks.jsonl'}", "decisions.operating_prevalence=0.3"]
    if gate == "release":
        champion = tmp_path / "champion"
        weaker = (f"run_dir={champion}", "model.inverse_regularisation=9.0", "tracking=none")
        train(load("train", prepared, "model=tfidf", *weaker))
        places.append(f"champion={champion}")
    sizes = ("bootstrap_resamples=100", "min_positive_clusters=10")
    with suppress(CannotJudgeError, GateFailedError):
        evaluate(load("evaluate", *places, *sizes, *GATES[gate]))
    record = read_record(report / "gate.json")
    verdict = {"none": "passed", "shown": "failed"}.get(way, "could not judge")
    assert record.verdict == verdict, (report / "gate.md").read_text()
    ranks_well = next(one for one in record.results if one.name == "ranks_well")
    if gate == "first":
        assert (ranks_well.outcome == "passed") == (way == "none")
    told = any("adverts may be worth that no figure shows" in one.message for one in record.results)
    assert told == (way not in {"none", "shown"})
    page = (report / "report.md").read_text()
    left_out = "Up to 45 adverts of this split may have been left out" in page
    assert left_out == (way in {"rare", "quarantine", "too long"})
