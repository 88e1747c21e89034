"""Reports an erasure to the user: numbers, names of files and ids, nothing else."""

from __future__ import annotations

from adverts.data.dataset.tombstones import FILE_NAME as ERASED
from adverts.data.erasing.erasure import Erased, first_ids


def erasure_lines(erased: Erased) -> list[str]:
    """Return lines on what was removed, what was not found, and what remains to be done."""
    dataset, count = erased.dataset, len(erased.ids)
    taken = ", ".join(f"{name} {rows}" for name, rows in erased.rows.items())
    if not erased.ids:
        return _nothing_left(erased)
    lines = [
        f"{count} adverts were erased from {dataset.path}: data {erased.held_by[0][:12]} before, "
        f"{dataset.data_hash[:12]} now, with {dataset.manifest.num_adverts:,} adverts",
        f"rows taken out: {taken}",
        f"results taken out of the OCR cache: {erased.ocr_results}",
    ]
    if erased.not_found:
        found = first_ids(erased.not_found)
        lines.append(f"{len(erased.not_found)} ids were not found: {found}")
    if erased.erased_before:
        lines.append(f"{erased.erased_before} ids were erased before")
    if erased.near_copies:
        lines.append(
            f"{erased.near_copies} adverts remain in the clusters of those that were erased: they "
            "may say or show the same, and need their own ids here to go"
        )
    return lines + _left_to_do(erased)


def _nothing_left(erased: Erased) -> list[str]:
    dataset = erased.dataset
    hashes = ", ".join(one.data_hash[:12] for one in dataset.manifest.made.erasures)
    lines = [f"{erased.erased_before} ids were erased from {dataset.path} before, from {hashes}"]
    if erased.not_found:
        lines.append(f"{len(erased.not_found)} ids were not found: {first_ids(erased.not_found)}")
    return [*lines, "nothing was left to take out; the dataset is as it was"]


def _left_to_do(erased: Erased) -> list[str]:
    made = erased.dataset.manifest.made
    lines = [
        f"{ERASED} keeps them out of what is prepared in this folder; delete them at the source "
        "too, since a dataset that is prepared from it elsewhere holds them"
    ]
    outside = len(erased.ids) - erased.adverts
    if outside:
        lines.append(
            f"{outside} of them stood in no split: what was read in their pictures, if anything, "
            "stays in the OCR cache under the sha256 of each picture"
        )
    if _ids_are_made(made.config):
        lines.append(
            "the source has no column of ids: they are made from caption and picture, so an erased "
            "row comes back with a new id once one of the two is changed there"
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
