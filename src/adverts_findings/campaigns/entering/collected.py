"""How many adverts an input held by week, platform and language, judged or not.

What is new can only be told from what was not collected before by these counts. They hold no id.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.plain_names import plain_names

SCHEMA = TABLES["collected"]
_CELL = ("week", "platform", "language")
_MOST_NAMES = 300


def count_adverts(
    weeks: pa.Array | pa.ChunkedArray,
    platforms: pa.Array | pa.ChunkedArray,
    languages: pa.Array | pa.ChunkedArray,
    judged: pa.Array | pa.ChunkedArray,
    *,
    source: str,
) -> pa.Table:
    """Return the rows of the table ``collected`` of some adverts.

    Of platforms and languages, what is no plain name is withheld, for it may be a contact.

    Args:
        weeks: Monday of each, date32; missing where no time is known.
        platforms: Platform of each.
        languages: Language of each.
        judged: Whether a person judged it, bool.
        source: Name of the input.
    """
    columns = [
        weeks,
        _plain(platforms),
        _plain(languages),
        pc.cast(judged, pa.int64()),
    ]
    found = pa.table(columns, names=[*_CELL, "judged"]).group_by(list(_CELL))
    counted = found.aggregate([([], "count_all"), ("judged", "sum")])
    return _table(counted, source, adverts="count_all", judged="judged_sum")


def sum_counts(parts: Sequence[pa.Table], *, source: str) -> pa.Table:
    """Return the counts of several parts of one input as one.

    Of platforms and of languages, the 300 with most adverts are counted apart; the rest counts as
    not known, so that a column of the source which is no name of a platform makes no large table.
    """
    whole = pa.concat_tables([SCHEMA.empty_table(), *parts])
    for name in ("platform", "language"):
        whole = _named(whole, name)
    counted = whole.group_by(list(_CELL)).aggregate([("adverts", "sum"), ("judged", "sum")])
    return _table(counted, source, adverts="adverts_sum", judged="judged_sum")


def week_of(times: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return the Monday of the week of each time in UTC, date32; missing where the time is."""
    utc = times.cast(pa.timestamp("us", "UTC"))
    plain = utc.cast(pa.int64()).cast(pa.timestamp("us"))
    return pc.floor_temporal(plain, unit="week", week_starts_monday=True).cast(pa.date32())


def _plain(names: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    chunks = names.chunks if isinstance(names, pa.ChunkedArray) else [names]
    return plain_names(pa.chunked_array([one.cast(pa.string()) for one in chunks], pa.string()))


def _named(whole: pa.Table, name: str) -> pa.Table:
    """Return counts in which only the names with most adverts are left."""
    totals = whole.group_by(name).aggregate([("adverts", "sum")])
    if len(totals) <= _MOST_NAMES:
        return whole
    order = [("adverts_sum", "descending"), (name, "ascending")]
    most = totals.filter(pc.is_valid(totals[name])).sort_by(order).slice(0, _MOST_NAMES)
    known = pc.is_in(whole[name], value_set=most[name].combine_chunks())
    kept = pc.if_else(known, whole[name], pa.scalar(None, pa.string()))
    return whole.set_column(whole.column_names.index(name), name, kept)


def _table(counted: pa.Table, source: str, *, adverts: str, judged: str) -> pa.Table:
    columns = [
        pa.array([source] * len(counted), pa.string()),
        *(counted[name] for name in _CELL),
        counted[adverts],
        counted[judged],
    ]
    return pa.table(columns, names=SCHEMA.names).cast(SCHEMA)
