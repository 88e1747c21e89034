"""The sheet on which people judge pairs of adverts: one row for each pair.

It shows no text, picture or contact of an advert, and neither weight, probability nor status of an
edge, since they would sway who judges.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast, get_args

import pyarrow as pa

from adverts.data.review.people import person, require_person
from adverts.errors import InputError
from adverts.files.delimited import guarded, read_spreadsheet, spreadsheet, unguarded
from adverts.files.staging import open_private
from adverts_findings.campaigns.edges import EDGE_KINDS, EdgeKind, Edges, edge_name
from adverts_findings.campaigns.judgements.judgement_csv import require_columns
from adverts_findings.campaigns.judgements.judgements import Said
from adverts_findings.campaigns.judgements.spoken_words import (
    Tried,
    Word,
    at_of,
    read_all,
    said_of,
    why_of,
)
from adverts_findings.campaigns.judgements.which_to_judge import Drawn, PairDrawn

ANSWERS: tuple[Said, ...] = ("same", "different", "unsure")
"""What may be said of a pair."""
_FILLED_IN = ("said", "why", "by", "at")
_SHOWN = ("share", "shown_by_adverts", "shown_by_accounts", "silent_days", "also_share")
_OF_EACH = ("platform", "posted_at", "url")
_BINDING = ("first", "second", "drawn", "chance", "edge", "build", "bank")
COLUMNS = (
    *("pair", *_FILLED_IN, *_SHOWN),
    *(f"{which}_{name}" for name in _OF_EACH for which in ("first", "second")),
    *_BINDING,
)
"""Columns of a sheet; those from ``first`` on bind a row to its pair, its draw, its build and its
bank."""
_IN_WORDS: Mapping[EdgeKind, str] = {
    "contact": "a contact",
    "account": "an account",
    "link_target": "a page that they link to",
    "template": "nearly the same text or picture",
    "judged": "a person's word",
}
_MOST_DIGITS, _SHOWN_BANK = 9, 20


@dataclass(frozen=True, slots=True)
class SheetRead:
    """What people said on a sheet.

    Attributes:
        words: What they said, in the order of the rows.
        unfinished: Number of rows on which nothing is said yet.
    """

    words: tuple[Word, ...]
    unfinished: int


def write_judgement_sheet(
    path: Path,
    drawn: Sequence[PairDrawn],
    edges: Edges,
    adverts: pa.Table,
    *,
    build: int,
    bank: str,
) -> None:
    """Write a new sheet without answers that only its owner can read; its order says nothing.

    Args:
        path: New file; it must not exist.
        drawn: Pairs to judge.
        edges: The edges that they are drawn from.
        adverts: Adverts of the bank, in the order of the rows of the edges: ``id``, ``platform``,
            ``posted_at`` and ``url``.
        build: Number of the build that the edges are of.
        bank: Id of the bank.

    Raises:
        InputError: The file exists or cannot be written.
    """
    bound = {"build": str(build), "bank": bank}
    rows = [_row(one, edges, adverts, bound) for one in drawn]
    cells = [
        [guarded(row.get(name, "")) for name in COLUMNS]
        for row in sorted(rows, key=lambda row: row["pair"])
    ]
    try:
        with open_private(path) as file:
            file.write(spreadsheet([COLUMNS, *cells]))
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(f"{path}: the sheet cannot be written ({why}); name a new file") from error


def _row(
    one: PairDrawn, edges: Edges, adverts: pa.Table, bound: Mapping[str, str]
) -> dict[str, str]:
    place = one.edge
    first, second = (_advert(adverts, int(rows[place])) for rows in (edges.first, edges.second))
    kind = EDGE_KINDS[edges.kind[place]]
    silence = float(edges.silence[place])
    also = [_IN_WORDS[other] for k, other in enumerate(EDGE_KINDS) if edges.also[place] >> k & 1]
    row = {
        "share": _IN_WORDS[kind],
        "shown_by_adverts": str(edges.adverts[place]),
        "shown_by_accounts": str(edges.accounts[place]),
        "silent_days": "" if math.isnan(silence) else f"{silence:.0f}",
        "also_share": ", ".join(also),
        "first": first["id"],
        "second": second["id"],
        "drawn": one.drawn,
        "chance": repr(one.chance),
        "edge": edge_name(kind, edges.value[place], first["id"], second["id"]),
        **bound,
    }
    for which, advert in (("first", first), ("second", second)):
        row |= {f"{which}_{name}": advert[name] for name in _OF_EACH}
    return {"pair": _seal(row), **row}


def _advert(adverts: pa.Table, place: int) -> dict[str, str]:
    row = {name: adverts[name][place].as_py() for name in ("id", *_OF_EACH)}
    at = row["posted_at"]
    row["posted_at"] = at.isoformat(sep=" ", timespec="minutes") if _is_time(at) else ""
    return {name: "" if value is None else str(value) for name, value in row.items()}


def _is_time(value: object) -> bool:
    return isinstance(value, datetime.datetime)


def _seal(cells: Mapping[str, str]) -> str:
    """Return the name of a pair, which changes with every cell that binds its row."""
    bound = json.dumps([cells[name] for name in _BINDING])
    return "p" + hashlib.sha256(bound.encode()).hexdigest()[:16]


def _is_drawn(cells: Mapping[str, str]) -> bool:
    """Return whether the cells of a draw are of the form in which they are written."""
    with suppress(ValueError):
        is_whole = cells["build"] == str(int(cells["build"][:_MOST_DIGITS]))
        return is_whole and cells["drawn"] in get_args(Drawn) and 0 < float(cells["chance"]) <= 1
    return False


def is_judgement_sheet(path: Path) -> bool:
    """Return whether a file has the header of a sheet of pairs; False if it cannot be read."""
    with suppress(InputError, OSError):
        return "pair" in read_spreadsheet(path)[0]
    return False


def read_judgement_sheet(path: Path, *, build: int, bank: str, now: str) -> SheetRead:
    """Return what people said on a sheet; rows on which nothing is said are counted.

    A file saved by a spreadsheet is read, and rows may be in any order. Several people may judge
    one pair, each in a row of their own. If a row occurs twice, it counts once.

    Args:
        path: The sheet.
        build: Number of the last build of the bank; sheets of earlier builds are read too.
        bank: Id of the bank.
        now: The time now, ISO 8601 in UTC; no row may be of a later time.

    Raises:
        InputError: The file or its header is at fault.
        Faults: Rows are at fault; the message has a line for each of the first.
    """
    if not path.is_file():
        raise InputError(f"{path} is no file; give a sheet of pairs that this bank wrote")
    header, rows = read_spreadsheet(path)
    require_columns(path, header, COLUMNS)
    numbered = [(number, dict(zip(header, cells, strict=True))) for number, cells in rows]
    plain = [
        (number, {name: unguarded(cells[name]) for name in cells}) for number, cells in numbered
    ]
    _require_bank(path, plain, bank)
    reader = _Reader(build, now)
    words = read_all(
        [partial(reader.read, f"{path}, row {number}", cells) for number, cells in plain]
    )
    return SheetRead(words, reader.unfinished)


def _require_bank(path: Path, rows: Sequence[tuple[int, Mapping[str, str]]], bank: str) -> None:
    """Refuse a sheet that another bank wrote: its numbers of builds and names mean other things."""
    strange = next((cells["bank"] for _, cells in rows if cells["bank"] != bank), None)
    if strange is not None:
        raise InputError(
            f"{path} is of the bank {strange[:_SHOWN_BANK]!r}, and this is the bank {bank!r}; give "
            "the bank that wrote the sheet, or bring back the cells of its column bank"
        )


class _Reader:
    """Reads rows one after another, and compares each with those before."""

    def __init__(self, build: int, now: str) -> None:
        self.unfinished = 0
        self._build, self._now = build, now
        self._sheet = ""
        self._said: dict[tuple[str, str], Word] = {}

    def read(self, where: str, cells: Mapping[str, str]) -> Word | None:
        self._require_bound(where, cells)
        if not cells["said"].strip():
            self.unfinished += 1
            return None
        word = self._word(where, cells)
        earlier = self._said.setdefault((cells["pair"], person(word.by)), word)
        if earlier.said != word.said:
            raise InputError(
                f"{where}: {word.by!r} says {word.said!r} of this pair, and {earlier.said!r} in "
                f"{earlier.where.split(', ')[-1]}; keep one of the two"
            )
        return word if earlier is word else None

    def _require_bound(self, where: str, cells: Mapping[str, str]) -> None:
        if cells["pair"] != _seal(cells) or not _is_drawn(cells):
            raise InputError(
                f"{where}: one of the cells pair, {', '.join(_BINDING)} was changed or cut off; "
                "bring back the row as it was written"
            )
        self._sheet = self._sheet or cells["build"]
        if cells["build"] != self._sheet:
            raise InputError(
                f"{where}: is of build {cells['build']}, and the rows before are of build "
                f"{self._sheet}; read each sheet for itself"
            )
        if int(cells["build"]) > self._build:
            raise InputError(
                f"{where}: is of build {cells['build']}, and the bank has {self._build}; give "
                "the bank that wrote the sheet"
            )

    def _word(self, where: str, cells: Mapping[str, str]) -> Word:
        tried = Tried()
        said = tried.of(partial(said_of, where, cells["said"], ANSWERS), ANSWERS[-1])
        by = tried.of(partial(require_person, f"{where}: by", cells["by"]), "")
        at = tried.of(partial(at_of, where, cells["at"], self._now), "")
        why = tried.of(partial(why_of, where, said, cells["why"], needed=False), "")
        tried.refuse()
        return Word(
            where=where,
            said=said,
            first=cells["first"],
            second=cells["second"],
            by=by,
            at=at,
            why=why,
            drawn=cast(Drawn, cells["drawn"]),
            chance=float(cells["chance"]),
            edge=cells["edge"],
        )
