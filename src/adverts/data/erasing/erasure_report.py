"""Reports an erasure to the user: numbers, names of files and ids, nothing else."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from adverts.data.dataset.tombstones import FILE_NAME as ERASED
from adverts.data.erasing.erasure import Erased, first_ids
from adverts.errors import plural
from adverts.formats.campaigns import read_campaigns


def erasure_lines(erased: Erased) -> list[str]:
    """Return lines on what was removed, what was not found, and what remains to be done."""
    dataset, count = erased.dataset, len(erased.ids)
    taken = ", ".join(f"{name} {rows}" for name, rows in erased.rows.items())
    if not erased.ids:
        return _nothing_left(erased)
    lines = [
        f"{count} adverts were erased from {dataset.path}: data {erased.held_by[0][:12]} before, "
        f"{dataset.data_hash[:12]} now, with {dataset.manifest.num_adverts:,} adverts",
        f"rows removed: {taken}",
        f"results removed from the OCR cache: {erased.ocr_results}",
    ]
    if erased.not_found:
        found = first_ids(erased.not_found)
        lines.append(f"{len(erased.not_found)} ids were not found: {found}")
    if erased.erased_before:
        lines.append(f"{erased.erased_before} ids were erased earlier")
    if erased.near_copies:
        lines.append(
            f"{erased.near_copies} adverts remain in the clusters of those that were erased: they "
            "may say or show the same. To erase them, too, list their ids"
        )
    return lines + _left_to_do(erased)


def _nothing_left(erased: Erased) -> list[str]:
    dataset = erased.dataset
    hashes = ", ".join(one.data_hash[:12] for one in dataset.manifest.made.erasures)
    lines = [
        f"{erased.erased_before} ids were erased from {dataset.path} earlier, from data {hashes}"
    ]
    if erased.not_found:
        lines.append(f"{len(erased.not_found)} ids were not found: {first_ids(erased.not_found)}")
    return [*lines, "nothing was left to erase; the dataset is unchanged"]


def _left_to_do(erased: Erased) -> list[str]:
    made = erased.dataset.manifest.made
    lines = [
        f"{ERASED} keeps them out of later datasets in this folder. Delete them at the source, "
        "too, since a dataset that is prepared from it elsewhere still holds them"
    ]
    outside = len(erased.ids) - erased.adverts
    if outside:
        lines.append(
            f"{outside} of them were in no split: any text that was read in their pictures stays "
            "in the OCR cache, under the sha256 of each picture"
        )
    if _ids_are_made(made.config):
        lines.append(
            "the source has no column of ids: they are derived from caption and picture. An erased "
            "row comes back with a new id if its caption or picture is changed there"
        )
    return lines


def _ids_are_made(config: object) -> bool:
    match config:
        case {"source": {"kind": "image_folder"}}:
            return False
        case {"columns": {"id": None}}:
            return True
        case _:
            return False


def bank_line(folder: Path, ids: Collection[str], take_out: str) -> str:
    """Return what a bank holds of some adverts, and how they leave it.

    Args:
        folder: Folder of the bank.
        ids: Their ids.
        take_out: The command that takes them out.

    Raises:
        InputError: There is no bank, it cannot be read, or an earlier release built it.
        IntegrityError: It is damaged.
    """
    found = read_campaigns(folder).held(ids)
    if not found:
        return f"the bank {folder} holds none of them"
    counts = ", ".join(f"{number:,} in {name}" for name, number in found.items())
    return (
        f"the bank {folder} holds {plural(sum(found.values()), 'advert')} of them ({counts}); take "
        f"them out: {take_out}"
    )
