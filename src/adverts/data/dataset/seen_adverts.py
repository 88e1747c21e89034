"""Decides which adverts are new to a model: no other of their family trained or selected it.

Only this file derives it. The gate, calibration, thresholds, reports and their slices all use it,
so that they cannot differ.
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
from adverts.data.dataset.linked_families import connected, stored_families


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a model that was trained on the split ``train`` may know of ``N`` adverts.

    Attributes:
        training: ``(N,)``, whether another advert of its family is in ``train``.
        validation: ``(N,)``, whether another one is in ``validation``, which selected the model,
            its calibration and its thresholds.
        splits: Split of each advert.
        lack: Why some links may be missing, so that False means unknown; empty if all links are
            known.
        elsewhere: Whether the model was trained on another dataset, whose links to these adverts
            nobody recorded.
    """

    training: Bools
    validation: Bools
    splits: Sequence[str]
    lack: str = ""
    elsewhere: bool = False

    @property
    def seen(self) -> Bools:
        """Which adverts are not clean, ``(N,)``; for ``test``, also those seen by validation.

        Every split is held out from a model that was trained on another dataset.
        """
        in_test = np.array([self.elsewhere or split == "test" for split in self.splits], dtype=bool)
        found: Bools = self.training | (self.validation & in_test)
        return found

    def and_by(self, other: Seen) -> Seen:
        """Return what is seen by this training, and by an earlier one of a part of the model."""
        return Seen(
            self.training | other.seen,
            self.validation | other.validation,
            self.splits,
            "; ".join(dict.fromkeys(filter(None, (self.lack, other.lack)))),
            self.elsewhere,
        )

    @property
    def known(self) -> Bools:
        """For which adverts this is known, ``(N,)``: either all or none."""
        return np.full(len(self.splits), not self.lack)


def nothing_known(splits: Sequence[str], lack: str) -> Seen:
    """Return a :class:`Seen` for adverts of another dataset than the training: all unknown."""
    none = np.zeros(len(splits), dtype=bool)
    return Seen(none, none, splits, lack, elsewhere=True)


class SeenIndex:
    """The family of every advert of a dataset, and what is seen of it, by id."""

    def __init__(self, seen: Seen, groups: Ints, places: Mapping[str, int]) -> None:
        self._seen, self._groups, self._places = seen, groups, places

    def families(self, ids: Sequence[str]) -> Ints:
        """Return the family of each given advert of the dataset as a number, in this order."""
        return self._groups[[self._places[name] for name in ids]]

    def of(self, ids: Sequence[str]) -> Seen:
        """Return what is seen of the given adverts of the dataset, in this order."""
        rows = [self._places[name] for name in ids]
        whole = self._seen
        return Seen(
            training=whole.training[rows],
            validation=whole.validation[rows],
            splits=[whole.splits[row] for row in rows],
            lack=whole.lack,
        )


def index_seen(folder: Path, manifest: DatasetManifest) -> SeenIndex:
    """Determine for every advert of a prepared dataset whether others of its family were seen.

    If links may be missing, the existing ones are used, and the result says what is missing.

    Args:
        folder: Folder of the dataset, whose files must already be verified.
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
    """Number the groups of adverts that clusters or families join; neither is ever cut."""
    of_cluster, of_family = (
        np.unique(np.array(names, dtype=str), return_inverse=True)[1]
        for names in (clusters, families)
    )
    offset = int(of_cluster.max(initial=-1)) + 1
    size = offset + int(of_family.max(initial=-1)) + 1
    return connected(of_cluster, offset + of_family, size)[of_cluster]


def _others_in(split: str, groups: Ints, splits: Sequence[str]) -> Bools:
    """Return which adverts have another one of their group in a split."""
    inside = np.array([name == split for name in splits], dtype=bool)
    held = np.bincount(groups[inside], minlength=int(groups.max(initial=-1)) + 1)
    return np.asarray(held[groups] - inside > 0)
