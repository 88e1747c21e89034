"""Writes a prepared dataset to another folder without some of its adverts, and counts it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.advert import LabelSchema, Split
from adverts.data.dataset.cluster_evidence import LINKS, UNLINKED_CONTACTS, count_links, read_links
from adverts.data.dataset.dataset_counts import Tally
from adverts.data.dataset.dataset_manifest import Making, Shard, SplitCounts
from adverts.data.dataset.linked_families import find_families, split_overlap
from adverts.data.dataset.prepared import PreparedDataset, shard_writer
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.data.dataset.split_assignments import ASSIGNMENTS, read_families
from adverts.data.dataset.tombstones import FILE_NAME as ERASED
from adverts.data.dataset.tombstones import Tombstones
from adverts.data.erasing.find_adverts import AdvertSearch
from adverts.data.erasing.rewrite_rows import (
    facts_of_rows,
    id_columns,
    link_or_copy,
    write_bad_rows_without,
    write_table_without,
)
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS
from adverts.files.file_hash import file_sha256


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a dataset that was written without some adverts.

    Attributes:
        shards: Shards that still hold a row.
        side_files: Maps the name of every other file to its sha256.
        rows: Maps each changed file to the number of rows that were left out.
    """

    shards: tuple[Shard, ...]
    side_files: Mapping[str, str]
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DatasetCounts:
    """Counts of a dataset.

    Attributes:
        counts: Maps each split to its counts.
        split_overlap: Maps each split to the number of its adverts whose family is also in an
            earlier one.
        of_cluster: Maps each cluster to its number of adverts.
    """

    counts: Mapping[str, SplitCounts]
    split_overlap: Mapping[str, int]
    of_cluster: Mapping[str, int]


def write_without(
    dataset: PreparedDataset,
    folder: Path,
    found: AdvertSearch,
    *,
    tombstones: Tombstones,
) -> Written:
    """Write a dataset without some adverts; files that name none of them stay byte for byte.

    Args:
        dataset: The dataset, already verified.
        folder: Empty folder.
        found: The adverts, and where they are.
        tombstones: Tombstones of all erased adverts, old and new.
    """
    rows = Counter[str]()
    shards = tuple(_shards(dataset, folder, found, rows=rows))
    for name in dataset.manifest.side_files:
        if name != ERASED:
            rows[name] += _write_side_file(dataset, folder / name, found)
    tombstones.write(folder / ERASED)
    side_files = {
        name: file_sha256(folder / name)
        for name in sorted({*dataset.manifest.side_files, ERASED})
        if (folder / name).is_file()
    }
    return Written(shards, side_files, +rows)


def count_again(folder: Path, shards: Sequence[Shard], schema: LabelSchema) -> DatasetCounts:
    """Count the rows of shards as ``write_prepared`` does, without texts and pictures.

    If the dataset has no record of families, they are made from its remaining links.
    """
    tally, of_cluster = Tally(schema), Counter[str]()
    ids: list[str] = []
    splits: list[Split | None] = []
    clusters: list[str] = []
    for row in _facts(folder, shards, schema):
        tally.add(row)
        ids.append(row.id)
        splits.append(row.split)
        clusters.append(row.cluster)
        of_cluster[row.cluster] += 1
    return DatasetCounts(
        tally.counts(), split_overlap(splits, _families(folder, ids, clusters)), of_cluster
    )


def _families(folder: Path, ids: Sequence[str], clusters: Sequence[str]) -> list[str]:
    path = folder / ASSIGNMENTS
    recorded = read_families(path) if path.is_file() else None
    if recorded is not None and all(name in recorded for name in ids):
        return [recorded[name] for name in ids]
    return find_families(clusters, [read_links(folder / LINKS, ids)])


def count_evidence(folder: Path, made: Making) -> Making:
    """Return a making with the numbers of links and unlinked contacts in the files of a folder."""
    if (folder / LINKS).is_file():
        links, refused = count_links(folder / LINKS)
        made = replace(made, cluster_links=links, refused_links=refused)
    if (folder / UNLINKED_CONTACTS).is_file():
        tokens = pq.read_table(folder / UNLINKED_CONTACTS, columns=["token"])["token"]
        made = replace(made, unlinked_contacts=len(tokens.unique()))
    return made


def _shards(
    dataset: PreparedDataset, folder: Path, found: AdvertSearch, *, rows: Counter[str]
) -> Iterator[Shard]:
    ids = pa.array(sorted(found.known), pa.string())
    for shard in dataset.manifest.shards:
        source, target = dataset.path / shard.name, folder / shard.name
        if shard.name not in found.touched:
            link_or_copy(source, target)
            yield shard
            continue
        rows[shard.name] = write_table_without(
            source, target, ids, columns=["id"], open_writer=shard_writer
        )
        left = shard.rows - rows[shard.name]
        if left:
            yield Shard(shard.name, file_sha256(target), left, target.stat().st_size)
        else:
            target.unlink()


def _write_side_file(dataset: PreparedDataset, target: Path, found: AdvertSearch) -> int:
    """Write a file that is next to the shards; return how many of its rows are left out."""
    source = dataset.path / target.name
    if source.name == BAD_ROWS:
        return len(write_bad_rows_without(source, target, found.known))
    assert source.suffix == ".parquet", f"adverts cannot be taken out of {source.name}"
    columns = id_columns(source)
    if not columns:
        link_or_copy(source, target)
        return 0
    return write_table_without(
        source,
        target,
        pa.array(sorted(found.known), pa.string()),
        columns=columns,
        open_writer=_side_writer,
    )


def _side_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(file, schema, compression="zstd")


def _facts(folder: Path, shards: Sequence[Shard], schema: LabelSchema) -> Iterator[PreparedRow]:
    for shard in shards:
        yield from facts_of_rows(folder / shard.name, schema)
