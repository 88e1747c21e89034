"""Read a whole page with one engine: turn it, find, read, repair, order and measure its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality
from adverts.errors import InputError
from adverts.inputs.letters.scripts import script_of
from adverts.ocr.page.orientation import (
    UPSIDE_DOWN,
    is_upside_down,
    sideways_turn,
    turn_corners,
    turned,
)
from adverts.ocr.page.reading_order import reading_order
from adverts.ocr.protocol import Boxes, Engine, LineReading, OcrLine, OcrResult, Pixels, ReaderSpec
from adverts.ocr.repair.line import REPAIR_VERSION, repair
from adverts.ocr.repair.line_language import arabic_language

PAGE_VERSION = 2  # raise it if the same readings may give another result
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class PageReader:
    """Reader that reads pages with one engine."""

    def __init__(self, engine: Engine, *, min_confidence: float) -> None:
        """Set the engine.

        Args:
            engine: Engine that finds and reads lines.
            min_confidence: Least confidence of a line; lines below it keep their box without text.
        """
        self._engine = engine
        self._min_confidence = min_confidence
        spec = engine.spec
        ours = {"min_confidence": min_confidence, "page": PAGE_VERSION, "repair": REPAIR_VERSION}
        self._spec = replace(spec, parameters={**spec.parameters, **ours})

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this reader's results; the number of threads does not."""
        return self._spec

    @property
    def engine(self) -> Engine:
        """Engine that finds and reads the lines."""
        return self._engine

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one RGB image ``(H, W, 3)``; a page without text has no lines.

        A page that is on its side or upside down is turned upright to read it. Its lines are in
        upright order, but their boxes are those in ``image``.

        Raises:
            InputError: The array is not an image of this form.
            IntegrityError: Files that the engine needs are missing or have another content.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise InputError(f"wanted uint8 (H, W, 3), got {image.dtype} {image.shape}")
        quarters, boxes, readings = self._read(image)
        page = turned(image, quarters) if quarters else image
        language = arabic_language("\n".join(reading.text for reading in readings))
        lines = [
            self._line(box.tolist(), reading, language)
            for box, reading in zip(boxes, readings, strict=True)
        ]
        ordered = reading_order(lines)
        quality = measure_lines(page, ordered)
        height, width = image.shape[:2]
        if quarters:
            ordered = tuple(_turned_back(line, quarters, page) for line in ordered)
        return OcrResult(ordered, width, height, quality)

    def _read(self, image: Pixels) -> tuple[int, Boxes, Sequence[LineReading]]:
        """Return the quarter turns to upright, and boxes and readings of the turned page."""
        engine = self._engine
        boxes = engine.detect(image)
        quarters = sideways_turn(engine, image, boxes)
        if quarters == 0:
            readings = engine.recognise(image, boxes)
            if not is_upside_down(engine, image, boxes, readings):
                return 0, boxes, readings
            quarters = UPSIDE_DOWN
        page = turned(image, quarters)
        boxes = engine.detect(page)
        return quarters, boxes, engine.recognise(page, boxes)

    def _line(
        self, corners: list[list[float]], reading: LineReading, language: str | None
    ) -> OcrLine:
        said = reading.text if reading.confidence >= self._min_confidence else ""
        text = repair(said, language)
        return OcrLine(
            text=text,
            box=tuple((float(x), float(y)) for x, y in corners),
            confidence=reading.confidence,
            engine=reading.engine,
            script=script_of(text),
            raw=said if said != text else None,
        )


def _turned_back(line: OcrLine, quarters: int, page: Pixels) -> OcrLine:
    height, width = page.shape[:2]
    corners = turn_corners(np.array(line.box), -quarters, width=width, height=height)
    return replace(line, box=tuple((float(x), float(y)) for x, y in corners))


def measure_lines(image: NDArray[np.uint8], lines: Sequence[OcrLine]) -> ReadQuality:
    """Return how well the lines of an image ``(H, W, 3)`` could be read.

    Confidence, height and sharpness are those of the lines with text: the mean, the lowest and the
    median. They are 0.0 where no line has text.
    """
    read = [line for line in lines if line.text]
    return ReadQuality(
        confidence=sum(line.confidence for line in read) / len(read) if read else 0.0,
        smallest_text_px=min((_height(line) for line in read), default=0.0),
        sharpness=float(np.median([_sharpness(image, line) for line in read])) if read else 0.0,
        lines=len(lines),
        unread_lines=len(lines) - len(read),
    )


def _height(line: OcrLine) -> float:
    """Return the mean length of the shorter pair of sides of the box, in pixels."""
    corners = np.asarray(line.box, dtype=np.float32)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(min(sides[0] + sides[2], sides[1] + sides[3]) / 2)


def _sharpness(image: NDArray[np.uint8], line: OcrLine) -> float:
    """Return the steepest step between neighbours, as a share of the grey range in the box.

    It is the 99th percentile of steps over the range from the 2nd to the 98th percentile of grey.
    An ideal edge gives 1, an edge blurred over k pixels about 1/k, for any contrast.
    """
    corners = np.asarray(line.box)
    left, top = np.maximum(corners.min(axis=0).astype(int), 0)
    right, bottom = np.maximum(np.ceil(corners.max(axis=0)).astype(int) + 1, 0)
    grey = image[top:bottom, left:right].astype(np.float32) @ _LUMA
    if min(grey.shape, default=0) < 2:
        return 0.0
    low, high = np.percentile(grey, (2, 98))
    if high - low < 1:
        return 0.0
    steps = np.concatenate(
        [np.abs(np.diff(grey, axis=0)).ravel(), np.abs(np.diff(grey, axis=1)).ravel()]
    )
    return float(min(1.0, np.percentile(steps, 99) / (high - low)))
