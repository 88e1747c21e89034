"""Read pictures of single lines with Tesseract, and find its language data and letters."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.errors import IntegrityError, MissingExtraError
from adverts.ocr.page.words import Word, is_right_to_left, reversed_but_numbers

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

_LSTM_LETTERS = 21  # index of the network's letters in the table at the start of a file
_NO_LETTER = frozenset({"NULL", "Joined", "|Broken|0|1"})
LinePicture = NDArray[np.uint8]
"""Grey picture of a line, ``(H, W)``, with dark text on a light background."""
Layout = Literal["line", "raw line", "page"]
_MODES: dict[Layout, int] = {"page": 3, "line": 7, "raw line": 13}  # values of tesserocr.PSM
_DATA_PACKAGES = "it needs the Debian packages tesseract-ocr-script-arab and tesseract-ocr-vie"
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069"))


def data_file(folder: Path, name: str) -> Path:
    """Return the path of language data, which need not exist."""
    return folder / f"{name}.traineddata"


@lru_cache
def letters_of(path: Path) -> frozenset[str]:
    """Return all characters that language data can write, including the space.

    Raises:
        IntegrityError: The file does not hold the letters of a network.
    """
    data = path.read_bytes()
    try:
        (count,) = struct.unpack_from("<I", data)
        offsets = struct.unpack_from(f"<{count}q", data, 4)
        start = offsets[_LSTM_LETTERS]
        end = min(offset for offset in (*offsets, len(data)) if offset > start)
        _, *rows = data[start:end].decode().splitlines() if start > 0 else []
    except (struct.error, IndexError, ValueError) as error:
        raise IntegrityError(f"{path.name} has no letters of a network: {error}") from None
    letters = {row.partition(" ")[0] for row in rows} - _NO_LETTER
    return frozenset("".join(letters)) | {" "}


class TesseractLines:
    """Reader of single lines with the language data of one folder."""

    def __init__(self, folder: Path) -> None:
        """Set the folder; each file is opened when it reads its first line.

        Raises:
            MissingExtraError: tesserocr is not installed.
        """
        if not has_tesseract():
            raise MissingExtraError(f"tesserocr ({_DATA_PACKAGES})", "ocr")
        self._folder = folder
        self._open: dict[str, PyTessBaseAPI] = {}

    def __getstate__(self) -> dict[str, object]:
        """Return the state without opened data, since a copied reader opens its own."""
        return self.__dict__ | {"_open": {}}

    def read(self, data: str, picture: LinePicture, layout: Layout = "line") -> list[Word]:
        """Return the words of a line, in no defined order.

        Args:
            data: Name of the language data.
            picture: Picture of the line.
            layout: Whether Tesseract searches for the line in the picture, or uses all of it.

        Raises:
            IntegrityError: The language data cannot be opened.
        """
        import tesserocr

        api = self._shown(data, picture, layout)
        if not api.Recognize():
            return []
        level, width = tesserocr.RIL.WORD, picture.shape[1]
        words = []
        for found in tesserocr.iterate_level(api.GetIterator(), level):
            box = found.BoundingBox(level)
            text = _logical(found.GetUTF8Text(level)) if box else ""
            if text:
                confidence = found.Confidence(level) / 100
                words.append(Word(text, confidence, box[0] / width, box[2] / width))
        return words

    def find(self, data: str, page: LinePicture) -> list[tuple[int, int, int, int]]:
        """Return left, top, width and height in pixels of each line on a page."""
        import tesserocr

        api = self._shown(data, page, "page")
        found = api.GetComponentImages(tesserocr.RIL.TEXTLINE, True)
        return [(box["x"], box["y"], box["w"], box["h"]) for _, box, _, _ in found]

    def _shown(self, data: str, picture: LinePicture, layout: Layout) -> PyTessBaseAPI:
        api = self._api(data)
        api.SetPageSegMode(_MODES[layout])
        height, width = picture.shape
        api.SetImageBytes(np.ascontiguousarray(picture).tobytes(), width, height, 1, width)
        api.SetSourceResolution(200)  # otherwise it guesses and warns
        return api

    def _api(self, data: str) -> PyTessBaseAPI:
        if data not in self._open:
            with _one_thread():
                import tesserocr

                try:
                    self._open[data] = tesserocr.PyTessBaseAPI(path=str(self._folder), lang=data)
                except RuntimeError:
                    raise IntegrityError(
                        f"Tesseract cannot open the language data {data} in {self._folder}; "
                        "reinstall its Debian packages"
                    ) from None
        return self._open[data]


def _logical(seen: str) -> str:
    """Return a word that Tesseract gives from left to right in logical order."""
    word = seen.translate(_MARKS).strip()
    if not is_right_to_left(word):
        return word
    return reversed_but_numbers(word)


def has_tesseract() -> bool:
    """Return whether tesserocr is installed."""
    return find_spec("tesserocr") is not None


def tesseract_version() -> str:
    """Return the versions of the tesserocr package and its Tesseract library."""
    import tesserocr

    return f"{version('tesserocr')} ({tesserocr.tesseract_version().split()[1]})"


@contextmanager
def _one_thread() -> Iterator[None]:
    """Prevent Tesseract from starting threads, which cost more than they save on single lines.

    Its OpenMP reads the environment only when the package is first imported.
    """
    before = os.environ.get("OMP_THREAD_LIMIT")
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_THREAD_LIMIT"]
        else:
            os.environ["OMP_THREAD_LIMIT"] = before
