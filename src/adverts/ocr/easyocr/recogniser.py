"""Make the inputs of EasyOCR's recogniser from a page, and decode its outputs to texts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adverts.ocr.ctc import kept

HEIGHT_PX = 64
BATCH_COLUMNS = 4096  # bounds the memory of a batch

Grey: TypeAlias = NDArray[np.uint8]
"""Grey picture, ``(H, W)``."""
_LOW_CONTRAST, _STRETCHED = 0.5, 200.0
BLANK = 0


@dataclass(frozen=True, slots=True)
class Crop:
    """A line that was cropped from a page.

    Attributes:
        pixels: Grey pixels, whose shorter side is :data:`HEIGHT_PX`.
        width_px: Width of the recogniser's input for it, a multiple of :data:`HEIGHT_PX`.
    """

    pixels: Grey
    width_px: int


def crop(grey: Grey, box: NDArray[np.float32]) -> Crop | None:
    """Return the crop of a line with corners ``(4, 2)`` from a page.

    The result is None if no pixel of the page is in the box.
    """
    import cv2

    cut = _cut_level(grey, box) if _is_level(box) else _cut_slanted(grey, box)
    if cut is None or 0 in cut.shape:
        return None
    height, width = cut.shape
    ratio = max(height, width) / min(height, width)
    long = int(HEIGHT_PX * ratio)
    size = (long, HEIGHT_PX) if width >= height else (HEIGHT_PX, long)
    pixels = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return Crop(pixels, HEIGHT_PX * math.ceil(ratio))


def _is_level(box: NDArray[np.float32]) -> bool:
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = box.tolist()
    return bool(x1 == x4 <= x2 == x3 and y1 == y2 <= y3 == y4)


def _cut_level(grey: Grey, box: NDArray[np.float32]) -> Grey:
    left, top = (max(0, round(value)) for value in box[0].tolist())
    right, bottom = (max(0, round(value)) for value in box[2].tolist())
    return grey[top:bottom, left:right]


def _cut_slanted(grey: Grey, box: NDArray[np.float32]) -> Grey | None:
    """Return a quadrilateral as a level rectangle, black outside the page."""
    import cv2

    wide = max(int(np.linalg.norm(box[2] - box[3])), int(np.linalg.norm(box[1] - box[0])))
    tall = max(int(np.linalg.norm(box[1] - box[2])), int(np.linalg.norm(box[0] - box[3])))
    # OpenCV warps pictures of up to 32,767 pixels a side, so it gets only the surroundings.
    x, y = np.maximum(np.floor(box.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.ceil(box.max(axis=0)).astype(int) + 3
    around = grey[y : max(bottom, 0), x : max(right, 0)]
    if min(wide, tall) < 1 or 0 in around.shape:
        return None
    target = np.array([[0, 0], [wide - 1, 0], [wide - 1, tall - 1], [0, tall - 1]], np.float32)
    warp = cv2.getPerspectiveTransform(box - np.array([x, y], np.float32), target)
    return np.asarray(cv2.warpPerspective(around, warp, (wide, tall)), dtype=np.uint8)


def stretched(line: Crop) -> Crop:
    """Return a crop with raised contrast; unchanged if its contrast is not low."""
    high, low = np.percentile(line.pixels, 90), np.percentile(line.pixels, 10)
    if (high - low) / max(10.0, high + low) >= _LOW_CONTRAST:
        return line
    ratio = _STRETCHED / max(10.0, high - low)
    raised = np.clip((line.pixels.astype(int) - low + 25) * ratio, 0, 255)
    return replace(line, pixels=raised.astype(np.uint8))


def batches(crops: Sequence[Crop]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Yield batches: indices of crops, and the network input ``(lines, 1, 64, W)`` for them.

    Only crops of the same width share a batch, so that a line gets the same padding as alone.
    """

    def width_of(position: int) -> int:
        return crops[position].width_px

    for width, alike in groupby(sorted(range(len(crops)), key=width_of), key=width_of):
        positions = list(alike)
        step = max(1, BATCH_COLUMNS // width)
        for start in range(0, len(positions), step):
            chosen = positions[start : start + step]
            yield chosen, np.stack([_shown(crops[i]) for i in chosen])[:, None]


def _shown(line: Crop) -> NDArray[np.float32]:
    """Return a crop as grey in [-1, 1], ``(64, width_px)``, padded with its last column.

    A crop that is higher than wide is first scaled to the height.
    """
    pixels = line.pixels
    if (height := pixels.shape[0]) != HEIGHT_PX:
        size = math.ceil(HEIGHT_PX * (pixels.shape[1] / height)), HEIGHT_PX
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
    missing = line.width_px - pixels.shape[1]
    padded = np.pad(pixels, ((0, 0), (0, missing)), mode="edge").astype(np.float32)
    return (padded / np.float32(255) - np.float32(0.5)) / np.float32(0.5)


def decode(
    probabilities: NDArray[np.float32], characters: str, forbidden: Sequence[int] = ()
) -> list[tuple[str, float]]:
    """Return text and confidence of each line.

    The confidence is the product of the probabilities of all steps that are not blank, to the power
    of two over the root of their number. It is 0.0 if every step is blank.

    Args:
        probabilities: Array ``(lines, steps, 1 + characters)``; the first class is the blank.
        characters: Characters that the recogniser can write, in the order of its classes.
        forbidden: Indices of classes that are ignored.
    """
    probabilities = probabilities.copy()
    probabilities[..., list(forbidden)] = 0
    probabilities /= probabilities.sum(axis=2, keepdims=True)
    best, sure = probabilities.argmax(axis=2), probabilities.max(axis=2)
    return [
        (_text(line, characters), _confidence(values[line != BLANK]))
        for line, values in zip(best, sure, strict=True)
    ]


def _text(steps: NDArray[np.intp], characters: str) -> str:
    return "".join(characters[step - 1] for step in steps[kept(steps)])


def _confidence(values: NDArray[np.float32]) -> float:
    if not len(values):
        return 0.0
    product = float(values.prod())
    return math.pow(product, 2 / math.sqrt(len(values)))
