"""Requests of the rows of a source, as a bundle answers them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

from adverts.config.data import DataConfig
from adverts.data.mapping.columns import effective_columns, require_columns
from adverts.data.mapping.plain_cells import text_of, word_of
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.pictures import image_limits, pictures_of, source_bytes
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.ocr.protocol import Reader
from adverts.runtime import Classifier
from adverts.runtime.predict.requests import Request, refused

T = TypeVar("T")


def require_adverts(config: DataConfig, source: Source) -> None:
    """Refuse a source without the columns that hold adverts; one without ids is accepted.

    Raises:
        InputError: A column is missing; the message names it.
    """
    columns = effective_columns(config)
    if source.columns is not None:
        there = set(source.columns)
        if columns.id is not None and columns.id not in there:  # row numbers serve as ids
            columns = columns.model_copy(update={"id": None})
        require_columns(config, columns, (), there)


def reader_of(classifier: Classifier, config: DataConfig, *, threads: int) -> Reader | None:
    """Return the OCR reader used in training, or None if the model does not need one."""
    facts = classifier.manifest.ocr
    if facts is None or config.columns.image is None:
        return None
    from adverts.ocr.rebuild import reader_from_facts

    return reader_from_facts(facts, threads=threads)


def request_of(config: DataConfig, source: Source, row: RawRow | BadRow) -> Request:
    """Return the request of a row; for a faulty row, a request that states the fault."""
    if isinstance(row, BadRow):
        return refused(str(row), id=row_id(row))
    columns = config.columns
    try:
        return Request(
            id=word_of(row.values, columns.id) or row_id(row),
            text=cell(row, columns.text),
            images=tuple(_pictures(config, source, row)),
            lang=cell(row, columns.lang),
        )
    except RowFault as fault:
        return refused(f"row {row.row}, {fault.field}: {fault.reason}", id=row_id(row))


def row_id(row: RawRow | BadRow) -> str:
    """Return what names a row without an id: its file and number, as in messages about it."""
    made = row.made_id if isinstance(row, RawRow) else None
    return made or f"{row.file}#{row.row}"


def cell(row: RawRow, column: str | None) -> str | None:
    """Return the cell of a column as text; None without a column, or a plain value in it."""
    return None if column is None else text_of(row.values.get(column))


def _pictures(config: DataConfig, source: Source, row: RawRow) -> Iterator[bytes]:
    column = config.columns.image
    if column is None:
        return
    limits, value = image_limits(config), row.values.get(column)
    for one in pictures_of(value, column=column, folder=row.folder, folders=source.folders):
        yield source_bytes(one, limits, column=column)


def groups(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield items in groups of ``size``; the last group may be smaller."""
    left = iter(items)
    while group := tuple(itertools.islice(left, size)):
        yield group
