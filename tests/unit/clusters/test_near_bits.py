"""Close rows of bits, against every pair compared."""

import numpy as np
import pytest
from planted_bits import drawn, flipped

from adverts.clusters.near_bits import bit_rows, close_pairs

RADIUS = 56


def pairs_of(packed, **changed):
    count = len(packed)
    rows = bit_rows([(packed, np.arange(count))])
    return close_pairs(rows, count, **{"radius": RADIUS, **changed})


def every_pair(packed, radius):
    bits = np.unpackbits(packed, axis=1)
    distance = (bits[:, None] != bits[None]).sum(axis=2)
    first, second = np.nonzero(np.triu(distance <= radius, 1))
    return {(a, b, distance[a, b]) for a, b in zip(first.tolist(), second.tolist(), strict=True)}


def as_set(pairs):
    return set(
        zip(pairs.first.tolist(), pairs.second.tolist(), pairs.distance.tolist(), strict=True)
    )


@pytest.mark.parametrize("flips", [0, 1, 20, 40, 50, RADIUS, RADIUS + 1])
def test_pairs_and_distances_are_those_that_every_pair_compared_gives(flips):
    originals = drawn(150)
    packed = np.concatenate([originals, flipped(originals, flips)])
    assert as_set(pairs_of(packed)) == every_pair(packed, RADIUS)


@pytest.mark.slow
def test_few_of_the_distant_pairs_are_missed_among_many_rows():
    originals = drawn(15_000)
    packed = np.concatenate([originals, flipped(originals, 44)])
    pairs = pairs_of(packed)
    assert (pairs.second - pairs.first == 15_000).all()
    assert len(pairs) >= 0.99 * 15_000


def test_many_alike_rows_are_connected_by_few_pairs():
    packed = flipped(np.repeat(drawn(1), 4_000, axis=0), 6)
    pairs = pairs_of(packed)
    assert len(pairs) < 4_000 * 40
    assert len(np.union1d(pairs.first, pairs.second)) == 4_000


def test_a_thing_is_never_paired_with_another_view_of_itself():
    packed = drawn(50)
    owners = np.arange(50)
    rows = bit_rows([(packed, owners), (flipped(packed, 3), owners)])
    assert len(close_pairs(rows, 50, radius=RADIUS).first) == 0


def test_two_other_views_of_one_kind_are_not_compared():
    owners, view = np.arange(50), drawn(50, seed=1)
    same = np.concatenate([view[:25], flipped(view[:25], 3)])
    rows = bit_rows([(drawn(50), owners), (same, owners)])
    assert len(close_pairs(rows, 50, radius=RADIUS).first) == 0


def test_another_view_is_compared_with_the_things_themselves():
    owners, packed = np.arange(50), drawn(50)
    rows = bit_rows([(packed, owners), (np.roll(packed, 1, axis=0), owners)])
    found = close_pairs(rows, 50, radius=RADIUS)
    assert len(found.first) == 50
    assert not found.distance.any()


def test_of_several_close_views_the_closest_counts():
    packed = drawn(2)
    packed[1] = flipped(packed[:1], 30)[0]
    other = np.stack([drawn(1, seed=5)[0], flipped(packed[:1], 10, seed=2)[0]])
    found = close_pairs(bit_rows([(packed, np.arange(2)), (other, np.arange(2))]), 2, radius=RADIUS)
    assert as_set(found) == {(0, 1, 10)}


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_give_no_pair(count):
    assert len(pairs_of(drawn(count)).first) == 0


def test_threads_change_nothing():
    packed = np.concatenate([drawn(200), flipped(drawn(200), 30)])
    assert as_set(pairs_of(packed)) == as_set(pairs_of(packed, threads=2))
