"""Figures of campaigns against cases worked out by hand, and against scikit-learn."""

import random

import judging
import pytest
from planted import b_cubed_f1
from sklearn.metrics.cluster import pair_confusion_matrix

ADVERTS = [
    {"network": "A", "contacts": ["t"]},
    {"network": "A"},
    {"network": "A", "contacts": ["u"]},
    {"network": "B", "contacts": ["t"]},
    {"network": "B", "contacts": ["u"]},
    {},
    {"group": "N"},
    {"source": "lone"},
    {"source": "lone"},
]
CAMPAIGNS = ["c1", "c1", "c2", "c2", "c2", "c1", None, "c3", "c3"]
"""c1: two of A and one of the background; c2: one of A and both of B; c3: both of a lone one."""


@pytest.fixture
def case(by_hand):
    return by_hand(ADVERTS, {"B": "A"}, [("t", "A", "B"), ("u", "A", "B")])


def test_pairs_of_a_case_worked_out_by_hand(case):
    found = judging.judge(case, CAMPAIGNS)
    assert found.pair_precision == pytest.approx(2 / 6)  # c1 and c2 have three pairs, one is right
    assert found.pair_recall == pytest.approx(2 / 4)  # A has three pairs, B has one
    assert found.pair_f1 == pytest.approx(0.4)


def test_b_cubed_of_a_case_worked_out_by_hand(case):
    found = judging.judge(case, CAMPAIGNS)
    assert found.b_cubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert found.b_cubed_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert found.b_cubed_f1 == pytest.approx(0.66)


def test_of_two_largest_campaigns_the_one_farther_from_its_truth_counts(case):
    assert judging.judge(case, CAMPAIGNS).largest == pytest.approx(3 / 2)  # c2, mostly of B


def test_a_contact_counts_as_joined_where_one_campaign_holds_both_owners(case):
    assert judging.judge(case, CAMPAIGNS).reassigned_joined == 0.5  # u, but not t


def test_a_campaign_of_both_owners_without_the_contact_joins_no_contact(case):
    campaigns = ["c1", "c2", "c3", "c4", "c2", None, None, None, None]
    assert judging.judge(case, campaigns).reassigned_joined == 0


def test_a_copycat_is_joined_by_one_advert(case):
    assert judging.judge(case, CAMPAIGNS).copycats_joined == 1


def test_a_copycat_is_not_joined_by_an_advert_of_a_third_one(case):
    campaigns = ["c1", "c1", "c1", "c2", "c2", "c2", None, None, None]
    found = judging.judge(case, campaigns)
    assert found.copycats_joined == 0
    assert found.copycats_named is None


@pytest.mark.parametrize("bridge", [("2", "3"), ("4", "2")])
def test_a_copycat_is_named_by_a_bridge_to_its_victim_in_either_direction(case, bridge):
    assert judging.judge(case, CAMPAIGNS, [bridge]).copycats_named == 1


@pytest.mark.parametrize("bridges", [[], [("0", "5")], [("3", "4")], [("0", "1")], [("7", "8")]])
def test_other_bridges_name_no_copycat(case, bridges):
    assert judging.judge(case, CAMPAIGNS, bridges).copycats_named == 0


def test_a_bridge_to_an_unknown_advert_is_refused(case):
    with pytest.raises(
        ValueError, match="a bridge names the advert 99, which is not in this world"
    ):
        judging.judge(case, CAMPAIGNS, [("0", "99")])


def test_a_bridge_between_two_campaigns_is_refused(case):
    with pytest.raises(ValueError, match="the bridge from 0 to 3 is not within one campaign"):
        judging.judge(case, CAMPAIGNS, [("0", "3")])


def test_naming_every_edge_is_refused(case):
    edges = [("0", "1"), ("0", "2"), ("0", "3"), ("0", "4")]
    with pytest.raises(ValueError, match="a campaign names 4 weakest bridges, wanted at most 3"):
        judging.judge(case, ["all"] * 9, edges)
    assert judging.judge(case, ["all"] * 9, [*edges[:3], ("3", "0")]).copycats_named == 1


def test_background_is_joined_by_another_source_and_not_by_its_own(case):
    assert judging.judge(case, CAMPAIGNS).background_joined == pytest.approx(1 / 3)


@pytest.mark.parametrize(("campaign", "joined"), [(None, 0), ("own", 0), ("c1", 1), ("c3", 1)])
def test_an_advert_of_group_n_beside_any_other_counts(case, campaign, joined):
    campaigns = [*CAMPAIGNS[:6], campaign, "c3", "c3"]
    assert judging.judge(case, campaigns).others_joined == joined


def test_perfect_campaigns_have_perfect_figures(case):
    found = judging.judge(case, [*"AAABB", None, None, "lone", "lone"])
    assert (found.pair_f1, found.b_cubed_f1, found.largest) == (1, 1, 1)
    assert (found.reassigned_joined, found.copycats_joined) == (0, 0)
    assert (found.background_joined, found.others_joined) == (0, 0)


def test_nothing_joined_has_no_pair_and_does_not_pass(case):
    found = judging.judge(case, [None] * 9)
    assert (found.pair_precision, found.pair_recall, found.pair_f1) == (0, 0, 0)
    assert found.b_cubed_recall == pytest.approx(2 / 5)  # a network of n adverts counts 1 in all


def test_everything_joined_shows_in_the_largest_campaign(case):
    found = judging.judge(case, ["all"] * 9)
    assert found.pair_recall == found.b_cubed_recall == 1
    assert found.largest == 3
    assert found.pair_precision == pytest.approx(4 / (36 - 6))  # six pairs are of the background
    assert found.background_joined == found.others_joined == 1


def test_a_world_without_copycats_has_no_share_of_them(by_hand):
    found = judging.judge(by_hand([{"network": "A"}, {"network": "A"}]), ["c", "c"])
    assert found.copycats_joined is None
    assert found.reassigned_joined is None


def test_campaigns_of_another_number_of_adverts_are_refused(case):
    with pytest.raises(ValueError, match="8 campaigns of 9 adverts"):
        judging.judge(case, CAMPAIGNS[:-1])


def test_a_world_without_networks_is_refused(by_hand):
    with pytest.raises(ValueError, match="no advert of this world is of a network"):
        judging.judge(by_hand([{}, {}]), [None, None])


def drawn(by_hand, seed):
    """Return a world of 120 adverts of five networks, and campaigns at random."""
    rng = random.Random(seed)
    networks = rng.choices("ABCDE", k=120)
    campaigns = rng.choices(range(12), k=120)
    return by_hand([{"network": one} for one in networks]), networks, campaigns


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_those_of_scikit_learn(by_hand, seed):
    world, networks, campaigns = drawn(by_hand, seed)
    (_, wrong), (missed, right) = pair_confusion_matrix(networks, campaigns)
    found = judging.judge(world, campaigns)
    assert found.pair_precision == pytest.approx(right / (right + wrong))
    assert found.pair_recall == pytest.approx(right / (right + missed))


def test_pairs_with_single_adverts_of_the_background_are_those_of_scikit_learn(by_hand):
    networks = [*"AAABBB", None, None]
    campaigns = [1, 1, 2, 2, 2, 3, 1, 2]
    found = judging.judge(by_hand([{"network": one} for one in networks]), campaigns)
    truth = [*"AAABBB", "x", "y"]
    (_, wrong), (missed, right) = pair_confusion_matrix(truth, campaigns)
    assert found.pair_precision == pytest.approx(right / (right + wrong))
    assert found.pair_recall == pytest.approx(right / (right + missed))


@pytest.mark.parametrize("seed", range(3))
def test_b_cubed_f1_is_that_of_the_planted_adverts(by_hand, seed):
    world, networks, campaigns = drawn(by_hand, seed)
    found = judging.judge(world, campaigns)
    assert found.b_cubed_f1 == pytest.approx(b_cubed_f1(campaigns, networks))
