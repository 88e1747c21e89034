"""OCR engine with EasyOCR's detector and recognisers, and separate steps around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.ocr.easyocr.lines import lines_of
from adverts.ocr.easyocr.onnx_networks import EXPORT_VERSION, OnnxNetworks, default_folder
from adverts.ocr.easyocr.recogniser import Crop, batches, crop, decode, stretched
from adverts.ocr.easyocr.recogniser_models import (
    DETECTOR_FILE,
    EASYOCR_VERSION,
    ENGLISH,
    PACKAGED,
    recogniser_of,
)
from adverts.ocr.easyocr.torch_networks import TorchNetworks, require_easyocr, weights_path
from adverts.ocr.easyocr.words import canvas, canvas_scale, words_of
from adverts.ocr.protocol import Boxes, LineReading, Pixels, ReaderSpec

STEPS_VERSION = 1  # raise it if the same networks may give other results
UNSURE = 0.1  # a line with less confidence is read again with more contrast
_NAME = "easyocr"

Backend = Literal["torch", "onnx"]
Precision = Literal["fp32", "int8"]


class Networks(Protocol):
    """Detector and recogniser, independent of the backend."""

    def maps(self, canvas: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the two maps ``(2, H / 2, W / 2)`` of one canvas ``(1, 3, H, W)``."""

    def probabilities(self, lines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map lines ``(lines, 1, 64, W)`` to probabilities ``(lines, steps, 1 + characters)``."""


class EasyOcrEngine:
    """Engine that finds lines with CRAFT and reads them with one of EasyOCR's recognisers."""

    def __init__(
        self,
        languages: Sequence[str],
        canvas_px: int,
        threads: int,
        *,
        backend: Backend,
        precision: Precision,
        folder: Path | None = None,
        weights: Mapping[str, str] | None = None,
    ) -> None:
        """Check the settings. The first image opens the weights, which takes seconds.

        Args:
            languages: EasyOCR language codes that one of its networks reads; English is packaged.
            canvas_px: Longest side of the text detector's input, in pixels.
            threads: Number of threads for one image.
            backend: ``torch`` reads all languages. ``onnx`` reads only English, without torch,
                from networks that were exported before.
            precision: ``int8`` quantises the layers that EasyOCR quantises on a CPU with torch,
                and the convolutions with ONNX.
            folder: Folder of the exported networks with ONNX, by default in the user's cache. With
                torch, the folder of the weights file of languages other than English.
            weights: Maps the name of that weights file to its sha256.

        Raises:
            InputError: EasyOCR does not read these languages together, the backend does not read
                them, or their weights file or its hash is missing.
            MissingExtraError: A package is not installed.
        """
        self._recogniser = recogniser_of(languages)
        self._canvas_px, self._threads = canvas_px, threads
        self._backend, self._precision, self._folder = backend, precision, folder
        self._weights = {**(weights or {}), **PACKAGED}
        self._networks: Networks | None = None
        self._require()
        exported = {"export": EXPORT_VERSION} if backend == "onnx" else {}
        self._spec = ReaderSpec(
            engine=_NAME,
            engine_version=EASYOCR_VERSION,
            weights={
                "detector": PACKAGED[DETECTOR_FILE],
                "recogniser": self._weights[self._recogniser.file],
            },
            parameters={
                "languages": "+".join(languages),
                "canvas_px": canvas_px,
                "backend": backend,
                "precision": precision,
                "steps": STEPS_VERSION,
                **exported,
            },
        )

    def __getstate__(self) -> dict[str, object]:
        """Return the state without opened weights, since a copied engine opens its own."""
        return self.__dict__ | {"_networks": None}

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this engine's results; the number of threads does not."""
        return self._spec

    @property
    def alphabet(self) -> frozenset[str]:
        """All characters that the recogniser can write."""
        return self._recogniser.alphabet

    def detect(self, image: Pixels) -> Boxes:
        """Return the boxes of the lines on a page; none if it is too thin for the detector.

        Raises:
            IntegrityError: Weights are missing, of another network, or have another hash.
        """
        height, width = image.shape[:2]
        scale = canvas_scale(height, width, self._canvas_px)
        if scale is None:
            return np.zeros((0, 4, 2), dtype=np.float32)
        with _one_thread():
            maps = self._opened().maps(canvas(image, scale))
            return lines_of(words_of(maps, scale), height, width)

    def recognise(self, image: Pixels, boxes: Boxes) -> Sequence[LineReading]:
        """Return a reading of each box of a page.

        Raises:
            IntegrityError: Weights are missing, of another network, or have another hash.
        """
        import cv2

        if not len(boxes):
            return []
        with _one_thread():
            grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
            found = [crop(grey, box) for box in np.asarray(boxes, dtype=np.float32)]
            crops = [cut for cut in found if cut is not None]
            said = iter(self._read(crops))
        return [self._reading(*next(said)) if cut else self._reading("", 0.0) for cut in found]

    def _read(self, crops: Sequence[Crop]) -> list[tuple[str, float]]:
        """Return text and confidence of each crop; unsure ones are read a second time."""
        said = self._read_once(crops)
        unsure = [i for i, (_, confidence) in enumerate(said) if confidence < UNSURE]
        again = self._read_once([stretched(crops[i]) for i in unsure])
        for i, second in zip(unsure, again, strict=True):
            if second[1] >= said[i][1]:
                said[i] = second
        return said

    def _read_once(self, crops: Sequence[Crop]) -> list[tuple[str, float]]:
        said = [("", 0.0)] * len(crops)
        for positions, lines in batches(crops):
            probabilities = self._opened().probabilities(lines)
            texts = decode(probabilities, self._recogniser.characters, self._recogniser.forbidden)
            for position, text in zip(positions, texts, strict=True):
                said[position] = text
        return said

    def _reading(self, text: str, confidence: float) -> LineReading:
        if self._recogniser.right_to_left:
            from bidi import get_display  # installed with EasyOCR

            text = get_display(text)
        text = text.strip()
        return LineReading(text, confidence if text else 0.0, _NAME)

    def _require(self) -> None:
        """Check that everything needed is installed, without opening it."""
        if self._backend == "torch":
            require_easyocr()
            weights_path(self._recogniser, self._weights, self._folder)
        elif self._recogniser != ENGLISH:
            raise InputError("EasyOCR's backend onnx reads only en; use backend torch for others")
        elif find_spec("onnxruntime") is None:
            raise MissingExtraError("onnxruntime", "ocr")
        if find_spec("cv2") is None:
            raise MissingExtraError("opencv-python-headless", "ocr")

    def _opened(self) -> Networks:
        if self._networks is None:
            try:
                self._networks = self._open()
            except InputError as error:  # an InputError would blame the image
                raise IntegrityError(str(error)) from None
        return self._networks

    def _open(self) -> Networks:
        if self._backend == "onnx":
            folder = self._folder or default_folder()
            return OnnxNetworks(folder, precision=self._precision, threads=self._threads)
        return TorchNetworks(
            self._recogniser,
            self._weights,
            self._folder,
            precision=self._precision,
            threads=self._threads,
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Prevent OpenCV from using threads in addition to those of the networks."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
