import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_hashes import flipped

from adverts_findings.sharing.hashes.count_near import count_near, hashes_of


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 70), st.integers(0, 2100), st.integers(0, 1000), st.sampled_from([8, 32]))
def test_counts_are_those_of_comparing_every_pair(asked, others, seed, num_bytes):
    draw = np.random.default_rng(seed)
    one = draw.integers(0, 256, (asked, num_bytes), np.uint8)
    other = draw.integers(0, 256, (others, num_bytes), np.uint8)
    radius = num_bytes * 4 - 4
    distances = np.unpackbits(one, axis=1)[:, None].astype(int)
    wanted = [
        int((np.abs(bits - np.unpackbits(other, axis=1)).sum(axis=1) <= radius).sum())
        for bits in distances
    ]
    assert count_near(one, other, radius).tolist() == wanted


def test_31_bits_are_near_and_32_are_not():
    value = "5a" * 32
    others = hashes_of([flipped(value, 31), flipped(value, 32)], 32)
    assert count_near(hashes_of([value], 32), others, 31).tolist() == [1]


def test_the_opposite_of_a_hash_is_not_near_it():
    assert count_near(hashes_of(["00" * 32], 32), hashes_of(["ff" * 32], 32), 31).tolist() == [0]


@pytest.mark.parametrize("values", [["ab" * 31], ["ab" * 31, "ab" * 33], ["zz" * 32], [""]])
def test_what_is_no_hash_of_this_length_is_refused(values):
    with pytest.raises(ValueError, match="hex"):
        hashes_of(values, 32)


@pytest.mark.slow
def test_10_000_hashes_are_compared_with_100_000_in_seconds():
    draw = np.random.default_rng(0)
    asked = draw.integers(0, 256, (10_000, 32), np.uint8)
    others = draw.integers(0, 256, (100_000, 32), np.uint8)
    others[5] = asked[7]
    began = time.process_time()
    counts = count_near(asked, others, 31)
    assert counts.nonzero()[0].tolist() == [7]
    assert time.process_time() - began < 60
