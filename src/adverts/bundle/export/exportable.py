"""Checks of an export that need no torch, so that a wrong one is refused at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adverts.advert import Split
from adverts.bundle.export.unfinished import is_taken, taken
from adverts.data.dataset.manifest import DatasetManifest
from adverts.errors import InputError

if TYPE_CHECKING:
    from adverts.training.runs.checkpoint import Checkpoint
    from adverts.training.runs.records import CheckpointRecord

SPLIT: Split = "validation"
"""Whose adverts prove that a bundle says what its checkpoint says."""


def require_exportable(
    folder: Path,
    checkpoint: Checkpoint | CheckpointRecord,
    prepared: Path,
    manifest: DatasetManifest,
    *,
    replace: bool = False,
) -> None:
    """Refuse what cannot become a bundle, before any work is done.

    Args:
        folder: The folder of the bundle.
        checkpoint: What is exported.
        prepared: The folder of the dataset.
        manifest: The manifest of the dataset.
        replace: Whether the folder may hold an earlier bundle.

    Raises:
        InputError: The folder is taken, the dataset is another one than the checkpoint was trained
            on, or it has no validation adverts.
    """
    if is_taken(folder) and not replace:
        raise InputError(taken(folder))
    if checkpoint.data_hash != manifest.data_hash:
        raise InputError(
            f"the checkpoint was trained on data {checkpoint.data_hash[:12]} "
            f"({checkpoint.dataset_name}), {prepared} is {manifest.data_hash[:12]}; give "
            "prepared= the dataset it was trained on"
        )
    if SPLIT not in manifest.counts:
        raise InputError(
            f"{prepared} has no validation adverts, which must prove that the bundle is right"
        )
