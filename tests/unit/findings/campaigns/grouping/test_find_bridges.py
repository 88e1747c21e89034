import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.grouping.find_bridges import find_bridges

NODES = st.integers(0, 9)
GRAPHS = st.lists(st.tuples(NODES, NODES), max_size=18).map(
    lambda edges: np.array(edges, np.int64).reshape(-1, 2).T
)


def parts(first, second):
    return len(np.unique(component_roots(first, second, 10)))


def without(edge, first, second):
    return np.delete(first, edge), np.delete(second, edge)


@settings(deadline=None)
@given(GRAPHS)
def test_an_edge_is_a_bridge_exactly_if_its_removal_makes_one_more_part(graph):
    first, second = graph
    wanted = [
        edge
        for edge in range(len(first))
        if parts(*without(edge, first, second)) > parts(first, second)
    ]
    assert find_bridges(first, second, 10).edges.tolist() == wanted


@settings(deadline=None)
@given(GRAPHS)
def test_the_sides_of_a_bridge_are_what_its_removal_leaves_at_each_end(graph):
    first, second = graph
    found = find_bridges(first, second, 10)
    for edge, one, other in zip(found.edges, found.first_side, found.second_side, strict=True):
        roots = component_roots(*without(edge, first, second), 10)
        assert one == np.sum(roots == roots[first[edge]])
        assert other == np.sum(roots == roots[second[edge]])


def test_a_long_chain_needs_no_recursion_and_is_all_bridges():
    rows = np.arange(200_000)
    found = find_bridges(rows, rows + 1, 200_001)
    assert len(found.edges) == 200_000
    assert found.first_side[9] == 10


def test_no_edges_have_no_bridges():
    nothing = np.zeros(0, np.int64)
    assert len(find_bridges(nothing, nothing, 0).edges) == 0
