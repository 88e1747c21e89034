"""Planted copies in six languages: what is found, what is wrongly joined, what leaks."""

from collections import Counter

import numpy as np
import pytest
from planted import EDITS, b_cubed_f1, exact_similarity, planted_texts, precision_and_recall

from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.links import Traits
from adverts.clusters.near_text import MIN_SHINGLES, required_similarity


def clusters_of(texts):
    return find_clusters([Traits(f"{row:08}", text) for row, text in enumerate(texts)]).names


def test_b_cubed_is_what_one_works_out_by_hand():
    names, sources = "aab", "xyy"
    # The first two share a cluster, the last two a source: precision (1/2 + 1/2 + 1) / 3,
    # recall (1 + 1/2 + 1/2) / 3, both 2/3.
    assert b_cubed_f1(names, sources) == pytest.approx(2 / 3)
    # All in one cluster of 3: precision (1 + 2 + 2) / 9 = 5/9, recall 1, F1 = 10/14.
    assert b_cubed_f1("aaa", "xyy") == pytest.approx(5 / 7)
    assert b_cubed_f1("xyy", "xyy") == 1


@pytest.mark.parametrize("count", [3_000, pytest.param(20_000, marks=pytest.mark.slow, id="20000")])
def test_planted_copies_are_found_and_nothing_else_is_joined(count):
    planted = planted_texts(count, seed=1)
    names = clusters_of(planted.texts)
    precision, recall = precision_and_recall(names, planted.sources)
    assert precision >= 0.99
    assert recall >= 0.95
    assert b_cubed_f1(names, planted.sources) >= 0.95


def test_every_kind_of_edit_is_seen_through():
    planted = planted_texts(3_000, seed=2)
    names = clusters_of(planted.texts)
    missed = Counter(
        edit
        for name, source, edit in zip(names, planted.sources, planted.edits, strict=True)
        if edit and names[source] != name
    )
    made = Counter(edit for edit in planted.edits if edit)
    assert set(made) == set(EDITS)
    assert all(missed[edit] <= 0.05 * number for edit, number in made.items()), missed


@pytest.mark.parametrize(
    ("count", "pairs"), [(1_500, 1_000), pytest.param(3_000, 2_000, marks=pytest.mark.slow)]
)
def test_brute_force_finds_no_alike_pair_in_two_clusters(count, pairs):
    planted = planted_texts(count, seed=3)
    names = np.array(clusters_of(planted.texts))
    similarity, smaller = exact_similarity(planted.texts)
    alike = (similarity >= required_similarity(smaller)) & (smaller >= MIN_SHINGLES)
    np.fill_diagonal(alike, False)
    assert alike.sum() > pairs
    assert not (alike & (names[:, None] != names[None, :])).any()


def test_unrelated_adverts_of_one_vocabulary_are_not_joined():
    planted = planted_texts(3_000, seed=4, languages=("vi",))
    precision, _ = precision_and_recall(clusters_of(planted.texts), planted.sources)
    assert precision >= 0.99


def test_copies_are_found_among_adverts_that_share_half_of_their_words():
    planted = planted_texts(3_000, seed=5, languages=("en",))
    footer = " ".join(planted.texts[0].split()[:18])
    names = clusters_of([f"{text} {footer}" for text in planted.texts])
    _, recall = precision_and_recall(names, planted.sources)
    assert recall >= 0.99
