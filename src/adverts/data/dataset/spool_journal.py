"""The journal of a picture spool, with one line for each checked file."""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Kept:
    """Position of a checked picture in the file of pictures.

    Attributes:
        start: Offset of its first byte.
        length: Number of its bytes.
        sha256: Hash of these bytes.
        description: Description that was computed for it.
    """

    start: int
    length: int
    sha256: bytes
    description: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The reason why a file is no usable picture."""

    reason: str


Entry = Kept | Refused


class SpoolJournal:
    """Entries on disk by the sha256 of the file they describe; entries are only ever added.

    A process may be killed within a line. A line that is not whole is ignored when the journal is
    opened again, and cut off if it is the last one.
    """

    def __init__(self, path: Path, rules: str) -> None:
        """Open or create a journal; entries written under other rules are discarded."""
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
            source: Hash of the file that it describes.
            entry: The entry; it replaces any earlier one of the same file.

        Raises:
            OSError: It cannot be written.
        """
        told = {"refused": entry.reason} if isinstance(entry, Refused) else _journal_values(entry)
        write_all(self._descriptor, _sealed(json.dumps({"source": source.hex()} | told)))
        self.entries[source] = entry

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _read(self, file: BinaryIO) -> int:
        """Read every whole line; return the offset after the last line that ends in a line end."""
        end = file.tell()
        for line in file:
            text = _unsealed(line)
            if text is not None:
                source, entry = _parsed(text)
                self.entries[source] = entry
            end += len(line) if line.endswith(b"\n") else 0
        return end


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte to the end of a file opened for appending.

    Raises:
        OSError: It cannot be written; some of it may have been.
    """
    while data:
        data = data[os.write(descriptor, data) :]


def _sealed(text: str) -> bytes:
    """Return a line with a checksum that shows whether it is whole."""
    body = text.encode()
    return b"%08x %b\n" % (zlib.crc32(body), body)


def _unsealed(line: bytes) -> str | None:
    """Return the text of a line; None if it is not whole or was changed."""
    seal, _, body = line.removesuffix(b"\n").partition(b" ")
    whole = line.endswith(b"\n") and seal == b"%08x" % zlib.crc32(body)
    return body.decode() if whole else None


def _journal_values(kept: Kept) -> dict[str, str | int]:
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
