"""Who has looked at a test split: one JSON line for each look, added and never taken away.

A test split that many models are tried on chooses among them, so its figures grow too good. The
ledger makes the number of looks known; it holds no figure and no advert.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from adverts.errors import InputError

SCHEMA_VERSION = 1
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Look:
    """One evaluation of one model.

    Attributes:
        when: Time, ISO 8601, UTC.
        who: Account name on the machine.
        model: Identity of the judged model.
        name: Name of its configuration.
        data_hash: Of the dataset.
        split: ``test`` or ``all``.
        gate: Name of the gate; ``none`` where none was asked.
        report: ``open`` or ``restricted``.
        commit: Of the code that judged; empty where it is not known.
    """

    when: str
    who: str
    model: str
    name: str
    data_hash: str
    split: str
    gate: str
    report: str
    commit: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a ledger holds.

    Attributes:
        looks: In the order of the file.
        damaged: Numbers of the lines that cannot be read, from 1.
    """

    looks: tuple[Look, ...]
    damaged: tuple[int, ...]


def ledger_beside(prepared: Path) -> Path:
    """Return where the ledger of a prepared dataset stands unless told otherwise."""
    return prepared.with_name(f"{prepared.name}.looks.jsonl")


def read_ledger(path: Path) -> Ledger:
    """Read every look; empty where there is no file yet.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return Ledger((), ())
    except OSError as error:
        raise InputError(f"{path}: the ledger cannot be read ({error.strerror})") from error
    looks: list[Look] = []
    damaged: list[int] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _parse(line)
        if found is None:
            damaged.append(number)
        else:
            looks.append(found)
    return Ledger(tuple(looks), tuple(damaged))


def add_look(path: Path, look: Look) -> None:
    """Add one line, whole or not at all, for its owner alone; it is on disk when this returns.

    Raises:
        InputError: The file cannot be written.
    """
    line = json.dumps({"schema_version": SCHEMA_VERSION, **asdict(look)}, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, _APPEND, 0o600)
        try:
            data = (line + "\n").encode()
            if _ends_in_a_torn_line(path):
                data = b"\n" + data
            if os.write(descriptor, data) != len(data):
                raise OSError("the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(
            f"{path}: the ledger of looks cannot be written ({why}), and without it no test split "
            "is judged; give ledger=<a file that can be written>"
        ) from error


def looks_of_others(ledger: Ledger, look: Look) -> int:
    """Count the looks of other models at the adverts of ``look``; a look at all counts too."""
    splits = {look.split, "all"} if look.split == "test" else {look.split, "test"}
    return sum(
        one.model != look.model and one.data_hash == look.data_hash and one.split in splits
        for one in ledger.looks
    )


def _ends_in_a_torn_line(path: Path) -> bool:
    """Tell whether a writer died within the last line: ours must not be lost with it."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _parse(line: bytes) -> Look | None:
    names = {one.name for one in fields(Look)}
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, Mapping) or raw.get("schema_version") != SCHEMA_VERSION:
        return None
    found = {name: raw.get(name) for name in names}
    if not all(isinstance(value, str) for value in found.values()):
        return None
    return Look(**{name: str(value) for name, value in found.items()})
