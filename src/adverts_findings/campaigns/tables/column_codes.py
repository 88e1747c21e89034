"""Columns of the bank as arrays of numbers, and counts and spans of groups of rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Ints
from adverts_findings.campaigns.evidence.shown import distinct
from adverts_findings.campaigns.tables.grouped import Grouped

_INTS = np.iinfo(np.int64)


def codes_of(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Return the place of each string among the distinct ones, -1 where it is missing, and these.

    Args:
        column: Strings, ``(N,)``.

    Returns:
        Places, ``(N,)``, and the distinct strings in the order in which they first occur.
    """
    coded = plain(column).dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), coded.dictionary


def taken(strings: pa.Array, codes: Ints) -> pa.Array:
    """Return the string of each code; a missing one for negative codes."""
    return strings.take(pa.array(codes, pa.int64(), mask=codes < 0))


def plain(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def pairs_of(groups: Ints, codes: Ints) -> tuple[Ints, Ints]:
    """Return each pair of a group and a code once, without negative codes.

    Args:
        groups: Group of each member, ``(M,)``.
        codes: Code of each member, ``(M,)``.
    """
    known = codes >= 0
    width = int(codes.max(initial=0)) + 1
    return np.divmod(distinct(groups[known] * width + codes[known]), width)


def spans_of(times: pa.ChunkedArray, rows: Grouped) -> tuple[pa.Array, pa.Array]:
    """Return the first and the last time of each group of rows; missing where none is known.

    Args:
        times: Time of each row, ``(N,)``.
        rows: Groups of rows, each with at least one.
    """
    told = plain(times).cast(pa.int64()).take(pa.array(rows.members))
    known = pc.is_valid(told).to_numpy(zero_copy_only=False)
    spans = []
    for reduce, beyond in ((np.minimum, _INTS.max), (np.maximum, _INTS.min)):
        at = pc.fill_null(told, beyond).to_numpy(zero_copy_only=False)
        found = reduce.reduceat(at, rows.starts) if len(rows) else at[:0]
        no_time = ~np.logical_or.reduceat(known, rows.starts) if len(rows) else known[:0]
        spans.append(pa.array(found, pa.int64(), mask=no_time).cast(times.type))
    return spans[0], spans[1]
