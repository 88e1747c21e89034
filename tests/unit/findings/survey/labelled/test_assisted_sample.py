"""The assisted figure of a sealed sample: where its design allows one, and never without it."""

import dataclasses

import numpy as np
import pytest
from made_sample import drawing, drawn_sample, labelled, made_truth, sealed, stratum

from adverts_findings.survey.estimators.assisted import (
    Lowest,
    ScoredLabels,
    estimate_assisted_total,
)
from adverts_findings.survey.labelled.assisted_sample import assisted_total

TRUTH = made_truth(10_000, 0.05, platforms=np.arange(10_000) % 2)
NEEDS = "cannot say: the assisted figure needs a lowest stratum drawn evenly"


@pytest.fixture(scope="module")
def sample():
    return drawn_sample(TRUTH.frame, 800)


def test_it_is_the_estimators_own_on_the_arrays_of_the_sample(sample):
    one = labelled(sample, TRUTH.items)
    rows = [
        sorted((d for d in sample.draws if d.stratum == h), key=lambda d: d.item)
        for h in range(len(sample.strata))
    ]
    above = [
        ScoredLabels(
            sealed_.stratum.name,
            np.array([float(d.item in TRUTH.items) for d in drawn]),
            np.array([d.predicted for d in drawn]),
            sealed_.stratum.adverts,
            sealed_.stratum.expected_positives / sealed_.stratum.adverts,
            sealed_.least_probable,
            sealed_.most_probable,
        )
        for sealed_, drawn in zip(sample.strata[1:], rows[1:], strict=True)
    ]
    bottom = sample.strata[0]
    hits = sum(d.times for d in rows[0] if d.item in TRUTH.items)
    lowest = Lowest(
        bottom.stratum.expected_positives, bottom.stratum.adverts, bottom.draws, hits, 3.0
    )
    assert assisted_total(one) == estimate_assisted_total(above, lowest)


def test_it_holds_the_truth_and_states_its_assumption(sample):
    found = assisted_total(labelled(sample, TRUTH.items))
    assert found.low <= TRUTH.positive.sum() <= found.high
    assert found.reason.startswith("Assumed: the lowest stratum holds at most")


def test_positives_in_the_lowest_stratum_refute_it(sample):
    lowest = {one.item for one in sample.draws if one.stratum == 0}
    found = assisted_total(labelled(sample, TRUTH.items | set(sorted(lowest)[:40])))
    assert found.value is None
    assert "contradict the assumption" in found.reason


def test_a_positive_that_was_drawn_often_refutes_as_often():
    strata = [stratum("line", 1_000, 40, expected=1.0, lowest=True), stratum("adverts", 50, 30)]
    draws = [drawing("a", 0, 1 / 1_000, times=20), drawing("z", 0, 1 / 1_000, times=20)]
    draws += [drawing(f"b{i}", 1, 0.6) for i in range(30)]
    assert (
        "20 positives among 40 labels"
        in assisted_total(labelled(sealed(strata, draws), "a")).reason
    )


def test_what_was_not_judged_may_refute_it_too(sample):
    lowest = sorted(one.item for one in sample.draws if one.stratum == 0)
    found = assisted_total(labelled(sample, TRUTH.items, unsure=set(lowest[:40])))
    assert found.value is None


def test_what_was_not_judged_above_widens_it(sample):
    above = {one.item for one in sample.draws if one.stratum == 2 and one.item.endswith("3")}
    plain = assisted_total(labelled(sample, TRUTH.items - above))
    found = assisted_total(labelled(sample, TRUTH.items, unsure=above))
    assert (found.value, found.low) == (plain.value, plain.low)
    assert found.high > plain.high


def test_a_sample_for_views_has_none():
    views = np.arange(10_000) % 50 + 1.0
    frame = dataclasses.replace(TRUTH.frame, sizes={**TRUTH.frame.sizes, "views": views})
    one = drawn_sample(frame, 800, views=True)
    assert assisted_total(labelled(one, TRUTH.items)).reason.startswith(NEEDS)


def test_the_lowest_strata_of_a_divided_frame_are_taken_together():
    one = drawn_sample(TRUTH.frame, 800, by=["platform"])
    assert sum(part.lowest for part in one.strata) == 2
    found = assisted_total(labelled(one, TRUTH.items))
    assert found.low <= TRUTH.positive.sum() <= found.high
    second = next(h for h, part in enumerate(one.strata) if part.lowest and h)
    lowest = {drawn.item for drawn in one.draws if drawn.stratum == second}
    refuted = assisted_total(labelled(one, TRUTH.items | lowest))
    assert "contradict the assumption" in refuted.reason


def test_a_lowest_stratum_alone_has_none():
    strata = [stratum("line", 100, 4, expected=1.0, lowest=True)]
    draws = [drawing(f"a{i}", 0, 0.01) for i in range(4)]
    assert assisted_total(labelled(sealed(strata, draws))).reason.startswith(NEEDS)


def test_adverts_taken_whole_above_are_known():
    strata = [stratum("line", 1_000, 50, expected=0.0, lowest=True), stratum("whole", 4, 4)]
    draws = [drawing(f"a{i}", 0, 0.001) for i in range(50)]
    draws += [drawing(f"b{i}", 1, 1.0) for i in range(4)]
    found = assisted_total(labelled(sealed(strata, draws), {"b0", "b1"}))
    assert (found.low, found.value, found.high) == (2, 2, 2)


def test_reviewers_errors_widen_it(sample):
    planted = {f"p{i}": i < 200 for i in range(1_200)}
    erring = drawn_sample(TRUTH.frame, 800, planted=planted)
    good = {f"p{i}" for i in range(200)}
    plain = assisted_total(labelled(sample, TRUTH.items))
    found = assisted_total(labelled(erring, TRUTH.items | good))
    assert found.high > plain.high
    assert found.low < plain.low


def test_reviewers_no_better_than_chance_leave_none():
    guess = drawn_sample(TRUTH.frame, 800, planted={"p": True, "n": False})
    assert assisted_total(labelled(guess, {"n"})).reason.startswith("cannot say: reviewers call")
