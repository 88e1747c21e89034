"""Whatever bytes come as a picture, what comes out is a picture or a named error."""

import io
import struct
import warnings
import zlib
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from adverts.errors import InputError
from adverts.inputs.pixels import FORMATS, ImageLimits, open_image, reencode
from adverts.runtime import Classifier

pytestmark = pytest.mark.promise

LIMITS = ImageLimits(100_000, 100_000)
FIXTURE = HealthCheck.function_scoped_fixture
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[FIXTURE])
MANY = settings(max_examples=4_000, deadline=None, suppress_health_check=[FIXTURE])
KINDS = ["PNG", "PNG palette", "PNG 16 bit", "JPEG", "JPEG CMYK", "GIF", "WEBP", "BMP"]


@cache
def picture(kind):
    """A small picture of a kind, with metadata where the kind has any."""
    name, _, mode = kind.partition(" ")
    image = Image.linear_gradient("L").resize((24, 16)).convert("RGB")
    image = {
        "palette": lambda: image.quantize(7),
        "16 bit": lambda: image.convert("L").convert("I;16"),
        "CMYK": lambda: image.convert("CMYK"),
    }.get(mode, lambda: image)()
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    more = {} if name in {"GIF", "BMP"} else {"exif": exif}
    if name == "GIF":
        more = {"save_all": True, "append_images": [image.rotate(90)]}
    image.save(buffer, name, **more)
    return buffer.getvalue()


@st.composite
def damaged(draw):
    data = bytearray(picture(draw(st.sampled_from(KINDS))))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(min(len(data), 90) - 1, 0)) | st.integers(0, 5_000))
        place = min(place, max(len(data) - 1, 0))
        match draw(st.sampled_from(["flip", "cut", "insert", "end"])):
            case "flip" if data:
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place : place + draw(st.integers(1, 40))]
            case "end":
                del data[place + 1 :]
            case _:
                data[place:place] = draw(st.binary(max_size=9))
    return repaired(bytes(data)) if draw(st.booleans()) else bytes(data)


def repaired(data):
    """Give the chunks of a PNG file right checksums, so that decoders look inside."""
    if not data.startswith(b"\x89PNG"):
        return data
    out, place = bytearray(data[:8]), 8
    while place + 12 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        body = data[place + 4 : place + 8 + size]
        out += data[place : place + 4] + body + struct.pack(">I", zlib.crc32(body))
        place += size + 12
    return bytes(out)


def only_named_errors(data):
    for read in (open_image, lambda *given: reencode(*given)[1]):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", ResourceWarning)
                image = read(data, LIMITS)
        except InputError as error:
            told = str(error)
            assert len(told.splitlines()) == 1, "one line"
            assert len(told) < 300, "no flood"
        else:
            assert image.mode == "RGB"
            assert image.width * image.height <= LIMITS.max_pixels


@QUICK
@given(damaged())
def test_a_damaged_picture_is_a_picture_or_a_named_error(data):
    only_named_errors(data)


@pytest.mark.slow
@MANY
@given(damaged())
def test_many_damaged_pictures_are_pictures_or_named_errors(data):
    only_named_errors(data)


@QUICK
@given(st.binary(max_size=300), st.sampled_from(KINDS), st.integers(2, 30))
def test_any_bytes_behind_the_start_of_a_picture_are_a_named_error(data, kind, start):
    only_named_errors(data)
    only_named_errors(picture(kind)[:start] + data)


@pytest.mark.parametrize("kind", KINDS)
def test_every_cut_of_a_picture_is_a_picture_or_a_named_error(kind):
    data = picture(kind)
    assert kind.split()[0] in FORMATS
    for size in range(0, len(data), max(1, len(data) // 40)):
        only_named_errors(data[:size])


def bomb(width, height):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(1_000, 1_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_before_they_are_decoded(size):
    with pytest.raises(InputError, match="pixels"):
        open_image(bomb(*size), LIMITS)


def test_a_bomb_in_the_text_of_a_picture_is_a_named_error():
    data = picture("PNG")
    body = b"zTXtnote\0\0" + zlib.compress(bytes(5_000_000), 9)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    large = ImageLimits(10_000_000, 100_000)
    with pytest.raises(InputError, match="picture"):
        open_image(data[:33] + chunk + data[33:], large)


@QUICK
@given(good=st.sampled_from(KINDS), bad=damaged() | st.binary(max_size=50))
def test_a_damaged_picture_spoils_no_other_advert_of_its_batch(handmade, good, bad):
    classifier = load_once(handmade.folder)
    alone = classifier.predict(images=[picture(good)], ocr=[""])
    together = classifier.predict(images=[bad, picture(good)], ocr=["", ""])
    assert len(together) == 2
    assert together[1].probabilities == alone[0].probabilities
    assert together[0].error is not None or together[0].probabilities


@cache
def load_once(folder):
    return Classifier.load(folder, threads=1)
