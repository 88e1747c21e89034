"""What reviewers answered about sampled adverts, and whether it can be an answer."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from adverts import moments
from adverts.data.review.reviews import Review
from adverts.errors import InputError

Round = Literal[1, 2, 3]
_MAX_NOTE, _SHOWN = 10_000, 100
_DATE, _A_DAY = len("2026-03-01"), datetime.timedelta(days=1)
_SAW = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of a sheet, or one annotation, before anything is known of its sample.

    Attributes:
        where: File and row, for messages.
        item: Name of the advert.
        task: The task that was asked about.
        label: The answer; empty if none was given.
        note: Free text of the reviewer.
        sample: Seal of the sample, as the row holds it.
        round: Round of the review.
        reviewer: Who answered; empty if no answer was given.
        reviewed_at: When, ISO 8601 in UTC; empty if it was not noted.
        saw_others: Whether the reviewer had seen a score or another answer; None if no answer was
            given.
    """

    where: str
    item: str
    task: str
    label: str
    note: str
    sample: str
    round: Round
    reviewer: str
    reviewed_at: str
    saw_others: bool | None

    def review(self, *, design: Literal["estimate", "learn"], codebook: str, now: str) -> Review:
        """Return the answer as a review; ``now`` is its time if none was noted."""
        return Review(
            item=self.item,
            task=self.task,
            label=self.label,
            reviewer=self.reviewer,
            reviewed_at=self.reviewed_at or now,
            blind=self.saw_others is False,
            round=self.round,
            sample=self.sample,
            design=design,
            codebook=codebook,
            note=self.note,
        )


def note_of(where: str, note: str) -> str:
    """Return a note.

    Raises:
        InputError: It is too long.
    """
    if len(note) > _MAX_NOTE:
        raise InputError(
            f"{where}: the note has {len(note):,} characters; at most {_MAX_NOTE:,} are kept"
        )
    return note


def saw_others_of(where: str, cell: str) -> bool:
    """Return whether a reviewer says that they saw a score or another person's answer.

    Raises:
        InputError: They say neither yes nor no.
    """
    if cell.strip().lower() not in _SAW:
        raise InputError(
            f"{where}: saw_others: found {cell[:_SHOWN]!r}, wanted yes or no: has the reviewer "
            "seen another person's answer to these adverts, or their scores?"
        )
    return _SAW[cell.strip().lower()]


def time_of(where: str, text: str) -> str:
    """Return a time as ISO 8601 in UTC, to the second; one without a zone is in UTC already.

    Raises:
        InputError: It is no such time.
    """
    if not text:
        return ""
    try:
        time = datetime.datetime.fromisoformat(text)
        zoned = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        if len(text) <= _DATE and moments.now() < zoned < moments.now() + _A_DAY:
            zoned = moments.now()  # the day of a reviewer in the east has begun
        return zoned.astimezone(datetime.UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        raise InputError(
            f"{where}: reviewed_at: found {text[:_SHOWN]!r}, wanted a time such as "
            "2026-03-01T14:05:00Z, or nothing"
        ) from None
