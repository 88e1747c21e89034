"""Read untrusted files and lines with a bound on the bytes that are held in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from adverts.errors import InputError


class Openable(Protocol):
    """Something whose bytes can be read, such as a path; its text names it in messages."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Return the bytes as a stream at its beginning."""


class Lines(Protocol):
    """Something that gives lines of bytes, such as a stream."""

    def readline(self, limit: int, /) -> bytes:
        """Return the next line, or the first ``limit`` bytes of it; nothing at the end."""


def bounded_lines(stream: Lines, *, most: int, length: int | None = None) -> Iterator[bytes | None]:
    """Yield the lines of a stream; a line of more than ``most`` bytes is skipped, giving None.

    Args:
        stream: The stream.
        most: Largest size of a line in bytes, without its end.
        length: Number of bytes to read; None reads to the end.
    """
    left = sys.maxsize if length is None else length
    while line := stream.readline(most + 1 if left > most else left):
        left -= len(line)
        if len(line) <= most or line.endswith(b"\n"):
            yield line
            continue
        while rest := stream.readline(min(most, left)):
            left -= len(rest)
            if rest.endswith(b"\n"):
                break
        yield None


def read_bounded(path: Path, *, most: int) -> bytes:
    """Return all bytes of a file.

    Raises:
        InputError: The file has more than ``most`` bytes.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(f"{path} has more than {most:,} bytes; split it into smaller files")
    return data
