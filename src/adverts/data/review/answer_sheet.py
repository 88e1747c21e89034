"""The sheet on which people answer about sampled adverts: one row for each advert.

It names the sample that drew them, and holds neither their ids nor their content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from adverts.data.review.answers import (
    Answer,
    Round,
    note_of,
    saw_others_of,
    time_of,
)
from adverts.data.review.people import person, require_person
from adverts.data.review.review_sheet import COLUMNS, LABEL, nearest
from adverts.data.sources.formats.header import shown_names
from adverts.errors import InputError
from adverts.files.delimited import guarded, read_spreadsheet, spreadsheet, unguarded
from adverts.files.staging import open_private

_AFTER_LABEL = ("note", "sample", "round", "reviewer", "reviewed_at", "saw_others")
_SHOWN = 100


def write_answer_sheet(
    path: Path, items: Sequence[str], *, task: str, reason: str, sample: str, number: Round
) -> None:
    """Write a new sheet without answers that only its owner can read.

    Args:
        path: New file; it must not exist.
        items: Names of the adverts, in the order of the sheet.
        task: Task to answer.
        reason: Why they are on the sheet, the same for all.
        sample: Seal of the sample.
        number: Round of the reviews.
    """
    rows: list[list[object]] = [[*COLUMNS, LABEL + task, *_AFTER_LABEL]]
    for item in items:
        name = guarded(item)
        before = [name, "", name, 1, reason]
        rows.append([*before, "", "", guarded(sample), number, "", "", ""])
    with open_private(path) as file:
        file.write(spreadsheet(rows))


def is_answer_sheet(path: Path) -> bool:
    """Return whether the header of a spreadsheet names the sample of its rows.

    Raises:
        InputError: It cannot be read as a spreadsheet.
    """
    return "sample" in read_spreadsheet(path)[0]


def read_answer_sheet(path: Path, task: str | None = None) -> tuple[Answer, ...]:
    """Return every row of a sheet; those without a label were not answered.

    A file saved by a spreadsheet is read: with a byte-order mark, any line end, and commas,
    semicolons or tabs between cells. Of two rows with the same answer of one person, one counts.

    Args:
        path: The sheet.
        task: The task that it must ask about; None accepts any.

    Raises:
        InputError: The header or a row is at fault; the message names the row.
    """
    header, rows = read_spreadsheet(path)
    asked = _task(path, header, task)
    found: dict[tuple[str, str, int, str], Answer] = {}
    for number, cells in rows:
        where = f"{path}, row {number}"
        answer = _answer(where, asked, dict(zip(header, cells, strict=True)))
        asks = (answer.sample, answer.item, answer.round, person(answer.reviewer))
        earlier = found.setdefault(asks, answer)
        if earlier.label != answer.label:
            raise InputError(
                f"{where}: {answer.item} has another label than in {earlier.where.split(', ')[-1]};"
                " keep one of the two"
            )
    return tuple(found.values())


def _task(path: Path, header: Sequence[str], task: str | None) -> str:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{path}: the header names {shown_names(twice)} twice; names must differ")
    asked = [name for name in header if name.startswith(LABEL)]
    wanted = [*COLUMNS, LABEL + task if task else f"{LABEL}<task>", *_AFTER_LABEL]
    missing = [name for name in (*COLUMNS, *_AFTER_LABEL) if name not in header]
    if missing or len(asked) != 1 or (task and asked != [LABEL + task]):
        found = ", ".join([*missing, *(asked or ["no label"])])
        raise InputError(
            f"{path}: the header is not that of a sample's sheet (at fault: {found[:_SHOWN]}); "
            f"wanted {', '.join(wanted)}"
        )
    for name in header:
        if name not in (*COLUMNS, *_AFTER_LABEL, *asked):
            near = nearest(name, [*COLUMNS, *_AFTER_LABEL])
            raise InputError(f"{path}: no such column {name[:_SHOWN]!r}{near}")
    return asked[0].removeprefix(LABEL)


def _answer(where: str, task: str, cells: Mapping[str, str]) -> Answer:
    for name in ("example", "sample", "round"):
        if not cells[name]:
            raise InputError(
                f"{where}: has no {name}; was the file cut short? Bring back the row, or write the "
                "sheet again"
            )
    if cells["round"] not in ("1", "2", "3"):
        raise InputError(f"{where}: round: found {cells['round'][:_SHOWN]!r}, wanted 1, 2 or 3")
    label = unguarded(cells[LABEL + task])
    return Answer(
        where=where,
        item=unguarded(cells["example"]),
        task=task,
        label=label,
        note=note_of(where, unguarded(cells["note"])),
        sample=unguarded(cells["sample"]),
        round=cast(Round, int(cells["round"])),
        reviewer=require_person(f"{where}: reviewer", unguarded(cells["reviewer"]))
        if label
        else "",
        reviewed_at=time_of(where, cells["reviewed_at"]),
        saw_others=saw_others_of(where, cells["saw_others"]) if label else None,
    )
