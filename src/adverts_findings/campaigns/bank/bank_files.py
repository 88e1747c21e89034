"""The files of a bank, and the one small file that says which build is the current one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import parse_json, read_bounded
from adverts.files.durable import replace_file
from adverts.files.file_lock import exclusive
from adverts.formats.campaigns import POINTER
from adverts.json_records import parse_record
from adverts_findings.campaigns.bank_tables import READ_VERSIONS, SCHEMA_VERSION

LOCK = "bank.lock"
PARTIAL = "building"
"""Folder in which a new build is written; it is there until the pointer names the build."""
BUILDS = "bank-*.duckdb"
"""Pattern of the names of the files of builds."""
_MOST_BYTES = 1_000_000
_NOT_STORED = frozenset({"version"})
_MAY_LACK = _NOT_STORED | {"log_lines", "campaigns_sha256"}
_BRING_BACK = "bring back the folder as it was, or move it away and build again"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which build of a bank is the current one.

    Attributes:
        build: Number of the build; its file is named after it.
        sha256: Hex sha256 of that file.
        bytes: Size of that file.
        version: Version of the tables in it; it is stored as that of the record.
        log_lines: Number of lines that the log had with that of the build, so that it has at least
            as many ever after; 0 if the build was not logged, as earlier releases did not.
        campaigns_sha256: Hex sha256 of the file of campaigns beside the build; empty if there is
            none, as earlier releases wrote none.
    """

    build: int
    sha256: str
    bytes: int
    version: int = SCHEMA_VERSION
    log_lines: int = 0
    campaigns_sha256: str = ""


def build_file(build: int) -> str:
    """Return the name of the DuckDB file of a build."""
    return f"bank-{build:06d}.duckdb"


def read_pointer(folder: Path) -> Pointer | None:
    """Return which build of a bank is the current one; None where nothing was built yet.

    Raises:
        InputError: It cannot be read.
        IntegrityError: It is damaged or was lost, or another release wrote the bank.
    """
    path = folder / POINTER
    try:
        data = read_bounded(path, most=_MOST_BYTES)
    except FileNotFoundError:
        _require_none_lost(folder)
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    try:
        version = _version(path, data)
        found = parse_record(Pointer, data, version, may_lack=_MAY_LACK)
        return replace(found, version=version)
    except (ValueError, AttributeError) as error:
        raise IntegrityError(f"{path} is damaged ({error}); {_BRING_BACK}") from None


def _require_none_lost(folder: Path) -> None:
    """Refuse files of builds without a pointer, unless a first builder is at work or was killed."""
    lost = next(iter(sorted(folder.glob(BUILDS))), None)
    begun = (folder / PARTIAL).exists() and lost is not None and lost.name == build_file(1)
    if lost is not None and not begun:
        raise IntegrityError(f"{folder / POINTER} is missing beside {lost.name}; {_BRING_BACK}")


def _version(path: Path, data: bytes) -> int:
    """Return the version that a pointer states; the newest where it states none."""
    stated = parse_json(data).get("schema_version")
    if type(stated) is not int:
        return SCHEMA_VERSION
    if stated not in READ_VERSIONS:
        raise IntegrityError(
            f"{path}: the bank has version {stated}, this release reads up to {SCHEMA_VERSION}; "
            "use the release that built it, or build it again in another folder"
        )
    return stated


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Say durably which build is the current one."""
    stored = {name: one for name, one in asdict(pointer).items() if name not in _NOT_STORED}
    plain = {"schema_version": pointer.version, **stored}
    replace_file(folder / POINTER, json.dumps(plain, indent=1).encode() + b"\n")


@contextmanager
def only_builder(folder: Path) -> Iterator[None]:
    """Hold the bank for one builder during the block.

    Raises:
        InputError: Another process is building it; the message says which.
    """
    path = folder / LOCK
    with exclusive(path, busy=_busy(folder)) as descriptor:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {os.uname().nodename}".encode(), 0)
        yield


def _busy(folder: Path) -> str:
    holder = ""
    with suppress(OSError, UnicodeDecodeError):
        holder = read_bounded(folder / LOCK, most=200).decode()
    return f"{folder} is being built by {holder or 'another process'}; wait until it has ended"
