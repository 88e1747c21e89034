"""The journal of a spool of pictures: a line for each file checked, whole or passed over."""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a checked picture stands in the file of pictures.

    Attributes:
        start: Byte at which it begins.
        length: Bytes that it has.
        sha256: Hash of these bytes.
        description: What was computed of it.
    """

    start: int
    length: int
    sha256: bytes
    description: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file is no picture that can be used."""

    reason: str


Entry = Kept | Refused


class SpoolJournal:
    """Entries by the sha256 of the file that each tells of, on disk and only ever added to.

    A process may be killed within a line: a line that is not whole is passed over when the
    journal is opened again, and cut off at the end.
    """

    def __init__(self, path: Path, rules: str) -> None:
        """Open or create a journal; what was written under other rules is forgotten."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        self._descriptor = os.open(path, flags, 0o600)
        self.entries: dict[bytes, Entry] = {}
        with path.open("rb") as file:
            if _unsealed(file.readline()) == json.dumps(rules):
                num_bytes = self._read(file)
                os.truncate(self._descriptor, num_bytes)
                return
        os.truncate(self._descriptor, 0)
        write_all(self._descriptor, _sealed(json.dumps(rules)))

    def add(self, source: bytes, entry: Entry) -> None:
        """Add an entry.

        Args:
            source: Hash of the file that it tells of.
            entry: Counts from now on instead of what was told before.

        Raises:
            OSError: It cannot be written.
        """
        told = {"refused": entry.reason} if isinstance(entry, Refused) else _told(entry)
        write_all(self._descriptor, _sealed(json.dumps({"source": source.hex()} | told)))
        self.entries[source] = entry

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _read(self, file: BinaryIO) -> int:
        """Take every whole line; return where the last one ends that has an end."""
        end = file.tell()
        for line in file:
            text = _unsealed(line)
            if text is not None:
                source, entry = _parsed(text)
                self.entries[source] = entry
            end += len(line) if line.endswith(b"\n") else 0
        return end


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, at the end of a file that is added to.

    Raises:
        OSError: It cannot be written; some of it may have been.
    """
    while data:
        data = data[os.write(descriptor, data) :]


def _sealed(text: str) -> bytes:
    """Return a line by which it shows whether it is whole."""
    body = text.encode()
    return b"%08x %b\n" % (zlib.crc32(body), body)


def _unsealed(line: bytes) -> str | None:
    """Return the text of a line; None where it is not what was written."""
    seal, _, body = line.removesuffix(b"\n").partition(b" ")
    whole = line.endswith(b"\n") and seal == b"%08x" % zlib.crc32(body)
    return body.decode() if whole else None


def _told(kept: Kept) -> dict[str, str | int]:
    return {
        "start": kept.start,
        "length": kept.length,
        "sha256": kept.sha256.hex(),
        "description": kept.description.hex(),
    }


def _parsed(text: str) -> tuple[bytes, Entry]:
    told = json.loads(text)
    source = bytes.fromhex(told["source"])
    if "refused" in told:
        return source, Refused(told["refused"])
    sha256, description = bytes.fromhex(told["sha256"]), bytes.fromhex(told["description"])
    return source, Kept(told["start"], told["length"], sha256, description)
