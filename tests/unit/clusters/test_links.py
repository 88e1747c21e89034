"""The evidence for clusters, in the order in which it is believed."""

import numpy as np

from adverts.clusters.links import LINK_KINDS, alike_links, equal_links, join_links, pair_equal


def near(pairs, similarity):
    rows = np.array(pairs, np.int64)
    return alike_links("near_text", rows[:, 0], rows[:, 1], np.array(similarity, np.float32))


def test_the_surest_evidence_comes_first():
    links = join_links(
        [
            near([(0, 1), (2, 3), (1, 2)], [0.6, 0.9, 0.9]),
            equal_links("same_group", [(4, 5)]),
            equal_links("same_text", [(6, 7)]),
        ]
    )
    told = [
        (LINK_KINDS[kind], first, second)
        for kind, first, second in zip(links.kinds, links.first, links.second, strict=True)
    ]
    assert told == [
        ("same_text", 6, 7),
        ("same_group", 4, 5),
        ("near_text", 1, 2),
        ("near_text", 2, 3),
        ("near_text", 0, 1),
    ]
    assert links.counts() == {"same_text": 1, "same_group": 1, "near_text": 3}


def test_no_evidence_is_an_empty_table():
    assert len(join_links([equal_links("same_image", [])])) == 0


def test_every_row_is_paired_with_the_first_of_its_key_and_none_is_no_key():
    assert pair_equal(["a", None, 0, "a", None, 0, "a"]) == [(0, 3), (2, 5), (0, 6)]
    assert pair_equal([]) == []
