"""Read the week that a person names."""

from __future__ import annotations

import datetime

from adverts.errors import InputError, shown
from adverts_findings.campaigns.weeks import monday_of, monday_of_week


def read_week(text: str) -> datetime.date:
    """Return the Monday of a week that a person names.

    Args:
        text: An ISO week such as ``2026-W44``, or a day of it such as ``2026-10-28``.

    Raises:
        InputError: It is neither.
    """
    try:
        if "W" in text:
            return monday_of_week(text)
        return monday_of(datetime.date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise InputError(
            f"since={shown(text, 40)} is no week; give one such as 2026-W44, or a day of it such "
            "as 2026-10-28"
        ) from None
