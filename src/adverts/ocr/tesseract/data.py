"""Tesseract's language data: which files are there, and which letters they can write."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

from adverts.errors import IntegrityError

_LSTM_LETTERS = 21  # place of the network's letters in the table at the head of a file
_NO_LETTER = frozenset({"NULL", "Joined", "|Broken|0|1"})


def data_file(folder: Path, name: str) -> Path:
    """Return where language data lies, whether or not it does."""
    return folder / f"{name}.traineddata"


@lru_cache
def letters_of(path: Path) -> frozenset[str]:
    """Return every character that language data can write, and the space.

    Raises:
        IntegrityError: The file is not language data of a network.
    """
    data = path.read_bytes()
    try:
        (count,) = struct.unpack_from("<I", data)
        offsets = struct.unpack_from(f"<{count}q", data, 4)
        start = offsets[_LSTM_LETTERS]
        end = min(offset for offset in (*offsets, len(data)) if offset > start)
        _, *rows = data[start:end].decode().splitlines() if start > 0 else []
    except (struct.error, IndexError, ValueError) as error:
        raise IntegrityError(f"{path.name} holds no letters of a network: {error}") from None
    letters = {row.partition(" ")[0] for row in rows} - _NO_LETTER
    return frozenset("".join(letters)) | {" "}
