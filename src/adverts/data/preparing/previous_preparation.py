"""Reads what is in the folder of a prepared dataset before the dataset is made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.config.data import SplitConfig
from adverts.data.dataset.dataset_manifest import FILE_NAME, read_manifest
from adverts.data.dataset.prepared import PreparedDataset, check_file, open_prepared
from adverts.data.dataset.split_assignments import ASSIGNMENTS, Assignment, read_assignments
from adverts.data.dataset.tombstones import Heritage
from adverts.data.splits.assign_splits import recorded_for
from adverts.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class Before:
    """What a dataset passes on to the one that replaces it.

    Attributes:
        recorded: Maps ids to the assignments of adverts, as far as they still hold.
        heritage: Erased adverts, and earlier datasets of the folder.
    """

    recorded: Mapping[str, Assignment]
    heritage: Heritage


def standing_dataset(folder: Path, wanted: str) -> PreparedDataset | None:
    """Return the dataset in ``folder`` if it was made from the same inputs and is unchanged.

    Args:
        folder: Folder of a prepared dataset; it need not exist yet.
        wanted: Hash of the inputs.
    """
    if not (folder / FILE_NAME).is_file():
        return None
    try:
        if read_manifest(folder).made.inputs_hash == wanted:
            return open_prepared(folder)
    except IntegrityError:
        return None  # damaged or of another version: made anew
    return None


def standing_assignments(
    folder: Path, config: SplitConfig, *, tell: Callable[[str], None]
) -> dict[str, Assignment]:
    """Return the assignments of the dataset in ``folder``, as far as they hold for a split config.

    Args:
        folder: Folder of a prepared dataset; it need not exist yet.
        config: How to split now.
        tell: Receives a message if the folder has a dataset whose record cannot be read.
    """
    if not (folder / FILE_NAME).is_file():
        return {}
    try:
        manifest = read_manifest(folder)
        if ASSIGNMENTS not in manifest.side_files:
            return {}
        check_file(folder / ASSIGNMENTS, manifest.side_files[ASSIGNMENTS])
    except IntegrityError as error:
        tell(
            f"splits are assigned anew, since those of the earlier dataset cannot be read: {error}"
        )
        return {}
    made_by = manifest.made.config.get("split")
    return recorded_for(config, read_assignments(folder / ASSIGNMENTS), made_by)
