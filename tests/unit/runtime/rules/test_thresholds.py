"""Thresholds as a file: the same after reading, and refused by the name of the field at fault."""

import json

import numpy as np
import pytest

from adverts.advert import Task
from adverts.errors import IntegrityError
from adverts.runtime.rules.thresholds import (
    LanguageComparison,
    Threshold,
    Thresholds,
    deciding_labels,
    label_scores,
)

pytestmark = pytest.mark.promise

PRECISE = Threshold(
    "refer", "yes", "precision", 0.9, 0.75, 0.01, None, 0.8, 0.7, 0.001, 0.002, 40, 900
)
COMPLETE = Threshold("refer", "yes", "recall", 0.95, 0.2, positive_clusters=40)
NONE = Threshold("signals", "boat", "recall", 0.95, None, lack="3 clusters hold the label")
OWN = Threshold("refer", "yes", "recall", 0.95, 0.15, language="ps")
WHOLE = Thresholds(
    (PRECISE, COMPLETE, NONE, OWN),
    ("live_distress",),
    0.95,
    "validation",
    "ab" * 32,
    (LanguageComparison("refer", "yes", "recall", ("en", "ps"), 0.3, 0.1, 0.05, None),),
)


def test_what_was_written_is_read_and_equal_thresholds_give_equal_text():
    again = Thresholds.from_json(WHOLE.to_json())
    assert again == WHOLE
    assert again.to_json() == WHOLE.to_json()
    assert Thresholds.from_json(Thresholds().to_json()) == Thresholds()


def broken(*path, **change):
    raw = json.loads(WHOLE.to_json())
    place = raw
    for step in path:
        place = place[step]
    place.update(change)
    return json.dumps(raw)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (broken(schema_version=2), "schema_version is 2, wanted 1"),
        (broken("thresholds", 0, promised="high"), r"thresholds\[0\].promised is text"),
        (broken("thresholds", 0, promised=1.5), r"thresholds\[0\].promised is 1.5"),
        (broken("thresholds", 1, value=-0.1), r"thresholds\[1\].value is -0.1"),
        (broken("thresholds", 1, value=None), r"thresholds\[1\].lack must be given"),
        (broken("thresholds", 2, value=0.5), r"thresholds\[2\].lack must be given"),
        (broken("thresholds", 1, purpose="speed"), r"thresholds\[1\].purpose is 'speed'"),
        (broken("thresholds", 0, operating_prevalence=None), "operating_prevalence must be given"),
        (broken("thresholds", 0, positive_clusters=1.5), "positive_clusters is 1.5"),
        (broken("thresholds", 0, positive_clusters=True), "positive_clusters is true or false"),
        (broken("thresholds", 0, color="red"), r"thresholds\[0\].color is not a known field"),
        (broken("thresholds", 3, language=None), "has two entries for refer, yes, recall, None"),
        (broken(safeguarding="live_distress"), "safeguarding is text, wanted a list"),
        (broken(safeguarding=[1]), r"safeguarding\[0\] is a number, wanted text"),
        (broken("comparisons", 0, gap_one=None), r"comparisons\[0\].gap_one is null"),
        (broken(split="test"), "split is 'test', wanted 'validation'"),
        (broken(confidence=float("nan")), "it contains NaN"),
        ("[]", "the file is a list, wanted an object"),
        ("{", "Expecting property name"),
        ("{}", "schema_version is missing"),
    ],
)
def test_a_file_at_fault_is_refused_by_the_name_of_its_field(text, message):
    with pytest.raises(IntegrityError, match=message):
        Thresholds.from_json(text)


def test_a_language_takes_its_own_threshold_and_the_others_the_one_for_all():
    assert WHOLE.find("refer", "yes", "recall", "ps") == OWN
    assert WHOLE.find("refer", "yes", "recall", "ps-AF") == OWN
    assert WHOLE.find("refer", "yes", "recall", "pst") == COMPLETE
    assert WHOLE.find("refer", "yes", "recall", "en") == COMPLETE
    assert WHOLE.find("refer", "yes", "recall") == COMPLETE
    assert WHOLE.find("refer", "no", "recall") is None


def test_what_a_threshold_is_held_against_depends_on_the_kind_of_task():
    levels = Task("risk", "ordinal", ("0", "1", "2"))
    said = np.array([[0.2, 0.5, 0.3]])
    assert label_scores(levels, said, "1") == pytest.approx([0.8])
    assert label_scores(Task("coarse", "single", ("a", "b", "c")), said, "b") == [0.5]


def test_a_queue_decides_by_its_positive_label_and_levels_by_all_but_the_lowest():
    assert deciding_labels(Task("refer", "single", ("no", "yes"))) == ("yes",)
    assert deciding_labels(Task("coarse", "single", ("a", "b", "c"))) == ("a", "b", "c")
    assert deciding_labels(Task("risk", "ordinal", ("0", "1", "2"))) == ("1", "2")
    assert deciding_labels(Task("signals", "multi", ("x", "y"))) == ("x", "y")


def test_a_file_of_an_earlier_release_withholds_nothing():
    older = json.loads(WHOLE.to_json())
    del older["withheld"]
    assert Thresholds.from_json(json.dumps(older)) == WHOLE


def test_withheld_purposes_are_read_back_and_others_refused():
    partners = Thresholds((PRECISE,), withheld=("recall",))
    assert Thresholds.from_json(partners.to_json()) == partners
    with pytest.raises(IntegrityError, match="withheld is 'secret', wanted precision or recall"):
        Thresholds.from_json(partners.to_json().replace('"recall"\n', '"secret"\n'))


def test_how_many_models_were_compared_is_read_back_and_may_not_be_known():
    known = Thresholds((PRECISE,), models_compared=12)
    assert Thresholds.from_json(known.to_json()) == known
    older = Thresholds((PRECISE,))
    assert "models_compared" not in older.to_json()
    assert Thresholds.from_json(older.to_json()).models_compared is None
    assert "not chosen among others" in older.condition


@pytest.mark.parametrize("found", ["0", "1.5", '"two"'])
def test_another_count_of_models_is_refused(found):
    text = Thresholds((PRECISE,), models_compared=7).to_json().replace(": 7", f": {found}")
    with pytest.raises(IntegrityError, match="models_compared is"):
        Thresholds.from_json(text)
