"""Checks before an export: whether it is possible, and whether an earlier one was killed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.advert import Split
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.errors import InputError
from adverts.files.file_lock import exclusive
from adverts.inputs.spec import InputSpec

if TYPE_CHECKING:
    from adverts.training.runs.checkpoint_record import CheckpointRecord


def proof_split(manifest: DatasetManifest) -> Split:
    """Return the split whose adverts prove that a bundle agrees with its checkpoint.

    It is validation. A dataset of few labels may lack it, and then training adverts prove it.
    """
    return "validation" if "validation" in manifest.counts else "train"


@contextmanager
def unfinished(folders: Sequence[Path], asked: str) -> Iterator[bool]:
    """Mark an export as unfinished until the block succeeds, and keep other processes out.

    A bundle appears in one move; its record and its entry at the tracking server follow. If a
    process was killed in between, the same command does all of it again. The same checkpoint gives
    the same bytes.

    Args:
        folders: Folders of the bundles to write; the mark is a file next to the last one.
        asked: The config of the export as text; another config must not replace the bundles.

    Yields:
        Whether an export with this config was interrupted here; its bundles may be replaced.

    Raises:
        InputError: A folder is taken, or another process exports into it.
    """
    folder = folders[-1]
    mark, digest = _mark(folder), hashlib.sha256(asked.encode()).hexdigest()
    if not is_begun(folder):
        _refuse_taken(folders)
    folder.parent.mkdir(parents=True, exist_ok=True)
    busy = f"{folder} is being written by another process; wait for it or choose another folder"
    with exclusive(mark, busy=busy) as descriptor:
        interrupted = os.pread(descriptor, len(digest), 0) == digest.encode()
        try:
            if not interrupted:
                _refuse_taken(folders)
                os.truncate(descriptor, 0)
                os.pwrite(descriptor, digest.encode(), 0)
            yield interrupted
            mark.unlink()
        finally:
            if not any(map(is_taken, folders)) or os.fstat(descriptor).st_size == 0:
                mark.unlink(missing_ok=True)


def is_begun(folder: Path) -> bool:
    """Return whether an export into this folder was interrupted."""
    return _mark(folder).is_file()


def is_taken(folder: Path) -> bool:
    """Return whether a path is a file or a folder that is not empty."""
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def taken(folder: Path) -> str:
    """Return the error message for a bundle folder that is taken."""
    begun = is_begun(folder)
    hint = "; an interrupted export of another config wrote it, and its command finishes it"
    return f"{folder} is taken; give bundle_dir a new folder{hint if begun else ''}"


def _mark(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.unfinished")


def _refuse_taken(folders: Sequence[Path]) -> None:
    for folder in folders:
        if is_taken(folder):
            raise InputError(taken(folder))


def require_exportable(
    folder: Path,
    checkpoint: CheckpointRecord,
    prepared: Path,
    manifest: DatasetManifest,
    *,
    replace: bool = False,
) -> None:
    """Refuse an impossible export before any work is done.

    Args:
        folder: The folder of the bundle.
        checkpoint: Record of the checkpoint to export.
        prepared: The folder of the dataset.
        manifest: The manifest of the dataset.
        replace: Whether the folder may hold an earlier bundle.

    Raises:
        InputError: The folder is taken, the checkpoint was trained on another dataset, or the
            dataset has neither validation nor training adverts.
    """
    if is_taken(folder) and not replace:
        raise InputError(taken(folder))
    if checkpoint.data_hash != manifest.data_hash:
        raise InputError(
            f"the checkpoint was trained on data {checkpoint.data_hash[:12]} "
            f"({checkpoint.dataset_name}), but {prepared} is {manifest.data_hash[:12]}; give "
            "prepared= the dataset it was trained on"
        )
    if proof_split(manifest) not in manifest.counts:
        raise InputError(
            f"{prepared} has neither validation nor training adverts, and they are needed to check "
            "the bundle"
        )


def require_ngrams(spec: InputSpec) -> None:
    """Refuse an early exit of a model that has no n-grams beside a network.

    Args:
        spec: Inputs of the model.

    Raises:
        InputError: There is nothing to leave early by, or nothing to save.
    """
    if spec.hashing is None:
        raise InputError(
            "exit.max_loss needs the n-grams beside a network, and this model has none "
            "(model.ngrams=null); train with n-grams, or leave exit.max_loss out"
        )
    if not spec.branches:
        raise InputError(
            "exit.max_loss saves the run of a network, and this model is n-grams alone; leave "
            "exit.max_loss out"
        )
