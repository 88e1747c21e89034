"""Reviewers' errors from planted items and from the adjudicated part of a sample."""

import pytest
from made_sample import drawing, labelled, sealed, stratum
from scipy.stats import beta

PLANTED = {f"p{i}": i < 10 for i in range(30)}


def lone(planted=(), adjudicated=0, times=1):
    """Return a sample of 40 draws of two strata, of which the first few are adjudicated."""
    strata = [stratum("line", 900, 20 * times, lowest=True), stratum("adverts", 100, 20)]
    draws = [
        drawing(f"a{i}", 0, 1 / 900, times=times, adjudicated=i < adjudicated) for i in range(20)
    ]
    draws += [drawing(f"b{i}", 1, 0.2, adjudicated=i < adjudicated) for i in range(20)]
    return sealed(strata, draws, planted=planted)


def test_planted_items_are_counted_by_hand():
    said = {f"p{i}" for i in range(9)} | {"p29"}
    one = labelled(lone(PLANTED), said, unsure={"p28"})
    (found,) = one.known
    assert (found.positives, found.found, found.negatives, found.cleared) == (10, 9, 19, 18)
    assert found.not_judged == 1
    assert one.corrected_by == "planted"
    assert (one.error.sensitivity.right, one.error.sensitivity.items) == (9, 10)
    assert (one.error.specificity.right, one.error.specificity.items) == (18, 19)


def test_a_rate_has_the_interval_of_clopper_and_pearson():
    found = labelled(lone(PLANTED), {f"p{i}" for i in range(9)}).known[0].sensitivity
    assert found.value == 0.9
    assert found.low == pytest.approx(beta.ppf(0.025, 9, 2))
    assert found.high == pytest.approx(beta.ppf(0.975, 10, 1))
    cleared = labelled(lone(PLANTED), {f"p{i}" for i in range(9)}).known[0].specificity
    assert (cleared.value, cleared.high) == (1.0, 1.0)


def test_an_adjudicated_part_is_weighed_by_its_design():
    one = labelled(lone(adjudicated=2), {"b0"}, decided={"a0": True, "b0": True})
    (found,) = one.known
    assert one.corrected_by == "adjudicated"
    assert (found.positives, found.found, found.negatives, found.cleared) == (2, 1, 2, 2)
    assert found.sensitivity.value == pytest.approx(5 / (5 + 45))  # 100 / 20 and 900 / 20


def test_an_adjudicated_advert_weighs_as_often_as_it_was_drawn():
    one = labelled(lone(adjudicated=1, times=3), {"b0"}, decided={"a0": True, "b0": True})
    assert one.known[0].sensitivity.value is None
    two = labelled(lone(adjudicated=2, times=3), {"b0"}, decided={"a0": True, "b0": True})
    assert two.known[0].sensitivity.value == pytest.approx(5 / (5 + 900 * 3 / 60))


def test_planted_items_come_before_the_adjudicated_part():
    one = labelled(lone(PLANTED, adjudicated=2), {"p0", "b0"}, decided={"b0": True, "a0": False})
    assert [items.source for items in one.known] == ["planted", "adjudicated"]
    assert one.corrected_by == "planted"


def test_planted_items_of_one_kind_leave_it_to_the_adjudicated_part():
    one = labelled(lone({"p": True}, adjudicated=2), {"p", "b0"})
    assert one.corrected_by == "adjudicated"
    assert one.known[0].sensitivity.reason == "cannot say: no known item of one kind was judged"


@pytest.mark.parametrize("unsure", [(), {"n"}])
def test_without_both_kinds_labels_are_taken_as_true(unsure):
    planted = {"p": True, "n": False} if unsure else {"p": True}
    one = labelled(lone(planted), {"p"}, unsure=unsure)
    assert one.corrected_by is None
    assert one.error is None
    assert one.known[0].positives == 1


def test_what_nobody_could_judge_is_left_out_of_the_rates():
    one = labelled(lone(adjudicated=3), {"b0", "b1"}, decided={"b2": None, "a0": None})
    assert one.known[0].not_judged == 2
    assert (one.known[0].positives, one.known[0].negatives) == (2, 2)


def test_without_known_items_nothing_is_known():
    assert labelled(lone()).known == ()
