"""What the log of a bank says was exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adverts.linking.bank.log_entry import LogEntry

ERASED = "what it was is erased from the log"
_SHEET = "sheet of "


@dataclass(frozen=True, slots=True)
class LoggedExport:
    """One line of the log that says that something was exported.

    Who did it and why is left to the log, where it can be erased.

    Attributes:
        line: Number of the line.
        at: When, ISO 8601 in UTC.
        build: Number of the build that it was done with.
        what: What was exported.
    """

    line: int
    at: str
    build: int
    what: str

    @property
    def is_sheet(self) -> bool:
        """Whether it is a sheet of pairs to judge, which stays in the folder of the bank."""
        return self.what.startswith(_SHEET)


def logged_exports(entries: Sequence[LogEntry]) -> tuple[LoggedExport, ...]:
    """Return the exports of a log, in its order."""
    return tuple(
        LoggedExport(one.number, one.at, one.build, one.asked.value or ERASED)
        for one in entries
        if one.act == "export"
    )


def exported_since(exports: Sequence[LoggedExport] | None, opened_build: int) -> bool | None:
    """Return whether a campaign was in an export of the bank; None where that is not known.

    An export holds all campaigns of its build. What was erased from the log counts as one.

    Args:
        exports: What was exported; None where the log was not read.
        opened_build: Build that opened the campaign.
    """
    if exports is None:
        return None
    return any(not one.is_sheet and one.build >= opened_build for one in exports)
