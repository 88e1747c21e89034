"""One line of the log of a bank, what names a person in it, and how a line is added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from adverts.chained_file import ChainedFile
from adverts.errors import InputError
from adverts.record_chain import Personal, salted

LOG, COUNT = "log.jsonl", "log_count.json"
LOG_VERSION = 1
MOST_LETTERS = 10_000
"""Most letters of each personal field."""
Act = Literal[
    "find",
    "reveal",
    "export",
    "share",
    "ledger",
    "reviews",
    "page",
    "judgement",
    "hold",
    "erasure",
    "build",
]
ACTS: tuple[Act, ...] = get_args(Act)
"""What is logged: a look-up, whom a token stands for, an export, what was shared with whom, up to
which line the bank knows the ledger of its shares and the reviews, a page made, a judgement or hold
recorded, an erasure of adverts or of fields of this log, and a build."""
PersonalField = Literal["who", "asked", "why"]
PERSONAL: tuple[PersonalField, ...] = get_args(PersonalField)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log.

    Attributes:
        number: Number of the line, from 1.
        at: When, ISO 8601 in UTC.
        act: What was done.
        build: Number of the build that it was done with; 0 before the first.
        who: Who did it.
        asked: What was asked for or made: tokens, the id of a campaign, the name of a page.
        why: Why, in words.
        before: Hash of the line before.
        hash: Hex sha256 of all of this but salts and values.
    """

    number: int
    at: str
    act: Act
    build: int
    who: Personal
    asked: Personal
    why: Personal
    before: str
    hash: str


def log_of(folder: Path, least: int) -> ChainedFile[LogEntry]:
    """Return the log of a bank.

    Args:
        folder: Folder of the bank.
        least: Number of lines that the log is known to have had.
    """
    return ChainedFile(LogEntry, LOG_VERSION, folder / LOG, "log", least=least)


def add_to_log(
    log: ChainedFile[LogEntry],
    act: Act,
    *,
    build: int,
    who: str,
    asked: str,
    why: str,
    at: datetime,
) -> LogEntry:
    """Add a line to the log; it is on disk on return, so call this before the act itself.

    Args:
        log: The log, see :func:`log_of`.
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
    _require_said(who=who, asked=asked, why=why)
    entry = LogEntry(
        number=0,
        at=at.astimezone(UTC).isoformat(),
        act=act,
        build=build,
        who=salted(who),
        asked=salted(asked),
        why=salted(why),
        before="",
        hash="",
    )
    return log.append(lambda _: entry)


def _require_said(**texts: str) -> None:
    for name in ("who", "why"):
        if not texts[name].strip():
            raise InputError(f"the log of the bank needs to know {name}; give {name}=…")
    for name, text in texts.items():
        if len(text) > MOST_LETTERS:
            raise InputError(f"{name} has {len(text):,} letters, at most {MOST_LETTERS:,} are kept")
