import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_edges import Link, drawn_links, made_edges

from adverts.linking.campaigns.connected import component_roots
from adverts.linking.campaigns.find_campaigns import find_campaigns
from adverts.linking.campaigns.hypotheses import Hypothesis, hypotheses
from adverts.linking.rules import LinkingRules

ROWS = st.integers(0, 11)
LINKS = st.lists(
    drawn_links(ROWS, ROWS, st.just(0.9), st.sampled_from(["joins", "review", "rejected"])),
    max_size=20,
)
PAIRS = [Link(0, 1), Link(2, 3), Link(4, 5)]


def hypotheses_of(links, count=12, different=()):
    edges = made_edges(links)
    found = find_campaigns(
        edges, count, same=(), different=different, rules=LinkingRules(resamples=1)
    )
    return hypotheses(found.edges, found.roots), found.roots


def test_campaigns_that_only_an_edge_for_review_connects_are_one_hypothesis():
    found, _ = hypotheses_of([*PAIRS, Link(1, 2, status="review"), Link(6, 7)])
    assert found == (Hypothesis((0, 2), (3,)),)


def test_a_rejected_edge_is_evidence_too_and_chains():
    links = [*PAIRS, Link(3, 4, status="rejected"), Link(0, 5, 0.2)]
    found, _ = hypotheses_of(links)
    assert found == (Hypothesis((0, 2, 4), (3, 4)),)


def test_an_advert_alone_takes_no_part():
    found, _ = hypotheses_of([*PAIRS, Link(1, 6, status="review"), Link(6, 2, status="review")])
    assert found == ()


def test_campaigns_that_a_person_parted_are_no_hypothesis():
    links = [*PAIRS, Link(1, 2, status="review"), Link(0, 3, status="review")]
    assert hypotheses_of(links, different=[(0, 2, "d")])[0] == ()


def test_what_a_person_cut_is_no_hypothesis():
    links = [Link(0, 1), Link(1, 2, 0.6), Link(2, 3)]
    found, roots = hypotheses_of(links, different=[(0, 3, "d")])
    assert found == ()
    assert roots[1] != roots[2]


@settings(deadline=None)
@given(LINKS)
def test_hypotheses_are_disjoint_groups_of_campaigns_with_all_evidence_between_them(links):
    found, roots = hypotheses_of(links)
    named = [campaign for one in found for campaign in one.campaigns]
    assert len(named) == len(set(named))
    assert all(roots[campaign] == campaign for campaign in named)
    for one in found:
        assert len(one.campaigns) >= 2
        ends = [(roots[links[edge].first], roots[links[edge].second]) for edge in one.edges]
        assert {campaign for pair in ends for campaign in pair} == set(one.campaigns)
        first, second = np.array(ends).T
        assert len(set(component_roots(first, second, 12)[list(one.campaigns)])) == 1


@settings(deadline=None)
@given(LINKS)
def test_no_hypothesis_joins_anything(links):
    joined = [link for link in links if link.status == "joins"]
    assert np.array_equal(hypotheses_of(links)[1], hypotheses_of(joined)[1])
