"""Campaigns by advert: the file in which a bank says which of its adverts are in which campaign.

A bank writes ``campaigns-NNNNNN.parquet`` beside each of its builds, and ``bank.json`` names the
build and the sha256 of the file. The file of another build, or one that was changed, is refused.
It has one row for each advert that the bank holds, in the order of :data:`COLUMNS`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adverts.errors import InputError, IntegrityError, first_line
from adverts.files.bounded_reading import read_json
from adverts.files.staging import open_private
from adverts.formats.log_entry import LogEntry, add_to_log, log_of

VERSION = 1
POINTER = "bank.json"
"""File of a bank that says which build is the current one."""
FILES = "campaigns-*.parquet"
"""Pattern of the names of the files of campaigns."""
COLUMNS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("held", pa.string(), nullable=False),
        ("campaign", pa.string()),
        ("text_hash", pa.binary()),
        ("last_day", pa.date32()),
    ]
)
"""``held`` is the table of the bank that holds the advert: ``adverts``, ``restricted`` (kept under
a hold, and never shown) or ``candidates`` (flagged, and not judged yet). ``campaign`` is
missing where it is in none. ``text_hash`` is that of its caption, as in evidence; it is missing
where there is no caption. ``last_day`` is the last day on which it may be kept, if there is one."""
_VERSION, _BUILD, _KEY_ID = b"adverts_campaigns", b"build", b"token_key_id"
_MOST_BYTES, _ATTEMPTS = 1_000_000, 5
_BRING_BACK = "bring back the folder as it was, or build the bank again"


@dataclass(frozen=True, slots=True, eq=False)
class CampaignsByAdvert:
    """What the current build of a bank says of its adverts.

    Attributes:
        folder: Folder of the bank.
        build: Number of the build.
        token_key_id: Id of the key of its tokens and hashes of texts.
        table: One row for each advert, with :data:`COLUMNS`.
    """

    folder: Path
    build: int
    token_key_id: str
    table: pa.Table
    _log_lines: int

    def in_campaigns(
        self, erased: Container[str], today: datetime.date
    ) -> list[tuple[str, str, bytes | None]]:
        """Return id, campaign and hash of the caption of adverts that may be shown.

        Args:
            erased: Ids of adverts that were erased.
            today: Day of today in UTC. No advert is given whose last day is over.
        """
        late = pc.less(self.table["last_day"], pa.scalar(today, pa.date32())).fill_null(False)
        shown = pc.and_(pc.equal(self.table["held"], "adverts"), pc.invert(late))
        inside = self.table.filter(pc.and_(shown, pc.is_valid(self.table["campaign"])))
        columns = [inside[name].to_pylist() for name in ("id", "campaign", "text_hash")]
        return [row for row in zip(*columns, strict=True) if row[0] not in erased]

    def held(self, ids: Collection[str]) -> dict[str, int]:
        """Return how many of some adverts each table of the bank holds, if any."""
        wanted = pa.array(sorted(ids), pa.string())
        found = self.table.filter(pc.is_in(self.table["id"], wanted))["held"].to_pylist()
        return {name: found.count(name) for name in dict.fromkeys(found)}

    def log_taken(self, who: str, asked: str, why: str, at: datetime.datetime) -> LogEntry:
        """Say in the log of the bank who takes campaigns; call this before they are used.

        Raises:
            InputError: The log cannot be written.
            IntegrityError: It was damaged or cut off.
        """
        log = log_of(self.folder, self._log_lines)
        return add_to_log(log, "export", build=self.build, who=who, asked=asked, why=why, at=at)


def campaigns_file(build: int) -> str:
    """Return the name of the file of a build."""
    return f"campaigns-{build:06d}.parquet"


def write_campaigns(path: Path, table: pa.Table, *, build: int, token_key_id: str) -> None:
    """Write the file of a build, readable for its owner alone.

    Args:
        path: The file.
        table: Its rows, with :data:`COLUMNS`.
        build: Number of the build.
        token_key_id: Id of the key of the tokens and hashes of texts.
    """
    about = {_VERSION: str(VERSION), _BUILD: str(build), _KEY_ID: token_key_id}
    rows = table.select(COLUMNS.names).cast(COLUMNS).replace_schema_metadata(about)
    with open_private(path) as file:
        pq.write_table(rows, file)


def read_campaigns(folder: Path) -> CampaignsByAdvert:
    """Return what the current build of a bank says of its adverts, from a file that is unchanged.

    Raises:
        InputError: There is no bank, an earlier release built it, or it cannot be read.
        IntegrityError: The file is missing, was changed, or is of another build or version.
    """
    for _ in range(_ATTEMPTS):
        pointer = _pointer(folder)
        build, wanted = _whole(folder, pointer, "build"), pointer.get("campaigns_sha256") or ""
        if not wanted:
            raise InputError(
                f"{folder}: an earlier release built this bank, without its file of campaigns; "
                f"write it: adverts link bank={folder} refresh=true"
            )
        path = folder / campaigns_file(build)
        try:
            return _read(path, pointer, build)
        except FileNotFoundError:  # a newer build has just replaced it
            continue
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror})") from None
    raise IntegrityError(f"{path}: the file is missing; {_BRING_BACK}")


def _pointer(folder: Path) -> dict[str, Any]:
    path = folder / POINTER
    try:
        found = read_json(path, most=_MOST_BYTES)
    except FileNotFoundError:
        raise InputError(
            f"{folder} holds no bank; build one: adverts link prepared=FOLDER bank={folder}"
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    if not isinstance(found, dict):
        raise IntegrityError(f"{path} is damaged (it holds no object); {_BRING_BACK}")
    return found


def _whole(folder: Path, pointer: dict[str, Any], name: str) -> int:
    found = pointer.get(name, 0)
    if type(found) is not int or found < 0:
        raise IntegrityError(f"{folder / POINTER} is damaged ({name} is no number); {_BRING_BACK}")
    return found


def _read(path: Path, pointer: dict[str, Any], build: int) -> CampaignsByAdvert:
    wanted = pointer["campaigns_sha256"]
    if path.is_symlink() or not path.is_file():
        path.lstat()
        raise IntegrityError(f"{path}: it is not a plain file; {_BRING_BACK}")
    content = path.read_bytes()  # once: what is hashed is what is read
    if hashlib.sha256(content).hexdigest() != wanted:
        raise IntegrityError(f"{path}: its content was changed or cut off; {_BRING_BACK}")
    try:
        table = pq.read_table(pa.BufferReader(content))
    except pa.ArrowException as error:
        raise IntegrityError(f"{path}: {first_line(error)}; {_BRING_BACK}") from None
    about = table.schema.metadata or {}
    version = about.get(_VERSION, b"").decode(errors="replace")
    if version != str(VERSION) or not table.schema.equals(COLUMNS):
        raise IntegrityError(
            f"{path}: it has version {version[:20] or 'none'} of the file of campaigns, this "
            f"release reads {VERSION}; use the release that wrote it, or build the bank again"
        )
    if about.get(_BUILD) != str(build).encode():
        raise IntegrityError(f"{path}: it is of another build than {build}; {_BRING_BACK}")
    key_id = about.get(_KEY_ID, b"").decode(errors="replace")
    return CampaignsByAdvert(
        path.parent, build, key_id, table, _whole(path.parent, pointer, "log_lines")
    )
