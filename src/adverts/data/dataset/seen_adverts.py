"""Which adverts are new to a model: none of their family taught it or chose it.

This is derived here alone. The gate, calibration and thresholds, reports and their slices take it
from here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adverts.arrays import Bools, Ints
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.data.dataset.families import connected, stored_families


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a model that was trained on the split ``train`` may know of ``N`` adverts.

    Attributes:
        training: ``(N,)``, does another advert of its family stand in ``train``?
        validation: ``(N,)``, does another one stand in ``validation``, which chose the model, its
            calibration and its thresholds?
        splits: Of each advert.
        lack: Why some links may be missing, so that what is False is not known; empty where all
            links are known.
    """

    training: Bools
    validation: Bools
    splits: Sequence[str]
    lack: str = ""

    @property
    def seen(self) -> Bools:
        """Which adverts are not clean, ``(N,)``: of ``test`` also those seen by validation."""
        in_test = np.array([split == "test" for split in self.splits], dtype=bool)
        found: Bools = self.training | (self.validation & in_test)
        return found

    @property
    def known(self) -> Bools:
        """For which adverts this is known, ``(N,)``: for all or for none."""
        return np.full(len(self.splits), not self.lack)


def nothing_known(splits: Sequence[str], lack: str) -> Seen:
    """Return what is known of adverts of another dataset than that of the training: nothing."""
    none = np.zeros(len(splits), dtype=bool)
    return Seen(none, none, splits, lack)


class SeenIndex:
    """Families of a dataset, and what is seen of every advert, by its id."""

    def __init__(self, seen: Seen, groups: Ints, places: Mapping[str, int]) -> None:
        self._seen, self._groups, self._places = seen, groups, places

    def families(self, ids: Sequence[str]) -> Ints:
        """Return the number of the family of some adverts of the dataset, in this order."""
        return self._groups[[self._places[name] for name in ids]]

    def of(self, ids: Sequence[str]) -> Seen:
        """Return what is seen of some adverts of the dataset, in this order."""
        rows = [self._places[name] for name in ids]
        whole = self._seen
        return Seen(
            training=whole.training[rows],
            validation=whole.validation[rows],
            splits=[whole.splits[row] for row in rows],
            lack=whole.lack,
        )


def index_seen(folder: Path, manifest: DatasetManifest) -> SeenIndex:
    """Derive for every advert of a prepared dataset whether others of its family were seen.

    Where links may be missing, those that are there count, and the lack is told with them.

    Args:
        folder: Of the dataset, whose files are those that were written.
        manifest: Its manifest.
    """
    table = pa.concat_tables(
        pq.read_table(folder / shard.name, columns=["id", "split", "cluster"])
        for shard in manifest.shards
    )
    ids, clusters = table["id"].to_pylist(), table["cluster"].to_pylist()
    splits: list[str] = table["split"].cast(pa.string()).to_pylist()
    found = stored_families(folder, manifest, ids, clusters)
    groups = _joined(clusters, found.names)
    seen = Seen(
        training=_others_in("train", groups, splits),
        validation=_others_in("validation", groups, splits),
        splits=splits,
        lack=found.lack,
    )
    return SeenIndex(seen, groups, {name: row for row, name in enumerate(ids)})


def _joined(clusters: Sequence[str], families: Sequence[str]) -> Ints:
    """Number what clusters and families join: neither is cut, whatever the other says."""
    of_cluster, of_family = (
        np.unique(np.array(names, dtype=str), return_inverse=True)[1]
        for names in (clusters, families)
    )
    offset = int(of_cluster.max(initial=-1)) + 1
    size = offset + int(of_family.max(initial=-1)) + 1
    return connected(of_cluster, offset + of_family, size)[of_cluster]


def _others_in(split: str, groups: Ints, splits: Sequence[str]) -> Bools:
    """Tell which adverts have another one of their group in a split."""
    inside = np.array([name == split for name in splits], dtype=bool)
    held = np.bincount(groups[inside], minlength=int(groups.max(initial=-1)) + 1)
    return np.asarray(held[groups] - inside > 0)
