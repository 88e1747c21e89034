"""EasyOCR behind the reader protocol: offline, on the CPU, with its packaged English weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from adverts.errors import InputError
from adverts.ocr.easyocr_weights import WEIGHTS, Corners, Engine, load_engine, require_packages
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.ocr.quality import page_quality
from adverts.ocr.reading_order import reading_order

_NAME = "easyocr"
_SCRIPT = "Latn"


class EasyOcrReader:
    """Reads an image as ``easyocr.Reader.readtext`` does; a reader as the protocol wants it."""

    def __init__(
        self, *, languages: Sequence[str], canvas_px: int, min_confidence: float, threads: int
    ) -> None:
        """Check the settings; the weights are opened by the first image, which takes seconds.

        Args:
            languages: EasyOCR language codes; English is packaged.
            canvas_px: Longest side that the text detector sees, in pixels.
            min_confidence: Lines below it keep their box, without text.
            threads: Threads that one image is read with.

        Raises:
            InputError: A language has no packaged weights.
            MissingExtraError: EasyOCR is not installed.
        """
        require_packages(languages)
        self._languages = tuple(languages)
        self._engine: Engine | None = None
        self._canvas_px = canvas_px
        self._min_confidence = min_confidence
        self._threads = threads
        self._spec = ReaderSpec(
            engine=_NAME,
            engine_version=version(_NAME),
            weights={role: sha256 for role, (_, sha256) in WEIGHTS.items()},
            parameters={
                "languages": "+".join(languages),
                "canvas_px": canvas_px,
                "min_confidence": min_confidence,
            },
        )

    def __getstate__(self) -> dict[str, object]:
        """Leave the opened weights behind: a process that gets a copy opens its own."""
        return self.__dict__ | {"_engine": None}

    @property
    def spec(self) -> ReaderSpec:
        """What decides this reader's answers; the number of threads does not."""
        return self._spec

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one upright RGB image ``(H, W, 3)``; a page without text has no lines.

        Raises:
            InputError: The array is not such an image.
            IntegrityError: A weights file is not the known one.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise InputError(f"wanted uint8 (H, W, 3), got {image.dtype} {image.shape}")
        height, width = image.shape[:2]
        lines = reading_order(self._line(*found) for found in self._find(image))
        return OcrResult(lines, width, height, page_quality(image, lines))

    def _find(self, image: NDArray[np.uint8]) -> list[tuple[Corners, str, float]]:
        import cv2

        height, width = image.shape[:2]
        if not 0 < max(height, width) <= self._canvas_px * min(height, width):
            return []  # thinner than one pixel on the detector's canvas
        if self._engine is None:
            self._engine = load_engine(self._languages)
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        with _torch_threads(self._threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pinned memory without a GPU, deprecated Pillow modes
            level, slanted = self._engine.detect(image, canvas_size=self._canvas_px, reformat=False)
            return self._engine.recognize(grey, level[0], slanted[0], reformat=False)

    def _line(self, corners: Corners, text: str, confidence: float) -> OcrLine:
        return OcrLine(
            text=str(text) if confidence >= self._min_confidence else "",
            box=tuple((float(x), float(y)) for x, y in corners),
            confidence=float(confidence),
            engine=_NAME,
            script=_SCRIPT,
        )


def rebuild_reader(facts: Mapping[str, object], *, threads: int) -> EasyOcrReader:
    """Build the reader whose ``ReaderSpec.facts`` a manifest keeps.

    Its key differs from the one that was kept where another release or other weights are installed.

    Raises:
        InputError: The facts are of another engine, or incomplete.
        MissingExtraError: EasyOCR is not installed.
    """
    match facts:
        case {
            "engine": "easyocr",
            "parameters": {
                "languages": str(languages),
                "canvas_px": int(canvas_px),
                "min_confidence": int() | float() as min_confidence,
            },
        }:
            return EasyOcrReader(
                languages=languages.split("+"),
                canvas_px=canvas_px,
                min_confidence=min_confidence,
                threads=threads,
            )
        case _:
            raise InputError(
                f"pictures were read by {facts.get('engine')!r}, which is not EasyOCR as we know it"
            )


@contextmanager
def _torch_threads(threads: int) -> Iterator[None]:
    """Let torch use so many threads, and as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
