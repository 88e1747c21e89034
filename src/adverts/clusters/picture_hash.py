"""Compute hashes of a picture that saving and cropping change little, and detect text tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pdqhash
from numpy.typing import NDArray
from PIL import Image

PICTURE_HASH_VERSION = 1
"""First byte of a stored hash, raised whenever any picture is described differently."""

HASH_BYTES = 32
"""Length of each hash in bytes: 256 bits."""

STORED_BYTES = 4 + 3 * HASH_BYTES
"""Length of a stored :class:`PictureHash` in bytes."""

CELLS = 16
"""Cells on each side; the local hash has one bit for each of 16 x 16 cells."""

_CROP = 0.055  # middle of the crops to be recognised, 3 to 8 % of each side
_LARGEST_PX = 512
_NOISE = 0.5  # in grey levels of 255: variation of plain cells after compression
_SIDE_PX, _SMALL_SIDE_PX, _SMALL = 256, 128, 200
_CELL = 16
_FEW = _CELL * _CELL * 3 // 100  # number of darkest and of lightest pixels to ignore
_LEAST_TEXT = 0.02
_TEXT_OF_PICTURE = 0.25  # photos with a sticker over 15 % of them stay below
_TEXT_OF_CONTENT = 0.5  # a few words on an empty ground


@dataclass(frozen=True, slots=True)
class PictureHash:
    """Hashes of a picture, stored to find its near-duplicates.

    Attributes:
        pdq: PDQ hash, bits from the lowest index up.
        quality: PDQ's measure of the detail in the picture, 0 to 100.
        local: Local hash: which cells are lighter than their surroundings, row by row.
        local_of_centre: Local hash of the picture without 5.5 % of each side.
        detail: Share of cells that differ from their surroundings, 255 for all; low for things
            on a plain background.
        is_text_tile: Whether the picture is mostly text on a plain or smooth background. Such
            pictures look alike whatever their text.
    """

    pdq: bytes
    quality: int
    local: bytes
    local_of_centre: bytes
    detail: int
    is_text_tile: bool

    def to_bytes(self) -> bytes:
        """Return the hashes as :data:`STORED_BYTES` bytes, version first."""
        head = bytes((PICTURE_HASH_VERSION, self.quality, self.detail, self.is_text_tile))
        return head + self.pdq + self.local + self.local_of_centre

    @classmethod
    def from_bytes(cls, data: bytes) -> PictureHash:
        """Return the hashes from the bytes that :meth:`to_bytes` returned.

        Raises:
            ValueError: The length is not :data:`STORED_BYTES`, or the version is another one.
        """
        if len(data) != STORED_BYTES:
            raise ValueError(f"a picture hash has {STORED_BYTES} bytes, found {len(data)}")
        version, quality, detail, tile = data[:4]
        if version != PICTURE_HASH_VERSION:
            raise ValueError(
                f"picture hash of version {version}, wanted {PICTURE_HASH_VERSION}: hash it again"
            )
        pdq, local, centre = (data[i : i + HASH_BYTES] for i in range(4, STORED_BYTES, HASH_BYTES))
        return cls(pdq, quality, local, centre, detail, bool(tile))


def describe_picture(image: Image.Image) -> PictureHash:
    """Return the hashes of a picture.

    Saving again, another size, a line of text or a sticker changes few of their bits. A crop of the
    picture agrees with ``local_of_centre``. If it is mirrored or turned by quarters, so are the
    cells of ``local``. A picture of one colour has quality 0 and detail 0.

    Args:
        image: Upright RGB picture of any size.

    Source: Meta, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm"
    (2019); the local hash follows N. Krawetz, "Kind of like that" (2013), with each cell against
    those around it instead of its right-hand neighbour.
    """
    small = _shrunk(image)
    pdq, quality = pdqhash.compute(np.asarray(small))
    grey = small.convert("L")
    contrast = _contrast(grey)
    left, top = _CROP * grey.width, _CROP * grey.height
    of_centre = _contrast(grey, (left, top, grey.width - left, grey.height - top))
    return PictureHash(
        pdq=np.packbits(pdq.astype(np.bool_)).tobytes(),
        quality=int(quality),
        local=_bits(contrast),
        local_of_centre=_bits(of_centre),
        detail=int(255 * (np.abs(contrast) >= _NOISE).mean()),
        is_text_tile=is_text_tile(grey),
    )


def _shrunk(image: Image.Image) -> Image.Image:
    """Return a picture of bounded size. PDQ's time grows with area; its hash does not change."""
    longest = max(image.size)
    if longest <= _LARGEST_PX:
        return image
    wide, high = (max(1, round(side * _LARGEST_PX / longest)) for side in image.size)
    return image.resize((wide, high), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _contrast(
    grey: Image.Image, box: tuple[float, float, float, float] | None = None
) -> NDArray[np.float32]:
    """Return by how much each cell is lighter than the mean of it and its neighbours."""
    scaled = grey.resize((CELLS, CELLS), Image.Resampling.LANCZOS, box=box)
    light = np.pad(np.asarray(scaled, np.float32), 1, mode="edge")
    columns = light[:, :-2] + light[:, 1:-1] + light[:, 2:]
    contrast: NDArray[np.float32] = light[1:-1, 1:-1] * 9
    contrast -= columns[:-2] + columns[1:-1] + columns[2:]
    return contrast / np.float32(9)


def _bits(contrast: NDArray[np.float32]) -> bytes:
    return np.packbits(contrast > 0).tobytes()


def is_text_tile(grey: Image.Image) -> bool:
    """Return whether a picture shows mostly text.

    This is so if text fills a quarter of it, or half of what is not empty background. A photo under
    text, even a soft one, is not background.

    Args:
        grey: Picture of mode ``L``, of any size.
    """
    cells = _cells(grey)
    pixels = np.sort(cells.reshape(len(cells), -1), axis=1).astype(np.int16)
    reach = pixels[:, -1 - _FEW] - pixels[:, _FEW]
    text = (reach > 40) & _two_toned(pixels, reach) & _stroked(cells.astype(np.int16), reach)
    share = text.mean()
    content = (reach > 24).mean()
    return bool(share >= _TEXT_OF_PICTURE or share >= max(_LEAST_TEXT, _TEXT_OF_CONTENT * content))


def _cells(grey: Image.Image) -> NDArray[np.uint8]:
    """Scale a picture to a fixed area and return its cells ``(C, 16, 16)``.

    A small picture is scaled to a smaller area, so that its strokes stay sharp.
    """
    side = (grey.width * grey.height) ** 0.5
    wanted = _SMALL_SIDE_PX if side < _SMALL else _SIDE_PX
    wide, high = (max(1, round(length * wanted / side / _CELL)) for length in grey.size)
    scaled = grey.resize((wide * _CELL, high * _CELL), Image.Resampling.BILINEAR, reducing_gap=2.0)
    pixels = np.asarray(scaled, np.uint8).reshape(high, _CELL, wide, _CELL)
    return pixels.transpose(0, 2, 1, 3).reshape(-1, _CELL, _CELL)


def _two_toned(pixels: NDArray[np.int16], reach: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return which cells have one tone in most of their sorted pixels, like paper under text."""
    dark, light, middle = (pixels[:, i] for i in (_FEW, -1 - _FEW, pixels.shape[1] // 2))
    paper = np.where(middle - dark < light - middle, dark, light)
    near = np.abs(pixels - paper[:, None]) <= (reach // 4)[:, None]
    most: NDArray[np.bool_] = near.sum(axis=1) > pixels.shape[1] // 2
    return most


def _stroked(cells: NDArray[np.int16], reach: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return which cells have more steps from dark to light than the edge of one thing has."""
    step = np.maximum(12, reach * 3 // 10)[:, None, None]
    across = (np.abs(np.diff(cells, axis=2)) > step).sum(axis=(1, 2))
    down = (np.abs(np.diff(cells, axis=1)) > step).sum(axis=(1, 2))
    many: NDArray[np.bool_] = across + down > 0.12 * _CELL * (_CELL - 1)
    return many
