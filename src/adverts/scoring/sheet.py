"""A spreadsheet of scores for people: the rows of a source, each with its answers beside it."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

from adverts.config.data import DataConfig
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow, Source
from adverts.errors import InputError, say
from adverts.files.delimited import delimited, guarded, plain_number
from adverts.files.staging import open_private
from adverts.runtime import Classifier
from adverts.runtime.predict.advert_facts import score_of
from adverts.runtime.predict.responses import Response
from adverts.runtime.stream.json_lines import respond
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.row_requests import reader_of, windows
from adverts.work.progress import bar

SUFFIX = ".csv"
ANSWERS = (
    "review_band",
    "score",
    "reason",
    "language",
    "routes",
    "safeguarding",
    "exited",
    "order_only",
    "error",
)
"""Columns that are added to those of the adverts. ``score`` is the probability that orders a queue;
it is empty if a person must review the advert without one. ``exited`` is ``yes`` where the n-grams
alone judged the advert, and gave the score. ``order_only`` is ``yes`` where no threshold ships, so
that the score orders the queue and promises nothing."""


def write_sheet(
    path: Path,
    classifier: Classifier,
    source: Source,
    data: DataConfig,
    *,
    batch_size: int,
    threads: int,
    ocr_cache: Path | None,
) -> CollectionCounts:
    """Write the scores of every advert of a source to a CSV file, completely or not at all.

    Each row has the cells of the source, then the answers, with the delimiter of the source. No
    cell begins a formula. A row that cannot be scored keeps its place and states the reason.

    Args:
        path: New file, readable only by its owner.
        classifier: The bundle.
        source: The adverts.
        data: Configuration of the source.
        batch_size: Adverts in one pass through the model.
        threads: Cores that read pictures.
        ocr_cache: Folder of what was read on pictures; None: every picture is read.

    Raises:
        InputError: The file exists, or its folder does not.
    """
    if path.exists():
        raise InputError(f"scores={path} exists; choose another file or move it")
    if not path.parent.is_dir():
        raise InputError(f"scores={path}: {path.parent} is not a folder; make it first")
    partial = path.with_name(f".{path.name}.partial")
    counts, columns = CollectionCounts(), _kept_columns(data, source)
    reader = reader_of(classifier, data, threads=threads, cache=ocr_cache)
    mapped = (name for name in data.columns.model_dump().values() if name is not None)
    rows = bar(source.read(tuple(dict.fromkeys((*mapped, *columns)))), "scoring", "adverts")
    if source.columns is None:
        say(
            "each row of this source names its own columns: the sheet keeps those that "
            "data.columns names, and its ids join the others",
            error=True,
        )
    score = score_of(classifier)
    partial.unlink(missing_ok=True)
    try:
        with open_private(partial) as file:
            between = source.delimiter or ","
            header = [*map(_guarded, columns), *_named_apart(columns)]
            # the byte order mark lets a spreadsheet read the file as UTF-8
            file.write(codecs.BOM_UTF8 + delimited([header], delimiter=between))
            for window in windows(data, source, rows):
                requests = [request for _, request in window]
                responses = respond(classifier, requests, reader=reader, batch_size=batch_size)
                scored = []
                for (row, _), response in zip(window, responses, strict=True):
                    counts.add(response, platform=None, week=None, pictured=False)
                    cells = (_cell(row, name) for name in columns)
                    scored.append([*map(_guarded, cells), *_answer(response, score(response))])
                file.write(delimited(scored, delimiter=between))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return counts


def _kept_columns(data: DataConfig, source: Source) -> tuple[str, ...]:
    """Return the columns that are written before the answers: those of the source."""
    if source.columns is None:
        return tuple(one for one in (data.columns.id, data.columns.text) if one is not None)
    several = len(source.stamps) > 1
    return tuple(one for one in source.columns if one != SOURCE_FILE or several)


def _named_apart(columns: Sequence[str]) -> list[str]:
    return [f"model_{name}" if name in columns else name for name in ANSWERS]


def _cell(row: RawRow | BadRow, column: str) -> str:
    value = None if isinstance(row, BadRow) else row.values.get(column)
    return "" if value is None or isinstance(value, bytes | list | dict) else str(value)


def _guarded(cell: str) -> str:
    """Return a cell that does not begin a formula; numbers are unchanged, for programs."""
    return guarded(cell, numbers=False)


def _answer(response: Response, score: float | None) -> list[str]:
    language = response.language.tag if response.language else None
    return [
        response.review_band,
        "" if score is None else plain_number(score),
        _guarded(response.reason),
        _guarded(language or ""),
        " ".join(response.routes),
        " ".join(one.label for one in response.safeguarding),
        "yes" if response.exited else "",
        "yes" if response.order_only else "",
        "" if response.error is None else response.error.code,
    ]
