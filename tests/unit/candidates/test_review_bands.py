"""What a service would be told of each advert is counted as the review band says it."""

import numpy as np
import pytest

from adverts.advert import LabelSchema, Task
from adverts.candidates.review_bands import served_answers
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

pytestmark = pytest.mark.promise

REFER = Task("refer", "single", ("no", "yes"), "yes")
ANSWERS = ("given", "given", "given", "unreadable", "abstained", None)
SCORES = (0.9, 0.3, 0.1, 0.0, 0.9, 0.9)


def said(tasks=(REFER,), langs=("en", "en", "fr", "en", "en", "en"), **more):
    count = len(ANSWERS)
    yes = np.array(SCORES)
    return Predictions(
        tasks=tasks,
        ids=[f"a{i}" for i in range(count)],
        clusters=[f"c{i}" for i in range(count)],
        langs=langs,
        identified_langs=langs,
        scripts=["Latn"] * count,
        modalities=["text"] * count,
        readings=["none"] * count,
        platforms=[None] * count,
        weeks=[None] * count,
        characters=[9] * count,
        splits=["test"] * count,
        reviewed=np.ones(count, bool),
        seen=np.zeros(count, bool),
        logits={},
        probabilities={"refer": np.stack([1 - yes, yes], axis=1), **more},
        answers=ANSWERS,
    )


def served(*thresholds, withheld=()):
    schema = LabelSchema("made up", (REFER,), "refer")
    rules = DecisionRules(thresholds=Thresholds(thresholds, withheld=withheld))
    return served_answers(said(), rules, schema)[:3]


def threshold(purpose, value, **more):
    lack = "too few" if value is None else None
    return Threshold("refer", "yes", purpose, 0.9, value, lack=lack, **more)


@pytest.mark.parametrize(
    ("thresholds", "wanted"),
    [
        ((), ["undecided"] * 3),
        ((threshold("precision", None), threshold("recall", None)), ["undecided"] * 3),
        ((threshold("precision", 0.8), threshold("recall", None)), ["given"] + ["undecided"] * 2),
        ((threshold("precision", None), threshold("recall", 0.2)), ["given"] * 3),
        ((threshold("recall", 0.2, language="fr"),), ["undecided", "undecided", "given"]),
    ],
)
def test_an_advert_that_no_threshold_decides_gets_no_answer(thresholds, wanted):
    assert served(*thresholds) == wanted


def test_a_withheld_recall_threshold_leaves_no_advert_undecided():
    assert served(threshold("precision", 0.8), withheld=("recall",)) == ["given"] * 3


def test_without_a_positive_label_every_advert_is_undecided():
    task = Task("refer", "single", ("a", "b", "c"))
    thirds = np.full((len(ANSWERS), 3), 1 / 3)
    schema = LabelSchema("made up", (task,), "refer")
    found = served_answers(said((task,), refer=thirds), DecisionRules(), schema)
    assert found[:3] == ["undecided"] * 3


def test_without_rules_nothing_is_known_but_what_cannot_be_read_or_is_left_whatever_the_score():
    schema = LabelSchema("made up", (REFER,), "refer")
    wanted = [None, None, None, "unreadable", "abstained", None]
    assert served_answers(said(), None, schema) == wanted


def test_what_is_unreadable_or_abstained_or_unknown_stays_so_whatever_the_thresholds():
    schema = LabelSchema("made up", (REFER,), "refer")
    rules = DecisionRules(thresholds=Thresholds((threshold("recall", 0.0),)))
    assert served_answers(said(), rules, schema)[3:] == ["unreadable", "abstained", None]
