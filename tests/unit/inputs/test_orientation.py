"""Which way up a picture was taken, as Pillow reads the same block; nothing where it is torn."""

import struct

import pytest
from PIL import Image

from adverts.inputs.picture_file import exif_orientation, xmp_orientation

WIDTH, ORIENTATION, RESOLUTION = 0x0100, 0x0112, 0x0128
BYTE, SHORT, LONG = 1, 3, 4


def block(order, *entries, magic=42):
    """Return an EXIF block of entries, each a tag, a kind and a value."""
    formats = {BYTE: "Bxxx", SHORT: "Hxx", LONG: "I"}
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HIH", magic, 8, len(entries))
    packed = [
        struct.pack(f"{order}HHI", tag, kind, 1) + struct.pack(order + formats[kind], value)
        for tag, kind, value in entries
    ]
    return b"Exif\0\0" + head + b"".join(packed) + bytes(4)


def of_pillow(data):
    exif = Image.Exif()
    exif.load(data)
    said = exif.get(ORIENTATION)
    return said[0] if isinstance(said, bytes) else said


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "entries",
    [
        [(ORIENTATION, SHORT, 6)],
        [(ORIENTATION, BYTE, 8)],
        [(ORIENTATION, LONG, 3)],
        [(WIDTH, SHORT, 5), (ORIENTATION, SHORT, 6), (RESOLUTION, SHORT, 2)],
        [(ORIENTATION, SHORT, 6), (WIDTH, LONG, 5)],
        [(WIDTH, SHORT, 5)],
        [(RESOLUTION, SHORT, 2)],
        [],
    ],
)
def test_the_orientation_is_the_one_that_pillow_reads(order, entries):
    data = block(order, *entries)
    wanted = next((value for tag, _, value in entries if tag == ORIENTATION), None)
    assert exif_orientation(data) == of_pillow(data) == wanted
    assert exif_orientation(data.removeprefix(b"Exif\0\0")) == wanted


def test_a_torn_block_says_nothing_or_what_is_whole_of_it():
    whole = block("<", (ORIENTATION, SHORT, 6), (WIDTH, SHORT, 5))
    ends = {exif_orientation(whole[:size]) for size in range(len(whole))}
    assert ends == {None, 6}
    assert exif_orientation(block("<", (ORIENTATION, SHORT, 6), magic=43)) is None
    assert exif_orientation(b"XX" + whole[8:]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'<x tiff:Orientation="6"/>', 6),
        (b"<tiff:Orientation>8</tiff:Orientation>", 8),
        (b"<tiff:Orientation/>", None),
        (b"", None),
    ],
)
def test_an_xmp_text_says_it_in_either_way(text, said):
    assert xmp_orientation(text) == said
