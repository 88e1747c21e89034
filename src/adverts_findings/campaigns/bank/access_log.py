"""The log of a bank: who looked up, exported or judged what, when and why, as a chain of hashes.

Each line states the hash of the line before and its own, so that a line which was changed, moved or
removed is noticed. A second file counts the lines, so that it is noticed too if the end of the log
was cut off, and the pointer of the bank says how many there were with the current build, so that it
is noticed if log and count are gone. These are checks against accidents and careless hands: whoever
may write the folder can write a whole new log. To be sure against them, note the hash of the newest
line elsewhere.

What names a person stands beside a random salt. The chain covers a hash of both. Salt and value can
be erased and the chain still holds; what was erased can then not be guessed from the hash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.chained_file import ChainedFile
from adverts.errors import IntegrityError
from adverts.formats.log_entry import (
    PERSONAL,
    Act,
    LogEntry,
    PersonalField,
    add_to_log,
    log_of,
)
from adverts.record_chain import require_known
from adverts_findings.campaigns.bank.bank_files import read_pointer

if TYPE_CHECKING:
    from adverts.record_chain import ChainedRecord

_KEPT: tuple[Act, ...] = ("ledger", "reviews")  # they name nobody: other ones would pass without
_SEEN = re.compile(r"([0-9]+) reviews, the last ([0-9a-f]{64})")


def record_access(
    folder: Path, act: Act, *, build: int, who: str, asked: str, why: str, at: datetime
) -> LogEntry:
    """Add a line to the log; it is on disk on return, so call this before the act itself.

    Args:
        folder: Folder of the bank.
        act: What is done.
        build: Number of the build that it is done with.
        who: Who does it.
        asked: What is asked for or made; tokens rather than contacts.
        why: Why, in words.
        at: When, with its time zone.

    Raises:
        InputError: Nobody or no reason is named, a text is too long, or the log cannot be written.
        IntegrityError: The end of the log was changed or cut off.
    """
    return add_to_log(_log(folder), act, build=build, who=who, asked=asked, why=why, at=at)


def _log(folder: Path) -> ChainedFile[LogEntry]:
    pointer = read_pointer(folder)
    least = 0 if pointer is None else pointer.log_lines
    return log_of(folder, least)


def verify_log(folder: Path) -> int:
    """Return the number of lines of the log after checking its whole chain; nobody adds meanwhile.

    Raises:
        IntegrityError: A line was changed, moved or removed; the message names the first such line.
        InputError: The log cannot be read.
    """
    return len(verified_log(folder))


def verified_log(folder: Path) -> tuple[LogEntry, ...]:
    """Return the lines of the log after checking its whole chain, as :func:`verify_log` does."""
    return _log(folder).verified()


def read_log(folder: Path) -> tuple[LogEntry, ...]:
    """Return the lines of the log without checking the chain; none where there is no log yet.

    Raises:
        IntegrityError: A line was damaged; the message names it.
        InputError: The log cannot be read.
    """
    return _log(folder).read()


def note_reviews(folder: Path, reviews: Sequence[ChainedRecord], *, who: str, at: datetime) -> None:
    """Note how many reviews the bank has seen, and the hash of the last, if there are more now.

    Raises:
        InputError: The log cannot be written.
        IntegrityError: The log was damaged.
    """
    pointer, (number, _) = read_pointer(folder), _seen(folder)
    if pointer is not None and len(reviews) > number:
        asked = f"{len(reviews)} reviews, the last {reviews[-1].hash}"
        record_access(
            folder, "reviews", build=pointer.build, who=who, asked=asked, why="seen", at=at
        )


def require_seen_reviews(folder: Path, reviews: Sequence[ChainedRecord]) -> None:
    """Refuse fewer or other reviews than those that the log says the bank has seen.

    Raises:
        IntegrityError: They are, or the log was damaged.
        InputError: The log cannot be read.
    """
    number, head = _seen(folder)
    require_known(reviews, number, head, noun="reviews", when="when the bank last saw them")


def _seen(folder: Path) -> tuple[int, str]:
    """Return how many reviews the log says the bank has seen, and the hash of the last."""
    noted = [one for one in read_log(folder) if one.act == "reviews"]
    if not noted:
        return 0, ""
    found = _SEEN.fullmatch(noted[-1].asked.value)
    if found is None:
        raise IntegrityError(
            f"{folder}, line {noted[-1].number:,} of the log: it said which reviews the bank has "
            "seen, and is another one now; bring back the log as it was"
        )
    return int(found[1]), found[2]


def erase_personal(
    folder: Path,
    matches: Callable[[LogEntry], bool],
    *,
    fields: Sequence[PersonalField] = PERSONAL,
) -> int:
    """Erase fields of the lines that match, and return the number of lines changed.

    The chain holds as before. The log is replaced as a whole or not at all. Which ledger and
    reviews the bank knows names nobody, and stays: without it other ones would pass.

    Args:
        folder: Folder of the bank.
        matches: Says of a line whether its fields are to be erased.
        fields: The fields.

    Raises:
        IntegrityError: A line was changed, moved or removed; the message names it.
        InputError: The log cannot be read or written.
    """
    log, kept = _log(folder), [one for one in fields if one != "asked"]
    erased = log.erase(lambda one: one.act not in _KEPT and matches(one), fields)
    return erased + log.erase(lambda one: one.act in _KEPT and matches(one), kept)
