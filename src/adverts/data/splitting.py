"""Which split holds which advert: whole clusters, stratified, and the same for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

from adverts.advert import SPLITS, Split
from adverts.errors import InputError

Part = TypeVar("Part", bound="Split | int")


def apportion(
    clusters: Sequence[str],
    strata: Sequence[str],
    *,
    shares: Mapping[Part, float],
    seed: int,
) -> list[Part]:
    """Deal whole clusters to parts so that each part gets its share of every stratum.

    Clusters are dealt largest first, equals in an order that seed and name decide, each to the
    part that is then least full of the cluster's strata. The order of rows plays no role.

    Args:
        clusters: Cluster of each row.
        strata: Stratum of each row, such as its headline label.
        shares: Part -> its share of the rows; parts with a share of 0 get none.
        seed: Another seed deals otherwise.
    """
    members: dict[str, Counter[str]] = defaultdict(Counter)
    for cluster, stratum in zip(clusters, strata, strict=True):
        members[cluster][stratum] += 1
    totals = Counter(strata)
    wanted = {part: share for part, share in shares.items() if share > 0}
    filled: dict[Part, Counter[str]] = {part: Counter() for part in wanted}
    placed: dict[str, Part] = {}
    for cluster in sorted(members, key=lambda name: (-members[name].total(), _draw(name, seed))):
        counts = members[cluster]
        part = min(wanted, key=lambda part: _load(filled[part], counts, totals, wanted[part]))
        filled[part].update(counts)
        placed[cluster] = part
    return [placed[cluster] for cluster in clusters]


def split_made(
    clusters: Sequence[str],
    strata: Sequence[str],
    *,
    validation_fraction: float,
    test_fraction: float,
    seed: int,
) -> list[Split]:
    """Return a split for each row; no cluster stands in two.

    Raises:
        InputError: There are too few clusters for a split that is wanted.
    """
    shares: dict[Split, float] = {
        "train": 1 - validation_fraction - test_fraction,
        "validation": validation_fraction,
        "test": test_fraction,
    }
    splits = apportion(clusters, strata, shares=shares, seed=seed)
    _require([split for split, share in shares.items() if share > 0], splits, clusters)
    return splits


def split_given(
    given: Sequence[Split | None],
    clusters: Sequence[str],
    strata: Sequence[str],
    *,
    validation_fraction: float,
    seed: int,
) -> list[Split | None]:
    """Return the given splits, with validation carved out of train where there is none.

    Whole clusters are carved, and only those that stand in train alone, so that validation
    shares none with train or test. Nothing else is changed; what is left out (None) stays so.

    Raises:
        InputError: There are too few clusters to carve from.
    """
    if validation_fraction == 0 or "validation" in given:
        return list(given)
    elsewhere = {
        cluster
        for cluster, split in zip(clusters, given, strict=True)
        if split is not None and split != "train"
    }
    rows = [i for i, split in enumerate(given) if split == "train" and clusters[i] not in elsewhere]
    size = sum(split == "train" for split in given)
    share = min(validation_fraction * size / max(len(rows), 1), 1.0)
    return _carve(list(given), rows, clusters, strata, share=share, seed=seed)


def split_folds(
    clusters: Sequence[str], strata: Sequence[str], *, folds: int, fold: int, seed: int
) -> list[Split]:
    """Return a split for each row: one fold is test, the next validation, the others train.

    The folds of one seed are the same whichever of them is asked for as test.

    Raises:
        InputError: There are fewer clusters than folds.
    """
    dealt = apportion(clusters, strata, shares=dict.fromkeys(range(folds), 1 / folds), seed=seed)
    roles: dict[int, Split] = {fold: "test", (fold + 1) % folds: "validation"}
    splits: list[Split] = [roles.get(index, "train") for index in dealt]
    _require(["train", "validation", "test"], splits, clusters)
    return splits


def split_leave_one_out(
    groups: Sequence[str | None],
    clusters: Sequence[str],
    strata: Sequence[str],
    *,
    group: str,
    validation_fraction: float,
    seed: int,
) -> list[Split | None]:
    """Return a split for each row: one group is test, validation is carved out of the rest.

    Raises:
        InputError: No row is of this group, or too few clusters are left.
    """
    if group not in groups:
        count = len({name for name in groups if name is not None})  # a name may be an account's
        raise InputError(
            f"data.split.group={group!r}: no row is of this group; column data.columns.group "
            f"holds {count:,} others. Give one of its values, as it is spelled there"
        )
    given: list[Split | None] = ["test" if name == group else "train" for name in groups]
    return split_given(given, clusters, strata, validation_fraction=validation_fraction, seed=seed)


def settle_leaks(
    splits: Sequence[Split], clusters: Sequence[str], *, leakage: Literal["fail", "report", "drop"]
) -> list[Split | None]:
    """Return the splits of a source as they are used; None where an advert is left out.

    A cluster leaks where it stands in ``train`` and in another split, or in ``validation`` and in
    ``test``. What is judged on stays whole: ``drop`` leaves adverts out of the split before it.

    Raises:
        InputError: A cluster leaks, and ``leakage`` is ``fail``.
    """
    places = _places(splits, clusters)
    leaks = [
        SPLITS.index(split) < max(places[cluster])
        for split, cluster in zip(splits, clusters, strict=True)
    ]
    if not any(leaks) or leakage == "report":
        return list(splits)
    if leakage == "fail":
        told = " and ".join(
            f"{number} {split}" for split, number in split_overlap(splits, clusters).items()
        )
        raise InputError(
            f"{told} adverts have a copy or near-duplicate in an earlier split, so "
            "figures on them would be too good; set data.split.leakage=drop to leave "
            f"{sum(leaks)} adverts out of train and validation, or =report to keep the split"
        )
    kept = [None if leak else split for split, leak in zip(splits, leaks, strict=True)]
    emptied = [split for split in SPLITS if split in splits and split not in kept]
    if emptied:
        raise InputError(
            f"data.split.leakage=drop leaves nothing in {emptied[0]}: every advert there has a "
            "copy or near-duplicate in a later split; split it anew (data.split.kind=made)"
        )
    return kept


def split_overlap(splits: Sequence[Split | None], clusters: Sequence[str]) -> dict[str, int]:
    """Count the adverts of each split whose cluster also stands in an earlier one."""
    places = _places(splits, clusters)
    copies = Counter(
        split
        for split, cluster in zip(splits, clusters, strict=True)
        if split is not None and min(places[cluster]) < SPLITS.index(split)
    )
    return dict(sorted(copies.items()))


def _places(splits: Sequence[Split | None], clusters: Sequence[str]) -> dict[str, set[int]]:
    """Return in which splits each cluster stands, as indices of ``SPLITS``."""
    places: dict[str, set[int]] = defaultdict(set)
    for split, cluster in zip(splits, clusters, strict=True):
        if split is not None:
            places[cluster].add(SPLITS.index(split))
    return places


def _carve(
    splits: list[Split | None],
    rows: Sequence[int],
    clusters: Sequence[str],
    strata: Sequence[str],
    *,
    share: float,
    seed: int,
) -> list[Split | None]:
    shares: dict[Split, float] = {"train": 1 - share, "validation": share}
    dealt = apportion(
        [clusters[i] for i in rows], [strata[i] for i in rows], shares=shares, seed=seed
    )
    for i, split in zip(rows, dealt, strict=True):
        splits[i] = split
    _require(["train", "validation"], splits, clusters)
    return splits


def _load(
    filled: Counter[str], counts: Counter[str], totals: Counter[str], share: float
) -> tuple[float, float]:
    """Return how full a part would be of a cluster's strata, and how full it is as a whole."""
    held = sum(n * (filled[name] + n) / totals[name] for name, n in sorted(counts.items()))
    return held / counts.total() / share, filled.total() / share


def _draw(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def _require(
    wanted: Sequence[Split], splits: Sequence[Split | None], clusters: Sequence[str]
) -> None:
    missing = [split for split in wanted if split not in splits]
    if missing:
        raise InputError(
            f"nothing is left for {' and '.join(missing)}: {len(splits)} adverts in "
            f"{len(set(clusters))} clusters are too few, or clusters hang together; "
            "bring more adverts or lower the fractions"
        )
