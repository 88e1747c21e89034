"""Finds adverts in every file of a prepared dataset, and the pictures that only they have."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.dataset.tombstones import FILE_NAME as ERASED
from adverts.data.erasing.rewrite_rows import holds_any, id_columns
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS
from adverts.data.sources.bad_rows import ids_named, read_bad_rows

_PICTURES = "images.list.element.bytes"


@dataclass(slots=True)
class FoundAdverts:
    """The wanted adverts that one shard holds.

    Attributes:
        ids: Their ids.
        clusters: Their clusters.
        pictures: sha256 of the bytes of each of their pictures.
    """

    ids: set[str] = field(default_factory=set)
    clusters: set[str] = field(default_factory=set)
    pictures: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class AdvertSearch:
    """Result of a search for adverts in a dataset.

    Attributes:
        in_shards: Maps the name of each shard to the wanted adverts that it holds.
        known: Ids that were found in any file. An advert that is in no split is named only in
            links; a file that is no picture is named only in the list of bad rows.
        own_pictures: sha256 of each of their pictures that no other advert has.
    """

    in_shards: Mapping[str, FoundAdverts]
    known: frozenset[str]
    own_pictures: frozenset[str] = frozenset()

    @property
    def touched(self) -> list[str]:
        """Names of the shards that hold at least one of the adverts."""
        return [name for name, found in self.in_shards.items() if found.ids]

    @property
    def num_adverts(self) -> int:
        """Number of the adverts that the shards hold."""
        return sum(len(found.ids) for found in self.in_shards.values())

    @property
    def clusters(self) -> frozenset[str]:
        """Clusters of the adverts that the shards hold."""
        return frozenset().union(*(found.clusters for found in self.in_shards.values()))


def search(dataset: PreparedDataset, ids: Collection[str]) -> AdvertSearch:
    """Search every file of a dataset for adverts."""
    wanted, folder, manifest = pa.array(sorted(ids), pa.string()), dataset.path, dataset.manifest
    in_shards = {s.name: _find_in_shard(folder / s.name, wanted) for s in manifest.shards}
    beside = [_ids_beside(folder / name, wanted) for name in manifest.side_files if name != ERASED]
    found = AdvertSearch(
        in_shards,
        frozenset().union(*(of_shard.ids for of_shard in in_shards.values()), *beside),
    )
    return replace(found, own_pictures=_pictures_of_no_other(dataset, found))


def _pictures_of_no_other(dataset: PreparedDataset, found: AdvertSearch) -> frozenset[str]:
    """Return the pictures that only the found adverts have; stop reading once none is left."""
    own = set().union(*(of_shard.pictures for of_shard in found.in_shards.values()))
    ids = pa.array(sorted(found.known), pa.string())
    for shard in dataset.manifest.shards:
        if own:
            own.difference_update(_pictures_of_others(dataset.path / shard.name, ids))
    return frozenset(own)


def _find_in_shard(shard: Path, ids: pa.Array) -> FoundAdverts:
    """Search a shard; pictures are read only in row groups that hold a wanted advert."""
    found = FoundAdverts()
    with pq.ParquetFile(shard) as file:
        for group in range(file.num_row_groups):
            mask = pc.is_in(file.read_row_group(group, columns=["id"])["id"], value_set=ids)
            if not pc.any(mask).as_py():
                continue
            rows = file.read_row_group(group, columns=["id", "cluster", _PICTURES]).filter(mask)
            found.ids.update(rows["id"].to_pylist())
            found.clusters.update(rows["cluster"].to_pylist())
            found.pictures.update(_picture_hashes(rows))
    return found


def _pictures_of_others(shard: Path, ids: pa.Array) -> Iterator[str]:
    """Yield the sha256 of every picture of the adverts that are not among ``ids``."""
    with pq.ParquetFile(shard) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["id", _PICTURES])
            yield from _picture_hashes(rows.filter(pc.invert(pc.is_in(rows["id"], value_set=ids))))


def _ids_beside(path: Path, ids: pa.Array) -> set[str]:
    """Return those of the ids that a file next to the shards names."""
    if path.name != BAD_ROWS:
        return _ids_in_table(path, ids)
    named = {name for row in read_bad_rows(path) for name in ids_named(row)}
    return named & set(ids.to_pylist())


def _ids_in_table(path: Path, ids: pa.Array) -> set[str]:
    """Return those of the ids that occur in any id column of a Parquet file."""
    found: set[str] = set()
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            for column in file.read_row_group(group, columns=id_columns(path)).columns:
                found.update(column.filter(holds_any(column, ids)).to_pylist())
    return found


def _picture_hashes(rows: pa.Table) -> Iterator[str]:
    pictures = pc.list_flatten(rows["images"])
    for data in pc.struct_field(pictures, "bytes"):
        yield hashlib.sha256(data.as_buffer()).hexdigest()
