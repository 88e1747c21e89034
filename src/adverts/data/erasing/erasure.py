"""Erases adverts from every file of a prepared dataset, and their pictures' text from the cache."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adverts.data.dataset.dataset_manifest import (
    FILE_NAME,
    DatasetManifest,
    Erasure,
    Making,
    data_hash,
    write_manifest,
)
from adverts.data.dataset.picture_spool import remove_leavings
from adverts.data.dataset.prepared import HOLDS, PreparedDataset, open_prepared
from adverts.data.dataset.tombstones import Tombstones, read_tombstones
from adverts.data.erasing.find_adverts import AdvertSearch, search
from adverts.data.erasing.rewrite_dataset import (
    DatasetCounts,
    Written,
    count_again,
    count_evidence,
    write_without,
)
from adverts.data.sources.bad_rows import FILE_NAME as BAD_ROWS
from adverts.errors import InputError
from adverts.files.bounded_reading import read_bounded
from adverts.files.staging import recover, require_disk, require_replaced_gone, staging
from adverts.ocr.cache import OcrCache
from adverts.work.progress import note_when_slow

_IDS_TOLD, _ID_CHARACTERS = 5, 100
MAX_IDS_BYTES = 32_000_000
"""Largest size of a file of ids, in bytes."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed from a dataset.

    Attributes:
        dataset: The dataset as it is now.
        ids: Ids of adverts that were somewhere in it.
        adverts: Number of them that were in its shards.
        rows: Maps the name of each file to the number of rows that were removed.
        not_found: Ids that were nowhere in it and were not erased before.
        erased_before: Number of the ids that were erased before.
        ocr_results: Number of results that were removed from the OCR cache.
        near_copies: Number of adverts that remain in the clusters of the erased ones.
        held_by: Data hashes of the datasets that held the adverts, the last one first: the
            previous one, and those before earlier erasures.
        perhaps_held_by: Data hashes of datasets in the folder from before it was last prepared.
    """

    dataset: PreparedDataset
    ids: tuple[str, ...]
    adverts: int
    rows: Mapping[str, int]
    not_found: tuple[str, ...]
    erased_before: int
    ocr_results: int
    near_copies: int
    held_by: tuple[str, ...]
    perhaps_held_by: tuple[str, ...]


def read_ids(path: Path) -> tuple[str, ...]:
    """Read ids, one a line, ignoring a byte order mark, blank lines and spaces around ids.

    Raises:
        InputError: The file cannot be read, is not UTF-8, or holds no id.
    """
    try:
        text = read_bounded(path, most=MAX_IDS_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"erase={path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"erase={path} is not UTF-8; save it as UTF-8, one id per line") from None
    lines = map(str.strip, io.StringIO(text, newline="\n"))
    ids = tuple(dict.fromkeys(line for line in lines if line))
    if not ids:
        raise InputError(f"erase={path} holds no id; write one id per line")
    return ids


def erase_adverts(
    folder: Path,
    ids: Sequence[str],
    *,
    cache: OcrCache,
    today: datetime.date,
    record: Callable[[PreparedDataset, Collection[str]], None] = lambda _, __: None,
) -> Erased:
    """Remove adverts from a prepared dataset, all or none, and record that they were erased.

    If all of them that it ever held were erased before, nothing is changed and the earlier erasure
    is returned. The earlier command may have been killed after it erased them.

    Text of their pictures leaves the cache before the dataset is replaced, unless a remaining
    advert has the same picture. A command killed in between can run again, since the old dataset
    still holds the adverts.

    Args:
        folder: Folder of the dataset.
        ids: Ids of the adverts.
        cache: Cache with the texts of their pictures.
        today: The date that is recorded.
        record: Records elsewhere that the dataset will lose the adverts with these ids, before it
            does; if it fails, nothing is changed.

    Raises:
        InputError: The folder is no prepared dataset, holds none of the adverts or no other, the
            disk is too full, or another process is writing it. Nothing is changed.
        IntegrityError: A file of the dataset has changed since it was written. Nothing is changed.
    """
    folder = folder.absolute()
    recover(folder, marker=FILE_NAME)
    if not (folder / FILE_NAME).is_file():
        raise InputError(
            f"{folder} is not a prepared dataset (no {FILE_NAME}); set prepared= to a folder that "
            "adverts prepare wrote"
        )
    try:
        with (
            staging(folder, marker=FILE_NAME, also=HOLDS) as partial,
            note_when_slow(f"erasing adverts from {folder}"),
        ):
            dataset, tombstones = open_prepared(folder), read_tombstones(folder)
            found = search(dataset, ids)
            _refuse(dataset, ids, found, tombstones=tombstones)
            erased = _write_erased(dataset, partial, found, tombstones=tombstones, today=today)
            record(dataset, found.known)
            _remove_leavings(folder)
            ocr_results = sum(map(cache.purge, sorted(found.own_pictures)))
    except _ErasedBefore as done:
        erased, ocr_results = done.erased, 0
        _remove_leavings(folder)
    require_replaced_gone(folder)
    others = [name for name in ids if name not in erased.ids]
    return replace(
        erased,
        not_found=tuple(name for name in others if name not in tombstones),
        erased_before=sum(name in tombstones for name in others),
        ocr_results=ocr_results,
    )


def _remove_leavings(folder: Path) -> None:
    """Remove files that failed preparations left next to the dataset: they may name adverts."""
    folder.with_name(f"{folder.name}.{BAD_ROWS}").unlink(missing_ok=True)
    remove_leavings(folder)


def _refuse(
    dataset: PreparedDataset, ids: Sequence[str], found: AdvertSearch, *, tombstones: Tombstones
) -> None:
    if not found.known and any(name in tombstones for name in ids):
        raise _ErasedBefore(_erased_before(dataset))
    if not found.known:
        raise InputError(
            f"{dataset.path} holds none of the {len(ids)} ids (first: {first_ids(ids)}); nothing "
            "was changed"
        )
    if found.num_adverts == dataset.manifest.num_adverts:
        raise InputError(
            f"{dataset.path} would be left empty; nothing was changed. Remove the folder instead, "
            "and delete the adverts at the source"
        )


class _ErasedBefore(Exception):
    """Raised if all adverts were erased before; holds the result to return."""

    def __init__(self, erased: Erased) -> None:
        super().__init__()
        self.erased = erased


def _erased_before(dataset: PreparedDataset) -> Erased:
    manifest = dataset.manifest
    return Erased(
        dataset=dataset,
        ids=(),
        adverts=0,
        rows={},
        not_found=(),
        erased_before=0,
        ocr_results=0,
        near_copies=0,
        held_by=_erased_from(manifest),
        perhaps_held_by=tuple(h for h in manifest.made.former if h != manifest.data_hash),
    )


def first_ids(ids: Sequence[str]) -> str:
    """Return the first few ids, quoted, and how many more there are."""
    rest = len(ids) - _IDS_TOLD
    return ", ".join(repr(name[:_ID_CHARACTERS]) for name in ids[:_IDS_TOLD]) + (
        f" and {rest} more" if rest > 0 else ""
    )


def _write_erased(
    dataset: PreparedDataset,
    partial: Path,
    found: AdvertSearch,
    *,
    tombstones: Tombstones,
    today: datetime.date,
) -> Erased:
    """Write the dataset without the adverts, and its manifest last."""
    before = dataset.manifest
    sizes = {shard.name: shard.num_bytes for shard in before.shards}
    require_disk(partial, sum(sizes[name] for name in found.touched))
    written = write_without(dataset, partial, found, tombstones=tombstones.and_of(found.known))
    counted = count_again(partial, written.shards, before.label_schema)
    after = _manifest(before, written, counted, erased=len(found.known), today=today)
    after = replace(after, made=count_evidence(partial, after.made))
    write_manifest(partial, after)
    return Erased(
        dataset=PreparedDataset(dataset.path, after),
        ids=tuple(sorted(found.known)),
        adverts=found.num_adverts,
        rows=written.rows,
        not_found=(),
        erased_before=0,
        ocr_results=0,
        near_copies=sum(counted.of_cluster.get(name, 0) for name in found.clusters),
        held_by=_held_by(before),
        perhaps_held_by=tuple(h for h in before.made.former if h != before.data_hash),
    )


def _manifest(
    before: DatasetManifest,
    written: Written,
    counted: DatasetCounts,
    *,
    erased: int,
    today: datetime.date,
) -> DatasetManifest:
    made: Making = replace(
        before.made,
        bad_rows=before.made.bad_rows - written.rows.get(BAD_ROWS, 0),
        split_overlap=counted.split_overlap,
        erased_rows=before.made.erased_rows + erased,
        erasures=(
            *before.made.erasures,
            Erasure(before.data_hash, adverts=erased, date=today.isoformat()),
        ),
    )
    return replace(
        before,
        data_hash=data_hash(written.shards, before.label_schema),
        shards=written.shards,
        counts=counted.counts,
        made=made,
        side_files=written.side_files,
    )


def _held_by(manifest: DatasetManifest) -> tuple[str, ...]:
    """Return the hashes of this dataset and of its states before each erasure since it was made.

    An erasure adds nothing: all adverts of the dataset were also in its earlier states.
    """
    return tuple(dict.fromkeys((manifest.data_hash, *_erased_from(manifest))))


def _erased_from(manifest: DatasetManifest) -> tuple[str, ...]:
    """Return the hashes of this dataset before each erasure since it was made, the last first."""
    earlier = [e.data_hash for e in reversed(manifest.made.erasures)]
    return tuple(dict.fromkeys(one for one in earlier if one not in manifest.made.former))
