"""The prepared dataset: Parquet shards and a manifest, written atomically and verified by hash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adverts.advert import LabelSchema, Split
from adverts.data.dataset.advert_table import AdvertTable, ImageStore
from adverts.data.dataset.dataset_counts import Tally
from adverts.data.dataset.dataset_manifest import (
    FILE_NAME,
    DatasetManifest,
    Making,
    Shard,
    Terms,
    data_hash,
    read_manifest,
    write_manifest,
)
from adverts.data.dataset.prepared_rows import PreparedRow, arrow_schema, to_arrow
from adverts.data.dataset.seen_adverts import SeenIndex, index_seen
from adverts.data.dataset.tombstones import FILE_NAME as ERASED
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS
from adverts.data.sources.bad_rows import BadRow, write_bad_rows
from adverts.errors import InputError, IntegrityError
from adverts.files.file_hash import file_sha256
from adverts.files.staging import open_private, staging
from adverts.work.progress import note_when_slow

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

RELABELLED = "relabelled.parquet"
"""Name of the file with the adverts and tasks whose label a review gave or took away."""
HOLDS = (
    "shard-*.parquet",
    "assignments.parquet",
    "links.parquet",
    "unlinked_contacts.parquet",
    RELABELLED,
    BAD_ROWS,
    ERASED,
)
"""Patterns of the files that may be next to the manifest."""


class PreparedDataset:
    """A prepared dataset whose files are known to be unchanged."""

    def __init__(self, path: Path, manifest: DatasetManifest) -> None:
        self.path = path
        self.manifest = manifest

    @property
    def data_hash(self) -> str:
        """The sha256 that identifies these rows and their label schema."""
        return self.manifest.data_hash

    @property
    def schema(self) -> LabelSchema:
        """The tasks of the dataset."""
        return self.manifest.label_schema

    @cached_property
    def seen(self) -> SeenIndex:
        """Index of adverts that have others of their family in ``train`` or ``validation``."""
        return index_seen(self.path, self.manifest)

    def relabelled(self, task: str) -> frozenset[str]:
        """Return the ids of the adverts whose label of a task a review gave or took away."""
        if RELABELLED not in self.manifest.side_files:
            return frozenset()
        columns = pq.read_table(self.path / RELABELLED)
        return frozenset(columns.filter(pc.equal(columns["task"], task))["id"].to_pylist())

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
    """Open a prepared dataset after checking the hash of every file.

    Raises:
        InputError: The folder is not a prepared dataset.
        IntegrityError: The manifest, a shard or another file has changed.
    """
    manifest = read_manifest(path)
    with note_when_slow(f"checking the hashes of {path}, {manifest.num_bytes / 1e6:,.0f} MB"):
        _check_files(path, manifest)
    return PreparedDataset(path, manifest)


def _check_files(path: Path, manifest: DatasetManifest) -> None:
    for name, sha256 in {
        **{shard.name: shard.sha256 for shard in manifest.shards},
        **manifest.side_files,
    }.items():
        check_file(path / name, sha256)


def check_file(path: Path, sha256: str) -> None:
    """Refuse a file of a prepared dataset that has changed.

    Raises:
        IntegrityError: It is missing or has another hash; the message names it.
    """
    if path.is_symlink() or not path.is_file():
        what = (
            "a link: put the file itself there" if path.is_symlink() else "missing: bring it back"
        )
        raise IntegrityError(f"{path} is {what}, or run adverts prepare again")
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

    Rows are taken one by one; at most one row group (4 MB) is held. Bad rows are listed in a file
    next to the shards. ``side_files`` maps the names of further files to functions that write them.

    Raises:
        InputError: There is no row, an id occurs twice, ``folder`` holds something that is not a
            prepared dataset, or the disk is full.
    """
    with staging(folder, marker=FILE_NAME, also=HOLDS) as partial:
        tally = Tally(schema)
        shards = tuple(_write_shards(partial, rows, arrow_schema(schema), tally=tally))
        if not shards:
            raise InputError(f"dataset {name} is empty: there is no row to write")
        writers = dict(side_files or {})
        if bad_rows:
            writers[BAD_ROWS] = lambda path: write_bad_rows(path, bad_rows)
        for file, write in writers.items():
            write(partial / file)
        manifest = DatasetManifest(
            name=name,
            data_hash=data_hash(shards, schema),
            label_schema=schema,
            shards=shards,
            counts=tally.counts(),
            terms=terms or Terms(),
            made=made or Making(),
            side_files={file: file_sha256(partial / file) for file in sorted(writers)},
        )
        write_manifest(partial, manifest)
    return PreparedDataset(folder, manifest)


def _write_shards(
    folder: Path, rows: Iterable[PreparedRow], schema: pa.Schema, *, tally: Tally
) -> Iterator[Shard]:
    batches = _batches(rows)
    batch = next(batches, None)
    index = 0
    while batch is not None:
        path = folder / f"shard-{index:05d}.parquet"
        num_rows = num_bytes = 0
        with open_private(path) as file, shard_writer(file, schema) as writer:
            while batch is not None and num_rows < _SHARD_ROWS and num_bytes < _SHARD_BYTES:
                for row in batch:
                    tally.add(row)
                    num_bytes += row.num_bytes
                writer.write_batch(to_arrow(batch, schema))
                num_rows += len(batch)
                batch = next(batches, None)
        yield Shard(path.name, file_sha256(path), num_rows, path.stat().st_size)
        index += 1


def shard_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """Return a writer that compresses every column except the already compressed pictures."""
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
    """Return every column except the pictures, which are replaced by ``has_image``."""
    file = pq.ParquetFile(shard, memory_map=True)
    names = [name for name in file.schema_arrow.names if name != "images"]
    columns = file.read(columns=names)
    has_image = file.read(columns=["images.list.element.path"])["images"]
    return columns.append_column("has_image", pc.greater(pc.list_value_length(has_image), 0))
