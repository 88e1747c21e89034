"""Compute the OCR quality of pages, pictures and adverts, and join the texts of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrLine, OcrResult

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


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


def advert_quality(pictures: Sequence[ReadQuality]) -> ReadQuality | None:
    """Return the quality of all pictures of an advert; None if there is no picture.

    Text height and sharpness are the lowest over pictures with text. The confidence is the mean
    over all lines with text. Lines and unread lines are totals.
    """
    if not pictures:
        return None
    with_text = [picture for picture in pictures if picture.lines > picture.unread_lines]
    lines = sum(picture.lines for picture in pictures)
    unread = sum(picture.unread_lines for picture in pictures)
    total = sum(
        picture.confidence * (picture.lines - picture.unread_lines) for picture in with_text
    )
    return ReadQuality(
        confidence=total / (lines - unread) if with_text else 0.0,
        smallest_text_px=min((picture.smallest_text_px for picture in with_text), default=0.0),
        sharpness=min((picture.sharpness for picture in with_text), default=0.0),
        lines=lines,
        unread_lines=unread,
    )


@dataclass(frozen=True, slots=True)
class PictureText:
    """Text of one or more pictures, without the boxes of lines, which need far more memory.

    Attributes:
        text: Text with unmasked contacts.
        quality: How well the text could be read.
    """

    text: str
    quality: ReadQuality


def picture_text(result: OcrResult) -> PictureText:
    """Return text and quality of one picture, without the texts before repair."""
    return PictureText(result.text, result.quality)


def advert_text(pictures: Sequence[PictureText]) -> PictureText | None:
    """Return the texts of all pictures joined by newlines; None if there is no picture."""
    quality = advert_quality([picture.quality for picture in pictures])
    if quality is None:
        return None
    return PictureText("\n".join(one.text for one in pictures if one.text), quality)
