"""Which way up a picture was taken, from its EXIF block or its XMP text, and nothing else of them.

Only the first directory of the block is looked at: its entries may all point to the same large
value, so a reader of them all takes gigabytes from a few kilobytes.

Source: TIFF 6.0, section 2; Exif 2.32, tag 0x0112; XMP, ``tiff:Orientation``.
"""

from __future__ import annotations

import re
import struct

UPRIGHT = 1
_TAG = 0x0112
_SIZES = {1: "B", 3: "H", 4: "I"}  # BYTE, SHORT, LONG
_XMP = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')


def exif_orientation(block: bytes) -> int | None:
    """Return what an EXIF block says, 1 to 8 as a rule; None where it says nothing.

    Args:
        block: As it stands in a picture, with or without its name before it.
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
    """Return what an XMP text says; None where it says nothing."""
    found = _XMP.search(text)
    return int(found[1]) if found else None
