"""Clusters in several splits of a source: counted, and told, refused or dropped."""

import pytest

from adverts.data.dataset.linked_families import settle_leaks, split_overlap
from adverts.errors import InputError

pytestmark = pytest.mark.promise


def test_overlap_counts_the_copies_outside_train():
    splits = ["train", "test", "test", "validation", "train"]
    assert split_overlap(splits, ["a", "a", "b", "a", "b"]) == {"test": 2, "validation": 1}


LEAKING = (["train", "train", "validation", "validation", "test", "test"], list("abacbc"))


def test_leaks_are_reported_refused_or_dropped_from_the_earlier_split():
    splits, clusters = LEAKING
    assert settle_leaks(splits, clusters, leakage="report") == splits
    with pytest.raises(InputError, match="2 test and 1 validation adverts have a copy"):
        settle_leaks(splits, clusters, leakage="fail")
    splits, clusters = [*splits, "train"], [*clusters, "d"]
    kept = settle_leaks(splits, clusters, leakage="drop")
    assert kept == [None, None, "validation", None, "test", "test", "train"]


def test_a_split_without_leaks_is_kept_whatever_is_wanted():
    assert settle_leaks(["train", "test"], ["a", "b"], leakage="fail") == ["train", "test"]


def test_dropping_all_that_there_is_to_learn_from_is_refused():
    with pytest.raises(InputError, match="leaves nothing in train"):
        settle_leaks(*LEAKING, leakage="drop")
    splits, clusters = ["train", "validation", "test"], ["a", "b", "b"]
    with pytest.raises(InputError, match="leaves nothing in validation"):
        settle_leaks(splits, clusters, leakage="drop")


def test_a_copy_between_validation_and_test_is_a_leak_of_the_test():
    splits, clusters = ["train", "validation", "test"], ["a", "b", "b"]
    assert split_overlap(splits, clusters) == {"test": 1}
    with pytest.raises(InputError, match="^1 test adverts have a copy"):
        settle_leaks(splits, clusters, leakage="fail")


def test_an_advert_of_no_split_leaks_into_none():
    assert split_overlap(["train", None, "test"], ["a", "a", "b"]) == {}
