"""Write the files of a recipient: JSON, and CSV whose cells no spreadsheet takes for formulas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from adverts.evaluation.report.templating import without_controls
from adverts.files.delimited import delimited, guarded
from adverts.files.staging import open_private
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry

LEDGER_COLUMNS = ("ledger_number", "ledger_hash")
"""Last columns of every CSV: the head of the ledger."""


def ledger_head(entry: LedgerEntry) -> Mapping[str, object]:
    """Return what every JSON states of the ledger: number and hash of its newest line."""
    return {"number": entry.number, "hash": entry.hash}


def write_text(path: Path, text: str) -> None:
    """Write a new file as UTF-8 that only its owner reads."""
    with open_private(path) as file:
        file.write(text.encode("utf-8", "replace"))


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON with sorted keys, so that the same value gives the same bytes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    write_text(path, text + "\n")


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], entry: LedgerEntry
) -> None:
    """Write rows as CSV: UTF-8, commas, a header, and the head of the ledger in each row.

    A cell is one line without control characters. One that a spreadsheet would take for a formula
    has an apostrophe in front.

    Args:
        path: The file, which is made.
        columns: Names of the columns.
        rows: As many cells for each row.
        entry: The ledger's line of what is written.
    """
    cells: list[list[object]] = [[*columns, *LEDGER_COLUMNS]]
    for row in rows:
        assert len(row) == len(columns)
        cells.append([*map(_cell, row), entry.number, entry.hash])
    with open_private(path) as file:
        file.write(delimited(cells))


def _cell(text: str) -> str:
    return guarded(" ".join(without_controls(text).split()), numbers=False)
