"""What a row of a file of judgements says, before it is known what it speaks of."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from adverts.data.review.review_sheet import nearest
from adverts.errors import InputError, plural
from adverts_findings.campaigns.judgements.judgements import SAID, Said

T = TypeVar("T")
_MAX_WHY, _MAX_ID, _SHOWN, _FAULTS_SHOWN = 10_000, 1_000, 100, 10
_GRADE = re.compile(r"[1-3][A-E]")
_AHEAD = datetime.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Word:
    """One row.

    Attributes:
        where: File and row, for messages.
        said: What is said.
        first: Advert, campaign, identity, source or judgement that it speaks of.
        second: The other advert or campaign, the edge, or the grade; otherwise empty.
        by: Who said it.
        at: When, ISO 8601 in UTC; empty if it was not noted.
        why: Why, in words.
        drawn: How a pair of a sheet came to be asked; empty where nobody asked.
        chance: Probability that it was drawn into the sheet; 0 where nobody asked.
        edge: The edge that the sheet asked about; empty where nobody asked.
    """

    where: str
    said: Said
    first: str
    second: str
    by: str
    at: str
    why: str
    drawn: Literal["", "random", "informative"] = ""
    chance: float = 0.0
    edge: str = ""


class Faults(InputError):
    """Faults of rows, all told at once.

    Attributes:
        faults: What is at fault, each in words that name file and row.
        words: What the rows without a fault say.
    """

    def __init__(self, faults: Sequence[str], words: Sequence[Word] = ()) -> None:
        self.faults, self.words = tuple(faults), tuple(words)
        told = [fault.replace("\n", " ") for fault in self.faults[:_FAULTS_SHOWN]]
        more = len(self.faults) - len(told)
        rest = [f"… and {plural(more, 'more fault')}"] if more else []
        super().__init__("\n".join([*told, *rest, "nothing was recorded"]))


class Tried:
    """Collects the faults of what is tried, so that one fault hides no other."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def of(self, task: Callable[[], T], otherwise: T) -> T:
        """Return what a task returns; keep its faults and return something else if it has any."""
        try:
            return task()
        except Faults as error:
            self.faults += error.faults
        except InputError as error:
            self.faults.append(str(error))
        return otherwise

    def refuse(self, words: Sequence[Word] = ()) -> None:
        """Refuse what was tried if it had faults.

        Raises:
            Faults: It had.
        """
        if self.faults:
            raise Faults(self.faults, words)


def read_all(tasks: Sequence[Callable[[], Word | None]]) -> tuple[Word, ...]:
    """Return the words of all rows; None stands for a row that says nothing.

    Raises:
        Faults: Rows are at fault; the message has a line for each of the first.
    """
    tried = Tried()
    read = [tried.of(task, None) for task in tasks]
    words = tuple(one for one in read if one is not None)
    tried.refuse(words)
    return words


def said_of(where: str, cell: str, legal: Sequence[Said] = SAID) -> Said:
    """Return what is said; neither capitals nor spaces matter.

    Raises:
        InputError: It is no such word; the message names the nearest.
    """
    plain = " ".join(cell.split()).casefold()
    for word in legal:
        if plain == word:
            return word
    raise InputError(f"{where}: said: found {cell[:_SHOWN]!r}{nearest(plain, legal)}")


def name_of(where: str, column: str, cell: str) -> str:
    """Return the id that a cell holds.

    Raises:
        InputError: It is missing, or too long to be one.
    """
    if not cell:
        raise InputError(f"{where}: {column} is empty; write the id that it speaks of")
    if len(cell) > _MAX_ID:
        raise InputError(f"{where}: {column}: found {len(cell):,} characters, which is no id")
    return cell


def grade_of(where: str, cell: str) -> str:
    """Return the grade of a source: a digit for the source and a letter for what it says.

    Raises:
        InputError: It is no such grade.

    Source: the 3x5x2 grading of the Authorised Professional Practice of the College of Policing,
    without its code for handling, which is for whoever shares.
    """
    grade = cell.strip().upper()
    if not _GRADE.fullmatch(grade):
        raise InputError(
            f"{where}: second: found {cell[:_SHOWN]!r}, wanted a grade such as 2B: the source is 1 "
            "reliable, 2 untested or 3 not reliable, and knows A directly, B indirectly but "
            "corroborated, C indirectly, D not known, or E suspected to be false"
        )
    return grade


def why_of(where: str, said: Said, cell: str, *, needed: bool) -> str:
    """Return why it is said.

    Raises:
        InputError: It is needed and missing, or too long.
    """
    if needed and not cell.strip():
        raise InputError(f"{where}: why is empty; write why you say {said!r}")
    if len(cell) > _MAX_WHY:
        raise InputError(
            f"{where}: why has {len(cell):,} characters; at most {_MAX_WHY:,} are kept"
        )
    return cell


def at_of(where: str, cell: str, now: str) -> str:
    """Return a time as ISO 8601 in UTC; one without a zone is in UTC already; empty stays empty.

    Args:
        where: File and row, for messages.
        cell: The time as it was written.
        now: The time now, ISO 8601 in UTC.

    Raises:
        InputError: It is no such time, or lies in the future.
    """
    if not cell:
        return ""
    try:
        time = datetime.datetime.fromisoformat(cell)
        zoned = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        utc = zoned.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{where}: at: found {cell[:_SHOWN]!r}, wanted a time such as 2026-03-01T14:05:00Z, or "
            "nothing"
        ) from None
    if utc > datetime.datetime.fromisoformat(now) + _AHEAD:
        raise InputError(
            f"{where}: at: {cell[:_SHOWN]} lies in the future; add its zone, such as +02:00, or "
            "leave it empty"
        )
    return utc.isoformat()
