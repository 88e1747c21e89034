"""Columns of names of platforms and languages, with whatever may be a contact withheld."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from adverts.inputs.contacts.plain_names import plain_name


def plain_names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of names as :func:`plain_name` gives them."""
    return mapped(column, plain_name)


def mapped(column: pa.ChunkedArray, change: Callable[[str], str]) -> pa.ChunkedArray:
    """Return a column of texts, each different one changed once; missing ones stay missing."""
    whole = pc.dictionary_encode(column.combine_chunks())
    told = pa.array([change(one) for one in whole.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([told.take(whole.indices)], pa.string())
