"""Rows that cannot be used, described by file, row, field and reason, never by their content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from adverts.errors import AdvertsError
from adverts.files.staging import open_private

FILE_NAME = "bad_rows.jsonl"


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why one row was set aside.

    Attributes:
        file: Source file, relative to the data's root.
        row: Line where the row begins in a text file, otherwise its number; both count from 1.
        field: Column at fault; empty if the row as a whole is.
        reason: What is wrong and what is wanted.
        record: Number of the row below the header, from 1, if ``row`` is a line of a file in
            which a row may take several lines; otherwise None.
    """

    file: str
    row: int
    field: str
    reason: str
    record: int | None = None

    def __str__(self) -> str:
        where = f"{self.file} row {self.row}"
        if self.record is not None:
            where = f"{self.file} line {self.row} (record {self.record})"
        return f"{where}, {self.field}: {self.reason}" if self.field else f"{where}: {self.reason}"


class RowFault(Exception):
    """Raised for a row that cannot be used; caught where the row's file and number are known."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field, self.reason = field, reason


NumberedRow = tuple[int, "dict[str, object] | RowFault"]
"""The number of a row in its file, with its cells by column or why it cannot be used."""


def reason_of(error: Exception) -> str:
    """Return why a row failed, without the message of the error, which may quote the row.

    Raises:
        AdvertsError, OSError, MemoryError: The given error, if it is no fault of the row.
    """
    if isinstance(error, AdvertsError | OSError | MemoryError):
        raise error
    return f"cannot be used: {type(error).__name__} while it was read; correct it or leave it out"


def ids_named(row: BadRow) -> list[str]:
    """Return what may be the id of an advert in the place of a bad row.

    In a folder of pictures each file is a row, and its path is the id. The row's file, and each
    rest of it without its first folders, are therefore possible ids.
    """
    parts = row.file.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]


def read_bad_rows(path: Path) -> list[BadRow]:
    """Read a file written by :func:`write_bad_rows`."""
    lines = path.read_bytes().decode(errors="replace").split("\n")
    return [BadRow(**json.loads(line)) for line in lines if line]


def write_bad_rows(path: Path, rows: Sequence[BadRow]) -> None:
    """Write one JSON object a line to a new file that only its owner can read."""
    path.unlink(missing_ok=True)
    with open_private(path) as file:
        for row in rows:
            told = {name: value for name, value in asdict(row).items() if value is not None}
            line = json.dumps(told, ensure_ascii=False)
            file.write(line.encode(errors="backslashreplace") + b"\n")
