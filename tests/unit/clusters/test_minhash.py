"""Signatures, against the exact similarity of sets."""

import numpy as np
import pytest

from adverts.clusters import shingles as module
from adverts.clusters.shingles import PLACES, Shingles, agreement, signatures


def sets_sharing(shared, size, seed):
    """Two sets of ``size`` random hashes, ``shared`` of them in common."""
    random = np.random.default_rng(seed)
    drawn = random.choice(2**32, 2 * size - shared, replace=False).astype(np.uint32)
    one, other = np.sort(drawn[:size]), np.sort(drawn[size - shared :])
    return Shingles(np.concatenate([one, other]), np.array([0, size, 2 * size]))


@pytest.mark.parametrize("shared", [0, 20, 50, 80, 100])
def test_the_agreement_estimates_the_jaccard_similarity(shared):
    estimates = [agreement(*signatures(sets_sharing(shared, 100, seed))) for seed in range(60)]
    exact = shared / (200 - shared)
    deviation = np.sqrt(exact * (1 - exact) / PLACES / 60)
    assert abs(np.mean(estimates) - exact) <= 4 * deviation + 2**-14


def test_equal_sets_have_equal_signatures_wherever_they_stand(monkeypatch):
    random = np.random.default_rng(1)
    sizes = random.integers(0, 40, 50)
    hashes = [np.unique(random.integers(0, 2**32, size, np.uint32)) for size in sizes]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in hashes])])
    whole = signatures(Shingles(np.concatenate(hashes), starts))
    monkeypatch.setattr(module, "_BLOCK_HASHES", 64)
    assert np.array_equal(whole, signatures(Shingles(np.concatenate(hashes), starts), threads=2))
    alone = signatures(Shingles(hashes[7], np.array([0, len(hashes[7])])))
    assert np.array_equal(alone[0], whole[7])


def test_empty_sets_have_a_signature():
    found = signatures(Shingles(np.zeros(0, np.uint32), np.array([0, 0, 0])))
    assert found.shape == (2, PLACES)
