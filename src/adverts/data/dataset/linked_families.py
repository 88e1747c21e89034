"""Families of adverts joined by links of every kind, and the leaks between splits they reveal."""

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

FAMILIES_VERSION = 2
"""Version of the rules; it rises whenever splits keep other adverts together."""


def find_families(clusters: Sequence[str], links: Iterable[Links | StoredLinks]) -> list[str]:
    """Return the family of each advert, named after the first of its clusters in sort order.

    Adverts that are in no split count too, since what they join belongs together.

    Args:
        clusters: Cluster of each advert; a cluster is never cut.
        links: Links between adverts by number. Numbers beyond the adverts mean other adverts,
            which have no cluster here.
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
    np.minimum.at(smallest, found[size:], np.arange(len(names)))  # names are sorted
    return [str(names[place]) for place in smallest[found[:count]].tolist()]


def connected(first: Ints, second: Ints, count: int) -> Ints:
    """Return the connected component of each of ``count`` items as a number, ``(count,)``."""
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
        lack: Why two adverts of different families may still belong together; empty if all links
            are known.
    """

    names: tuple[str, ...]
    lack: str = ""


def stored_families(
    folder: Path, manifest: DatasetManifest, ids: Sequence[str], clusters: Sequence[str]
) -> Families:
    """Return the families that a prepared dataset has recorded, or that follow from its links.

    Datasets without a record of families have all links in ``links.parquet``. The links suffice
    only if none is missing: their number is that of the manifest, the rules are unchanged, and no
    advert was erased.

    Args:
        folder: Folder of the dataset, whose files must already be verified.
        manifest: Its manifest.
        ids: Ids of all its adverts.
        clusters: Clusters of the same adverts.
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
        lack = f"{ASSIGNMENTS} has no family for {missing:,} adverts"
    return Families(tuple(names), lack)


def _is_held(folder: Path, manifest: DatasetManifest, name: str) -> bool:
    return name in manifest.side_files and (folder / name).is_file()


def _lack_of_links(path: Path, manifest: DatasetManifest) -> str:
    """Return why the stored links are not complete; empty if they are."""
    made = manifest.made
    if made.erasures:
        return "adverts were erased, and the links removed with them are unknown"
    if made.rules.get("clusters") != str(CLUSTERS_VERSION):
        return "its links were found with the rules of another release"
    if count_links(path) != (dict(made.cluster_links), made.refused_links):
        return f"{path.name} holds other links than the manifest records"
    return ""


def settle_leaks(
    splits: Sequence[Split], families: Sequence[str], *, leakage: Literal["fail", "report", "drop"]
) -> list[Split | None]:
    """Return the splits of a source as they are used; None for an advert that is left out.

    A family leaks if it is in ``train`` and in another split, or in ``validation`` and in
    ``test``. With ``drop``, adverts are left out of the earlier split; the later one stays whole.

    Raises:
        InputError: A family leaks and ``leakage`` is ``fail``, or ``drop`` empties a split.
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
            f"{told} adverts have a copy or near-duplicate in an earlier split, or share a "
            "contact, group or campaign with it, so figures on them would be too good. Set "
            f"data.split.leakage=drop to leave {sum(leaks)} adverts out of train and validation, "
            "or data.split.leakage=report to keep the splits"
        )
    kept = [None if leak else split for split, leak in zip(splits, leaks, strict=True)]
    emptied = [split for split in SPLITS if split in splits and split not in kept]
    if emptied:
        raise InputError(
            f"data.split.leakage=drop leaves nothing in {emptied[0]}: every advert there has a "
            "copy or near-duplicate in a later split; make new splits with data.split.kind=made"
        )
    return kept


def split_overlap(splits: Sequence[Split | None], families: Sequence[str]) -> dict[str, int]:
    """Count the adverts of each split whose family is also in an earlier one.

    Args:
        splits: Split of each advert; None if it is in none.
        families: Family of each advert.
    """
    places = _places(splits, families)
    copies = Counter(
        split
        for split, family in zip(splits, families, strict=True)
        if split is not None and min(places[family]) < SPLITS.index(split)
    )
    return dict(sorted(copies.items()))


def _places(splits: Sequence[Split | None], families: Sequence[str]) -> dict[str, set[int]]:
    """Return the splits that each family is in, as indices of ``SPLITS``."""
    places: dict[str, set[int]] = defaultdict(set)
    for split, family in zip(splits, families, strict=True):
        if split is not None:
            places[family].add(SPLITS.index(split))
    return places
