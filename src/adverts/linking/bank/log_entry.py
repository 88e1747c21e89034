"""One line of the log of a bank, what its chain covers, and what names a person in it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal, get_args

LOG_VERSION = 1
NOTHING_BEFORE = "0" * 64
"""What the first line states as the hash of the line before."""
Act = Literal["find", "reveal", "export", "page", "judgement", "hold", "erasure", "build"]
ACTS: tuple[Act, ...] = get_args(Act)
"""What is logged: a look-up, whom a token stands for, an export, a page made, a judgement or hold
recorded, an erasure of adverts or of fields of this log, and a build."""
PersonalField = Literal["who", "asked", "why"]
PERSONAL: tuple[PersonalField, ...] = get_args(PersonalField)


@dataclass(frozen=True, slots=True)
class Personal:
    """A value that names a person, or may.

    Attributes:
        digest: Hex sha256 of its salt and the value.
        salt: 32 random hexadecimal digits; empty once it is erased.
        value: The value; empty once it is erased.
    """

    digest: str
    salt: str
    value: str

    @property
    def is_erased(self) -> bool:
        """Whether salt and value were erased."""
        return not self.salt


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


def salted(value: str) -> Personal:
    """Return a value with a new salt; what is no text becomes question marks."""
    value = value.encode("utf-8", "replace").decode()
    salt = secrets.token_hex(16)
    return Personal(_digest(salt, value), salt, value)


def _digest(salt: str, value: str) -> str:
    return hashlib.sha256(f"{salt}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()


def chained(entry: LogEntry) -> LogEntry:
    """Return an entry with the hash of what the chain covers."""
    plain = asdict(entry)
    covered = {name: value for name, value in plain.items() if name not in (*PERSONAL, "hash")}
    covered |= {name: plain[name]["digest"] for name in PERSONAL}
    text = json.dumps({"schema_version": LOG_VERSION, **covered}, sort_keys=True)
    return replace(entry, hash=hashlib.sha256(text.encode()).hexdigest())


def is_as_written(entry: LogEntry) -> bool:
    """Return whether an entry has its own hash, and every value that is there its digest."""
    return entry.hash == chained(entry).hash and all(map(_is_whole, _personal(entry).values()))


def _is_whole(one: Personal) -> bool:
    return one.value == "" if one.is_erased else one.digest == _digest(one.salt, one.value)


def _personal(entry: LogEntry) -> dict[PersonalField, Personal]:
    return {"who": entry.who, "asked": entry.asked, "why": entry.why}


def without(entry: LogEntry, fields: Sequence[PersonalField]) -> LogEntry:
    """Return an entry with some of its personal fields erased; its hash is the same."""
    kept = _personal(entry)
    kept |= {name: Personal(kept[name].digest, "", "") for name in fields}
    return replace(entry, who=kept["who"], asked=kept["asked"], why=kept["why"])


def line_of(entry: LogEntry) -> bytes:
    """Return an entry as a line of the log."""
    plain = {"schema_version": LOG_VERSION, **asdict(entry)}
    return json.dumps(plain, ensure_ascii=False).encode() + b"\n"
