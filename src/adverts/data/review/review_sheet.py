"""Writes and reads the review sheet, in which people label one row for each part of a cluster.

A part is a set of adverts that text links join, so that one label may spread over all of it. The
sheet names adverts only by id; their content is in the restricted page next to it.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from adverts.advert import Task
from adverts.data.review.reviews import UNSURE
from adverts.data.sources.formats.header import shown_names
from adverts.errors import InputError
from adverts.files.delimited import guarded, read_spreadsheet, spreadsheet, unguarded
from adverts.files.staging import open_private

Reason = Literal["conflict", "likely error", "unlabelled", "large"]
REASONS: tuple[Reason, ...] = get_args(Reason)
NO_SIGNAL = "none"
"""Value that a reviewer writes if an advert shows no signal of a ``multi`` task."""

COLUMNS = ("part", "cluster", "example", "adverts", "reason")
"""The first columns of a sheet."""
_TOLD = ("current", "likelier", "confidence", "split")
"""Columns that show the reviewer what is doubted; nothing is read from them."""
LABEL = "label."
"""Start of the name of a column that holds the labels of a task."""
_NOTE = "note"
_BETWEEN = "|"
_MAX_DIGITS, _SHOWN = 18, 100


@dataclass(frozen=True, slots=True)
class PartToReview:
    """One row to be filled in.

    Attributes:
        part: Stable name of the part, see :func:`part_name`.
        cluster: The cluster that holds it.
        example: Id of the advert to look at.
        adverts: Number of adverts in the part.
        reason: Why it should be reviewed.
        current: Label of that advert; empty if it has none.
        likelier: Label given by others or by tf-idf; empty if there is none.
        confidence: Probability by tf-idf that the current label is wrong; None if it was not
            computed.
        split: Split of that advert.
    """

    part: str
    cluster: str
    example: str
    adverts: int
    reason: Reason
    current: str = ""
    likelier: str = ""
    confidence: float | None = None
    split: str = ""


@dataclass(frozen=True, slots=True)
class ReviewedCluster:
    """One row that a person filled in.

    Attributes:
        part: Name of the part whose adverts the labels are for.
        cluster: The cluster that held it when the sheet was written.
        example: Id of the advert that was looked at.
        adverts: Number of adverts in the part; None if the cell was emptied.
        reason: Why it was on the sheet.
        labels: Maps each task to the chosen labels: one, or for ``multi`` any number, even none.
        note: Free text of the reviewer.
        row: Row of the sheet, counted as a spreadsheet does.
    """

    part: str
    cluster: str
    example: str
    adverts: int | None
    reason: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""
    row: int = 0


def part_name(smallest_id: str) -> str:
    """Return the name of the part with this smallest id; spreadsheets never read it as a number."""
    return "p" + hashlib.sha256(smallest_id.encode()).hexdigest()[:16]


def write_review(path: Path, parts: Sequence[PartToReview], tasks: Sequence[Task]) -> None:
    """Write a new sheet that only its owner can read; ids never become formulas.

    Args:
        path: New file; it must not exist.
        parts: Rows, in the order of the sheet.
        tasks: Tasks to answer; each has one empty column.
    """
    rows: list[list[object]] = [[*COLUMNS, *_TOLD, *(LABEL + task.name for task in tasks), _NOTE]]
    for part in parts:
        names = [guarded(part.part), guarded(part.cluster), guarded(part.example)]
        sure = "" if part.confidence is None else f"{part.confidence:.2f}"
        labels = [guarded(one, numbers=False) for one in (part.current, part.likelier)]
        told = [*labels, sure, part.split]
        rows.append([*names, part.adverts, part.reason, *told, *("" for _ in tasks), ""])
    with open_private(path) as file:
        file.write(spreadsheet(rows))


def read_review(path: Path, *, tasks: Sequence[Task] | None = None) -> tuple[ReviewedCluster, ...]:
    """Return the rows of a sheet that a person filled in; the others are skipped.

    A file saved by a spreadsheet is read: with a byte-order mark, any line end, and commas,
    semicolons or tabs between cells. A part that occurs twice with equal labels counts once.

    Args:
        path: The sheet.
        tasks: Tasks that may be answered; None accepts any task and label, and splits every cell
            at ``|``.

    Raises:
        InputError: The header, a task, a label, or a row is at fault; the message names the row.
    """
    header, rows = read_spreadsheet(path)
    answered = _answered(path, header, tasks)
    found: dict[str, ReviewedCluster] = {}
    for number, cells in rows:
        reviewed = _read_row(path, number, dict(zip(header, cells, strict=True)), answered)
        if reviewed is None:
            continue
        earlier = found.setdefault(reviewed.part, reviewed)
        if earlier.labels != reviewed.labels:
            raise InputError(
                f"{path}, row {number}: part {reviewed.part} has other labels than in row "
                f"{earlier.row}; keep one of the two"
            )
    return tuple(found.values())


def _answered(
    path: Path, header: Sequence[str], tasks: Sequence[Task] | None
) -> dict[str, Task | None]:
    """Return the tasks that the header asks about, by column."""
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{path}: the header names {shown_names(twice)} twice; names must differ")
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise InputError(
            f"{path}: the header has no column {', '.join(missing)}; keep the columns as written"
        )
    asked = [name for name in header if name.startswith(LABEL)]
    legal = [LABEL + task.name for task in tasks] if tasks is not None else asked
    for name in header:
        if name not in (*COLUMNS, *_TOLD, _NOTE, *legal):
            near = nearest(name, [*legal, *COLUMNS, _NOTE])
            raise InputError(f"{path}: no such column {name[:_SHOWN]!r}{near}")
    if not asked:
        raise InputError(f"{path}: the header has no column {LABEL}<task>; nothing can be read")
    by_name = {LABEL + task.name: task for task in tasks or ()}
    return {name: by_name.get(name) for name in asked}


def _read_row(
    path: Path, row: int, cells: Mapping[str, str], answered: Mapping[str, Task | None]
) -> ReviewedCluster | None:
    """Return what a person answered; None where no cell holds a label."""
    place = f"{path}, row {row}"
    labels = {
        column.removeprefix(LABEL): labels_of(place, cells[column], column=column, task=task)
        for column, task in answered.items()
        if cells[column] and (cells[column] != UNSURE or (task and UNSURE in task.labels))
    }
    if not labels:
        return None
    for name in ("part", "example"):
        if not cells[name]:
            raise InputError(f"{place}: has labels but no {name}; restore it, or clear the row")
    return ReviewedCluster(
        part=unguarded(cells["part"]),
        cluster=unguarded(cells["cluster"]),
        example=unguarded(cells["example"]),
        adverts=_count(place, cells["adverts"]),
        reason=cells["reason"],
        labels=labels,
        note=cells.get(_NOTE, ""),
        row=row,
    )


def labels_of(place: str, cell: str, *, column: str, task: Task | None) -> tuple[str, ...]:
    """Return the labels that a cell holds.

    Args:
        place: File and row, for the message.
        cell: What the cell holds; it is not empty.
        column: Name of its column, for the message.
        task: The task that it answers; None accepts any label, and splits the cell at ``|``.

    Raises:
        InputError: The task has no such label; the message names the nearest.
    """
    several = task is None or task.kind == "multi"
    values = [value.strip() for value in cell.split(_BETWEEN)] if several else [cell]
    chosen = tuple(dict.fromkeys(value for value in values if value))
    if task is None:
        return chosen
    if several and chosen == (NO_SIGNAL,) and NO_SIGNAL not in task.labels:
        return ()
    for value in chosen:
        if value not in task.labels:
            raise InputError(
                f"{place}: {column}: no such label {value[:_SHOWN]!r}{nearest(value, task.labels)}"
            )
    return tuple(sorted(chosen, key=task.labels.index))


def _count(place: str, cell: str) -> int | None:
    if cell and not (cell.isdecimal() and len(cell) <= _MAX_DIGITS):
        raise InputError(f"{place}: adverts: found {cell[:_SHOWN]!r}, a whole number is wanted")
    return int(cell) if cell else None


def nearest(found: str, legal: Sequence[str]) -> str:
    """Return the end of a message on a wrong name: the nearest legal one, or the first of them."""
    near = difflib.get_close_matches(found[:_SHOWN], legal, n=1)
    shown = ", ".join(legal[:6]) + (", …" if len(legal) > 6 else "")
    return f"; nearest: {near[0]}" if near else f"; legal: {shown}"
