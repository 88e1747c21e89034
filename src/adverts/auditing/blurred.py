"""Pictures of which only colour and layout are left: the pixels themselves hold no more."""

from __future__ import annotations

import io

from PIL import Image, ImageFilter

from adverts.inputs.pixels import CHECKED, open_image

_CELLS = 8  # the longer side: fewer than the digits of a number, too few for a face
_SHOWN_PX = 128
_RADIUS = 1.0  # in cells


def blurred_png(data: bytes) -> bytes:
    """Return a small PNG of a picture in which no text, contact or face can be read.

    The picture is averaged to at most 8 cells a side, the cells are blurred into each other, and
    only then it is enlarged: what was finer is gone from the bytes.

    Args:
        data: An encoded picture of a prepared dataset.

    Raises:
        InputError: It cannot be decoded.
    """
    image = open_image(data, CHECKED)
    scale = _CELLS / max(image.size)
    cells = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    coarse = image.resize(cells, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(_RADIUS))
    size = (max(1, cells[0] * _SHOWN_PX // _CELLS), max(1, cells[1] * _SHOWN_PX // _CELLS))
    buffer = io.BytesIO()
    coarse.resize(size, Image.Resampling.BICUBIC).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
