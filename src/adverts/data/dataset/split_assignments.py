"""Records the split of each advert, so that the next preparation puts it there again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeGuard

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.advert import SPLITS, Split
from adverts.files.staging import open_private

ASSIGNMENTS = "assignments.parquet"
_FAMILY = "family"

Place = Literal["train", "validation", "test", "bridge", "left_out"]
"""A split, or why an advert is in none: ``bridge`` joins clusters of two splits, ``left_out`` leaks
from one split that the source gives into another."""


def is_split(place: Place) -> TypeGuard[Split]:
    """Return whether a place is a split."""
    return place in SPLITS


@dataclass(frozen=True, slots=True)
class Assignment:
    """Place and cluster of one advert."""

    place: Place
    cluster: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Clusters with their final names, and their splits in earlier preparations.

    Attributes:
        clusters: Cluster of each advert.
        placed: Maps each cluster that had a split to it.
        bridges: Whether each advert is set aside, since it joins clusters of two splits or was
            set aside before.
    """

    clusters: tuple[str, ...]
    placed: Mapping[str, Split]
    bridges: tuple[bool, ...]


def settle_clusters(
    ids: Sequence[str], names: Sequence[str], recorded: Mapping[str, Assignment]
) -> Settled:
    """Give clusters the names and the splits that their adverts had before.

    A cluster that has grown keeps its name. If clusters of one split have met, all take the name
    of the largest. If clusters of two splits have met, every recorded advert stays where it is
    and every new one is a bridge. A cluster that has only adverts without a split left keeps the
    split of those that are gone, since they may come back.

    Args:
        ids: Identifiers of the adverts.
        names: Cluster of each advert as it is found now.
        recorded: Maps identifiers to assignments; adverts that are gone may be among them.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        members[name].append(row)
    clusters, bridges = list(names), [False] * len(ids)
    had, placed = _splits(recorded.values()), dict[str, Split]()
    for rows in members.values():
        known = {row: recorded[ids[row]] for row in rows if ids[row] in recorded}
        if not known:
            continue
        met = _Met(known.values(), had)
        placed |= met.placed
        for row in rows:
            clusters[row] = met.name_of(known.get(row))
            bridges[row] = met.is_bridge(known.get(row))
    return Settled(tuple(clusters), placed, tuple(bridges))


def settle_families(families: Sequence[str], settled: Settled) -> Settled:
    """Return the units that are dealt: whole families, as far as no record keeps them apart.

    New clusters of a family join the split of its recorded ones. If these are in two splits, each
    of them stays, and every cluster that has no split yet is a bridge.

    Args:
        families: Family of each advert.
        settled: The clusters of the same adverts.
    """
    splits: dict[str, set[Split]] = defaultdict(set)
    for family, cluster in zip(families, settled.clusters, strict=True):
        splits[family] |= {settled.placed[cluster]} if cluster in settled.placed else set()
    units, bridges = list(families), list(settled.bridges)
    placed: dict[str, Split] = {}
    for row, (family, cluster) in enumerate(zip(families, settled.clusters, strict=True)):
        if len(splits[family]) > 1:
            units[row] = cluster
            bridges[row] |= cluster not in settled.placed
        if units[row] == cluster and cluster in settled.placed:
            placed[cluster] = settled.placed[cluster]
        elif len(splits[family]) == 1:
            placed[family] = min(splits[family])
    return Settled(tuple(units), placed, tuple(bridges))


class _Met:
    """The recorded assignments of the adverts that are now in one cluster."""

    def __init__(self, known: Iterable[Assignment], had: Mapping[str, Split]) -> None:
        known = list(known)
        splits = _splits(known) or {
            one.cluster: had[one.cluster] for one in known if one.cluster in had
        }
        sizes = Counter(one.cluster for one in known if one.cluster in splits or not splits)
        self._clash = len(set(splits.values())) > 1
        self._largest = min(sizes, key=lambda name: (-sizes[name], name))
        one_split = zip([self._largest], splits.values(), strict=False)
        self.placed: Mapping[str, Split] = splits if self._clash else dict(one_split)

    def name_of(self, old: Assignment | None) -> str:
        if old is None or old.place == "left_out" or not self._clash:
            return self._largest
        return old.cluster

    def is_bridge(self, old: Assignment | None) -> bool:
        if old is None or old.place == "left_out":
            return self._clash
        return old.place == "bridge"


def _splits(recorded: Iterable[Assignment]) -> dict[str, Split]:
    """Return the split of each cluster; the later one if an older release left it in two."""
    splits: dict[str, Split] = {}
    for one in recorded:
        if is_split(one.place):
            splits[one.cluster] = max(
                splits.get(one.cluster, one.place), one.place, key=SPLITS.index
            )
    return splits


def write_assignments(
    path: Path,
    ids: Sequence[str],
    clusters: Sequence[str],
    places: Sequence[Place],
    *,
    families: Sequence[str],
    gone: Mapping[str, Assignment],
) -> None:
    """Write one row for each advert, and for each that was recorded before and is gone now.

    Args:
        path: New file that only its owner can read.
        ids: Identifiers.
        clusters: Cluster of each advert.
        places: Place of each advert.
        families: Family of each advert, see :mod:`adverts.data.dataset.linked_families`; adverts
            that are gone have none.
        gone: Earlier assignments; adverts among ``ids`` are skipped.
    """
    present = set(ids)
    left = {name: one for name, one in gone.items() if name not in present}
    table = pa.table(
        {
            "id": pa.array([*ids, *left], pa.string()),
            "split": pa.array([*places, *(one.place for one in left.values())]).dictionary_encode(),
            "cluster": pa.array([*clusters, *(one.cluster for one in left.values())], pa.string()),
            _FAMILY: pa.array([*families, *(None for _ in left)], pa.string()),
        }
    )
    with open_private(path) as file:
        pq.write_table(table, file, compression="zstd")


def read_assignments(path: Path) -> dict[str, Assignment]:
    """Read a file written by :func:`write_assignments`, as a mapping by identifier."""
    columns = pq.read_table(path, columns=["id", "split", "cluster"]).to_pydict()
    rows = zip(columns["id"], columns["split"], columns["cluster"], strict=True)
    return {name: Assignment(split, cluster) for name, split, cluster in rows}


def read_families(path: Path) -> dict[str, str] | None:
    """Read the family of each advert that has one, by identifier; None if none is recorded."""
    if _FAMILY not in pq.read_schema(path).names:
        return None
    columns = pq.read_table(path, columns=["id", _FAMILY]).to_pydict()
    rows = zip(columns["id"], columns[_FAMILY], strict=True)
    return {name: family for name, family in rows if family is not None}
