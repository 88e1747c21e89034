"""Hypotheses of networks: all weak evidence, and never against a person's word."""

import pytest
from shown_bank import advert, bank, edge, two_campaigns

from adverts_findings.campaigns.networks.find_networks import MOST_SHARED, find_links, find_networks
from adverts_findings.campaigns.networks.network_words import would_confirm, would_refute


def between(first, second, **more):
    plain = {"status": "rejected", "reason": "why", "kind": "contact"}
    return edge(first, second, None, **(plain | more))


def three_campaigns(*edges):
    ids = [f"{name}{i}" for name in "abc" for i in range(3)]
    homes = {"a": "c000001", "b": "c000002", "c": "c000003"}
    adverts = [advert(one, homes[one[0]]) for one in ids]
    return bank(adverts=[*adverts, advert("alone", None)], edges=list(edges))


def test_a_template_that_two_campaigns_show_makes_a_hypothesis_of_both():
    [found] = find_networks(bank(**two_campaigns()))
    assert found.campaigns == ("c000001", "c000002")
    [link] = found.links
    assert (link.first, link.second, link.edges, link.kinds) == (
        *found.campaigns,
        1,
        {"template": 1},
    )
    [shared] = link.shared
    assert (shared.first, shared.second) == ("a4", "b1")
    assert shared.probability == 0.3


def test_the_ends_of_the_evidence_are_in_the_order_of_the_campaigns():
    [link] = find_links(three_campaigns(between("c1", "a2")))
    assert (link.first, link.second) == ("c000001", "c000003")
    assert (link.shared[0].first, link.shared[0].second) == ("a2", "c1")
    assert link.other("c000003") == "c000001"


def test_links_chain_campaigns_into_one_network():
    found = find_networks(three_campaigns(between("a0", "b0"), between("b1", "c1")))
    assert [one.campaigns for one in found] == [("c000001", "c000002", "c000003")]
    assert [(one.first, one.second) for one in found[0].links] == [
        ("c000001", "c000002"),
        ("c000002", "c000003"),
    ]
    assert found[0].edges == 2


def test_a_person_who_says_different_ends_the_hypothesis_of_that_pair_alone():
    said = between("a0", "b2", kind="judged", value="j" + "1" * 16)
    edges = [between("a0", "b0"), said, between("b1", "c1")]
    assert [one.campaigns for one in find_networks(three_campaigns(*edges))] == [
        ("c000002", "c000003")
    ]


def test_edges_that_join_those_within_a_campaign_and_those_to_lone_adverts_make_none():
    edges = [edge("a0", "b0"), between("a0", "a1"), between("alone", "a1")]
    assert find_networks(three_campaigns(*edges)) == ()


def test_a_bank_without_edges_or_adverts_has_none():
    assert find_networks(bank()) == ()


def test_the_most_probable_thing_comes_first_and_all_are_counted():
    edges = [
        between("a0", "b0", value=f"PHONE:{i:032x}", probability=0.01 * i, adverts=9)
        for i in range(9)
    ]
    edges.append(between("a1", "b1", value=f"PHONE:{8:032x}", probability=0.02))
    edges.append(between("a2", "b2", value="x", probability=float("nan")))
    [link] = find_links(three_campaigns(*edges))
    assert link.edges == 11
    assert link.shared_count == 10
    assert len(link.shared) == MOST_SHARED
    assert link.shared[0].probability == pytest.approx(0.08)
    assert link.shared[0].edges == 2


@pytest.mark.parametrize(
    ("evidence", "confirm", "refute"),
    [
        ({"kind": "template"}, "a contact, an account or a link target", "took the text"),
        ({"kind": "phrase"}, "a second kind of evidence", "took the text"),
        ({"across": True}, "on both platforms", "two people"),
        ({"silence_days": 200.0}, "both sides of the silence", "changed hands"),
        ({"silence_days": None}, "the time of both adverts", "changed hands"),
    ],
)
def test_each_link_says_what_would_confirm_and_refute_it(evidence, confirm, refute):
    [link] = find_links(three_campaigns(between("a0", "b0", **evidence)))
    assert confirm in would_confirm(link)
    assert refute in would_refute(link)
