"""Files and lines that a stranger wrote, of which no more is held in memory than a bound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adverts.errors import InputError


def bounded_lines(stream: BinaryIO, *, most: int) -> Iterator[bytes | None]:
    """Yield the lines of a stream; None for one of more than ``most`` bytes, which is skipped."""
    while line := stream.readline(most + 1):
        if len(line) <= most or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(most)) and not rest.endswith(b"\n"):
            pass
        yield None


def read_bounded(path: Path, *, most: int) -> bytes:
    """Return the bytes of a file that is read whole.

    Raises:
        InputError: It has more than ``most`` bytes.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(f"{path} has more than {most:,} bytes; split it into smaller files")
    return data
