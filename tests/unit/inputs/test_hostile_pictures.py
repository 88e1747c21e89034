"""No picture costs more than its bytes and its pixels: what a file asks for is bounded unread."""

import io
import struct
import zlib

import numpy as np
import pytest
from bounded import in_bounds
from PIL import Image

from adverts.errors import InputError
from adverts.inputs.pixels import (
    CHECKED,
    ImageLimits,
    TooManyPixelsError,
    open_image,
    reencode,
    rgb_array,
    tower_pixels,
)

pytestmark = pytest.mark.promise

LIMITS = ImageLimits(max_bytes=20_000_000, max_pixels=50_000_000)


def drawn(kind, size=(64, 48), **more):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **more)
    return buffer.getvalue()


def chunk(kind, content=b""):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, *more, colours=2):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0))
    packed = chunk(b"IDAT", zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + packed + chunk(b"IEND")


def gif(width, height, *blocks):
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<4HB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00;"
    return head + b"".join(blocks) + frame


def bmp(width, height, compression=0):
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(head), 0, 0, 54) + head


def webp(width, height):
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = b"VP8X" + struct.pack("<I", 10) + bytes(4) + sides
    return b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def jpeg_of(width, height):
    data = bytearray(drawn("JPEG"))
    place = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, place + 5, height, width)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        png(1, 50_000_000),
        png(50_000_000, 1),
        png(2**31 - 1, 2**31 - 1),
        jpeg_of(1, 60_000),
        gif(1, 60_000),
        gif(60_000, 60_000),
        bmp(1, 50_000_000),
        bmp(50_000_000, -1),
        webp(16_000, 16_000),
        webp(2**24, 1),
    ],
    ids=range(10),
)
@pytest.mark.parametrize("limits", [LIMITS, CHECKED], ids=["usual", "of a prepared dataset"])
def test_a_side_that_is_too_long_is_refused_before_anything_is_decoded(data, limits):
    told = in_bounds(lambda: open_image(data, limits), more_bytes=50_000_000)
    assert told.startswith(("TooManyPixelsError", "InputError"))
    if limits is LIMITS:
        assert told.startswith("TooManyPixelsError: picture is")


def test_the_longest_sides_are_read():
    thin = rgb_array(open_image(drawn("PNG", (30_000, 2)), LIMITS))
    assert thin.shape == (2, 30_000, 3)
    assert tower_pixels(Image.fromarray(thin), 8).shape == (3, 8, 8)
    with pytest.raises(TooManyPixelsError, match="30000 per side"):
        open_image(drawn("PNG", (30_001, 2)), LIMITS)


def with_scans(count, size=(640, 640)):
    """A progressive JPEG whose last scan stands there so many times more."""
    data = drawn("JPEG", size, progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def empty_scans(count):
    """Scans of a few bytes each over a whole picture: every block is left as it is."""
    data = drawn("JPEG", (2_000, 2_000), progressive=True)
    first = data.index(b"\xff\xda")
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x05\x00" + b"\x00" * 4
    return data[:first] + data[first : data.index(b"\xff", first + 2)] + scan * count + b"\xff\xd9"


def test_a_jpeg_of_many_scans_is_refused_before_anything_is_decoded():
    data = empty_scans(20_000)
    told = in_bounds(lambda: open_image(data, LIMITS), more_bytes=100_000_000)
    assert told.startswith("InputError: picture of 2000 x 2000 pixels has 101 scans or more")


@pytest.mark.parametrize("progressive", [True, False])
def test_a_jpeg_of_usual_scans_is_read(progressive):
    data = drawn("JPEG", progressive=progressive, quality=92)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(rgb_array(open_image(data, LIMITS)), np.asarray(image))


def test_scans_inside_of_a_thumbnail_are_not_counted():
    data = drawn("JPEG")
    thumbnail = b"Exif\0\0" + b"\xff\xda\x00\x02" * 5_000
    segment = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    assert open_image(data[:2] + segment + data[2:], LIMITS).size == (64, 48)


def test_many_segments_are_refused():
    data = drawn("JPEG")
    many = data[:2] + b"\xff\xfe\x00\x02" * 2_000_000 + data[2:]
    told = in_bounds(lambda: open_image(many, LIMITS), more_bytes=100_000_000, cpu_seconds=2)
    assert told.startswith("InputError: picture has more than 2000 segments")


def test_many_segments_between_scans_are_refused():
    data = with_scans(1)
    last = data.rindex(b"\xff\xda")
    many = data[:last] + b"\xff\xfe\x00\x02" * 2_000_000 + data[last:]
    told = in_bounds(lambda: open_image(many, LIMITS), more_bytes=100_000_000, cpu_seconds=2)
    assert told.startswith("InputError: picture has more than 2000 segments")


def test_a_run_of_fill_bytes_costs_no_more_than_its_bytes():
    data = drawn("JPEG")
    filled = data[:-2] + b"\xff" * 3_000_000 + b"\x00" + data[-2:]
    assert in_bounds(lambda: open_image(filled, LIMITS).size, cpu_seconds=3)


def test_many_chunks_of_a_png_are_refused():
    data = png(8, 8, chunk(b"teSt") * 1_000_000)
    told = in_bounds(lambda: open_image(data, LIMITS), more_bytes=100_000_000, cpu_seconds=2)
    assert told.startswith("InputError: picture has more than 50000 chunks")


def test_a_long_comment_of_a_gif_is_refused():
    comment = b"!\xfe" + (b"\xff" + b"a" * 255) * 70_000 + b"\0"
    data = gif(8, 8, comment)
    told = in_bounds(lambda: open_image(data, LIMITS), more_bytes=100_000_000, cpu_seconds=2)
    assert told.startswith("InputError: picture has more than 250000 bytes before its first frame")


def test_a_gif_of_many_frames_gives_its_first():
    frames = [Image.new("RGB", (8, 8), (i, 0, 0)) for i in range(40, 80)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert rgb_array(open_image(buffer.getvalue(), LIMITS))[0, 0, 0] == 40


def test_a_bmp_of_run_lengths_is_refused():
    with pytest.raises(InputError, match="save it again"):
        open_image(bmp(4_000, 4_000, compression=1), LIMITS)


def exif_bomb(size=8_000_000):
    """A directory of 60,000 entries that all point to one value of many bytes."""
    entries = b"".join(struct.pack("<HHII", 0x8000 | i, 7, size, 0) for i in range(20_000))
    count = struct.pack("<H", 20_000)
    return b"II*\0\x08\0\0\0" + count + entries + bytes(4) + bytes(size)


def test_a_directory_whose_entries_point_to_one_large_value_costs_nothing():
    data = png(8, 8, chunk(b"eXIf", exif_bomb()))
    whole = drawn("PNG", (8, 8))
    data = whole[:33] + chunk(b"eXIf", exif_bomb()) + whole[33:]
    told = in_bounds(lambda: open_image(data, LIMITS).size, more_bytes=100_000_000, cpu_seconds=2)
    assert told == "(8, 8)"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_turns_a_picture_as_pillow_turns_it(kind, turn):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = turn
    data = drawn(kind, exif=exif.tobytes())
    with Image.open(io.BytesIO(data)) as image:
        wanted = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert np.array_equal(rgb_array(open_image(data, LIMITS)), wanted)
    stored, _ = reencode(data, LIMITS)
    assert open_image(stored, LIMITS).size == (wanted.shape[1], wanted.shape[0])


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.7\n",
        b"II*\0\x08\0\0\0",
        b"8BPS\0\x01",
        b"\0\0\x01\0\x01\0",
        b"\0\0\0\x20ftypavif",
    ],
)
def test_formats_whose_readers_start_programs_or_hold_pages_are_not_read(data, monkeypatch):
    monkeypatch.setattr("subprocess.Popen", None)
    with pytest.raises(InputError, match="not a picture of a known format"):
        open_image(data + bytes(200), LIMITS)
