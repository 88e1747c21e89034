"""What the log of a bank says was exported, or shared with whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from adverts.formats.log_entry import LogEntry

ERASED = "what it was is erased from the log"
_SHEET = "sheet of "
_SHARE = re.compile(r"(S-[0-9a-f]+) with ([^:]+): ([^:]*) of (c[0-9]+(?:, c[0-9]+)*)")


def share_words(
    reference: str, recipient: str, kinds: Sequence[str], campaigns: Sequence[str]
) -> str:
    """Return how the log states a share, as pages read it."""
    return f"{reference} with {recipient}: {', '.join(kinds)} of {', '.join(campaigns)}"


@dataclass(frozen=True, slots=True)
class LoggedExport:
    """One line of the log that says that something was exported or shared.

    Who did it and why is left to the log, where it can be erased.

    Attributes:
        line: Number of the line.
        at: When, ISO 8601 in UTC.
        build: Number of the build that it was done with.
        what: What was exported or shared.
        recipient: With whom it was shared; empty for an export, whose way is not known.
        campaigns: Campaigns of a share; none for an export, which holds all of its build.
    """

    line: int
    at: str
    build: int
    what: str
    recipient: str = ""
    campaigns: tuple[str, ...] = ()

    def concerns(self, names: Collection[str], opened_build: int) -> bool:
        """Return whether a campaign was in it.

        Args:
            names: Id of the campaign and its former ids.
            opened_build: Build that opened it.
        """
        if self.recipient:
            return not set(names).isdisjoint(self.campaigns)
        return self.build >= opened_build

    @property
    def is_sheet(self) -> bool:
        """Whether it is a sheet of pairs to judge, which stays in the folder of the bank."""
        return self.what.startswith(_SHEET)


def logged_exports(entries: Sequence[LogEntry]) -> tuple[LoggedExport, ...]:
    """Return the exports and shares of a log, in its order."""
    return tuple(_logged(one) for one in entries if one.act in ("export", "share"))


def _logged(entry: LogEntry) -> LoggedExport:
    asked = entry.asked.value or ERASED
    found = _SHARE.fullmatch(asked) if entry.act == "share" else None
    if found is None:
        return LoggedExport(entry.number, entry.at, entry.build, asked)
    what = f"{found[1]}: {found[3]}"
    campaigns = tuple(found[4].split(", "))
    return LoggedExport(entry.number, entry.at, entry.build, what, found[2], campaigns)


def exported_since(
    exports: Sequence[LoggedExport] | None, names: Collection[str], opened_build: int
) -> bool | None:
    """Return whether a campaign was exported or shared; None where that is not known.

    An export holds all campaigns of its build. What was erased from the log counts as one.

    Args:
        exports: What was exported; None where the log was not read.
        names: Id of the campaign and its former ids.
        opened_build: Build that opened the campaign.
    """
    if exports is None:
        return None
    return any(not one.is_sheet and one.concerns(names, opened_build) for one in exports)
