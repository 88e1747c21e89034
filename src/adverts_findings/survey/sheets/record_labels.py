"""Add what people filled in to the reviews, of which none is ever removed."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.review.reviews import Review, append_reviews, read_reviews
from adverts.errors import InputError, IntegrityError, plural, say
from adverts.files.durable import replace_file
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record
from adverts.record_chain import require_known
from adverts_findings.survey.sample import SAMPLE, Sample
from adverts_findings.survey.sheets.label_studio_export import read_export
from adverts_findings.survey.sheets.sheet_csv import read_sheet

KNOWN = "reviews_known.json"
"""File in the folder of a sample that states the last of the reviews when it was last used."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class KnownReviews:
    """How many reviews there were, and the hash of the last one."""

    number: int
    hash: str


def record_labels(
    sample: Sample, labels: Sequence[Path], path: Path, *, now: str
) -> tuple[Review, ...]:
    """Add the answers of some sheets to a file of reviews, and return all reviews of the sample.

    Either all sheets are added or none, in the order of their rounds, however they are given. A
    sheet that was read before adds nothing.

    Args:
        sample: The sample that asked.
        labels: Filled-in sheets (``.csv``) and exports of Label Studio (``.json``).
        path: The file of reviews.
        now: Time of answers without one, ISO 8601 in UTC.

    Raises:
        InputError: A file is missing or of another kind, or an answer is at fault.
        IntegrityError: The file of reviews was damaged.
    """
    before = list(read_reviews(path))
    added = _read_all(labels, sample, before, now=now)
    if added:
        told = "" if path.exists() else ", a new file"
        number = append_reviews(path, added)
        say(f"{plural(number, 'answer')} added to {path}{told}")
    return tuple(sample.own(read_reviews(path)))


def require_all_known(sample_dir: Path, reviews: Sequence[Review]) -> None:
    """Refuse fewer or other reviews than those that were there when a sample was last used.

    Raises:
        IntegrityError: They are, or what the folder says of them is damaged.
    """
    path = sample_dir / KNOWN
    try:
        known = parse_record(KnownReviews, path.read_bytes(), _VERSION)
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError) as error:
        raise IntegrityError(
            f"{path} is damaged ({error}); bring back the file as it was"
        ) from None
    when = f"when {sample_dir} was last used"
    require_known(reviews, known.number, known.hash, noun="reviews", when=when)


def note_known(sample_dir: Path, reviews: Sequence[Review]) -> None:
    """Note the last of the reviews in the folder of a sample."""
    if not reviews or not os.access(sample_dir, os.W_OK):
        return
    plain = {"schema_version": _VERSION, "number": len(reviews), "hash": reviews[-1].hash}
    with in_turn(sample_dir / SAMPLE):
        replace_file(sample_dir / KNOWN, json.dumps(plain).encode() + b"\n")


def _read_all(
    labels: Sequence[Path], sample: Sample, before: Sequence[Review], *, now: str
) -> list[Review]:
    """Return the answers of all sheets; one that needs another round first is read after it."""
    added: list[Review] = []
    waiting = list(labels)
    while waiting:
        left: list[Path] = []
        faults: list[InputError] = []
        for one in waiting:
            try:
                added += _read(one, sample, [*before, *added], now=now)
            except InputError as error:
                left.append(one)
                faults.append(error)
        if len(left) == len(waiting):
            raise faults[0]
        waiting = left
    return added


def _read(path: Path, sample: Sample, reviews: Sequence[Review], *, now: str) -> Sequence[Review]:
    if not path.is_file():
        raise InputError(f"labels: there is no file {path}; give a filled-in sheet")
    match path.suffix.lower():
        case ".csv":
            return read_sheet(path, sample, reviews, now=now)
        case ".json":
            return read_export(path, sample, reviews, now=now)
        case _:
            raise InputError(
                f"labels: {path} is neither a .csv file nor an export of Label Studio (.json)"
            )
