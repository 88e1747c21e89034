"""What can be told of an export in a moment, before torch is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adverts.advert import Split
from adverts.bundle.unfinished import is_taken, taken
from adverts.data.manifest import DatasetManifest
from adverts.errors import InputError

if TYPE_CHECKING:
    from adverts.training.checkpoint import Checkpoint
    from adverts.training.records import CheckpointRecord

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
        folder: Of the bundle.
        checkpoint: What is exported.
        prepared: Folder of the dataset.
        manifest: Of the dataset.
        replace: May an earlier bundle stand in the folder?

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
