"""Adverts of which a run decides otherwise: bands, labels, signals, danger and abstentions."""

import numpy as np
import pytest

from adverts.advert import LabelSchema, Task
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.judging.changed_adverts import Decided, changed_adverts
from adverts.judging.run_comparison import CHANGED_COLUMNS
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

pytestmark = pytest.mark.promise

REFER = Task("refer", "single", ("no", "yes"), "yes")
RISK = Task("risk", "ordinal", ("0", "1", "2"))
SIGNALS = Task("signals", "multi", ("price", "boat"))
RULES = DecisionRules(
    thresholds=Thresholds(
        (
            Threshold("refer", "yes", "precision", 0.9, 0.8, operating_prevalence=0.1),
            Threshold("refer", "yes", "recall", 0.95, 0.3),
        )
    )
)


def said(tasks, **values):
    n = len(next(iter(values["probabilities"].values())))
    nothing = [None] * n
    usual = {
        "ids": [f"a{i}" for i in range(n)],
        "clusters": [f"c{i}" for i in range(n)],
        "langs": nothing,
        "identified_langs": nothing,
        "scripts": nothing,
        "modalities": ["text"] * n,
        "readings": [""] * n,
        "platforms": nothing,
        "weeks": nothing,
        "characters": [9] * n,
        "splits": ["test"] * n,
        "reviewed": np.ones(n, dtype=bool),
        "seen": np.zeros(n, dtype=bool),
        "logits": {},
    }
    return Predictions(tasks=tasks, **{**usual, **values})


def queue(*yes, rules=RULES, **values):
    shares = np.array([[1 - one, one] for one in yes])
    found = said((REFER,), probabilities={"refer": shares}, **values)
    return Decided(found, rules, LabelSchema("one", (REFER,), "refer"))


def changed(ours, reference, **targets):
    return changed_adverts("b", ours, reference, targets)


def test_a_changed_band_is_a_row_with_both_bands_probabilities_cluster_and_label():
    truth = np.array([[0, 1], [1, 0], [0, 1]], dtype=np.float32)
    (row,) = changed(queue(0.9, 0.1, 0.6), queue(0.7, 0.2, 0.6), refer=truth)
    assert tuple(row) == CHANGED_COLUMNS
    assert row == {
        "run": "b",
        "id": "a0",
        "cluster": "c0",
        "question": "refer",
        "label": "yes",
        "reference_band": "review",
        "band": "priority",
        "reference_decision": "yes",
        "decision": "yes",
        "reference_probability": pytest.approx(0.7),
        "probability": pytest.approx(0.9),
        "reference_danger": "",
        "danger": "",
    }


def test_the_same_decisions_give_no_row_however_probabilities_move():
    assert changed(queue(0.9, 0.1), queue(0.85, 0.2)) == []


def test_without_thresholds_there_is_no_band_and_the_likeliest_label_decides():
    (row,) = changed(queue(0.6, 0.4, rules=None), queue(0.4, 0.3, rules=None))
    assert (row["reference_band"], row["band"]) == (None, None)
    assert (row["reference_decision"], row["decision"]) == ("no", "yes")
    assert row["label"] is None


@pytest.mark.parametrize("answer", ["abstained", "unreadable"])
def test_an_advert_that_is_left_to_people_is_in_the_band_abstain(answer):
    (row,) = changed(queue(0.9, 0.9, answers=[answer, "given"]), queue(0.9, 0.9))
    assert (row["id"], row["reference_band"], row["band"]) == ("a0", "priority", "abstain")


def test_levels_of_an_ordinal_task_are_decisions():
    schema = LabelSchema("risk", (RISK,), "risk")
    first = said((RISK,), probabilities={"risk": np.array([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]])})
    second = said((RISK,), probabilities={"risk": np.array([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])})
    truth = np.array([[0, 1, 0], [0, 0, 1]], dtype=np.float32)
    (row,) = changed(Decided(second, RULES, schema), Decided(first, RULES, schema), risk=truth)
    assert (row["reference_decision"], row["decision"], row["label"]) == ("0", "1", "1")
    assert row["probability"] == pytest.approx(0.8)


def test_each_signal_of_a_multi_task_is_a_question_of_its_own():
    schema = LabelSchema("signals", (SIGNALS,), "signals")
    first = said((SIGNALS,), probabilities={"signals": np.array([[0.2, 0.9], [0.5, 0.1]])})
    second = said((SIGNALS,), probabilities={"signals": np.array([[0.7, 0.4], [0.5, 0.1]])})
    truth = np.array([[1, np.nan], [0, 1]], dtype=np.float32)
    rows = changed(Decided(second, None, schema), Decided(first, None, schema), signals=truth)
    assert [(row["question"], row["decision"], row["label"]) for row in rows] == [
        ("signals: price", "yes", "yes"),
        ("signals: boat", "no", None),
    ]


def test_a_sign_of_danger_that_one_of_them_misses_is_a_change():
    danger = Task("safety", "multi", ("third_party_control",))
    schema = LabelSchema("both", (REFER, danger), "refer")
    rules = DecisionRules(
        thresholds=Thresholds(RULES.thresholds.thresholds, safeguarding=("third_party_control",))
    )

    def model(sign):
        shares = {"refer": np.array([[0.1, 0.9]]), "safety": np.array([[sign]])}
        return Decided(said((REFER, danger), probabilities=shares), rules, schema)

    (row,) = changed(model(0.05), model(0.3))
    assert (row["reference_danger"], row["danger"]) == ("third_party_control", "")
    assert row["band"] == row["reference_band"] == "priority"
