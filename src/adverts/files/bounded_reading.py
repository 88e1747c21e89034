"""Read untrusted files and lines with a bound on the bytes that are held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adverts.errors import InputError


def bounded_lines(stream: BinaryIO, *, most: int) -> Iterator[bytes | None]:
    """Yield the lines of a stream; a line of more than ``most`` bytes is skipped, giving None."""
    while line := stream.readline(most + 1):
        if len(line) <= most or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(most)) and not rest.endswith(b"\n"):
            pass
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
