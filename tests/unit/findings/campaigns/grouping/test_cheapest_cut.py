from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.grouping.cheapest_cut import cheapest_cut
from adverts_findings.campaigns.grouping.connected import component_roots


@st.composite
def connected_graphs(draw, most=7):
    count = draw(st.integers(2, most))
    tree = [(draw(st.integers(0, node - 1)), node) for node in range(1, count)]
    node = st.integers(0, count - 1)
    edges = tree + draw(st.lists(st.tuples(node, node), max_size=8))
    costs = draw(st.lists(st.integers(1, 5), min_size=len(edges), max_size=len(edges)))
    ends = draw(st.lists(node, min_size=2, max_size=2, unique=True))
    first, second = np.array(edges, np.int64).T
    return first, second, np.array(costs, np.float64), count, (ends[0], ends[1])


def cost_of(side, first, second, cost):
    return cost[side[first] != side[second]].sum()


def least_cost(first, second, cost, count, ends):
    sides = (np.array(side, np.bool_) for side in product((False, True), repeat=count))
    return min(
        cost_of(side, first, second, cost) for side in sides if side[ends[0]] and not side[ends[1]]
    )


@settings(deadline=None)
@given(connected_graphs())
def test_no_way_to_part_two_nodes_costs_less(graph):
    first, second, cost, count, ends = graph
    side = cheapest_cut(first, second, cost, sizes=np.ones(count, np.int64), ends=ends)
    assert side[ends[0]]
    assert not side[ends[1]]
    assert cost_of(side, first, second, cost) == least_cost(*graph)


@settings(deadline=None)
@given(connected_graphs())
def test_both_sides_of_a_cut_are_connected(graph):
    first, second, cost, count, ends = graph
    side = cheapest_cut(first, second, cost, sizes=np.ones(count, np.int64), ends=ends)
    kept = side[first] == side[second]
    assert len(np.unique(component_roots(first[kept], second[kept], count))) == 2


@settings(deadline=None)
@given(connected_graphs())
def test_which_end_is_named_first_makes_no_difference(graph):
    first, second, cost, count, (one, other) = graph
    sizes = np.ones(count, np.int64)
    there = cheapest_cut(first, second, cost, sizes=sizes, ends=(one, other))
    back = cheapest_cut(second, first, cost, sizes=sizes, ends=(other, one))
    assert np.array_equal(there, ~back)


@settings(deadline=None)
@given(connected_graphs(), st.randoms(use_true_random=False))
def test_the_order_of_edges_makes_no_difference(graph, random):
    first, second, cost, count, ends = graph
    sizes, order = np.ones(count, np.int64), list(range(len(first)))
    random.shuffle(order)
    kept = cheapest_cut(first, second, cost, sizes=sizes, ends=ends)
    moved = cheapest_cut(first[order], second[order], cost[order], sizes=sizes, ends=ends)
    assert np.array_equal(kept, moved)


@pytest.mark.parametrize(
    ("sizes", "near"), [([1, 1, 1, 1, 3, 9], 2), ([9, 1, 1, 1, 3, 1], 5), ([2, 1, 1, 1, 1, 3], 2)]
)
def test_of_equal_cuts_the_one_that_leaves_the_smaller_side_smallest_is_made(sizes, near):
    chain = np.arange(5), np.arange(1, 6)
    side = cheapest_cut(*chain, np.ones(5), sizes=np.array(sizes), ends=(1, 5))
    assert side.tolist() == [True] * near + [False] * (6 - near)


def test_costs_that_differ_by_a_fraction_are_told_apart():
    chain = np.arange(3), np.arange(1, 4)
    cost = np.array([1.002, 1.001, 1.002])
    side = cheapest_cut(*chain, cost, sizes=np.ones(4, np.int64), ends=(0, 3))
    assert side.tolist() == [True, True, False, False]


def test_many_dear_edges_do_not_overflow():
    first = np.tile(np.arange(3), 60_000)
    cost = np.tile([20.0, 19.0, 20.0], 60_000)
    side = cheapest_cut(first, first + 1, cost, sizes=np.ones(4, np.int64), ends=(0, 3))
    assert side.tolist() == [True, True, False, False]


def test_one_node_cannot_be_parted_from_itself():
    with pytest.raises(ValueError, match="both ends are node 0"):
        cheapest_cut(
            np.array([0]), np.array([1]), np.ones(1), sizes=np.ones(2, np.int64), ends=(0, 0)
        )
