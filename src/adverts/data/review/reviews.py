"""What people said of adverts: append-only, one JSON line for each review."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Review:
    """A person's word on one advert.

    Attributes:
        item: Name of the advert, see :func:`item_name`.
        task: The task that was asked about.
        label: The answer; a label of the task, or :data:`UNSURE`.
        reviewer: Who said it.
        reviewed_at: When, ISO 8601 in UTC.
        blind: Whether the reviewer had seen neither a score nor another person's answer.
        round: 1: first reviewer; 2: second; 3: the one who decides.
        sample: Seal of the sample that asked for it.
        design: What the sample was drawn for.
        codebook: Version of the labels and their definitions.
        note: Free text of the reviewer.
    """

    item: str
    task: str
    label: str
    reviewer: str
    reviewed_at: str
    blind: bool
    round: Literal[1, 2, 3]
    sample: str
    design: Literal["estimate", "learn"]
    codebook: str
    note: str = ""


UNSURE = "unsure"
"""Answer of a reviewer who cannot tell; it is kept, and counts as no label."""


def item_name(advert_id: str) -> str:
    """Return the name of an advert on sheets: it shows no id, and the same id has the same name."""
    return "i" + hashlib.sha256(advert_id.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def last_words(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Return of each reviewer the last review of each item in each round, in order of time.

    Of two reviews of the same second, the later one in ``reviews`` counts.
    """
    last = {_asked(one): one for one in sorted(reviews, key=_when)}
    return tuple(sorted(last.values(), key=_when))


def _asked(review: Review) -> tuple[str, str, int, str]:
    return review.item, review.task, review.round, person(review.reviewer)


def _when(review: Review) -> str:
    return review.reviewed_at


def person(reviewer: str) -> str:
    """Return a name as it is compared: neither capitals, spaces nor widths make another person."""
    return " ".join(unicodedata.normalize("NFKC", reviewer).split()).casefold()


def read_reviews(path: Path) -> tuple[Review, ...]:
    """Return the reviews of a file in the order of its lines; none where there is no file yet.

    What is left of a line whose writer was killed is no review.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: A line was damaged; the message names it.
    """
    try:
        return _parsed(path, path.read_bytes())[0]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"{path}: the reviews cannot be read ({error.strerror})") from error


def append_reviews(path: Path, reviews: Sequence[Review]) -> int:
    """Append the reviews that are new; they are on disk on return.

    The file is created for its owner alone, and several processes may append to it. A review is
    not new if the file holds it, or if the reviewer's last word on the item is the same.

    Returns:
        The number of reviews that were appended.

    Raises:
        InputError: The file cannot be written.
        IntegrityError: A line of it was damaged; the message names it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with in_turn(path):
            data = path.read_bytes()
            known, kept = _parsed(path, data)
            added = _new(known, reviews)
            if added:
                _append(path, b"".join(map(_line, added)), data=data, kept=kept)
            return len(added)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(
            f"{path}: the reviews cannot be written ({why}); nothing is lost: free the path or "
            "give another one, and read the same sheet again"
        ) from error


def _new(known: Sequence[Review], reviews: Sequence[Review]) -> list[Review]:
    seen, last = set(known), {_asked(one): one for one in last_words(known)}
    added = []
    for one in sorted(reviews, key=_when):
        before = last.get(_asked(one))
        if one in seen or (before and replace(before, reviewed_at=one.reviewed_at) == one):
            continue
        added.append(one)
        seen.add(one)
        if before is None or _when(before) <= _when(one):
            last[_asked(one)] = one
    return added


def _append(path: Path, lines: bytes, *, data: bytes, kept: int) -> None:
    """Write lines in one piece after the first ``kept`` bytes of a file; the rest was torn off."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        if kept < len(data):
            os.ftruncate(descriptor, kept)
        if kept and not data[:kept].endswith(b"\n"):
            lines = b"\n" + lines
        if os.write(descriptor, lines) != len(lines):
            raise OSError("the disk is full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(review: Review) -> bytes:
    record = {"schema_version": SCHEMA_VERSION, **asdict(review)}
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _parsed(path: Path, data: bytes) -> tuple[tuple[Review, ...], int]:
    """Return the reviews of a file, and the number of its bytes before a line that was torn off."""
    reviews, kept = [], 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                reviews.append(parse_record(Review, line, SCHEMA_VERSION))
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return tuple(reviews), kept
            raise IntegrityError(
                f"{path}, line {number}: {error}; bring back the line as it was written"
            ) from None
        kept = min(kept + len(line) + 1, len(data))
    return tuple(reviews), kept
