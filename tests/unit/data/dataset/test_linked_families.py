"""Whole families are dealt, as far as no record keeps them apart."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from planted import drifting_texts, exact_similarity, original_text

from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.links import Traits
from adverts.clusters.near_text import MIN_SHINGLES, required_similarity
from adverts.config.data import FoldSplit, GivenSplit, LaterSplit, LeaveOneOutSplit, MadeSplit
from adverts.data.dataset.split_assignments import Assignment, Settled, settle_families
from adverts.data.preparing.advice import large_family
from adverts.data.splits.assign_splits import deal

MADE = MadeSplit(kind="made", validation_fraction=0.2, test_fraction=0.2, seed=0)
LATER = LaterSplit(kind="later", test_from="2026-W05", validation_fraction=0.25, seed=0)
FOLDS = FoldSplit(kind="folds", folds=4, fold=1, unit="cluster", seed=0)
LEFT_OUT = LeaveOneOutSplit(kind="leave_one_out", group="last", validation_fraction=0.25, seed=0)
GIVEN = GivenSplit(
    kind="given",
    names={"a": "train", "b": "test"},
    validation_fraction=0.25,
    leakage="report",
    seed=0,
)


@pytest.fixture(scope="module")
def campaigns():
    """Campaigns that drift so far that the guard against chains cuts them, and single adverts."""
    draw = random.Random(1)
    return drifting_texts(6, 80, seed=3) + [original_text(draw, "en") for _ in range(60)]


@pytest.fixture(scope="module")
def found(campaigns):
    clustering = find_clusters([Traits(f"{i:04}", text) for i, text in enumerate(campaigns)])
    assert len(clustering.refused) > 10
    return clustering


def rows_of(texts, given=None):
    return [
        SimpleNamespace(
            id=f"{i:04}",
            split=given[i] if given else None,
            context={
                "posted_week": f"2026-W{i % 9 + 1:02}",
                "group": "last" if i >= 500 else "first",
            },
        )
        for i in range(len(texts))
    ]


def dealt(config, texts, found, recorded=None, given=None):
    strata = [("",)] * len(texts)
    return deal(config, rows_of(texts, given), found, strata, recorded=recorded or {})


def near_pairs(texts):
    similarity, sizes = exact_similarity(texts)
    near = (similarity >= required_similarity(sizes)) & (sizes >= MIN_SHINGLES)
    return np.argwhere(np.triu(near, 1))


@pytest.mark.parametrize("config", [MADE, LATER, FOLDS, LEFT_OUT], ids=lambda config: config.kind)
def test_no_near_duplicate_stands_on_the_other_side_of_a_split_made_here(config, campaigns, found):
    places = dealt(config, campaigns, found).places
    pairs = near_pairs(campaigns)
    assert len(pairs) > 1000
    assert all(places[a] == places[b] for a, b in pairs.tolist())
    assert {"train", "validation", "test"} <= set(places)


def test_validation_is_carved_in_whole_families(campaigns, found):
    given = ["test" if i >= 500 else "train" for i in range(len(campaigns))]
    places = dealt(GIVEN, campaigns, found, given=given).places
    assert all(places[a] == places[b] for a, b in near_pairs(campaigns).tolist())
    assert places.count("validation") > 50


def test_what_leaks_from_a_given_split_over_refused_links_alone_is_found(campaigns, found):
    clusters = sorted(set(found.names))
    given = ["test" if clusters.index(name) % 3 == 0 else "train" for name in found.names]
    dropping = GIVEN.model_copy(update={"leakage": "drop"})
    places = dealt(dropping, campaigns, found, given=given).places
    assert places.count("test") == given.count("test")
    pairs = [(places[a], places[b]) for a, b in near_pairs(campaigns).tolist()]
    assert not {("train", "test"), ("test", "train")} & set(pairs)
    assert ("left_out", "test") in pairs


def test_a_family_that_a_record_has_in_two_splits_stays_and_its_new_clusters_are_set_aside():
    settled = Settled(("a", "b", "new", "c"), {"a": "train", "b": "test"}, (False,) * 4)
    units = settle_families(["f", "f", "f", "c"], settled)
    assert units.clusters == ("a", "b", "new", "c")
    assert units.bridges == (False, False, True, False)
    assert units.placed == {"a": "train", "b": "test"}


def test_a_new_cluster_goes_where_its_family_stands():
    settled = Settled(("a", "new", "c"), {"a": "test"}, (False,) * 3)
    units = settle_families(["a", "a", "c"], settled)
    assert units.clusters == ("a", "a", "c")
    assert units.placed == {"a": "test"}
    assert not any(units.bridges)


def test_no_recorded_advert_moves_when_a_family_grows(campaigns, found):
    first = dealt(MADE, campaigns, found)
    record = {
        f"{i:04}": Assignment(place, cluster)
        for i, (place, cluster) in enumerate(zip(first.places, first.clusters, strict=True))
        if i % 2
    }
    again = dealt(MADE, campaigns, found, record)
    assert all(again.places[int(name)] == one.place for name, one in record.items())
    assert all(again.places[a] == again.places[b] for a, b in near_pairs(campaigns).tolist())


def test_adverts_that_share_nothing_are_dealt_by_themselves():
    draw = random.Random(0)
    texts = [" ".join("".join(draw.choices("abcdefgh", k=7)) for _ in range(14)) for _ in range(90)]
    clustering = find_clusters([Traits(f"{i:04}", text) for i, text in enumerate(texts)])
    assert dealt(MADE, texts, clustering).families == clustering.names


def test_a_family_that_holds_much_of_a_dataset_is_told():
    (told,) = large_family(["big"] * 30 + list("abcdefg") * 10, ["x", "y"] * 15 + ["z"] * 70)
    assert told.startswith("30 of 100 adverts are connected by copies, contacts, campaigns")
    assert list(large_family(["big"] * 20 + list("abcdefgh") * 10, ["x"] * 100)) == []
