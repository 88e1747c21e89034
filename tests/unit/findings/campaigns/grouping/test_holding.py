import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_edges import NAN, Link, drawn_links, made_edges

from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.grouping.holding import hold_together

pytestmark = pytest.mark.promise

ROWS = st.integers(0, 4)
LINKS = st.lists(
    drawn_links(ROWS, ROWS, st.sampled_from([0.3, 0.5, 0.8, 1.0])).filter(
        lambda link: link.first < link.second
    ),
    min_size=1,
    max_size=6,
)


def held(links, count=5, resamples=200, seed=0):
    edges = made_edges(links)
    joins = edges.of_status("joins")
    roots = component_roots(edges.first[joins], edges.second[joins], count)
    return hold_together(edges, roots, resamples=resamples, seed=seed), roots


def exactly(links, rows):
    """The share of pairs that stay connected, and of the largest piece, over all outcomes."""
    pairs = largest = 0.0
    for kept in product((False, True), repeat=len(links)):
        chance = math.prod(
            link.probability if keep else 1 - link.probability
            for link, keep in zip(links, kept, strict=True)
        )
        left = [link for link, keep in zip(links, kept, strict=True) if keep]
        ends = np.array([link[:2] for link in left], np.int64).reshape(-1, 2)
        sizes = np.bincount(component_roots(ends[:, 0], ends[:, 1], 5)[rows])
        pairs += chance * (sizes * (sizes - 1)).sum() / (len(rows) * (len(rows) - 1))
        largest += chance * sizes.max() / len(rows)
    return pairs, largest


@settings(deadline=None, max_examples=6)
@given(LINKS)
def test_drawn_shares_are_near_those_over_all_outcomes(links):
    found, roots = held(links, resamples=1_000)
    for root, probability in found.probability.items():
        pairs, largest = exactly(links, np.flatnonzero(roots == root))
        assert probability == pytest.approx(pairs, abs=0.08)
        assert found.largest_piece[root] == pytest.approx(largest, abs=0.08)


def test_a_campaign_that_certain_edges_connect_has_probability_1():
    found, _ = held([Link(0, 1, 1.0), Link(1, 2, 1.0), Link(0, 2, 0.5), Link(3, 4, 0.5)])
    assert found.probability[0] == 1.0
    assert found.largest_piece[0] == 1.0
    assert 0.3 < found.probability[3] < 0.7


def test_a_campaign_that_needs_an_unweighed_edge_has_no_probability():
    found, _ = held([Link(0, 1, NAN), Link(2, 3, 0.9)])
    assert math.isnan(found.probability[0])
    assert found.probability[2] > 0.7


def test_an_unweighed_edge_beside_certain_ones_is_not_needed():
    found, _ = held([Link(0, 1, NAN), Link(0, 1, 1.0)])
    assert found.probability[0] == 1.0


def test_adverts_alone_have_no_probability():
    found, _ = held([Link(0, 1, 0.9), Link(2, 3, 0.9, "review")])
    assert list(found.probability) == list(found.largest_piece) == [0]


def test_another_campaign_changes_no_probability():
    ours = [Link(0, 1, 0.6), Link(1, 2, 0.7)]
    alone, _ = held(ours)
    beside, _ = held([Link(3, 4, 0.5), Link(3, 4, 0.6), *ours, Link(3, 4, 0.7)])
    assert beside.probability[0] == alone.probability[0]


def test_two_independent_reasons_are_surer_than_one():
    once, _ = held([Link(0, 1, 0.7)])
    twice, _ = held([Link(0, 1, 0.7), Link(0, 1, 0.7, kind="template")])
    assert twice.probability[0] > once.probability[0] + 0.1


def test_no_adverts_hold_nothing():
    assert held([], count=0)[0].probability == {}
