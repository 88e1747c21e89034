"""Read format, size and scan count from a picture file's headers, and refuse excessive files."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from adverts.errors import InputError

MAX_SIDE_PX = 30_000
"""Longest side of a picture. OpenCV addresses 32,767, and each row of pixels costs memory."""
MAX_SCANS, MAX_SCANNED_PIXELS = 100, 1_000_000_000
"""Most scans of a JPEG, and most scans times pixels. Progressive files have about 10 scans."""
MAX_SEGMENTS = 2_000
"""Most segments of a JPEG before its first scan, and most markers after it."""
MAX_CHUNKS = 50_000
"""Most chunks of a PNG. A chunk usually has 8,000 bytes or more."""
MAX_EXTENSION_BYTES = 250_000
"""Most bytes of a GIF between its colour table and its first frame."""
_NEXT_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END, _FRAMES = 0xDA, 0xD9, frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_RUN_LENGTHS = (1, 2)  # BMP compressions that are decoded one symbol at a time
UPRIGHT = 1
_TAG = 0x0112
_SIZES = {1: "B", 3: "H", 4: "I"}  # BYTE, SHORT, LONG
_XMP = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')


@dataclass(frozen=True, slots=True)
class PictureFile:
    """Facts about a picture that its file states.

    Attributes:
        format: Pillow's name of the format; empty if the format is not supported.
        width: Width in pixels; 0 if unknown.
        height: Height in pixels; 0 if unknown.
        scans: Number of passes that a decoder makes over the picture.
    """

    format: str
    width: int = 0
    height: int = 0
    scans: int = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a JPEG file before its first scan.

    Attributes:
        marker: Second byte of its marker, which is its kind.
        start: Index of its marker in the file.
        content: Bytes after its length field.
        end: Index in the file after its last byte.
    """

    marker: int
    start: int
    content: bytes
    end: int


def read_picture_file(data: bytes) -> PictureFile:
    """Return what the headers of a picture file say, before anything is decoded.

    Raises:
        InputError: The file is damaged, is a run-length BMP, or holds more scans, segments,
            chunks or extension bytes than allowed.
    """
    for start, read in _READERS.items():
        if data.startswith(start) and (start != b"RIFF" or data[8:12] == b"WEBP"):
            try:
                return read(data)
            except (struct.error, IndexError):
                raise _damaged("its header is cut off") from None
    return PictureFile("")


def jpeg_segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments of a JPEG file up to its first scan, or up to its end.

    Raises:
        InputError: The segments are damaged, or there are more than :data:`MAX_SEGMENTS`.
    """
    place = 2
    for _ in range(MAX_SEGMENTS):
        while data[place : place + 2] == b"\xff\xff":
            place += 1
        if data[place : place + 1] != b"\xff" or len(data) < place + 2:
            raise _damaged("JPEG segments are damaged")
        marker, end = data[place + 1], place + 2
        if marker not in _NO_LENGTH and marker != _END:
            end += int.from_bytes(data[place + 2 : place + 4], "big")
            if end < place + 4 or end > len(data):
                raise _damaged("JPEG segments are damaged")
        yield Segment(marker, place, data[place + 4 : end], end)
        if marker in (_SCAN, _END):
            return
        place = end
    raise InputError(f"picture has more than {MAX_SEGMENTS} segments; save it again")


def _read_jpeg(data: bytes) -> PictureFile:
    found = PictureFile("JPEG")
    for one in jpeg_segments(data):
        if one.marker in _FRAMES:
            height, width = struct.unpack_from(">HH", one.content, 1)
            found = replace(found, width=width, height=height)
        if one.marker == _SCAN:
            found = replace(found, scans=_count_scans(data, one.end))
    if found.scans > MAX_SCANS or found.scans * found.width * found.height > MAX_SCANNED_PIXELS:
        raise InputError(
            f"picture of {found.width} x {found.height} pixels has {found.scans} scans or "
            f"more, but at most {MAX_SCANS} are decoded; save it again"
        )
    return found


def _count_scans(data: bytes, place: int) -> int:
    """Count scans from ``place``, after the first scan's header; stop above the limit."""
    scans = 1
    for _ in range(MAX_SEGMENTS):
        found = _NEXT_MARKER.search(data, place)
        if found is None or found[1][0] == _END:
            return scans
        place = found.end()
        if found[1][0] not in _NO_LENGTH:
            place += max(2, int.from_bytes(data[place : place + 2], "big"))
        scans += found[1][0] == _SCAN
        if scans > MAX_SCANS:
            return scans
    raise InputError(f"picture has more than {MAX_SEGMENTS} segments; save it again")


def _read_png(data: bytes) -> PictureFile:
    width, height = struct.unpack_from(">II", data, 16)
    place = 8
    for _ in range(MAX_CHUNKS):
        if place + 8 > len(data):
            return PictureFile("PNG", width, height)
        length, kind = struct.unpack_from(">I4s", data, place)
        place += length + 12
        if kind == b"IEND":
            return PictureFile("PNG", width, height)
    raise InputError(f"picture has more than {MAX_CHUNKS} chunks; save it again")


def _read_gif(data: bytes) -> PictureFile:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = first = 13 + _colours(flags)
    while data[place] != 0x2C:
        extension, place = data[place] == 0x21, place + 1
        if extension:
            place = _after_extension(data, place + 1, first)
        if place - first > MAX_EXTENSION_BYTES:
            raise InputError(
                f"picture has more than {MAX_EXTENSION_BYTES} bytes before its first frame; save "
                "it again"
            )
    left, top, columns, rows = struct.unpack_from("<4H", data, place + 1)
    return PictureFile("GIF", max(width, left + columns), max(height, top + rows))


def _after_extension(data: bytes, place: int, first: int) -> int:
    while data[place] and place - first <= MAX_EXTENSION_BYTES:
        place += 1 + data[place]
    return place + 1


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _read_bmp(data: bytes) -> PictureFile:
    (head,) = struct.unpack_from("<I", data, 14)
    if head == 12:
        return PictureFile("BMP", *struct.unpack_from("<HH", data, 18))
    width, height, compression = struct.unpack_from("<ii4xI", data, 18)
    if compression in _RUN_LENGTHS:
        raise InputError("picture is a run-length encoded BMP; save it again, e.g. as PNG")
    return PictureFile("BMP", abs(width), abs(height))


def _read_webp(data: bytes) -> PictureFile:
    match data[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
        case _:
            raise _damaged("it contains no picture")
    return PictureFile("WEBP", width, height)


_READERS: dict[bytes, Callable[[bytes], PictureFile]] = {
    b"\xff\xd8\xff": _read_jpeg,
    b"\x89PNG\r\n\x1a\n": _read_png,
    b"GIF87a": _read_gif,
    b"GIF89a": _read_gif,
    b"BM": _read_bmp,
    b"RIFF": _read_webp,
}


def _damaged(reason: str) -> InputError:
    return InputError(f"picture cannot be decoded: {reason}")


def exif_orientation(block: bytes) -> int | None:
    """Return the orientation in an EXIF block, usually 1 to 8; None if it holds none.

    Args:
        block: Content of the block, with or without the name that precedes it in a picture.
    """
    block = block.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return None
    try:
        magic, start = struct.unpack_from(f"{order}HI", block, 2)
        (count,) = struct.unpack_from(f"{order}H", block, start)
    except struct.error:
        return None
    if magic != 42:
        return None
    entries = block[start + 2 : start + 2 + 12 * count]
    entries = entries[: len(entries) // 12 * 12]
    said = None
    for tag, kind, values, content in struct.iter_unpack(f"{order}HHI4s", entries):
        if tag == _TAG and values == 1 and kind in _SIZES:
            (said,) = struct.unpack_from(order + _SIZES[kind], content)
    return said


def xmp_orientation(text: bytes) -> int | None:
    """Return the orientation in an XMP text; None if it holds none."""
    found = _XMP.search(text)
    return int(found[1]) if found else None
