"""One line of the log of a bank, and what names a person in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from adverts.record_chain import Personal

LOG_VERSION = 1
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
