"""Whether a picture is mostly text on a plain or smooth ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_CELL = 16
_SIDE_PX, _SMALL_SIDE_PX, _SMALL = 256, 128, 200
_FEW = _CELL * _CELL * 3 // 100  # pixels that are darker than dark, or lighter than light
_LEAST_TEXT = 0.02
_TEXT_OF_PICTURE = 0.25  # photos with a sticker over 15 % of them stay below
_TEXT_OF_CONTENT = 0.5  # a few words on an empty ground


def is_text_tile(grey: Image.Image) -> bool:
    """Return whether text is most of what a picture shows.

    So it is if text fills a quarter of it, or half of what is not empty ground. A photo under
    text, even a soft one, is content and no ground.

    Args:
        grey: Mode ``L``, of any size.
    """
    cells = _cells(grey)
    pixels = np.sort(cells.reshape(len(cells), -1), axis=1).astype(np.int16)
    reach = pixels[:, -1 - _FEW] - pixels[:, _FEW]
    text = (reach > 40) & _two_toned(pixels, reach) & _stroked(cells.astype(np.int16), reach)
    share = text.mean()
    content = (reach > 24).mean()
    return bool(share >= _TEXT_OF_PICTURE or share >= max(_LEAST_TEXT, _TEXT_OF_CONTENT * content))


def _cells(grey: Image.Image) -> NDArray[np.uint8]:
    """Cut a picture, brought to one area, into cells ``(C, 16, 16)``.

    A small one is brought to less, so that its strokes stay sharp.
    """
    side = (grey.width * grey.height) ** 0.5
    wanted = _SMALL_SIDE_PX if side < _SMALL else _SIDE_PX
    wide, high = (max(1, round(length * wanted / side / _CELL)) for length in grey.size)
    scaled = grey.resize((wide * _CELL, high * _CELL), Image.Resampling.BILINEAR, reducing_gap=2.0)
    pixels = np.asarray(scaled, np.uint8).reshape(high, _CELL, wide, _CELL)
    return pixels.transpose(0, 2, 1, 3).reshape(-1, _CELL, _CELL)


def _two_toned(pixels: NDArray[np.int16], reach: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Tell the cells most of whose sorted pixels are of one tone, as paper under text is."""
    dark, light, middle = (pixels[:, i] for i in (_FEW, -1 - _FEW, pixels.shape[1] // 2))
    paper = np.where(middle - dark < light - middle, dark, light)
    near = np.abs(pixels - paper[:, None]) <= (reach // 4)[:, None]
    most: NDArray[np.bool_] = near.sum(axis=1) > pixels.shape[1] // 2
    return most


def _stroked(cells: NDArray[np.int16], reach: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Tell the cells with more steps from dark to light than the edge of one thing has."""
    step = np.maximum(12, reach * 3 // 10)[:, None, None]
    across = (np.abs(np.diff(cells, axis=2)) > step).sum(axis=(1, 2))
    down = (np.abs(np.diff(cells, axis=1)) > step).sum(axis=(1, 2))
    many: NDArray[np.bool_] = across + down > 0.12 * _CELL * (_CELL - 1)
    return many
