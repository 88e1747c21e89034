"""The prepared dataset: Parquet shards and a manifest, written whole, read only if untouched."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adverts.advert import SPLITS, LabelSchema, Split
from adverts.data.bad_rows import FILE_NAME as BAD_ROWS
from adverts.data.bad_rows import BadRow, write_bad_rows
from adverts.data.manifest import (
    FILE_NAME,
    DatasetManifest,
    Making,
    Shard,
    SplitCounts,
    Terms,
    data_hash,
    read_manifest,
    write_manifest,
)
from adverts.data.records import PreparedRow, arrow_schema, to_arrow
from adverts.data.staging import file_sha256, open_private, staging
from adverts.data.table import AdvertTable, ImageStore
from adverts.errors import InputError, IntegrityError
from adverts.progress import told_when_slow

_GROUP_ROWS, _GROUP_BYTES = 4096, 4_000_000
_SHARD_ROWS, _SHARD_BYTES = 200_000, 256_000_000
_REPEATED = {
    "ocr_engine",
    "lang",
    "script",
    "platform",
    "posted_week",
    "campaign",
    "stratum",
    "split",
}


HOLDS = (
    "shard-*.parquet",
    "assignments.parquet",
    "links.parquet",
    "unlinked_contacts.parquet",
    BAD_ROWS,
)
"""Patterns of the files that stand beside the manifest."""


class PreparedDataset:
    """A prepared dataset whose shards are known to be those that were written."""

    def __init__(self, path: Path, manifest: DatasetManifest) -> None:
        self.path = path
        self.manifest = manifest

    @property
    def data_hash(self) -> str:
        """The sha256 that names these rows and their label schema."""
        return self.manifest.data_hash

    @property
    def schema(self) -> LabelSchema:
        """The tasks of the dataset."""
        return self.manifest.label_schema

    def split(self, name: Split | Literal["all"]) -> AdvertTable:
        """Return the adverts of one split, or of all, in the order of the source.

        Raises:
            InputError: The dataset has no advert in this split.
        """
        shards = [self.path / shard.name for shard in self.manifest.shards]
        columns = pa.concat_tables(_read_columns(shard) for shard in shards)
        rows = np.arange(len(columns), dtype=np.int64)
        if name != "all":
            mask = pc.equal(columns["split"], name)
            rows = rows[mask.to_numpy(zero_copy_only=False)]
            columns = columns.filter(mask)
        if len(columns) == 0:
            have = {split: counts.adverts for split, counts in self.manifest.counts.items()}
            raise InputError(f"{self.path} has no advert in split {name!r}; it has {have}")
        return AdvertTable(columns, self.schema, ImageStore(shards), rows=rows)


def open_prepared(path: Path) -> PreparedDataset:
    """Open a prepared dataset after checking the hash of every shard.

    Raises:
        InputError: The folder is not a prepared dataset.
        IntegrityError: The manifest or a shard is not what was written.
    """
    if not (path / FILE_NAME).is_file():
        raise InputError(f"{path} is not a prepared dataset (no {FILE_NAME}); run adverts prepare")
    manifest = read_manifest(path)
    with told_when_slow(f"checking the hashes of {path}, {manifest.num_bytes / 1e6:,.0f} MB"):
        _check_files(path, manifest)
    return PreparedDataset(path, manifest)


def _check_files(path: Path, manifest: DatasetManifest) -> None:
    for name, sha256 in {
        **{shard.name: shard.sha256 for shard in manifest.shards},
        **manifest.side_files,
    }.items():
        check_file(path / name, sha256)


def check_file(path: Path, sha256: str) -> None:
    """Refuse a file of a prepared dataset that is not what was written.

    Raises:
        IntegrityError: It is missing or has another hash; the message names it.
    """
    if not path.is_file():
        raise IntegrityError(f"{path} is missing; run adverts prepare again")
    found = file_sha256(path)
    if found != sha256:
        raise IntegrityError(
            f"{path} was changed: sha256 {found[:12]}, wanted {sha256[:12]}; "
            "run adverts prepare again"
        )


def write_prepared(
    folder: Path,
    rows: Iterable[PreparedRow],
    *,
    name: str,
    schema: LabelSchema,
    terms: Terms | None = None,
    made: Making | None = None,
    bad_rows: Sequence[BadRow] = (),
    side_files: Mapping[str, Callable[[Path], None]] | None = None,
) -> PreparedDataset:
    """Write a prepared dataset, owner-only and atomically, and return it opened.

    Rows are taken one by one; not more than one row group (4 MB) is held. Bad rows are listed
    beside the shards, and so is what each of ``side_files`` writes, by its name.

    Raises:
        InputError: There is no row, an id stands twice, ``folder`` holds something that is not a
            prepared dataset, or the disk is full.
    """
    with staging(folder, marker=FILE_NAME, also=HOLDS) as partial:
        tally = _Tally(schema)
        shards = tuple(_write_shards(partial, tally.watch(rows), arrow_schema(schema)))
        if not shards:
            raise InputError(f"dataset {name} is empty: there is no row to write")
        for file_name, write in (side_files or {}).items():
            write(partial / file_name)
        manifest = DatasetManifest(
            name=name,
            data_hash=data_hash(shards, schema),
            label_schema=schema,
            shards=shards,
            counts=tally.counts(),
            terms=terms or Terms(),
            made=made or Making(),
            side_files={one: file_sha256(partial / one) for one in side_files or {}},
        )
        write_manifest(partial, manifest)
        if bad_rows:
            write_bad_rows(partial / BAD_ROWS, bad_rows)
    return PreparedDataset(folder, manifest)


def _write_shards(folder: Path, rows: Iterable[PreparedRow], schema: pa.Schema) -> Iterator[Shard]:
    batches = _batches(rows)
    batch = next(batches, None)
    index = 0
    while batch is not None:
        path = folder / f"shard-{index:05d}.parquet"
        num_rows = num_bytes = 0
        with open_private(path) as file, _writer(file, schema) as writer:
            while batch is not None and num_rows < _SHARD_ROWS and num_bytes < _SHARD_BYTES:
                writer.write_batch(to_arrow(batch, schema))
                num_rows += len(batch)
                num_bytes += sum(row.num_bytes for row in batch)
                batch = next(batches, None)
        yield Shard(path.name, file_sha256(path), num_rows, path.stat().st_size)
        index += 1


def _writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Return a writer that compresses all but the pictures, which are compressed already."""
    return pq.ParquetWriter(
        file,
        schema,
        compression={name: "zstd" for name in schema.names if name != "images"},
        use_dictionary=[name for name in schema.names if name in _REPEATED],
        write_statistics=["split"],
    )


def _batches(rows: Iterable[PreparedRow]) -> Iterator[list[PreparedRow]]:
    batch: list[PreparedRow] = []
    num_bytes = 0
    for row in rows:
        batch.append(row)
        num_bytes += row.num_bytes
        if len(batch) >= _GROUP_ROWS or num_bytes >= _GROUP_BYTES:
            yield batch
            batch, num_bytes = [], 0
    if batch:
        yield batch


def _read_columns(shard: Path) -> pa.Table:
    """Return every column but the pictures, of which only ``has_image`` is told."""
    file = pq.ParquetFile(shard, memory_map=True)
    names = [name for name in file.schema_arrow.names if name != "images"]
    columns = file.read(columns=names)
    has_image = file.read(columns=["images.list.element.path"])["images"]
    return columns.append_column("has_image", pc.greater(pc.list_value_length(has_image), 0))


class _Tally:
    """Counts rows on their way to disk, and refuses an id that comes twice."""

    def __init__(self, schema: LabelSchema) -> None:
        self._schema = schema
        self._ids: set[str] = set()
        self._clusters: dict[str, set[str]] = defaultdict(set)
        self._facts: dict[str, Counter[str]] = defaultdict(Counter)
        self._languages: dict[str, Counter[str]] = defaultdict(Counter)
        self._labels: dict[tuple[str, str], dict[str, float]] = {}

    def watch(self, rows: Iterable[PreparedRow]) -> Iterator[PreparedRow]:
        for row in rows:
            if row.id in self._ids:
                raise InputError(f"id {row.id!r} stands twice; ids must differ")
            self._ids.add(row.id)
            self._count(row)
            yield row

    def counts(self) -> dict[str, SplitCounts]:
        return {
            split: SplitCounts(
                adverts=self._facts[split]["adverts"],
                clusters=len(self._clusters[split]),
                with_image=self._facts[split]["with_image"],
                unreviewed=self._facts[split]["unreviewed"],
                languages=dict(sorted(self._languages[split].items())),
                labels={
                    task.name: {k: round(v, 3) for k, v in self._labels[split, task.name].items()}
                    for task in self._schema.tasks
                },
            )
            for split in SPLITS
            if split in self._facts
        }

    def _count(self, row: PreparedRow) -> None:
        facts = self._facts[row.split]
        facts["adverts"] += 1
        facts["with_image"] += bool(row.images)
        facts["unreviewed"] += not row.reviewed
        self._clusters[row.split].add(row.cluster)
        self._languages[row.split][row.lang or ""] += 1
        for task in self._schema.tasks:
            empty = dict.fromkeys((*task.labels, "unlabelled"), 0.0)
            sums = self._labels.setdefault((row.split, task.name), empty)
            weights = row.targets.get(task.name)
            if weights is None:
                sums["unlabelled"] += 1
            else:
                _add(sums, task.labels, weights)


def _add(sums: dict[str, float], labels: Sequence[str], weights: Sequence[float]) -> None:
    for label, weight in zip(labels, weights, strict=True):
        sums[label] += 0.0 if math.isnan(weight) else weight
