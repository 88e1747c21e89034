"""The graph of a campaign: few parts however large it is, and its weakest places between them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown_bank import advert, bank, campaign, edge, identity, two_campaigns

from adverts_findings.campaigns.networks.find_networks import find_links
from adverts_findings.campaigns.pages.campaign_rows import rows_of
from adverts_findings.campaigns.pages.graph.campaign_graph import MOST_GROUPS, campaign_graph
from adverts_findings.campaigns.pages.graph.graph import Graph, drawn_graph, strength


def graph_of(rows, links=()):
    [found] = rows_of(bank(**rows), ["c000001"])
    return campaign_graph(found, links, {"c000002": 7})


def chain(count, chances):
    ids = [f"a{i:05d}" for i in range(count)]
    return {
        "adverts": [advert(one, "c000001", day=i % 50) for i, one in enumerate(ids)],
        "edges": [
            edge(one, other, "c000001", probability=chances(i))
            for i, (one, other) in enumerate(zip(ids, ids[1:], strict=False))
        ],
        "campaigns": [campaign("c000001")],
    }


def bridge(rows, place):
    return {
        "campaign": "c000001",
        "edge": rows["edges"][place]["edge"],
        "probability": 0.5,
        "smaller_side": 2,
        "larger_side": 2,
        "others": [],
    }


def test_a_small_campaign_is_drawn_advert_by_advert_with_its_bridge_and_its_neighbour():
    found = graph_of(two_campaigns(), find_links(bank(**two_campaigns())))
    assert [one.label for one in found.graph.nodes] == ["a1", "a2", "a3", "a4", "c000002"]
    assert found.graph.nodes[-1].outside
    assert found.graph.nodes[-1].adverts == 7
    assert all(len(one.ids) == one.adverts for one in found.groups)
    kinds = [one.kind for one in found.graph.lines]
    assert sorted(kinds) == ["bridge", "joins", "joins", "weak", "weak"]


@pytest.mark.parametrize("count", [2, 21, 400, 3_000])
def test_few_parts_hold_every_advert_once(count):
    rows = chain(count, lambda i: 0.5 + (i * 37 % 50) / 101)
    found = graph_of(rows)
    assert len(found.groups) == min(count, MOST_GROUPS)
    assert sum(one.adverts for one in found.groups) == count
    assert len(found.graph.lines) == len(found.groups) - 1


def test_parts_of_a_large_campaign_are_of_like_size():
    found = graph_of(chain(2_000, lambda i: 0.9))
    assert max(one.adverts for one in found.groups) < 1_000


@pytest.mark.parametrize("place", [0, 150, 298])
def test_a_weakest_place_is_never_within_a_part(place):
    rows = chain(300, lambda i: 0.9)
    rows["bridges"] = [bridge(rows, place)]
    lines = graph_of(rows).graph.lines
    assert [one.kind for one in lines].count("bridge") == 1


def test_bridges_without_end_still_give_few_parts():
    rows = chain(300, lambda i: 0.9)
    rows["bridges"] = [bridge(rows, place) for place in range(299)]
    assert len(graph_of(rows).groups) == MOST_GROUPS


def test_adverts_that_nothing_joins_are_one_part():
    rows = chain(100, lambda i: 0.9)
    rows["edges"] = []
    found = graph_of(rows)
    assert len(found.groups) == MOST_GROUPS
    assert sum(one.adverts for one in found.groups) == 100


def test_a_part_names_what_it_shows_and_when():
    rows = chain(2, lambda i: 0.9)
    rows["identities"] = [identity("i000007", "c000001", shown_in=["a00000"])]
    first, second = graph_of(rows).groups
    assert (first.name, first.identities, second.identities) == ("a00000", ("i000007",), ())
    assert first.first_seen == "2026-01-05T09:30:00Z"


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 60), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(count, rng: random.Random):
    rows = chain(count, lambda i: 0.5 + (i * 7 % 5) / 11)
    mixed = {name: rng.sample(one, len(one)) for name, one in rows.items()}
    assert graph_of(rows) == graph_of(mixed)


def test_what_is_surer_is_drawn_wider_and_nothing_is_without_end():
    chances = [None, 0.0, 0.5, 0.9, 0.999, 1.0]
    drawn = [strength(one) for one in chances]
    assert drawn[1:] == sorted(drawn[1:])
    assert max(drawn) <= 10
    assert drawn[0] == 1


def test_an_empty_graph_and_a_single_point_can_be_drawn():
    assert "<svg" in drawn_graph(Graph((), ()), "nothing")
    assert "nan" not in drawn_graph(graph_of(chain(1, lambda i: 0.9)).graph, "one")


def test_hostile_labels_are_escaped():
    rows = chain(2, lambda i: 0.9)
    rows["adverts"][0]["id"] = rows["edges"][0]["first"] = '</text><script>"'
    drawn = drawn_graph(graph_of(rows).graph, '"><script>')
    assert "<script" not in drawn
