"""Groups of adverts: by length and time, against look-alikes, and the gap between two of them."""

import dataclasses

import evaluation_examples as examples
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.evaluation.figures.slices import gap_of, length_band, times
from adverts.evaluation.report import sentences


@pytest.mark.parametrize(
    ("characters", "band"),
    [
        (0, "under 50 characters"),
        (49, "under 50 characters"),
        (50, "50 to 199 characters"),
        (200, "200 to 999 characters"),
        (1000, "1,000 characters or more"),
    ],
)
def test_lengths_have_fixed_bands(characters, band):
    assert length_band(characters) == band


def test_weeks_become_the_month_of_their_thursday():
    assert times(["2026-W01", "2026-W09", None]) == ["2026-01", "2026-02", None]
    assert times(["2020-W53"]) == ["2020-12"]


def test_many_months_become_quarters():
    weeks = [f"2025-W{week:02d}" for week in range(1, 53)]
    assert sorted(set(times(weeks))) == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


@pytest.mark.parametrize("week", ["2025-W53", "2026-W54", "2026-09", "soon", ""])
def test_what_is_no_week_is_not_known(week):
    assert times([week]) == [None]


def headline(**changes):
    return examples.evaluation(**changes).reviewed.tasks[0]


@pytest.mark.parametrize("dimension", ["language as identified", "platform", "length", "time"])
def test_every_dimension_divides_the_judged_adverts(dimension):
    task = headline()
    parts = [part for part in task.slices if part.dimension == dimension]
    assert len(parts) > 1
    assert sum(part.evidence.adverts for part in parts) == task.evidence.adverts


def look_alikes():
    kinds = np.array(["news", "visa", "recruits", None] * 60, dtype=object)
    return LookAlikes(kinds, {"news": "press", "visa": "lawful", "ticket": "travel"}, ())


def test_a_look_alike_group_is_judged_by_all_positives_and_its_own_negatives():
    task = headline(look_alikes=look_alikes(), reference=False)
    part = next(one for one in task.slices if one.value == "press")
    wanted = examples.targets()["refer"]
    positive, judged = wanted[:, 1] == 1, ~np.isnan(wanted[:, 1])
    rows = judged & (positive | (look_alikes().classes == "news"))
    assert part.evidence.positives == task.evidence.positives
    assert part.models[0].figures["roc_auc"].value == pytest.approx(
        roc_auc_score(positive[rows], examples.predictions().probabilities["refer"][rows, 1])
    )


def test_a_look_alike_group_without_a_negative_is_left_out():
    task = headline(look_alikes=look_alikes(), reference=False)
    groups = [part.value for part in task.slices if part.dimension == "look-alike group"]
    assert sorted(groups) == ["lawful", "press"]


def test_slices_are_compared_at_the_prevalence_of_all_adverts():
    task = headline(reference=False)
    wanted, said = examples.targets()["refer"], examples.predictions()
    rows = (np.array(said.langs) == "fr") & ~np.isnan(wanted[:, 1])
    truth = wanted[rows, 1]
    share = task.prevalence.value
    weights = np.where(truth == 1, share / truth.sum(), (1 - share) / (1 - truth).sum())
    part = next(one for one in task.slices if one.value == "fr")
    assert task.slice_prevalence == pytest.approx(share)
    assert part.models[0].figures["average_precision_at_prevalence"].value == pytest.approx(
        average_precision_score(truth, said.probabilities["refer"][rows, 1], sample_weight=weights)
    )


def test_a_stated_prevalence_is_used_for_the_whole_and_for_slices():
    settings = dataclasses.replace(examples.SETTINGS, prevalence=0.01)
    task = headline(settings=settings, reference=False)
    assert task.slice_prevalence == 0.01
    assert (
        task.models[0].figures["average_precision_at_prevalence"].value
        < task.models[0].figures["average_precision"].value
    )


def test_no_prevalence_is_assumed_where_none_is_stated():
    assert "average_precision_at_prevalence" not in headline().models[0].figures


def test_a_gap_is_told_of_every_dimension_the_widest_first():
    gaps = headline().gaps
    sizes = [gap.difference.value for gap in gaps if gap.difference.value is not None]
    assert sizes == sorted(sizes, reverse=True)
    assert {"language", "platform", "campaign"} <= {gap.dimension for gap in gaps}


def test_a_group_with_too_little_evidence_is_in_no_gap():
    language = next(gap for gap in headline().gaps if gap.dimension == "language")
    assert {language.worst, language.best} == {"en", "fr"}
    assert language.groups == 2


def test_what_is_not_known_is_no_group_of_a_gap():
    task = headline()
    identified = next(gap for gap in task.gaps if gap.dimension == "language as identified")
    assert identified.groups == 2


def test_fewer_than_two_groups_have_no_gap_and_say_why():
    settings = dataclasses.replace(examples.SETTINGS, min_positive_clusters=10_000)
    gap = headline(settings=settings, reference=False).gaps[0]
    assert (gap.worst, gap.difference.value) == (None, None)
    assert gap.difference.reason == "none of them has enough evidence"


def gap(groups, lower=False):
    return gap_of("language", "figure", groups, lower_is_better=lower)


def test_the_gap_of_two_groups_is_their_difference():
    rng = np.random.default_rng(0)
    samples = {"a": 0.5 + 0.01 * rng.normal(size=4000), "b": 0.7 + 0.02 * rng.normal(size=4000)}
    found = gap({"a": (0.5, samples["a"]), "b": (0.7, samples["b"])})
    assert (found.worst, found.best) == ("a", "b")
    reach = 1.96 * np.hypot(0.01, 0.02)
    assert found.difference.low == pytest.approx(0.2 - reach, abs=0.002)
    assert found.difference.high == pytest.approx(0.2 + reach, abs=0.002)


def test_where_low_is_good_the_highest_group_is_the_worst():
    found = gap({"a": (0.5, np.full(10, 0.5)), "b": (0.7, np.full(10, 0.7))}, lower=True)
    assert (found.worst, found.best) == ("b", "a")
    assert found.difference.value == pytest.approx(-0.2)


def test_a_gap_that_is_often_undefined_has_no_interval():
    found = gap({"a": (0.5, np.full(10, np.nan)), "b": (0.7, np.full(10, 0.7))})
    assert found.difference.low is None


def test_equal_groups_seldom_show_a_gap_although_the_ends_are_picked():
    rng = np.random.default_rng(1)
    false_gaps = 0
    for _ in range(200):
        points = rng.normal(0.8, 0.02, size=8)
        groups = {f"g{i}": (p, p + 0.02 * rng.normal(size=500)) for i, p in enumerate(points)}
        false_gaps += gap(groups).difference.low > 0
    assert false_gaps / 200 <= 0.08


def test_groups_without_evidence_are_said_to_be_incomparable_in_plain_words():
    lone = gaps_of("Latn")
    assert lone == "By script the groups cannot be compared: only one of them has enough evidence."
    assert gaps_of() == "By script the groups cannot be compared: none of them has enough evidence."


def gaps_of(*names):
    groups = {name: (0.9, np.ones(9)) for name in names}
    return sentences.gap_sentence(gap_of("script", "brier", groups, lower_is_better=True), 0.9)
