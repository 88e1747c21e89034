"""A reader without weights that says how bright a picture is; other processes import it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

import numpy as np

from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec

FAILS, KILLS = 244, 242
"""Shades of pictures that cannot be read, and that end the process that reads them."""
BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


@dataclass(frozen=True)
class ShadeReader:
    """Reads the shade of the first pixel; ``note`` is a file that gets a line each time."""

    note: str
    version: str = "1"

    @property
    def spec(self) -> ReaderSpec:
        return ReaderSpec("shade", self.version, {}, {})

    def read(self, image: np.ndarray) -> OcrResult:
        shade = int(image[0, 0, 0])
        with open(self.note, "a") as file:
            file.write(f"{shade}\n")
        if shade == FAILS:
            raise RuntimeError("words of the picture")
        if shade == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        line = OcrLine(str(shade), BOX, 1.0, "shade")
        return OcrResult((line,), image.shape[1], image.shape[0], ReadQuality(1, 9.0, 0.5, 1, 0))
