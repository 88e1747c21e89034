"""What a bank knew on an earlier day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from adverts.errors import InputError
from adverts_findings.campaigns.bank.as_of import (
    erased_since,
    judgements_until,
    known_on,
    last_build,
    read_erasures,
)
from adverts_findings.campaigns.bank.overdue import not_overdue
from adverts_findings.campaigns.build import Made
from adverts_findings.campaigns.desk import Desk
from adverts_findings.campaigns.rebuild import build_of, read_before


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """What was known on an earlier day.

    Attributes:
        made: The build of that day.
        erased: Number of adverts of then that were erased since.
        hidden: Number of adverts of then that the bank holds beyond their last day.
    """

    made: Made
    erased: int
    hidden: int


def look_back(desk: Desk, day: datetime.date) -> Earlier:
    """Return what was known on a day, without what was erased since or may be kept no longer.

    Args:
        desk: Who looks, and where.
        day: The day; its end counts, in UTC.

    Raises:
        InputError: There is no bank, or the day is to come.
        IntegrityError: A file of it is damaged.
    """
    desk.require_bank()
    if day > desk.now.date():
        raise InputError(f"as_of={day} is to come; give today or an earlier day")
    tables = read_before(desk.folder)
    known = known_on(tables, day)
    shown = not_overdue(known, desk.now.date())
    made = build_of(
        tables,
        shown,
        judgements_until(desk.judgements(), day),
        last=last_build(tables, day),
        now=desk.now,
    )
    erased = erased_since(
        read_erasures(desk.folder, max(tables["builds"]["build"].to_pylist())), day
    )
    return Earlier(made, erased, len(known) - len(shown))
