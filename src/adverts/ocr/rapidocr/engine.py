"""OCR engine with RapidOCR's weights (PP-OCRv6 small), in ONNX Runtime on the CPU.

Only the files in the package's wheel are used, so nothing is downloaded. A line for which the
network has no letters stays a box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.errors import IntegrityError, MissingExtraError
from adverts.files.file_hash import file_sha256
from adverts.ocr.ctc import best_path, favoured_path, path_places
from adverts.ocr.onnx_session import open_session
from adverts.ocr.page.line_crops import batches, line_crop
from adverts.ocr.protocol import Boxes, LineReading, Pixels, ReaderSpec
from adverts.ocr.rapidocr.text_map import text_boxes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Features = NDArray[np.float32]
"""Features of one line in the recogniser, ``(384, 3, steps)``, one step for 4 pixels."""

NAME = "rapidocr"
_VERSION = 1  # version of the steps around the networks; raise it if results change
_WEIGHTS = {"detector": "PP-OCRv6_det_small.onnx", "recogniser": "PP-OCRv6_rec_small.onnx"}
_STEP_PX = 32  # sides of the detector's input are multiples of it
_HEIGHT_PX = 48  # height of the recogniser's input
_FEATURES = "p2o.pd_op.add.64.0"  # last value of the recogniser's convolutions
_FEATURE_PX = 4  # width of one step of the features
_TURKISH = {"i": "ı", "s": "ş", "g": "ğ"}
_TURKISH_LEAST = 0.02  # for a printed i, ı has a probability below 0.001
_NARROWEST_PX = 320  # narrower lines are padded: the recogniser was trained on this width


@dataclass(frozen=True, slots=True)
class SeenLine:
    """Output of the recogniser for one line.

    Attributes:
        reading: Reading with the most likely text.
        features: Features that the text was read from.
        turkish: Text for a Turkish line, with ı, ş and ğ wherever they are likely enough.
        places: Place of each character of the reading, as a share of the line's width.
    """

    reading: LineReading
    features: Features
    turkish: str
    places: tuple[float, ...] = ()


class RapidOcrEngine:
    """Engine that reads Latin and Chinese scripts, digits and signs."""

    def __init__(self, *, canvas_px: int, threads: int) -> None:
        """Find and hash the weights, which the first image opens.

        Args:
            canvas_px: Longest side of the detector's input, in pixels; smaller pages keep theirs.
            threads: Number of threads for one image.

        Raises:
            MissingExtraError: RapidOCR or ONNX Runtime is not installed.
            IntegrityError: The installed RapidOCR has other weights.
        """
        self._files = _weights_files()
        self._canvas_px = canvas_px
        self._threads = threads
        self._sessions: dict[str, InferenceSession] = {}
        self._characters: tuple[str, ...] | None = None
        self._spec = ReaderSpec(
            engine=NAME,
            engine_version=version(NAME),
            weights={role: file_sha256(path) for role, path in self._files.items()},
            parameters={"canvas_px": canvas_px, "rapidocr": _VERSION},
        )

    def __getstate__(self) -> dict[str, object]:
        """Return the state without opened weights, since a copied engine opens its own."""
        return self.__dict__ | {"_sessions": {}}

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this engine's results; the number of threads does not."""
        return self._spec

    @property
    def alphabet(self) -> frozenset[str]:
        """Letters that the recogniser's file lists, and the space."""
        return frozenset("".join(self._letters()))

    def detect(self, image: Pixels) -> Boxes:
        """Return the boxes of the lines on a page, from top to bottom."""
        height, width = image.shape[:2]
        if max(height, width) > self._canvas_px * min(height, width):
            return np.zeros((0, 4, 2), np.float32)  # thinner than one pixel of the canvas
        seen = _on_canvas(image, self._canvas_px)
        (found,) = self._session("detector").run(None, {"x": network_input(seen)[None]})
        return text_boxes(np.asarray(found, np.float32)[0, 0], width, height)

    def recognise(self, image: Pixels, boxes: Boxes) -> list[LineReading]:
        """Return a reading of each box of a page. Lines of similar length are read together."""
        return [line.reading for line in self.see(image, boxes)]

    def see(self, image: Pixels, boxes: Boxes) -> list[SeenLine]:
        """Return the reading, features and Turkish text of each box of a page."""
        crops = [line_crop(image, box, height_px=_HEIGHT_PX) for box in boxes]
        found: dict[int, SeenLine] = {}
        for batch in batches([max(_NARROWEST_PX, crop.shape[1]) for crop in crops]):
            found.update(zip(batch, self._read([crops[i] for i in batch]), strict=True))
        return [found[i] for i in range(len(crops))]

    def _read(self, crops: Sequence[Pixels]) -> Iterator[SeenLine]:
        width = max(_NARROWEST_PX, *(crop.shape[1] for crop in crops))
        batch = np.zeros((len(crops), 3, _HEIGHT_PX, width), np.float32)
        for row, crop in zip(batch, crops, strict=True):
            row[:, :, : crop.shape[1]] = network_input(crop)
        said, seen = self._session("recogniser").run(None, {"x": batch})
        for probability, features, crop in zip(said, seen, crops, strict=True):
            text, confidence = best_path(probability, self._letters())
            steps = -(-crop.shape[1] // _FEATURE_PX)
            turkish = favoured_path(
                probability, self._letters(), self._turkish(), least=_TURKISH_LEAST
            )
            places = path_places(probability, self._letters(), width=crop.shape[1] / width)
            reading = LineReading(text, confidence, NAME)
            yield SeenLine(reading, features[:, :, :steps], turkish, places)

    def _turkish(self) -> Mapping[int, int]:
        letters = self._letters()
        return {letters.index(plain): letters.index(own) for plain, own in _TURKISH.items()}

    def _letters(self) -> tuple[str, ...]:
        """Return the letter of each recogniser output; the first output is the CTC blank."""
        if self._characters is None:
            known = self._session("recogniser").get_modelmeta().custom_metadata_map["character"]
            self._characters = ("", *known.splitlines(), " ")
        return self._characters

    def _session(self, role: str) -> InferenceSession:
        if role not in self._sessions:
            also = _FEATURES if role == "recogniser" else None
            self._sessions[role] = open_session(self._files[role], self._threads, also=also)
        return self._sessions[role]


def _weights_files() -> dict[str, Path]:
    for package in (NAME, "onnxruntime", "cv2"):
        if find_spec(package) is None:
            raise MissingExtraError(package, "ocr")
    found = find_spec(NAME)
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "models"
    files = {role: folder / file for role, file in _WEIGHTS.items()}
    for path in files.values():
        if not path.is_file():
            raise IntegrityError(
                f'{NAME} {version(NAME)} has no {path.name}; run: pip install "adverts[ocr]"'
            )
    return files


def _on_canvas(image: Pixels, canvas_px: int) -> Pixels:
    """Return the page shrunk to the canvas, with sides that are multiples of the step."""
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, canvas_px / max(height, width))
    rows, columns = (max(1, round(side * scale / _STEP_PX)) * _STEP_PX for side in (height, width))
    resized = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def network_input(image: Pixels) -> NDArray[np.float32]:
    """Return an RGB image as ``(3, H, W)`` of blue, green and red in [-1, 1]."""
    return np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1), np.float32) / 127.5 - 1
