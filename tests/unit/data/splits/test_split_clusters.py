"""Splits: whole clusters, stratified, the same for the same seed."""

from collections import Counter

import pytest

from adverts.data.dataset.linked_families import settle_leaks
from adverts.data.splits.split_clusters import (
    apportion,
    split_folds,
    split_given,
    split_later,
    split_leave_one_out,
    split_made,
)
from adverts.errors import InputError

SINGLE = [f"c{i}" for i in range(1000)]
STRATA = [("yes",) if i % 10 == 0 else ("no",) for i in range(1000)]
MADE = {"validation_fraction": 0.15, "test_fraction": 0.25}


def splits_of(clusters, splits):
    found = {}
    for cluster, split in zip(clusters, splits, strict=True):
        found.setdefault(cluster, set()).add(split)
    return found


def test_each_split_gets_its_share_of_every_stratum():
    splits = split_made(SINGLE, STRATA, **MADE, seed=0)
    counts = Counter((s, name) for s, (name,) in zip(splits, STRATA, strict=True))
    assert {key: counts[key] for key in [("validation", "yes"), ("test", "yes")]} == {
        ("validation", "yes"): 15,
        ("test", "yes"): 25,
    }
    assert abs(counts["validation", "no"] - 135) <= 1
    assert abs(counts["test", "no"] - 225) <= 1


def test_a_cluster_is_never_torn():
    clusters = [f"c{i // 7}" for i in range(1000)]
    splits = split_made(clusters, STRATA, **MADE, seed=1)
    assert all(len(found) == 1 for found in splits_of(clusters, splits).values())
    assert Counter(splits)["test"] == pytest.approx(250, abs=15)


def test_large_clusters_are_dealt_first_so_that_small_ones_make_up_for_them():
    clusters = [*["large"] * 40, *(f"c{i}" for i in range(60))]
    for seed in range(5):
        splits = split_made(clusters, [("no",)] * 100, **MADE, seed=seed)
        assert Counter(splits) == {"train": 60, "validation": 15, "test": 25}


def test_the_order_of_rows_plays_no_role():
    forward = split_made(SINGLE, STRATA, **MADE, seed=2)
    backward = split_made(SINGLE[::-1], STRATA[::-1], **MADE, seed=2)
    assert forward == backward[::-1]


def test_another_seed_deals_otherwise():
    assert split_made(SINGLE, STRATA, **MADE, seed=0) != split_made(SINGLE, STRATA, **MADE, seed=1)


def test_a_share_of_zero_gets_nothing():
    splits = split_made(SINGLE, STRATA, validation_fraction=0.2, test_fraction=0.0, seed=0)
    assert "test" not in splits


def test_too_few_clusters_for_a_split_are_refused():
    with pytest.raises(InputError, match="no advert is left for validation and test"):
        split_made(["a", "a", "a"], [("no",)] * 3, **MADE, seed=0)


def test_folds_are_balanced_in_every_stratum():
    strata = [(f"company {i % 20}",) for i in range(120)]
    folds = apportion(SINGLE[:120], strata, shares=dict.fromkeys(range(5), 0.2), seed=0)
    assert set(Counter(folds).values()) == {24}
    assert set(Counter(zip(folds, strata, strict=True)).values()) <= {1, 2}


def test_every_advert_is_test_in_exactly_one_fold():
    tests = [split_folds(SINGLE, STRATA, folds=5, fold=fold, seed=0) for fold in range(5)]
    assert all(splits.count("test") == 1 for splits in zip(*tests, strict=True))
    assert all(splits.count("validation") == 1 for splits in zip(*tests, strict=True))


def test_given_splits_with_validation_are_not_touched():
    given = ["train", "validation", "test", "train"]
    splits = split_given(given, list("abab"), [("x",)] * 4, validation_fraction=0.5, seed=0)
    assert splits == given


def test_validation_is_carved_out_of_train_alone():
    given = ["test"] * 300 + ["train"] * 700
    splits = split_given(given, SINGLE, STRATA, validation_fraction=0.1, seed=0)
    assert splits[:300] == ["test"] * 300
    assert Counter(splits)["validation"] == 70


def test_a_cluster_that_touches_test_is_not_carved():
    given = ["test"] * 10 + ["train"] * 90
    clusters = [f"c{i % 10}" for i in range(20)] + [f"d{i}" for i in range(80)]
    splits = split_given(given, clusters, STRATA[:100], validation_fraction=0.2, seed=0)
    found = splits_of(clusters, splits)
    assert all(
        found[cluster] == {"validation"} for cluster in found if "validation" in found[cluster]
    )
    assert Counter(splits)["validation"] == 18


def test_without_a_fraction_nothing_is_carved():
    assert split_given(["train"], ["a"], [("x",)], validation_fraction=0.0, seed=0) == ["train"]


def test_the_group_left_out_is_test_and_nothing_else_is():
    groups = ["a", "b", "c", "b"] * 25
    splits = split_leave_one_out(
        groups, SINGLE[:100], STRATA[:100], group="b", validation_fraction=0.2, seed=0
    )
    assert {s for s, g in zip(splits, groups, strict=True) if g == "b"} == {"test"}
    assert "test" not in {s for s, g in zip(splits, groups, strict=True) if g != "b"}


def test_an_unknown_group_is_refused_without_naming_those_there_are():
    groups = ["@demo_fictional_01", "@demo_fictional_02", None]
    fault = r"'@demo': no row is of this group; .* 2 other values"
    with pytest.raises(InputError, match=fault) as told:
        split_leave_one_out(
            groups, list("xyz"), [("n",)] * 3, group="@demo", validation_fraction=0.5, seed=0
        )
    assert "fictional" not in str(told.value)


def test_validation_is_carved_out_of_what_dropping_leaves():
    given = ["train"] * 100 + ["test"] * 50
    clusters = [f"c{i}" for i in range(100)] + [f"c{i}" for i in range(50)]
    kept = settle_leaks(given, clusters, leakage="drop")
    splits = split_given(kept, clusters, [("x",)] * 150, validation_fraction=0.2, seed=0)
    found = [splits.count(name) for name in ("train", "validation", "test", None)]
    assert found == [40, 10, 50, 50]


def test_several_strata_are_balanced_at_once():
    strata = [(f"label {i % 10 == 0}", f"lang {i % 7}", f"picture {i % 3}") for i in range(1000)]
    splits = split_made(SINGLE, strata, **MADE, seed=0)
    tests = Counter(
        name for s, row in zip(splits, strata, strict=True) if s == "test" for name in row
    )
    totals = Counter(name for row in strata for name in row)
    assert all(abs(tests[name] - 0.25 * total) <= 2 for name, total in totals.items())


def test_clusters_that_have_a_split_keep_it_and_fill_it():
    placed = {f"c{i}": "test" for i in range(240)}
    splits = split_made(SINGLE, STRATA, **MADE, seed=0, placed=placed)
    assert splits[:240] == ["test"] * 240
    assert Counter(splits)["test"] == pytest.approx(250, abs=2)


def test_a_cluster_placed_in_a_split_without_a_share_stays():
    splits = split_made(
        ["a", "b"],
        [("x",)] * 2,
        validation_fraction=0,
        test_fraction=0,
        seed=0,
        placed={"a": "test"},
    )
    assert splits == ["test", "train"]


def test_test_is_what_began_in_a_late_week():
    clusters = ["old", "old", "new", "undated", *(f"c{i}" for i in range(20))]
    weeks = ["2026-W08", "2026-W30", "2026-W10", None, *["2026-W01"] * 20]
    splits = split_later(
        clusters, [("x",)] * 24, weeks, test_from="2026-W10", validation_fraction=0.25, seed=0
    )
    assert [i for i, split in enumerate(splits) if split == "test"] == [2]
    assert splits[0] == splits[1]
    assert Counter(splits)["validation"] == pytest.approx(6, abs=1)


def test_a_week_that_is_none_is_counted_not_quoted():
    with pytest.raises(InputError, match="2 adverts have a posted_week that is not a week") as told:
        split_later(
            list("abc"),
            [("x",)] * 3,
            ["2026-W10", "March", "2026-W54"],
            test_from="2026-W10",
            validation_fraction=0.0,
            seed=0,
        )
    assert "March" not in str(told.value)


def test_what_was_carved_for_validation_stays_there():
    given = ["train"] * 100
    clusters = [f"c{i}" for i in range(100)]
    placed = {"c7": "validation", "c8": "validation", "c9": "train"}
    splits = split_given(
        given, clusters, [("x",)] * 100, validation_fraction=0.1, seed=0, placed=placed
    )
    assert splits[7:10] == ["validation", "validation", "train"]
    assert splits.count("validation") == 10
