"""Decode picture files safely: size checks, upright RGB pixels, removal of metadata."""

from __future__ import annotations

import io
import struct
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adverts.errors import InputError, first_line
from adverts.inputs.picture_file import (
    MAX_SIDE_PX,
    UPRIGHT,
    exif_orientation,
    jpeg_segments,
    read_picture_file,
    xmp_orientation,
)

REENCODING_VERSION = 1  # raise it when files that reencode returns may differ
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, EOFError, MemoryError)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class TooManyBytesError(InputError):
    """A picture file is larger than allowed."""


class TooManyPixelsError(InputError):
    """A picture has more pixels than allowed."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits above which a picture is refused.

    Attributes:
        max_bytes: Largest size of the file in bytes.
        max_pixels: Largest width times height, checked before anything is decoded.
    """

    max_bytes: int
    max_pixels: int


# For pictures of a prepared dataset, which were already checked against its config's limits.
CHECKED = ImageLimits(max_bytes=sys.maxsize, max_pixels=sys.maxsize)


def open_image(data: bytes, limits: ImageLimits) -> Image.Image:
    """Return a picture as RGB, upright, transparency on white, first frame of an animation.

    Args:
        data: Content of a BMP, GIF, JPEG, PNG or WebP file.
        limits: Limits above which the picture is refused.

    Raises:
        InputError: The file has too many bytes or pixels, another format, or is damaged. The
            message gives the reason.
    """
    return _decoded(_open(data, limits))


def reencode(data: bytes, limits: ImageLimits) -> tuple[bytes, Image.Image]:
    """Return a file of the same picture, upright and without metadata, and its pixels.

    A file that needs no change is returned unchanged. JPEG stays JPEG. Its metadata is removed
    and its pixels stay exactly the same, unless it must be encoded again (then quality 95).
    Other formats become a lossless PNG. The pixels are those of :func:`open_image`.

    Raises:
        InputError: For the same reasons as :func:`open_image`.
    """
    opened = _open(data, limits)
    kept, kind = _kept_as_it_is(data, opened), opened.image.format
    image = _decoded(opened)
    if kept is not None:
        return kept, image
    buffer = io.BytesIO()
    if kind == "JPEG":
        image.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        image.save(buffer, "PNG")
    return buffer.getvalue(), image


def file_to_name(data: bytes, limits: ImageLimits) -> bytes:
    """Return the file that stands for a picture where files are compared by their hashes.

    It is the file that :func:`reencode` returns, if that is known without decoding a pixel: an
    upright JPEG without metadata, or a file that needs no change. Otherwise it is ``data``. Files
    for which it is equal have equal pixels.

    Raises:
        InputError: :func:`open_image` would refuse the file for its headers.
    """
    opened = _open(data, limits)
    kept = _kept_as_it_is(data, opened)
    return data if kept is None else kept


def rgb_array(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels ``(H, W, 3)`` of an RGB picture."""
    return np.array(image if image.mode == "RGB" else image.convert("RGB"), dtype=np.uint8)


def tower_pixels(image: Image.Image, image_px: int) -> NDArray[np.uint8]:
    """Return the pixels that an image tower takes, ``(3, P, P)``.

    The shorter side is scaled to ``P`` with antialiasing. The longer side is cropped to its centre.
    """
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    square = image.convert("RGB").resize(
        (image_px, image_px), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side)
    )
    return np.ascontiguousarray(np.asarray(square, dtype=np.uint8).transpose(2, 0, 1))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A picture whose headers were read.

    Attributes:
        image: Picture that is not decoded yet; a JPEG comes without its metadata.
        orientation: EXIF orientation, see :data:`_TURNS`.
        holds_several: Whether the file holds further pictures.
    """

    image: Image.Image
    orientation: int
    holds_several: bool = False


def _open(data: bytes, limits: ImageLimits) -> _Opened:
    """Read the headers only, and check the limits before a decoder gets the file."""
    if len(data) > limits.max_bytes:
        raise TooManyBytesError(
            f"picture has {len(data)} bytes, but at most {limits.max_bytes} are read"
        )
    about = read_picture_file(data)
    _check_size(about.width, about.height, limits)
    shown = b"".join(_plain_parts(data)) if about.format == "JPEG" else data
    try:
        image = Image.open(io.BytesIO(shown), formats=FORMATS)
    except _BOMB:
        raise TooManyPixelsError(
            f"picture has far more than the {limits.max_pixels} pixels that are read"
        ) from None
    except _UNREADABLE:
        raise InputError(f"not a picture of a known format ({', '.join(FORMATS)})") from None
    _check_size(image.width, image.height, limits)
    if about.format == "JPEG":
        return _Opened(image, *_jpeg_facts(data))
    return _Opened(image, _orientation(image))


def _kept_as_it_is(data: bytes, opened: _Opened) -> bytes | None:
    """Return the file without metadata if its pixels need not be encoded again, otherwise None."""
    kind, mode, upright = opened.image.format, opened.image.mode, opened.orientation == UPRIGHT
    if kind == "JPEG" and mode in {"RGB", "L"} and upright and not opened.holds_several:
        return _without_metadata(data)
    if kind == "PNG" and mode == "RGB" and _png_chunks(data) <= _PLAIN_CHUNKS:
        return data
    return None


def _check_size(width: int, height: int, limits: ImageLimits) -> None:
    if width * height > limits.max_pixels or max(width, height) > MAX_SIDE_PX:
        raise TooManyPixelsError(
            f"picture is {width} x {height}, but at most {limits.max_pixels} pixels are "
            f"decoded, and {MAX_SIDE_PX} per side"
        )


def _decoded(opened: _Opened) -> Image.Image:
    image = opened.image
    try:
        image.load()
    except _UNREADABLE as error:
        raise InputError(f"picture cannot be decoded: {_reason(error)}") from None
    turn = _TURNS.get(opened.orientation)
    return _rgb(image if turn is None else image.transpose(turn))


def _reason(error: BaseException) -> str:
    return first_line(error)[:120]


def _jpeg_facts(data: bytes) -> tuple[int, bool]:
    """Return the orientation of a JPEG file, and whether it holds further pictures."""
    blocks = [one.content for one in jpeg_segments(data) if one.marker in (0xE1, 0xE2)]
    exif = next((one for one in blocks if one.startswith(b"Exif\0\0")), b"")
    xmp = next((one for one in blocks if one.startswith(b"http://ns.adobe.com/xap/1.0/\0")), b"")
    several = any(one.startswith(b"MPF\0") for one in blocks)
    return exif_orientation(exif) or xmp_orientation(xmp) or UPRIGHT, several


def _orientation(image: Image.Image) -> int:
    """Return the orientation of a file other than JPEG; upright if its block is damaged."""
    exif, raw = image.info.get("exif"), image.info.get("Raw profile type exif")
    if not exif and isinstance(raw, str):
        exif = _from_hexadecimal(raw)
    xmp = image.info.get("XML:com.adobe.xmp") or image.info.get("xmp") or b""
    text = xmp.encode() if isinstance(xmp, str) else xmp
    return exif_orientation(exif or b"") or xmp_orientation(text) or UPRIGHT


def _from_hexadecimal(text: str) -> bytes:
    """Return the EXIF block that ImageMagick writes into a PNG as name, length and hexadecimal."""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""


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
        layers = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image.alpha_composite(layers)
        del layers
    plain = image.convert("RGB")
    plain.info = {}
    return plain


_PLAIN_CHUNKS = {b"IHDR", b"IDAT", b"IEND", b"PLTE", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT"}


def _png_chunks(data: bytes) -> set[bytes]:
    """Return the kinds of chunks of a PNG file; bytes after its end count as kind ``after``."""
    kinds, place = set(), 8
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        kinds.add(kind)
        place += length + 12
        if kind == b"IEND":
            break
    return kinds | ({b"after"} if place != len(data) else set())


def _without_metadata(data: bytes) -> bytes | None:
    """Remove application and comment segments from a JPEG file, except JFIF, ICC and Adobe.

    None for a file that has no end.
    """
    head, scans = _plain_parts(data)
    end = scans.rfind(b"\xff\xd9")
    return None if end < 0 else head + scans[: end + 2]


def _plain_parts(data: bytes) -> tuple[bytes, bytes]:
    """Return the headers of a JPEG file without metadata, and all bytes from its first scan on."""
    kept = [data[:2]]
    for one in jpeg_segments(data):
        if one.marker == 0xDA:
            return b"".join(kept), data[one.start :]
        if not _is_metadata(one.marker, one.content):
            kept.append(data[one.start : one.end])
    raise InputError("picture cannot be decoded: JPEG segments are damaged")


def _is_metadata(marker: int, content: bytes) -> bool:
    if marker == 0xE2:
        return not content.startswith(b"ICC_PROFILE\0")
    return marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)
