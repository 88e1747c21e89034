import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_edges import NAN, Link, drawn_links, made_edges

from adverts_findings.campaigns.grouping.giants import Giant, find_giant, threshold_components


def chain(start, length, probability=0.9):
    return [Link(row, row + 1, probability) for row in range(start, start + length - 1)]


def roots_of(sizes):
    starts = np.cumsum([0, *sizes[:-1]])
    return np.repeat(starts, sizes).astype(np.int64)


def test_a_campaign_that_a_low_threshold_would_make_is_seen():
    edges = made_edges([*chain(0, 30), *chain(30, 30), Link(29, 30, 0.3), *chain(60, 2)])
    low, high = threshold_components(edges, 70, [0.2, 0.5], large=20)
    assert (low.threshold, low.campaigns, low.adverts, low.largest) == (0.2, 2, 62, 60)
    assert low.giant == Giant(0, 60, 2, 60 / 62)
    assert (high.campaigns, high.adverts, high.largest) == (3, 62, 30)


def test_edges_not_weighed_count_at_every_threshold_and_those_that_do_not_join_at_none():
    edges = made_edges([Link(0, 1, NAN), Link(2, 3, 0.9, "review"), Link(4, 5, 0.9, "rejected")])
    (found,) = threshold_components(edges, 6, [0.99], large=20)
    assert (found.campaigns, found.adverts) == (1, 2)


@settings(deadline=None)
@given(
    st.lists(
        drawn_links(
            st.integers(0, 4),
            st.integers(5, 9),
            st.floats(0, 1, allow_nan=False, allow_subnormal=False),
        ),
        max_size=12,
    ),
    st.lists(st.floats(0, 1, allow_nan=False, allow_subnormal=False), min_size=2, max_size=4),
)
def test_a_higher_threshold_never_makes_a_larger_campaign(links, thresholds):
    found = threshold_components(made_edges(links), 10, sorted(thresholds), large=3)
    largest = [one.largest for one in found]
    assert largest == sorted(largest, reverse=True)


def test_nothing_at_all_has_no_campaigns_and_no_giant():
    (found,) = threshold_components(made_edges([]), 0, [0.5], large=20)
    assert (found.campaigns, found.adverts, found.largest, found.giant) == (0, 0, 0, None)


@pytest.mark.parametrize(
    ("sizes", "giant"),
    [
        ([300], True),
        ([300, 300], True),
        ([51, *[50] * 20], False),
        ([60, *[50] * 20], True),
        ([50, 5], False),
        ([200, 20, *[20] * 300], True),
        ([199, 20, *[20] * 300], False),
        ([1] * 500, False),
        ([300, *[1] * 5_000], True),
    ],
)
def test_a_giant_is_large_and_holds_much_of_all_or_far_more_than_the_next(sizes, giant):
    assert (find_giant(roots_of(sizes), large=50) is not None) == giant
