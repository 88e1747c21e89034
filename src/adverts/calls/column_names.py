"""Which columns of a caller's source are taken by their names, and which ones must be named.

The rule is that of ``adverts init``: a column of a well-known name is taken if its cells suit it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from adverts.calls.rows import Rows, word_in
from adverts.data.mapping.guess_columns import (
    ROWS,
    GuessedColumn,
    guessed_label,
    guessed_text,
    look,
    may_be,
    named_columns,
    rows_all_over,
)
from adverts.data.mapping.plain_cells import text_of
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.formats.header import is_name, shown_names
from adverts.data.sources.raw_rows import SOURCE_FILE, Source
from adverts.errors import InputError, say

FIELDS = ("id", "split", "lang", "group", "account", "posted_week")
"""Keywords whose column is taken by its name."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is done with the columns that a caller did not name.

    Attributes:
        columns: Maps keywords to the columns that are taken by their names.
        unused: Columns that are not read, in their order.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    def tell(self) -> None:
        """Print one line on them, if there is anything to say."""
        told = []
        if self.columns:
            named = ", ".join(f"{name}={one!r}" for name, one in self.columns.items())
            first = next(iter(self.columns))
            told.append(f"columns taken by their names: {named} ({first}=False takes none)")
        if self.unused:
            told.append(f"columns not used: {shown_names(self.unused)}")
        if told:
            say("; ".join(told))


def taken_of_table(rows: Rows, named: Collection[object], wanted: Sequence[str]) -> Taken:
    """Return which columns of a table are taken by their names; all their cells are looked at.

    Args:
        rows: The table.
        named: Columns that the caller named, or that are used otherwise.
        wanted: Those of :data:`FIELDS` that the caller said nothing about.
    """
    free = [one for one in _plain(rows) if one not in named]
    seen = seen_in(rows, [one for one in free if may_be(one, wanted)])
    found = named_columns(seen, rows.count, wanted)
    unused = (str(one) for one in rows.names if one not in named)
    return Taken(found, tuple(one for one in unused if one not in found.values()))


def taken_of_source(source: Source, named: Collection[object], wanted: Sequence[str]) -> Taken:
    """Return the same as :func:`taken_of_table` for a file, by rows from all over it."""
    there = columns_of(source)
    free = [one for one in there if one not in named]
    read = rows_all_over(source, free) if any(may_be(one, wanted) for one in free) else ()
    rows = [row for row in read if not isinstance(row, BadRow)]
    found = named_columns(look(rows), len(rows), wanted)
    return Taken(found, tuple(one for one in free if one not in found.values()))


def columns_of(source: Source) -> list[str]:
    """Return the columns of a file, without the one that says which file it is."""
    return [one for one in source.columns or () if one != SOURCE_FILE]


def seen_in(rows: Rows, names: Iterable[str], most: int | None = None) -> dict[str, GuessedColumn]:
    """Return what stands in some columns of a table, or in their first rows."""
    seen = {}
    for name in names:
        seen[name] = GuessedColumn()
        for cell in islice(rows.column(name), most):
            text = None if isinstance(cell, bytes | list | dict) else text_of(word_in(cell))
            if text is not None:
                seen[name].add(text)
    return seen


def text_by_name(rows: Rows) -> str | None:
    """Return the only column of a table that has the name of a caption; None: none or several."""
    known = [one for one in _plain(rows) if may_be(one, ("text",))]
    return known[0] if len(known) == 1 else None


def refuse_unnamed_text(shown: Mapping[str, GuessedColumn], names: Sequence[object]) -> None:
    """Say that the column of captions is missing, and which one looks like it.

    Raises:
        InputError: Always.
    """
    found = guessed_text(shown)
    such = f", such as text={found!r}" if found and is_name(found) else ""
    raise InputError(
        f"text= is missing: name the column of captions{such}, or that of pictures with image=. "
        f"The columns are {shown_names(names)}"
    )


def refuse_unnamed_labels(shown: Mapping[str, GuessedColumn], names: Sequence[object]) -> None:
    """Say that the column of labels is missing, and which one looks like it.

    Raises:
        InputError: Always.
    """
    found = guessed_label(shown)
    such = f", such as labels={found!r}" if found and is_name(found) else ""
    raise InputError(
        f"labels= is missing: name the column of labels{such}. The columns are "
        f"{shown_names(names)}. Where no advert has a label, say between which labels models "
        'choose: overrides=["data.tasks.labels=[no,yes]", "data.tasks.positive=yes"]'
    )


def first_cells(rows: Rows, without: Collection[object]) -> dict[str, GuessedColumn]:
    """Return what stands in the first rows of the columns of a table that are not named."""
    return seen_in(rows, [one for one in _plain(rows) if one not in without], ROWS)


def _plain(rows: Rows) -> list[str]:
    """Return the columns with a name of their own that is text."""
    return [one for one in rows.names if isinstance(one, str) and rows.names.count(one) == 1]
