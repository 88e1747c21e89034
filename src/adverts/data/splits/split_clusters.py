"""Deals adverts to splits in whole clusters, stratified, and the same for the same seed."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Split
from adverts.config.data import ISO_WEEK
from adverts.errors import InputError

Part = TypeVar("Part", bound="Split | int")
Strata = tuple[str, ...]
_WEEK = re.compile(ISO_WEEK)


def apportion(
    clusters: Sequence[str],
    strata: Sequence[Strata],
    *,
    shares: Mapping[Part, float],
    seed: int,
    placed: Mapping[str, Part] | None = None,
) -> list[Part]:
    """Deal whole clusters to parts so that each part gets its share of every stratum.

    Clusters are dealt from the largest to the smallest; seed and name decide between equals. Each
    goes to the part that is then least full of its strata. The order of rows does not matter.

    Args:
        clusters: Cluster of each row.
        strata: Strata of each row, one for each thing to balance, such as its label and language.
        shares: Maps each part to its share of the rows; parts with a share of 0 get none dealt.
        seed: Seed of the order between equals.
        placed: Maps clusters that already have a part to it; they count as its content and stay.

    Source: K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the Stratification of Multi-label Data"
    (2011), here with whole clusters in the place of examples.
    """
    members: dict[str, Counter[str]] = defaultdict(Counter)
    for cluster, row_strata in zip(clusters, strata, strict=True):
        members[cluster].update(row_strata)
    totals = Counter(name for row_strata in strata for name in row_strata)
    wanted = {part: share for part, share in shares.items() if share > 0}
    parts = {name: part for name, part in (placed or {}).items() if name in members}
    filled: dict[Part, Counter[str]] = {part: Counter() for part in (*wanted, *parts.values())}
    for cluster, part in parts.items():
        filled[part].update(members[cluster])
    new = members.keys() - parts.keys()
    for cluster in sorted(new, key=lambda name: (-members[name].total(), _draw(name, seed))):
        counts = members[cluster]
        part = min(wanted, key=lambda part: _load(filled[part], counts, totals, wanted[part]))
        filled[part].update(counts)
        parts[cluster] = part
    return [parts[cluster] for cluster in clusters]


def fold_clusters(
    clusters: Sequence[str], strata: Sequence[Strata], *, folds: int, seed: int
) -> NDArray[np.int64]:
    """Return the fold of each row, ``(N,)``; a cluster is never divided, strata are spread evenly.

    Args:
        clusters: Cluster of each row.
        strata: Strata of each row, such as its label.
        folds: Number of folds.
        seed: Seed of the order between clusters of equal size.
    """
    shares: dict[int, float] = dict.fromkeys(range(folds), 1 / folds)
    return np.array(apportion(clusters, strata, shares=shares, seed=seed), np.int64)


def split_made(
    clusters: Sequence[str],
    strata: Sequence[Strata],
    *,
    validation_fraction: float,
    test_fraction: float,
    seed: int,
    placed: Mapping[str, Split] | None = None,
) -> list[Split]:
    """Return a split for each row; no cluster is in two splits, and those in ``placed`` stay.

    Raises:
        InputError: There are too few clusters for the wanted splits.
    """
    shares: dict[Split, float] = {
        "train": 1 - validation_fraction - test_fraction,
        "validation": validation_fraction,
        "test": test_fraction,
    }
    splits = apportion(clusters, strata, shares=shares, seed=seed, placed=placed)
    _require([split for split, share in shares.items() if share > 0], splits, clusters)
    return splits


def split_later(
    clusters: Sequence[str],
    strata: Sequence[Strata],
    weeks: Sequence[str | None],
    *,
    test_from: str,
    validation_fraction: float,
    seed: int,
    placed: Mapping[str, Split] | None = None,
) -> list[Split]:
    """Return a split for each row; clusters that begin in a late week are test.

    A cluster begins with its earliest advert, so that a repeated advert stays where it was first
    seen. A cluster without any known week is never test. Validation is dealt from the others.

    Args:
        clusters: Cluster of each row.
        strata: Strata of each row.
        weeks: Week of each row as ISO 8601 writes it, ``2026-W09``, or None.
        test_from: First week of test.
        validation_fraction: Share of the rest that is validation.
        seed: Seed of the order between clusters of equal size.
        placed: Maps clusters that already have a split to it.

    Raises:
        InputError: A week is malformed, or a wanted split gets no advert.
    """
    malformed = sum(week is not None and not _WEEK.fullmatch(week) for week in weeks)
    if malformed:
        raise InputError(
            f"data.split.kind=later: {malformed} adverts have a posted_week that is not a week "
            "such as 2026-W09; correct them, or leave them empty"
        )
    begins: dict[str, str] = {}
    for cluster, week in zip(clusters, weeks, strict=True):
        if week is not None:
            begins[cluster] = min(week, begins.get(cluster, week))
    late: dict[str, Split] = {name: "test" for name, week in begins.items() if week >= test_from}
    shares: dict[Split, float] = {
        "train": 1 - validation_fraction,
        "validation": validation_fraction,
    }
    splits = apportion(
        clusters, strata, shares=shares, seed=seed, placed={**late, **(placed or {})}
    )
    wanted: list[Split] = [split for split, share in shares.items() if share > 0]
    _require([*wanted, "test"], splits, clusters)
    return splits


def split_given(
    given: Sequence[Split | None],
    clusters: Sequence[str],
    strata: Sequence[Strata],
    *,
    validation_fraction: float,
    seed: int,
    placed: Mapping[str, Split] | None = None,
) -> list[Split | None]:
    """Return the given splits; validation is carved out of train if there is one and none is given.

    Whole clusters are carved, and only those that are in train alone. Validation thus shares no
    cluster with train or test, except those that ``placed`` says were carved before. Nothing else
    changes; None, an advert that is left out, stays None.

    Raises:
        InputError: There are too few clusters to carve from.
    """
    if validation_fraction == 0 or "validation" in given or "train" not in given:
        return list(given)
    elsewhere = {
        cluster
        for cluster, split in zip(clusters, given, strict=True)
        if split is not None and split != "train"
    }
    carved = {name: split for name, split in (placed or {}).items() if split != "test"}
    alone = {name for name in clusters if name not in elsewhere or carved.get(name) == "validation"}
    rows = [i for i, split in enumerate(given) if split == "train" and clusters[i] in alone]
    size = sum(split == "train" for split in given)
    share = min(validation_fraction * size / max(len(rows), 1), 1.0)
    return _carve(list(given), rows, clusters, strata, share=share, seed=seed, placed=carved)


def split_folds(
    clusters: Sequence[str], strata: Sequence[Strata], *, folds: int, fold: int, seed: int
) -> list[Split]:
    """Return a split for each row: one fold is test, the next validation, the others train.

    The folds of one seed are the same whichever of them is test.

    Raises:
        InputError: There are too few clusters for three splits.
    """
    dealt = apportion(clusters, strata, shares=dict.fromkeys(range(folds), 1 / folds), seed=seed)
    roles: dict[int, Split] = {fold: "test", (fold + 1) % folds: "validation"}
    splits: list[Split] = [roles.get(index, "train") for index in dealt]
    _require(["train", "validation", "test"], splits, clusters)
    return splits


def split_leave_one_out(
    groups: Sequence[str | None],
    clusters: Sequence[str],
    strata: Sequence[Strata],
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
            f"holds {count:,} other values. Give one of them, spelled as it is there"
        )
    given: list[Split | None] = ["test" if name == group else "train" for name in groups]
    return split_given(given, clusters, strata, validation_fraction=validation_fraction, seed=seed)


def _carve(
    splits: list[Split | None],
    rows: Sequence[int],
    clusters: Sequence[str],
    strata: Sequence[Strata],
    *,
    share: float,
    seed: int,
    placed: Mapping[str, Split],
) -> list[Split | None]:
    shares: dict[Split, float] = {"train": 1 - share, "validation": share}
    dealt = apportion(
        [clusters[i] for i in rows],
        [strata[i] for i in rows],
        shares=shares,
        seed=seed,
        placed=placed,
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
            f"no advert is left for {' and '.join(missing)}: {len(splits)} adverts in "
            f"{len(set(clusters))} clusters are too few, or too many clusters are connected; "
            "add adverts or lower the fractions"
        )
