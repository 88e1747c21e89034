"""One line of the log of a bank, what its chain covers, and what names a person in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from adverts.record_chain import Personal, chained, personal_fields

LOG_VERSION = 1
Act = Literal["find", "reveal", "export", "share", "page", "judgement", "hold", "erasure", "build"]
ACTS: tuple[Act, ...] = get_args(Act)
"""What is logged: a look-up, whom a token stands for, an export, what was shared with whom, a page
made, a judgement or hold recorded, an erasure of adverts or of fields of this log, and a build."""
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


def is_as_written(entry: LogEntry) -> bool:
    """Return whether an entry has its own hash, and every value that is there its digest."""
    whole = all(one.is_whole for one in personal_fields(entry).values())
    return whole and entry.hash == chained(entry, LOG_VERSION).hash


def without(entry: LogEntry, fields: Sequence[PersonalField]) -> LogEntry:
    """Return an entry with some of its personal fields erased; its hash is the same."""
    kept = personal_fields(entry)
    return replace(entry, **{name: kept[name].erased() for name in fields})
