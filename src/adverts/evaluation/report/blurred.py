"""Blur pictures so that their pixels hold only colour and layout."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from adverts.inputs.pixels import CHECKED, open_image

_CELLS = 8  # cells of the longer side: fewer than the digits of a number, too few for a face
_SHOWN_PX = 128
_BOXED_PX = 320
_RADIUS = 1.0  # in cells
_FRAME, _LIGHT, _COVER = (11, 79, 138), (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Box:
    """A line of text on a picture.

    Attributes:
        corners: ``(x, y)`` of each corner, as shares of width and height.
        covered: Whether the line holds a contact; its area is then painted over.
    """

    corners: tuple[tuple[float, float], ...]
    covered: bool


def blurred_png(data: bytes) -> bytes:
    """Return a small PNG of a picture in which no text, contact or face can be read.

    The picture is averaged to at most 8 cells a side, and the cells are blurred into each other.
    Only then is it enlarged, so that finer details are not in the file.

    Args:
        data: Encoded picture of a prepared dataset.

    Raises:
        InputError: The picture cannot be decoded.
    """
    return _encoded(_blurred(data, _SHOWN_PX), "PNG", optimize=True)


def blurred_jpeg(data: bytes, boxes: Sequence[Box]) -> bytes:
    """Return a JPEG of a picture, blurred as :func:`blurred_png` does, with its lines of text.

    Each line is framed, and a line with a contact is painted over, both in the pixels themselves.

    Args:
        data: Encoded picture of a prepared dataset.
        boxes: Lines of text on the picture.

    Raises:
        InputError: The picture cannot be decoded.
    """
    image = _blurred(data, _BOXED_PX)
    draw = ImageDraw.Draw(image)
    for box in boxes:
        corners = [(x * (image.width - 1), y * (image.height - 1)) for x, y in box.corners]
        draw.polygon(corners, outline=_LIGHT, fill=_COVER if box.covered else None, width=4)
        draw.polygon(corners, outline=_FRAME, width=2)  # visible on dark and on light
    return _encoded(image, "JPEG", quality=70)


def _blurred(data: bytes, shown_px: int) -> Image.Image:
    image = open_image(data, CHECKED)
    scale = _CELLS / max(image.size)
    cells = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    coarse = image.resize(cells, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(_RADIUS))
    size = (max(1, cells[0] * shown_px // _CELLS), max(1, cells[1] * shown_px // _CELLS))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def _encoded(image: Image.Image, kind: str, **settings: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()
