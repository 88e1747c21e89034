"""Families: adverts joined by links of every kind, and those that are in several splits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq

from adverts.advert import SPLITS, Split
from adverts.arrays import Ints
from adverts.clusters.links import CLUSTERS_VERSION, Links
from adverts.data.dataset.cluster_evidence import LINKS, StoredLinks, count_links, read_links
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.data.dataset.split_assignments import ASSIGNMENTS, read_families
from adverts.errors import InputError

FAMILIES_VERSION = 1
"""Rises whenever splits keep other adverts together."""


def find_families(clusters: Sequence[str], links: Iterable[Links | StoredLinks]) -> list[str]:
    """Return the family of each advert: the smallest name of the clusters that it holds.

    Adverts that stand in no split take part, since what they join belongs together all the same.

    Args:
        clusters: Cluster of each advert; a cluster is never cut.
        links: Between adverts by number. Numbers beyond the adverts are of others, which have no
            cluster here.
    """
    pairs = [(one.first, one.second) for one in links]
    first = np.concatenate([np.zeros(0, np.int64), *(pair[0] for pair in pairs)])
    second = np.concatenate([np.zeros(0, np.int64), *(pair[1] for pair in pairs)])
    names, places = np.unique(np.array(clusters, dtype=str), return_inverse=True)
    count = len(clusters)
    size = max(count, int(np.maximum(first, second).max(initial=-1)) + 1)
    rows = np.arange(count)
    found = connected(
        np.concatenate([first, rows]), np.concatenate([second, size + places]), size + len(names)
    )
    smallest = np.full(int(found.max(initial=-1)) + 1, len(names), np.int64)
    np.minimum.at(smallest, found[size:], np.arange(len(names)))  # names are in their order
    return [str(names[place]) for place in smallest[found[:count]].tolist()]


def connected(first: Ints, second: Ints, count: int) -> Ints:
    """Return the number of the connected component of each of ``count`` things, ``(count,)``."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = (np.ones(len(first), np.bool_), (first, second))
    _, found = connected_components(coo_matrix(edges, shape=(count, count)), directed=False)
    return np.asarray(found, np.int64)


@dataclass(frozen=True, slots=True)
class Families:
    """The families of a prepared dataset.

    Attributes:
        names: Family of each advert, as far as it is known.
        lack: Why some adverts may hang together that have two families here; empty where all links
            are known.
    """

    names: tuple[str, ...]
    lack: str = ""


def stored_families(
    folder: Path, manifest: DatasetManifest, ids: Sequence[str], clusters: Sequence[str]
) -> Families:
    """Return the families that a prepared dataset has recorded, or that follow from its links.

    Datasets of before the record of families have all links in ``links.parquet``. They are enough
    only where nothing of them is missing: as many as the manifest says, found by the rules of
    today, and no advert erased since.

    Args:
        folder: Of the dataset, whose files are those that were written.
        manifest: Its manifest.
        ids: Of all its adverts.
        clusters: Of the same adverts.
    """
    held = [name for name in (ASSIGNMENTS, LINKS) if _is_held(folder, manifest, name)]
    recorded = read_families(folder / ASSIGNMENTS) if ASSIGNMENTS in held else None
    if recorded is not None and all(name in recorded for name in ids):
        return Families(tuple(recorded[name] for name in ids))
    names = list(clusters)
    if LINKS not in held:
        lack = f"the dataset holds neither families nor {LINKS}"
    elif "joined" not in pq.read_schema(folder / LINKS).names:
        lack = f"{LINKS} does not say which links were refused"
    else:
        lack = _lack_of_links(folder / LINKS, manifest)
        names = find_families(clusters, [read_links(folder / LINKS, ids)])
    if recorded is not None:
        missing = sum(name not in recorded for name in ids)
        lack = f"{ASSIGNMENTS} has no family of {missing:,} adverts"
    return Families(tuple(names), lack)


def _is_held(folder: Path, manifest: DatasetManifest, name: str) -> bool:
    return name in manifest.side_files and (folder / name).is_file()


def _lack_of_links(path: Path, manifest: DatasetManifest) -> str:
    """Return why stored links do not tell all; empty where they do."""
    made = manifest.made
    if made.erasures:
        return "adverts were erased, and the links that went with them are not known"
    if made.rules.get("clusters") != str(CLUSTERS_VERSION):
        return "its links were found by the rules of another release"
    if count_links(path) != (dict(made.cluster_links), made.refused_links):
        return f"{path.name} holds other links than were found"
    return ""


def settle_leaks(
    splits: Sequence[Split], families: Sequence[str], *, leakage: Literal["fail", "report", "drop"]
) -> list[Split | None]:
    """Return the splits of a source as they are used; None where an advert is left out.

    A family leaks where it stands in ``train`` and in another split, or in ``validation`` and in
    ``test``. What is judged on stays whole: ``drop`` leaves adverts out of the split before it.

    Raises:
        InputError: A family leaks, and ``leakage`` is ``fail``.
    """
    places = _places(splits, families)
    leaks = [
        SPLITS.index(split) < max(places[family])
        for split, family in zip(splits, families, strict=True)
    ]
    if not any(leaks) or leakage == "report":
        return list(splits)
    if leakage == "fail":
        told = " and ".join(
            f"{number} {split}" for split, number in split_overlap(splits, families).items()
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


def split_overlap(splits: Sequence[Split | None], families: Sequence[str]) -> dict[str, int]:
    """Count the adverts of each split whose family also stands in an earlier one.

    Args:
        splits: Of each advert; None where it stands in none.
        families: Of each advert.
    """
    places = _places(splits, families)
    copies = Counter(
        split
        for split, family in zip(splits, families, strict=True)
        if split is not None and min(places[family]) < SPLITS.index(split)
    )
    return dict(sorted(copies.items()))


def _places(splits: Sequence[Split | None], families: Sequence[str]) -> dict[str, set[int]]:
    """Return in which splits each family stands, as indices of ``SPLITS``."""
    places: dict[str, set[int]] = defaultdict(set)
    for split, family in zip(splits, families, strict=True):
        if split is not None:
            places[family].add(SPLITS.index(split))
    return places
