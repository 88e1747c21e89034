"""What a file says of itself is what Pillow reads of it, and each bound holds to the byte."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from adverts.errors import InputError
from adverts.inputs.picture_file import (
    MAX_EXTENSION_BYTES,
    MAX_SCANNED_PIXELS,
    MAX_SCANS,
    PictureFile,
    jpeg_segments,
    read_picture_file,
)

SIZES = [(1, 1), (255, 3), (256, 257), (2, 16_383)]


def encoded(image, kind, **settings):
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def told(size, kind, mode="RGB", **settings):
    """Return what is read of a plain picture of this size, beside what Pillow wrote."""
    data = encoded(Image.new(mode, size), kind, **settings)
    found = read_picture_file(data)
    return data, (found.format, found.width, found.height)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_the_size_of_every_format_is_the_one_that_was_written(kind, size):
    assert told(size, kind)[1] == (kind, *size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("chunk", "settings"),
    [
        (b"VP8 ", {}),
        (b"VP8L", {"lossless": True}),
        (b"VP8X", {"icc_profile": b"fictional"}),
    ],
    ids=["lossy", "lossless", "extended"],
)
def test_every_kind_of_webp_tells_its_size(chunk, settings, size):
    data, found = told(size, "WEBP", **settings)
    assert data[12:16] == chunk
    assert found == ("WEBP", *size)


def test_a_bitmap_that_is_written_from_the_top_has_the_same_size():
    head = struct.pack("<IiiHHIIiiII", 40, 30, -20, 1, 24, 0, 0, 0, 0, 0, 0)
    data = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head
    assert read_picture_file(data) == PictureFile("BMP", 30, 20)


def test_a_frame_that_is_larger_than_its_gif_counts():
    data = bytearray(encoded(Image.new("L", (40, 30)), "GIF"))
    struct.pack_into("<HH", data, 6, 5, 35)
    assert read_picture_file(bytes(data)) == PictureFile("GIF", 40, 35)


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WAVE", b"II*\0", b"GIF"])
def test_another_file_has_no_format(data):
    assert read_picture_file(data) == PictureFile("")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "JPEG"])
def test_a_head_that_is_cut_off_is_damaged(kind):
    data = encoded(Image.new("RGB", (8, 8)), kind)
    with pytest.raises(InputError, match="cannot be decoded"):
        read_picture_file(data[:20])


# --- scans of a JPEG ---


def progressive(width=64, height=48):
    """A JPEG of several scans that says it is of this size."""
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    data = bytearray(encoded(Image.fromarray(pixels), "JPEG", progressive=True))
    struct.pack_into(">HH", data, data.index(b"\xff\xc2") + 5, height, width)
    return bytes(data)


SCAN_HEADS = 10  # of a progressive JPEG with colours, as libjpeg writes it


def test_the_scans_of_a_progressive_picture_are_counted():
    assert read_picture_file(progressive()).scans == SCAN_HEADS
    assert read_picture_file(encoded(Image.new("RGB", (9, 9)), "JPEG")).scans == 1


def test_what_a_comment_between_scans_holds_is_no_scan():
    data = progressive()
    last = data.rindex(b"\xff\xda")
    content = b"\xff\xda\x00\x02" * 200
    comment = b"\xff\xfe" + struct.pack(">H", len(content) + 2) + content
    assert read_picture_file(data[:last] + comment + data[last:]).scans == SCAN_HEADS


def test_as_many_scans_as_are_allowed_are_read_and_no_more():
    data = progressive()
    last = data.rindex(b"\xff\xda")
    scan, end = data[last:-2], data[-2:]
    assert read_picture_file(data[:-2] + scan * (MAX_SCANS - SCAN_HEADS) + end).scans == MAX_SCANS
    with pytest.raises(InputError, match="101 scans or more"):
        read_picture_file(data[:-2] + scan * (MAX_SCANS - SCAN_HEADS + 1) + end)


def test_as_many_pixels_of_all_scans_as_are_allowed_are_read_and_no_more():
    width = 10_000
    height = MAX_SCANNED_PIXELS // SCAN_HEADS // width
    assert read_picture_file(progressive(width, height)).height == height
    with pytest.raises(InputError, match=f"{width} x {height + 1} pixels has 10 scans"):
        read_picture_file(progressive(width, height + 1))


def test_the_segments_before_the_first_scan_follow_each_other_without_a_gap():
    data = encoded(Image.new("RGB", (9, 9)), "JPEG", comment=b"fictional")
    segments = list(jpeg_segments(data))
    assert [one.start for one in segments] == [2, *(one.end for one in segments[:-1])]
    assert segments[-1].marker == 0xDA
    assert b"fictional" in [one.content for one in segments if one.marker == 0xFE]


# --- comments of a GIF ---


def commented(blocks, size=(40, 30)):
    """A GIF with an extension of these blocks before its first frame."""
    head = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<4HB", 0, 0, *size, 0) + b"\x02\x02\x44\x01\x00;"
    extension = b"".join(bytes([len(block)]) + block for block in blocks)
    return head + b"!\xfe" + extension + b"\0" + frame


def of_bytes(count):
    """Blocks that are so many bytes long, their lengths counted, and full of frame signs."""
    whole, rest = divmod(count, 256)
    odd = rest % 2
    return [b"," * 255] * whole + [b","] * (rest // 2 - odd) + [b",,"] * odd


LAST = MAX_EXTENSION_BYTES - 3  # beside the two bytes that introduce them, and the one that ends


@pytest.mark.parametrize("count", [2, 3, 300, 70_000, LAST - 20, LAST])
def test_comments_up_to_the_bound_are_stepped_over(count):
    blocks = of_bytes(count)
    assert sum(1 + len(block) for block in blocks) == count
    assert read_picture_file(commented(blocks)) == PictureFile("GIF", 40, 30)


def test_a_comment_beyond_the_bound_is_refused():
    with pytest.raises(InputError, match="bytes before its first frame"):
        read_picture_file(commented(of_bytes(LAST + 2)))
