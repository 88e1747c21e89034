"""Holds: adverts that are restricted instead of erased for a while, by whom, until when and why."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from adverts.chained_file import ChainedFile
from adverts.errors import InputError

HOLDS = "holds.jsonl"
HOLDS_VERSION = 1
MOST_DAYS = 3_660
"""Longest hold, from the day on which it is said."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A person's word that something is to be kept for a while, although it is to be erased.

    Of several for the same thing the last one counts, so a hold is ended or prolonged by another.

    Attributes:
        level: Whether an advert is held, or every advert of a campaign.
        id: Id of the advert or campaign.
        by: Who holds it.
        until: Last day of the hold, ISO 8601.
        why: Why, in words.
        at: When it was said, ISO 8601 in UTC.
        number: Number of its line, from 1; 0 before it is written.
        before: Hash of the line before.
        hash: Hash of its own line.
    """

    level: Literal["advert", "campaign"]
    id: str
    by: str
    until: str
    why: str
    at: str
    number: int = field(default=0, compare=False)
    before: str = field(default="", compare=False)
    hash: str = field(default="", compare=False)

    def is_on(self, today: datetime.date) -> bool:
        """Return whether the hold is not over."""
        return today <= datetime.date.fromisoformat(self.until)


def read_holds(folder: Path) -> tuple[Hold, ...]:
    """Return all holds of a bank, the oldest first.

    Raises:
        IntegrityError: A line was changed, moved, removed or damaged; the message names it.
        InputError: They cannot be read.
    """
    return _file(folder).verified()


def _file(folder: Path) -> ChainedFile[Hold]:
    adds = "holds are added by adverts link hold=…, so bring back the holds as they were"
    return ChainedFile(Hold, HOLDS_VERSION, folder / HOLDS, "holds", times=("at",), adds=adds)


def add_hold(folder: Path, hold: Hold) -> None:
    """Add a hold durably.

    Raises:
        InputError: Nobody, no reason or no day is named, the day is more than :data:`MOST_DAYS`
            later, or the hold cannot be written.
        IntegrityError: An earlier hold was changed or damaged; the message names it.
    """
    _require_dated_and_named(hold)
    _file(folder).extend(lambda _: [hold])


def _require_dated_and_named(hold: Hold) -> None:
    for name, text in (("id", hold.id), ("by", hold.by), ("why", hold.why)):
        if not text.strip():
            raise InputError(f"a hold needs {name}: what is held, by whom, until when and why")
    try:
        until = datetime.date.fromisoformat(hold.until)
        said = datetime.datetime.fromisoformat(hold.at).date()
    except ValueError as error:
        raise InputError(f"a hold needs days such as 2026-12-31 ({error})") from None
    if (until - said).days > MOST_DAYS:
        raise InputError(f"a hold until {until} is too long; at most {MOST_DAYS:,} days are held")


def held_adverts(
    tables: Mapping[str, pa.Table], holds: Sequence[Hold], today: datetime.date
) -> dict[str, Hold]:
    """Return the hold of each advert that one is on for; of several, the one that ends last.

    A hold of a campaign is one of the adverts that it has now, also under the ids that took the
    place of its own.

    Args:
        tables: Tables of the bank: ``adverts`` and ``replaced``.
        holds: All holds, the oldest first.
        today: Day in UTC.
    """
    current = {(hold.level, hold.id): hold for hold in holds}
    found: dict[str, Hold] = {}
    for hold in sorted(current.values(), key=lambda one: (one.until, one.at)):
        if hold.is_on(today):
            found |= dict.fromkeys(_adverts_of(tables, hold), hold)
    return found


def _adverts_of(tables: Mapping[str, pa.Table], hold: Hold) -> list[str]:
    if hold.level == "advert":
        return [hold.id]
    names = pa.array(sorted(_heirs(tables["replaced"], hold.id)), pa.string())
    adverts = tables["adverts"]
    ids: list[str] = adverts.filter(pc.is_in(adverts["campaign"], names))["id"].to_pylist()
    return ids


def _heirs(replaced: pa.Table, campaign: str) -> set[str]:
    """Return a campaign and all ids that took its place, directly or after others."""
    rows = replaced.filter(pc.equal(replaced["level"], "campaign")).select(["old", "new"])
    heirs, waiting = {campaign}, [campaign]
    following: dict[str, list[str]] = {}
    for row in rows.to_pylist():
        following.setdefault(row["old"], []).append(row["new"])
    while waiting:
        new = set(following.get(waiting.pop(), [])) - heirs - {"", None}
        heirs |= new
        waiting += new
    return heirs
