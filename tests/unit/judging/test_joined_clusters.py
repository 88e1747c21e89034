"""Clusters of adverts that two datasets hold: copies in either are copies."""

import random

import networkx as nx
import pytest

from adverts.judging.common_adverts import _joined


def groups(names):
    found = {}
    for row, name in enumerate(names):
        found.setdefault(name, set()).add(row)
    return sorted(map(sorted, found.values()))


def test_adverts_that_share_a_cluster_in_either_dataset_are_one_cluster():
    named = [["a", "a", "b", "c", "d"], ["x", "y", "y", "z", "w"]]
    assert groups(_joined(named)) == [[0, 1, 2], [3], [4]]
    assert groups(_joined(named[:1])) == [[0, 1], [2], [3], [4]]


@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_the_components_of_a_graph(seed):
    draw = random.Random(seed)
    named = [[f"{draw.randrange(60)}" for _ in range(80)] for _ in range(3)]
    graph = nx.Graph()
    for part, names in enumerate(named):
        graph.add_edges_from((row, (part, name)) for row, name in enumerate(names))
    wanted = [sorted(one for one in group if isinstance(one, int)) for group in
              nx.connected_components(graph)]  # fmt: skip
    assert groups(_joined(named)) == sorted(wanted)
