"""Letter groups, against sets of strings cut by hand."""

import random

import numpy as np
import pytest
from planted import letter_groups

from adverts.clusters import shingles as module
from adverts.clusters.shingles import shingle

TEXTS = [
    "seats left to dover tonight 500",
    "",
    "a",
    "to",
    "قارب إلى لندن الليلة ٥٠٠",
    "thuyền đi anh tối nay giá rẻ",
    "بەلەم بۆ لەندەن ئەمشەو",
    "a b c",
    "naïve 🚤🚤 x",
]


def sets_of(found):
    return [
        set(found.hashes[start:end].tolist())
        for start, end in zip(found.starts, found.starts[1:], strict=False)
    ]


def test_groups_overlap_as_those_cut_by_hand_do():
    found, wanted = sets_of(shingle(TEXTS)), [letter_groups(text) for text in TEXTS]
    assert [len(one) for one in found] == [len(one) for one in wanted]
    for i in range(len(TEXTS)):
        for j in range(len(TEXTS)):
            assert len(found[i] & found[j]) == len(wanted[i] & wanted[j]), (TEXTS[i], TEXTS[j])


def test_hashes_of_a_text_ascend_and_differ():
    found = shingle(["to be or not to be", "seats seats seats"])
    for start, end in zip(found.starts, found.starts[1:], strict=False):
        assert (np.diff(found.hashes[start:end].astype(np.int64)) > 0).all()


def test_the_order_of_words_plays_no_role():
    assert len(set(map(frozenset, sets_of(shingle(["one two three", "three one two"]))))) == 1


@pytest.mark.parametrize("at_once", [1, 20, 50])
def test_texts_taken_in_parts_give_the_same(monkeypatch, at_once):
    whole = shingle(TEXTS)
    monkeypatch.setattr(module, "_LETTERS_AT_ONCE", at_once)
    parts = shingle(TEXTS)
    assert np.array_equal(whole.hashes, parts.hashes)
    assert np.array_equal(whole.starts, parts.starts)


def test_no_text_has_no_group():
    assert len(shingle([])) == 0
    assert shingle(["", ""]).sizes.tolist() == [0, 0]


def test_many_groups_seldom_collide():
    draw = random.Random(0)
    words = {"".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=4)) for _ in range(20_000)}
    wanted = set().union(*map(letter_groups, words))
    (found,) = sets_of(shingle([" ".join(sorted(words))]))
    assert len(wanted) - len(found) < 5
