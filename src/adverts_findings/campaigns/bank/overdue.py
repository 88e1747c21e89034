"""What the bank still holds beyond its last day or its erasure: nobody sees it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Bools
from adverts.data.dataset.tombstones import Tombstones
from adverts.errors import plural
from adverts_findings.campaigns.bank.read_bank import Bank
from adverts_findings.campaigns.bank_tables import LAST_DAYS

REMEDY = "refresh=true takes them out"


def overdue(last_days: pa.ChunkedArray, today: datetime.date) -> Bools:
    """Return which last days are over, ``(N,)``; one that is not known never is.

    Args:
        last_days: The last day on which each advert may be kept.
        today: Day of today in UTC.
    """
    over = pc.less(last_days, pa.scalar(today, pa.date32())).fill_null(False)
    return np.asarray(over.to_numpy(zero_copy_only=False), np.bool_)


def not_overdue(table: pa.Table, today: datetime.date, column: str = "retain_until") -> pa.Table:
    """Return the rows of a table whose last day is not over."""
    over = overdue(table[column], today)
    return table.filter(pa.array(~over)) if over.any() else table


def count_overdue(
    bank: Bank, today: datetime.date, tables: Iterable[str] = tuple(LAST_DAYS)
) -> int:
    """Return how many adverts the bank holds beyond their last day.

    Args:
        bank: The bank.
        today: Day of today in UTC.
        tables: Tables of adverts that are counted.

    Raises:
        IntegrityError: The bank is damaged.
    """
    return sum(
        int(overdue(bank.table(name, (LAST_DAYS[name],))[LAST_DAYS[name]], today).sum())
        for name in tables
    )


def still_held(bank: Bank, erased: Tombstones) -> int:
    """Return how many adverts that were erased are still used by the current build.

    There are some while an erasure builds, and after one that did not end. Those under a hold are
    restricted, and are not counted.

    Raises:
        IntegrityError: The bank is damaged.
    """
    if not erased:
        return 0
    tables = (bank.table(name, ("id",)) for name in ("adverts", "candidates"))
    return sum(one in erased for table in tables for one in table["id"].to_pylist())


def overdue_words(number: int) -> str:
    """Return in words that adverts are kept beyond their last day, and what to do."""
    are = "is" if number == 1 else "are"
    return f"{plural(number, 'advert')} {are} kept beyond the last day; {REMEDY}"
