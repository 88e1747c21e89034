"""Weeks and samples side by side: change is said only where it is shown."""

import dataclasses

import numpy as np
import pytest
from made_sample import drawing, drawn_sample, group, labelled, made_truth, sealed, stratum

from adverts.errors import InputError
from adverts_findings.survey.estimators.trend import Week, difference_of_weeks
from adverts_findings.survey.labelled.comparisons import compare
from adverts_findings.survey.labelled.labelled_sample import unit_draws

WEEKS = ["2026-W42", "2026-W43", "2026-W44"]


def two_weeks(first, second, *, unsure=(), sizes=(500, 500), planted=(), told=""):
    """Return a sample of 200 draws, half of each week, with so many positives in each."""
    draws = [drawing(f"a{i}", 0, 1 / 1_000, week=WEEKS[0]) for i in range(100)]
    draws += [drawing(f"b{i}", 0, 1 / 1_000, week=WEEKS[1]) for i in range(100)]
    strata = [stratum("line", 1_000, 200, lowest=True)]
    groups = [group("week", week, [size]) for week, size in zip(WEEKS, sizes, strict=False)]
    positive = {f"a{i}" for i in range(first)} | {f"b{i}" for i in range(second)}
    one = sealed(strata, draws, groups, planted=planted)
    return labelled(one, positive | set(told), unsure=unsure)


def one_sample(positives, name, *, adverts=1_000, planted=(), told=(), unsure=()):
    """Return a sample of 200 draws of a frame of its own."""
    strata = [stratum("line", adverts, 200, lowest=True)]
    draws = [drawing(f"{name}{i}", 0, 1 / adverts) for i in range(200)]
    positive = {f"{name}{i}" for i in range(positives)} | set(told)
    return labelled(sealed(strata, draws, name=name, planted=planted), positive, unsure=unsure)


def test_a_rise_between_two_weeks_is_said():
    (found,) = compare(two_weeks(2, 40), weeks=True)
    assert (found.kind, found.earlier, found.later) == ("weeks", *WEEKS[:2])
    assert found.total.difference.value == pytest.approx(1_000 / 200 * 38)
    assert found.total.difference.low > 0
    assert (found.total.said, found.share.said) == ("more", "more")


def test_a_fall_is_said_and_equal_weeks_are_not_said_to_differ():
    assert compare(two_weeks(40, 2), weeks=True)[0].total.said == "less"
    same = compare(two_weeks(9, 9), weeks=True)[0]
    assert (same.total.difference.value, same.total.said) == (0.0, "no detectable change")
    assert compare(two_weeks(0, 0), weeks=True)[0].share.said == "no detectable change"


def test_shares_are_of_what_was_collected_in_each_week():
    (found,) = compare(two_weeks(20, 20, sizes=(200, 800)), weeks=True)
    assert found.total.difference.value == pytest.approx(0.0)
    assert found.share.difference.value == pytest.approx(100 / 800 - 100 / 200)
    assert (found.total.said, found.share.said) == ("no detectable change", "less")


def test_weeks_of_one_sample_share_their_draws():
    found = compare(two_weeks(20, 30), weeks=True)[0].total
    one = two_weeks(20, 30)
    apart = [unit_draws(one, "adverts", one.labels, group=week) for week in one.sample.groups]
    wide = difference_of_weeks(Week(apart[0], 500), Week(apart[1], 500)).estimate
    assert found.difference.value == pytest.approx(wide.value)
    assert found.difference.high - found.difference.low == pytest.approx(
        wide.high - wide.low, rel=0.1
    )


def test_the_difference_of_weeks_holds_the_truth():
    rng, held = np.random.default_rng(4), 0
    weeks = rng.choice(WEEKS[:2], 3_000, p=[0.4, 0.6])
    truth = made_truth(3_000, 0.05, weeks=weeks)
    grown = (truth.positive & (weeks == WEEKS[1])).sum()
    grown -= (truth.positive & (weeks == WEEKS[0])).sum()
    for seed in range(12):
        one = labelled(drawn_sample(truth.frame, 400, seed=seed), truth.items)
        found = compare(one, weeks=True)[0].total.difference
        held += found.low <= grown <= found.high
    assert held >= 10


def test_weeks_come_in_their_order_and_unknown_ones_are_left_out():
    weeks = ["2026-W44", "2026-W42", "unknown", "2026-W43"]
    draws = [drawing(f"a{i}", 0, 1 / 1_000, week=weeks[i % 4]) for i in range(200)]
    groups = [group("week", one, [250]) for one in weeks]
    one = sealed([stratum("line", 1_000, 200, lowest=True)], draws, groups)
    found = compare(labelled(one), weeks=True)
    assert [(one.earlier, one.later) for one in found] == [tuple(WEEKS[:2]), tuple(WEEKS[1:])]


def test_every_comparison_is_paid_for():
    one = two_weeks(4, 16)
    (alone,) = compare(one, weeks=True)
    others = [one_sample(20, f"s{i}") for i in range(5)]
    more = compare(one, others, weeks=True)
    assert len(more) == 6
    assert more[0].total.difference == alone.total.difference
    assert alone.total.said == "more"
    assert more[0].total.p_value == pytest.approx(6 * alone.total.p_value, rel=0.1)
    assert more[0].total.said == "no detectable change"


def test_two_samples_are_compared_as_independent_draws():
    earlier, later = one_sample(10, "x"), one_sample(30, "y", adverts=2_000)
    (found,) = compare(later, [earlier])
    assert (found.kind, found.earlier, found.later) == ("samples", "x", "y")
    assert found.total.difference.value == pytest.approx(300 - 50)
    assert found.share.difference.value == pytest.approx(0.15 - 0.05)
    draws = [unit_draws(one, "adverts", one.labels) for one in (earlier, later)]
    melded = difference_of_weeks(Week(draws[0], 1_000), Week(draws[1], 2_000)).estimate
    assert found.total.difference == melded


def test_what_was_collected_otherwise_is_a_new_series_without_a_difference():
    earlier, later = one_sample(1, "x"), one_sample(90, "y")
    frame = dataclasses.replace(earlier.sample.frame, description="pages made up for a test")
    other = dataclasses.replace(earlier, sample=dataclasses.replace(earlier.sample, frame=frame))
    (found,) = compare(later, [other])
    assert (found.total, found.share) == (None, None)
    assert "a new series begins" in found.new_series


def test_a_sample_is_not_compared_with_itself():
    with pytest.raises(InputError, match="compared with itself"):
        compare(one_sample(1, "x"), [one_sample(1, "x")])


def test_a_sample_that_knows_no_weeks_compares_none():
    with pytest.raises(InputError, match="knows no week"):
        compare(one_sample(1, "x"), weeks=True)


def test_a_week_of_which_nothing_can_be_said_is_not_compared():
    draws = [drawing(f"a{i}", 0, 1 / 1_000, week=WEEKS[i >= 20]) for i in range(200)]
    strata = [stratum("line", 1_000, 200, lowest=True)]
    groups = [group("week", WEEKS[0], [100]), group("week", WEEKS[1], [900])]
    (found,) = compare(labelled(sealed(strata, draws, groups), {"a1"}), weeks=True)
    assert found.total.difference.reason.startswith("cannot say: 20 labels of 100 adverts")
    assert (found.total.p_value, found.total.said) == (None, None)


def test_what_was_not_judged_could_be_either_way():
    unsure = {f"b{i}" for i in range(60, 90)}
    plain = compare(two_weeks(20, 2), weeks=True)[0].total
    found = compare(two_weeks(20, 2, unsure=unsure), weeks=True)[0].total
    assert (plain.said, found.said) == ("less", "no detectable change")
    assert found.difference.value == plain.difference.value
    assert found.difference.high > 0
    assert found.p_value == 1.0


def test_what_was_not_judged_in_an_earlier_sample_counts_against_a_rise():
    unsure = {f"x{i}" for i in range(100, 140)}
    earlier = one_sample(5, "x", unsure=unsure)
    assert compare(one_sample(30, "y"), [one_sample(5, "x")])[0].total.said == "more"
    assert compare(one_sample(30, "y"), [earlier])[0].total.said == "no detectable change"


def test_what_was_not_judged_in_both_weeks_could_differ():
    unsure = {f"{week}{i}" for week in "ab" for i in range(60, 90)}
    found = compare(two_weeks(5, 5, unsure=unsure), weeks=True)[0].total
    plain = compare(two_weeks(5, 5), weeks=True)[0].total
    assert found.difference.value == 0.0
    assert found.difference.low < plain.difference.low - 100
    assert found.difference.high > plain.difference.high + 100


def test_known_errors_of_one_sample_alone_make_no_difference():
    planted = {"p": True, "n": False}
    (found,) = compare(one_sample(90, "y"), [one_sample(9, "x", planted=planted, told={"p"})])
    assert found.total.difference.reason == (
        "cannot say: reviewers' errors are known for one of the two samples alone"
    )


def test_each_sample_is_corrected_by_its_own_reviewers():
    known = {f"p{i}": i < 500 for i in range(1_000)}
    good = {f"p{i}" for i in range(500)}
    sloppy = good | {f"p{i}" for i in range(500, 575)}  # 15 % of negatives called positive
    earlier = one_sample(10, "x", planted=known, told=good)
    later = one_sample(36, "y", planted=known, told=sloppy)
    (found,) = compare(later, [earlier])
    assert found.share.difference.value == pytest.approx((0.18 - 0.15) / 0.85 - 0.05)
    assert found.share.said == "no detectable change"
    assert compare(one_sample(36, "y"), [one_sample(10, "x")])[0].share.said == "more"


def test_reviewers_who_may_guess_leave_no_difference_of_weeks():
    planted = {"p": True, "q": True, "n": False, "m": False}
    (found,) = compare(two_weeks(5, 50, planted=planted, told="pq"), weeks=True)
    assert found.total.difference.value is None
    assert found.total.difference.reason.startswith("cannot say: reviewers may be no better")
