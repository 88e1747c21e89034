"""Small tables of a bank for tests: made-up adverts, edges and campaigns."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import TABLES

FIRST_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY_ID = "0123456789abcdef"


def token(name: str, kind: str = "PHONE") -> str:
    """Return a made-up token of a contact."""
    return f"{kind}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def rows(name: str, given: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return a table of the bank from rows that may lack columns, which are then missing."""
    schema = TABLES[name]
    columns = {field.name: [row.get(field.name) for row in given] for field in schema}
    return pa.table(columns, schema=schema)


def advert(id: str, *, day: int = 0, contacts: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """Return a row of ``adverts``, posted and collected on a day after the first."""
    at = FIRST_DAY + timedelta(days=day)
    plain = {
        "id": id,
        "source": "scores/posts",
        "judged_by": "review",
        "account": hashlib.sha256(id.encode()).hexdigest()[:32],
        "platform": "site",
        "posted_at": at,
        "collected_at": at,
        "contacts": list(contacts),
        "public_contacts": [],
        "picture_sha256": [],
        "picture_hashes": [],
        "entered_build": 1,
    }
    return plain | more


def build_row(build: int, *, day: int = 0) -> dict[str, Any]:
    """Return a row of ``builds``."""
    return {
        "build": build,
        "built_at": FIRST_DAY + timedelta(days=day),
        "created_by": "test",
        "token_key_id": KEY_ID,
        "inputs": "{}",
        "parameters": "{}",
        "counts": "{}",
    }


def tables(**given: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Return all tables of a bank, those that are not given empty; build 1 if none is given."""
    given = {"builds": [build_row(1)], **given}
    return {name: rows(name, given.get(name, [])) for name in TABLES}


def numbered(build: int, size: int = 300) -> dict[str, pa.Table]:
    """Return tables of a build that all depend on its number."""
    shown = [token(f"{build}-{i % 50}") for i in range(size)]
    return tables(
        builds=[build_row(i + 1) for i in range(build)],
        adverts=[
            advert(
                f"advert-{i:05d}",
                contacts=[shown[i]],
                text_signature=hashlib.sha256(f"{build} {i}".encode()).digest() * 8,
                retain_until=date(2030, 1, 1),
                entered_build=build,
                campaign=f"c{build}",
            )
            for i in range(size)
        ],
    )


def build_for_ever(folder: Path) -> None:
    """Build again and again, each time one number higher, until the process is killed."""
    from adverts_findings.campaigns.bank.bank_files import read_pointer

    print("ready", flush=True)
    while True:
        pointer = read_pointer(folder)
        before = None if pointer is None else pointer.build
        write_build(folder, numbered((before or 0) + 1), expected=before)


CALLS = ("replace", "fsync", "unlink", "rmdir", "mkdir", "open", "chmod")
"""Calls of the system that change files, before and after each of which a build is killed."""


def build_killed_at_every_call(bank: Path, copies: Path) -> None:
    """Build copies of a bank once more, each killed at another call, until one is finished."""
    new = numbered(2, size=20)
    for number in itertools.count():
        copy = shutil.copytree(bank, copies / f"{number:03d}")
        child = os.fork()
        if not child:
            _die_at(number)
            write_build(copy, new, expected=1)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            return


def _die_at(number: int) -> None:
    """Kill this process before the call of a number if that is even, or else after it."""
    left = itertools.count(number // 2, -1)

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def then_killed(*given: Any, **named: Any) -> Any:
            is_last = next(left) == 0
            if is_last and number % 2 == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return call(*given, **named)
            finally:
                if is_last:
                    os.kill(os.getpid(), signal.SIGKILL)

        return then_killed

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        build_killed_at_every_call(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        build_for_ever(Path(sys.argv[1]))
