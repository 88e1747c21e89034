"""Clusters that stand in several splits of a source: told, refused, or mended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from adverts.advert import SPLITS, Split
from adverts.clusters.union_find import UnionFind
from adverts.errors import InputError


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


def split_overlap(
    splits: Sequence[Split | None],
    clusters: Sequence[str],
    linked: Iterable[tuple[int, int]] = (),
) -> dict[str, int]:
    """Count the adverts of each split whose cluster also stands in an earlier one.

    Args:
        splits: Of each advert.
        clusters: Of each advert.
        linked: Pairs of adverts that belong together. A record may keep them in two clusters, since
            no old advert moves; they leak all the same, but for those that stand in no split.
    """
    together = met_clusters(splits, clusters, linked)
    places = _places(splits, together)
    copies = Counter(
        split
        for split, cluster in zip(splits, together, strict=True)
        if split is not None and min(places[cluster]) < SPLITS.index(split)
    )
    return dict(sorted(copies.items()))


def met_clusters(
    splits: Sequence[Split | None], clusters: Sequence[str], linked: Iterable[tuple[int, int]]
) -> list[str]:
    """Return the cluster of each advert, with one name for all that links between splits join.

    A record keeps clusters of two splits apart that meet later, since no old advert moves. Adverts
    that stand in no split join nothing; arguments as for :func:`split_overlap`.
    """
    pairs = [
        (clusters[first], clusters[second])
        for first, second in linked
        if splits[first] != splits[second] and None not in (splits[first], splits[second])
    ]
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    places = {name: i for i, name in enumerate(names)}
    sets = UnionFind(len(names))
    for first, second in pairs:
        sets.union(places[first], places[second])
    return [
        names[sets.find(places[cluster])] if cluster in places else cluster for cluster in clusters
    ]


def _places(splits: Sequence[Split | None], clusters: Sequence[str]) -> dict[str, set[int]]:
    """Return in which splits each cluster stands, as indices of ``SPLITS``."""
    places: dict[str, set[int]] = defaultdict(set)
    for split, cluster in zip(splits, clusters, strict=True):
        if split is not None:
            places[cluster].add(SPLITS.index(split))
    return places
