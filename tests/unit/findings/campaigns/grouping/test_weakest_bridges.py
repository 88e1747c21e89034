import numpy as np
from made_edges import NAN, Link, made_edges

from adverts_findings.campaigns.grouping.communities import find_parts
from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.grouping.weakest_bridges import weakest_bridges
from adverts_findings.campaigns.rules import LinkingRules


def bridges_of(links, count, large=200):
    edges = made_edges(links)
    joins = edges.of_status("joins")
    roots = component_roots(edges.first[joins], edges.second[joins], count)
    parts = find_parts(edges, roots, LinkingRules(large=large))
    return weakest_bridges(edges, roots, parts)


def clique(rows, probability=0.9):
    rows = list(rows)
    return [Link(one, other, probability) for one in rows for other in rows if one < other]


def test_the_one_edge_between_two_knots_is_named_with_its_sides():
    (bridge,) = bridges_of([*clique(range(3)), *clique(range(3, 8)), Link(2, 3, 0.6)], 8)
    assert bridge.edge == 13
    assert (bridge.campaign, bridge.smaller_side, bridge.larger_side) == (0, 3, 5)
    assert (bridge.probability, bridge.others) == (0.6, ())


def test_the_weakest_come_first_and_of_equal_ones_the_most_even():
    chain = [Link(row, row + 1, 0.9) for row in range(9)]
    chain[6] = Link(6, 7, 0.7)
    assert [bridge.edge for bridge in bridges_of(chain, 10)] == [6, 4, 3]


def test_of_equally_weak_and_even_ones_the_longest_silence_comes_first():
    ends = [Link(0, row, 0.8, kind="template", silence=row % 4) for row in range(3, 10)]
    found = bridges_of(
        [*clique(range(3)), *ends, Link(1, 10, 0.8, kind="template", silence=NAN)], 11
    )
    assert [bridge.edge for bridge in found] == [10, 3, 7]


def test_no_more_than_three_are_named_of_each_campaign():
    chain = [Link(row, row + 1) for row in range(19) if row != 9]
    campaigns = [bridge.campaign for bridge in bridges_of(chain, 20)]
    assert campaigns == [0, 0, 0, 10, 10, 10]


def test_an_advert_at_the_end_is_named_only_if_content_alone_joins_it():
    links = [*clique(range(3)), Link(2, 3, 0.6, kind="contact"), Link(1, 4, 0.6, kind="template")]
    assert [bridge.edge for bridge in bridges_of(links, 5)] == [4]


def test_two_edges_between_the_same_adverts_are_no_bridge():
    links = [*clique(range(3)), *clique(range(3, 6)), Link(2, 3, 0.6), Link(2, 3, 0.6)]
    assert bridges_of(links, 6) == ()


def test_edges_that_do_not_join_are_no_bridges():
    links = [*clique(range(3)), *clique(range(3, 6)), Link(2, 3, 0.6, "review")]
    assert bridges_of(links, 6) == ()


def test_an_unweighed_bridge_counts_as_a_weak_one_and_keeps_its_nan():
    links = [Link(row, row + 1, 0.9) for row in range(7)]
    links[5] = Link(5, 6, NAN)
    found = bridges_of(links, 8)
    assert found[0].edge == 5
    assert np.isnan(found[0].probability)


def test_a_large_campaign_without_a_bridge_names_the_cheapest_cut_between_communities():
    knots = [*clique(range(6), 0.95), *clique(range(6, 12), 0.95), *clique(range(12, 18), 0.95)]
    ring = [Link(5, 6, 0.8), Link(0, 11, 0.7), Link(11, 12, 0.9), Link(4, 12, 0.9)]
    (cut,) = bridges_of([*knots, *ring], 18, large=10)
    places = range(len(knots), len(knots) + 4)
    assert {cut.edge, *cut.others} <= set(places)
    assert cut.probability == min(made_edges([*knots, *ring]).probability[[cut.edge, *cut.others]])
    assert (cut.smaller_side, cut.larger_side) == (6, 12)
    assert len(cut.others) >= 1


def test_a_large_campaign_with_a_bridge_names_no_cut():
    links = [*clique(range(6)), *clique(range(6, 12)), Link(5, 6, 0.6)]
    (bridge,) = bridges_of(links, 12, large=10)
    assert bridge.others == ()


def test_nothing_joined_has_no_bridges():
    assert bridges_of([], 3) == ()
    assert bridges_of([], 0) == ()


def test_all_edges_of_the_cut_are_named_beside_its_weakest():
    knots = [*clique(range(6), 0.95), *clique(range(6, 12), 0.95)]
    between = [Link(5, 6, 0.7), Link(0, 11, 0.6), Link(4, 7, 0.65)]
    (cut,) = bridges_of([*knots, *between], 12, large=10)
    first, weakest, last = range(len(knots), len(knots) + 3)
    assert (cut.edge, cut.probability, cut.others) == (weakest, 0.6, (first, last))
