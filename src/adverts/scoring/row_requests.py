"""Requests of the rows of a source, as a bundle answers them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from adverts.config.data import DataConfig
from adverts.data.mapping.columns import effective_columns, nearest, require_columns
from adverts.data.mapping.plain_cells import text_of, word_of
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.formats.header import shown_names
from adverts.data.sources.pictures import image_limits, pictures_of, source_bytes
from adverts.data.sources.raw_rows import RawRow, Source
from adverts.errors import say
from adverts.ocr.cache import OcrCache
from adverts.ocr.cached_reader import CachedReader
from adverts.ocr.protocol import Reader
from adverts.runtime import Classifier
from adverts.runtime.predict.requests import Request, refused

T = TypeVar("T")
_READ = ("id", "text", "image")
_USUAL_ID = "id"  # the column of ids where none was named
_WINDOW_ROWS, _WINDOW_BYTES = 256, 32_000_000
"""Most adverts that are answered at once, and the size of their pictures that ends a window."""


def require_adverts(config: DataConfig, source: Source) -> DataConfig:
    """Refuse a source without the columns that hold adverts; return how the others are read.

    One without ids is accepted, unless a column of ids was named: row numbers then serve as ids. No
    model reads the other columns, so those that are missing are told once and taken as empty,
    unless the source has one of nearly the same name.

    Returns:
        The configuration with the columns that such a source always has, as those of a folder of
        pictures, which nobody names.

    Raises:
        InputError: A column is missing; the message names it.
    """
    columns = effective_columns(config)
    if source.columns is not None:
        there = set(source.columns)
        lacking = {
            field: column
            for field, column in columns.model_dump().items()
            if column is not None and column not in there and field not in _READ
            if not nearest(column, there - {*columns.model_dump().values()})
        }
        columns = columns.model_copy(update=dict.fromkeys(lacking))
        no_ids = columns.id == _USUAL_ID and columns.id not in there
        require_columns(
            config, columns.model_copy(update={"id": None} if no_ids else {}), (), there
        )
        if lacking:
            say(f"columns that these adverts lack, taken as empty: {shown_names(lacking.values())}")
    return config.model_copy(update={"columns": columns})


def reader_of(
    classifier: Classifier, config: DataConfig, *, threads: int, cache: Path | None
) -> Reader | None:
    """Return the OCR reader used in training, or None if the model does not need one.

    Args:
        classifier: The bundle.
        config: Configuration of the adverts.
        threads: Number of threads for one picture.
        cache: Folder of what was read on pictures; None: every picture is read.
    """
    facts = classifier.manifest.ocr
    if facts is None or config.columns.image is None:
        return None
    from adverts.ocr.rebuild import reader_from_facts

    reader = reader_from_facts(facts, threads=threads)
    if cache is None:
        return reader
    return CachedReader(reader, OcrCache(cache, setting="ocr_cache"))


def windows(
    config: DataConfig, source: Source, rows: Iterable[RawRow | BadRow]
) -> Iterator[list[tuple[RawRow | BadRow, Request]]]:
    """Yield rows with their requests in windows, of which one at a time is in memory.

    A window ends after 256 rows, or with the picture that brings its pictures to 32 MB.

    Args:
        config: Configuration of the adverts.
        source: Source of the rows.
        rows: Rows of the source, of which none is asked for before its window begins.
    """
    window: list[tuple[RawRow | BadRow, Request]] = []
    held = 0
    for row in rows:
        window.append((row, request := request_of(config, source, row)))
        held += sum(map(len, request.images))
        if len(window) >= _WINDOW_ROWS or held >= _WINDOW_BYTES:
            yield window
            window, held = [], 0
    if window:
        yield window


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
