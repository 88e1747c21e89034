"""The CSV file in which people say what they know of links: one row for each judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from adverts.data.review.people import require_person
from adverts.data.review.review_sheet import nearest
from adverts.errors import InputError
from adverts.files.delimited import read_spreadsheet, unguarded
from adverts_findings.campaigns.judgements.judgements import STANDINGS, Said
from adverts_findings.campaigns.judgements.spoken_words import (
    Tried,
    Word,
    at_of,
    grade_of,
    name_of,
    read_all,
    said_of,
    why_of,
)

COLUMNS = ("said", "first", "second", "by", "at", "why")
"""Columns of the file, in any order."""
_NEEDS_WHY: frozenset[Said] = frozenset({"merge", "split", "not this advert", "grade", *STANDINGS})
_NEEDS_NO_SECOND: frozenset[Said] = frozenset({"undo", *STANDINGS})
_SHOWN = 100


def read_judgement_csv(path: Path, *, now: str) -> tuple[Word, ...]:
    """Return what each row says, in the order of the file.

    A file saved by a spreadsheet is read: with a byte-order mark, any line end, and commas,
    semicolons or tabs between cells.

    Args:
        path: The file.
        now: The time now, ISO 8601 in UTC; no row may be of a later time.

    Raises:
        InputError: The file or its header is at fault.
        Faults: Rows are at fault; the message has a line for each of the first.
    """
    if not path.is_file():
        raise InputError(
            f"{path} is no file; give a CSV file with the columns {', '.join(COLUMNS)}"
        )
    header, rows = read_spreadsheet(path)
    require_columns(path, header, COLUMNS)
    numbered = [(number, dict(zip(header, cells, strict=True))) for number, cells in rows]
    return read_all(
        [partial(_word, f"{path}, row {number}", cells, now) for number, cells in numbered]
    )


def require_columns(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    """Refuse a header that lacks a column, has one twice, or has one that nothing reads.

    Raises:
        InputError: The header is at fault; the message names the column.
    """
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{path}: the header names {', '.join(twice)} twice; names must differ")
    missing = [name for name in columns if name not in header]
    if missing:
        raise InputError(
            f"{path}: the header has no column {', '.join(missing)}; wanted {', '.join(columns)}"
        )
    for name in header:
        if name not in columns:
            raise InputError(f"{path}: no such column {name[:_SHOWN]!r}{nearest(name, columns)}")


def _word(where: str, cells: Mapping[str, str], now: str) -> Word:
    plain = {name: unguarded(cells[name]) for name in COLUMNS}
    tried = Tried()
    said = tried.of(partial(said_of, where, plain["said"]), None)
    first = tried.of(partial(name_of, where, "first", plain["first"]), "")
    second = tried.of(partial(_second, where, said, first, plain["second"]), "")
    by = tried.of(partial(require_person, f"{where}: by", plain["by"]), "")
    at = tried.of(partial(at_of, where, plain["at"], now), "")
    why = tried.of(partial(_why, where, said, plain["why"]), "")
    tried.refuse()
    assert said is not None, "what is no word was refused"
    return Word(where=where, said=said, first=first, second=second, by=by, at=at, why=why)


def _second(where: str, said: Said | None, first: str, second: str) -> str:
    """Return the second name of a row, as what is said needs it."""
    if said in _NEEDS_NO_SECOND:
        if second:
            raise InputError(f"{where}: second must be empty where {said} is said of {first}")
        return ""
    if said == "grade":
        return grade_of(where, second)
    if said is not None:
        name_of(where, "second", second)
    if said is not None and first == second:
        raise InputError(f"{where}: first and second are the same; name two things")
    return second


def _why(where: str, said: Said | None, why: str) -> str:
    return why if said is None else why_of(where, said, why, needed=said in _NEEDS_WHY)
