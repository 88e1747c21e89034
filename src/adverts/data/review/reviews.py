"""What people said of adverts: one JSON line for each review, in a chain of hashes."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from adverts.chained_file import ChainedFile
from adverts.data.review.people import person
from adverts.moments import in_order
from adverts.record_chain import LATER

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
        account: Account of the system that the reviewer said it with; empty if that is not known,
            as of answers on sheets, which others record.
        number: Number of its line, from 1; 0 before it is written.
        before: Hash of the line before.
        hash: Hash of its own line.
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
    account: str = field(default="", compare=False, metadata=LATER)
    number: int = field(default=0, compare=False)
    before: str = field(default="", compare=False)
    hash: str = field(default="", compare=False)


SAFEGUARDING = "safeguarding"
"""Task that says whether an advert shows danger to a person; it says nothing of what it is."""
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


def _when(review: Review) -> datetime.datetime:
    return in_order(review.reviewed_at)


def reviews_file(path: Path) -> ChainedFile[Review]:
    """Return the reviews as a chained file, with the file that counts its lines beside it."""
    adds = (
        "answers are added by adverts sample … labels=FILE and adverts share danger=…, so bring "
        "back the reviews as they were"
    )
    return ChainedFile(Review, SCHEMA_VERSION, path, "reviews", times=("reviewed_at",), adds=adds)


def read_reviews(path: Path) -> tuple[Review, ...]:
    """Return the reviews of a file in the order of its lines; none where there is no file yet.

    What is left of a line whose writer was killed is no review.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: A line was changed, moved, removed or damaged, or is of the future; the
            message names it.
    """
    return reviews_file(path).verified()


def append_reviews(path: Path, reviews: Sequence[Review]) -> int:
    """Append the reviews that are new; they are on disk on return, all or none.

    The file is created for its owner alone, and several processes may append to it. A review is
    not new if the file holds it, or if the reviewer's last word on the item is the same. Of danger
    to a person the same word is new each time, since somebody else may have closed it meanwhile.

    Returns:
        The number of reviews that were appended.

    Raises:
        InputError: The file cannot be written, or a review is of the future.
        IntegrityError: A line of it was changed, moved, removed or damaged; the message names it.
    """
    return len(reviews_file(path).extend(lambda known: _new(known, reviews)))


def _new(known: Sequence[Review], reviews: Sequence[Review]) -> list[Review]:
    seen, last = set(known), {_asked(one): one for one in last_words(known)}
    added = []
    for one in sorted(reviews, key=_when):
        before = last.get(_asked(one))
        same = before is not None and replace(before, reviewed_at=one.reviewed_at) == one
        if one in seen or (same and one.task != SAFEGUARDING):
            continue
        added.append(one)
        seen.add(one)
        if before is None or _when(before) <= _when(one):
            last[_asked(one)] = one
    return added
