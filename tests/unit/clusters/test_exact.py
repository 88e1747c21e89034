"""Clusters of exact copies."""

import random

import pytest

from adverts.clusters.exact import exact_clusters
from adverts.clusters.union_find import UnionFind


def cluster(texts, images=None, groups=None, ids=None):
    n = len(texts)
    return exact_clusters(
        texts, images or [()] * n, groups or [None] * n, ids=ids or [f"a{i}" for i in range(n)]
    )


def test_union_find_equals_a_partition_kept_by_hand():
    draw = random.Random(3)
    sets, partition = UnionFind(30), [{i} for i in range(30)]
    for _ in range(20):
        a, b = draw.randrange(30), draw.randrange(30)
        sets.union(a, b)
        joined = partition[a] | partition[b]
        for member in joined:
            partition[member] = joined
    assert [sets.find(i) for i in range(30)] == [min(partition[i]) for i in range(30)]


def test_texts_equal_after_folding_are_one_cluster():
    names = cluster(["Seats LEFT", "seats  left", "seats right"])
    assert names[0] == names[1] != names[2]


def test_empty_texts_do_not_join():
    assert len(set(cluster(["", "", " "]))) == 3


def test_a_shared_picture_joins_whatever_its_place():
    names = cluster(["one", "two", "three"], images=[("x", "y"), ("z", "y"), ("w",)])
    assert names[0] == names[1] != names[2]


def test_a_group_joins_and_none_is_no_group():
    names = cluster(["a", "b", "c", "d"], groups=["g", None, "g", None])
    assert names[0] == names[2]
    assert len(set(names)) == 3


def test_chains_are_followed_to_their_end():
    names = cluster(["a", "a", "b"], images=[(), ("x",), ("x",)])
    assert len(set(names)) == 1


def test_a_text_is_not_taken_for_a_group_of_the_same_name():
    assert len(set(cluster(["g", "other"], groups=[None, "g"]))) == 2


def test_names_do_not_depend_on_the_order_of_rows():
    texts, ids = ["x", "y", "x", "z"], ["c", "b", "a", "d"]
    forward = dict(zip(ids, cluster(texts, ids=ids), strict=True))
    backward = dict(zip(ids[::-1], cluster(texts[::-1], ids=ids[::-1]), strict=True))
    assert forward == backward


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        exact_clusters(["a"], [(), ()], [None], ids=["a"])
