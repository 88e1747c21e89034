"""From the bytes of a picture to pixels: checked before decoding, upright, without metadata."""

from __future__ import annotations

import io
import struct
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adverts.errors import InputError, first_line

REENCODING_VERSION = 1  # another one: files that reencode returns may differ
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, EOFError, MemoryError)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class TooManyBytesError(InputError):
    """The file of a picture is larger than what is read."""


class TooManyPixelsError(InputError):
    """A picture has more pixels than are decoded."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may be before it is refused.

    Attributes:
        max_bytes: Size of the file.
        max_pixels: Width times height, checked before anything is decoded.
    """

    max_bytes: int
    max_pixels: int


# For pictures of a prepared dataset, which were checked against the limits of its own config.
CHECKED = ImageLimits(max_bytes=sys.maxsize, max_pixels=sys.maxsize)


def open_image(data: bytes, limits: ImageLimits) -> Image.Image:
    """Decode a picture: RGB, upright, transparency on white, the first frame of an animation.

    Args:
        data: A BMP, GIF, JPEG, PNG or WebP file.
        limits: What is refused.

    Raises:
        InputError: Too many bytes or pixels, not such a picture, or a damaged one; the message
            gives the reason.
    """
    image = _open(data, limits)
    try:
        image.load()
    except _UNREADABLE as error:
        raise InputError(f"picture cannot be decoded: {_reason(error)}") from None
    return _rgb(_upright(image))


def reencode(data: bytes, limits: ImageLimits) -> tuple[bytes, Image.Image]:
    """Return a file of the same picture, upright and free of metadata, and its pixels.

    A file that is so already comes back unchanged. JPEG stays JPEG: its metadata is cut out
    and the pixels stay exactly as they are, unless it must be turned upright (then quality 95);
    everything else becomes a lossless PNG. The pixels are those of :func:`open_image`.

    Raises:
        InputError: As :func:`open_image`.
    """
    opened = _open(data, limits)
    image = open_image(data, limits)
    if opened.format == "JPEG" and opened.mode in {"RGB", "L"} and _orientation(opened) == 1:
        return _without_metadata(data), image
    if opened.format == "PNG" and opened.mode == "RGB" and _png_chunks(data) <= _PLAIN_CHUNKS:
        return data, image
    buffer = io.BytesIO()
    if opened.format in {"JPEG", "MPO"}:
        image.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        image.save(buffer, "PNG")
    return buffer.getvalue(), image


def rgb_array(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels ``(H, W, 3)`` of an RGB picture."""
    return np.array(image.convert("RGB"), dtype=np.uint8)


def tower_pixels(image: Image.Image, image_px: int) -> NDArray[np.uint8]:
    """Return what an image tower sees, ``(3, P, P)``.

    The shorter side is scaled to ``P`` with antialiasing; the centre of the longer one is kept.
    """
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    square = image.convert("RGB").resize(
        (image_px, image_px), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side)
    )
    return np.ascontiguousarray(np.asarray(square, dtype=np.uint8).transpose(2, 0, 1))


def _open(data: bytes, limits: ImageLimits) -> Image.Image:
    """Read the header only."""
    if len(data) > limits.max_bytes:
        raise TooManyBytesError(
            f"picture has {len(data)} bytes, at most {limits.max_bytes} are read"
        )
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except _BOMB:
        raise TooManyPixelsError(
            f"picture has far more than the {limits.max_pixels} pixels that are read"
        ) from None
    except _UNREADABLE:
        raise InputError(f"not a picture of a known format ({', '.join(FORMATS)})") from None
    if image.width * image.height > limits.max_pixels:
        raise TooManyPixelsError(
            f"picture is {image.width} x {image.height}, "
            f"at most {limits.max_pixels} pixels are decoded"
        )
    return image


def _reason(error: BaseException) -> str:
    return first_line(error)[:120]


def _orientation(image: Image.Image) -> int:
    """Read the EXIF orientation; a damaged EXIF block says nothing, so the picture is upright."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except (*_UNREADABLE, TypeError):
        return 1


def _upright(image: Image.Image) -> Image.Image:
    """Turn as EXIF tells; the rest of the block, which may be damaged, is not asked."""
    turn = _TURNS.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        image = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image.alpha_composite(layers)
    plain = image.convert("RGB")
    plain.info = {}
    return plain


_PLAIN_CHUNKS = {b"IHDR", b"IDAT", b"IEND", b"PLTE", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT"}


def _png_chunks(data: bytes) -> set[bytes]:
    """Kinds of the chunks of a PNG file; bytes after its end count as a kind of their own."""
    kinds, place = set(), 8
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        kinds.add(kind)
        place += length + 12
        if kind == b"IEND":
            break
    return kinds | ({b"after"} if place != len(data) else set())


def _without_metadata(data: bytes) -> bytes:
    """Cut application and comment segments out of a JPEG file, but JFIF, ICC and Adobe's."""
    kept, place = [data[:2]], 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == 0xDA:
            return b"".join(kept) + data[place : data.rfind(b"\xff\xd9") + 2]
        if not _is_metadata(marker, data[place + 4 : end]):
            kept.append(data[place:end])
        place = end
    raise InputError("picture cannot be decoded: JPEG segments are damaged")


def _is_metadata(marker: int, content: bytes) -> bool:
    if marker == 0xE2:
        return not content.startswith(b"ICC_PROFILE\0")
    return marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)
