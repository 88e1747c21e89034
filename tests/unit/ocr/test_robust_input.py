"""Every kind of file that people bring, from its bytes to a result or a reason."""

import functools
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.processes.workers import EncodedImage, ReadFailure, Workers, read_images
from adverts.ocr.protocol import LineReading, OcrResult, ReaderSpec

LIMITS = ImageLimits(max_bytes=20_000_000, max_pixels=40_000_000)
RED = (200, 30, 30)


class PixelEngine:
    """Finds one line where a page is not all alike, and says size and the colour of a corner."""

    spec = ReaderSpec("pixels", "1", {}, {})
    alphabet = None

    def detect(self, image):
        height, width = image.shape[:2]
        alike = bool((image == image[0, 0]).all())
        whole = [[[0, 0], [width, 0], [width, height], [0, height]]]
        return np.array(whole[: 0 if alike else 1], np.float32).reshape(-1, 4, 2)

    def recognise(self, image, boxes):
        height, width = image.shape[:2]
        red, green, blue = (int(value) for value in image[0, 0])
        return [LineReading(f"{width}x{height} {red} {green} {blue}", 0.9, "pixels")] * len(boxes)


class Never(PixelEngine):
    def detect(self, image):
        raise AssertionError("it should have been refused before it was decoded")


def outcome_of(tmp_path, data, engine=None):
    (outcome,) = read_images(
        [EncodedImage(lambda: data)],
        reader=PageReader(engine or PixelEngine(), min_confidence=0.0),
        cache=OcrCache(tmp_path / "ocr"),
        limits=LIMITS,
        workers=Workers(0, timeout_s=60, images_per_worker=100),
    )
    return outcome


def file_of(image, kind, **settings):
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def page(mode="RGB", size=(60, 40), colour=RED):
    """A page of one colour with a black bar in its middle."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).rectangle((10, 15, 50, 25), fill="black")
    return image.convert(mode)


@functools.cache
def noisy(kind, size=(150, 100)):
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return file_of(Image.fromarray(pixels), kind)


def png(width, height, depth, pixels):
    """A PNG file of RGB pixels, written by hand: Pillow writes no 16-bit colours, and no bombs."""

    def chunk(kind, body):
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def rgb_16_bit():
    row = b"\0" + struct.pack(">3H", *(257 * value for value in RED)) * 60  # 0: no filter
    return png(60, 40, 16, row * 40)


def grey_16_bit():
    pixels = np.full((40, 60), 0x8000, np.uint16)
    pixels[15:25] = 0
    return file_of(Image.fromarray(pixels), "PNG")


def transparent_palette():
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((10, 15, 50, 25), fill=(0, 0, 0, 255))
    return file_of(image.quantize(), "PNG")


def animation(kind):
    frames = [page(), page(colour=(10, 200, 10)), page(colour=(10, 10, 200))]
    lossless = {"lossless": True} if kind == "WEBP" else {}
    return file_of(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)


def with_orientation(value, kind="JPEG"):
    block = Image.Exif()
    block[0x0112] = value
    return file_of(page(), kind, exif=block.tobytes(), quality=95)


def ycck():
    """A JPEG of four channels with Adobe's inversion, as print shops write."""
    inverted = Image.eval(page("CMYK"), lambda value: 255 - value)
    return file_of(inverted, "JPEG", quality=95)


def one_bit():
    return file_of(page(colour="white").convert("1"), "PNG")


WHITE = (255, 255, 255)
KINDS = {
    "RGB PNG": (file_of(page(), "PNG"), "60x40", RED),
    "BMP": (file_of(page(), "BMP"), "60x40", RED),
    "palette BMP": (file_of(page().quantize(), "BMP"), "60x40", RED),
    "GIF": (file_of(page(), "GIF"), "60x40", RED),
    "JPEG": (file_of(page(), "JPEG", quality=95), "60x40", RED),
    "progressive JPEG": (file_of(page(), "JPEG", quality=95, progressive=True), "60x40", RED),
    "CMYK JPEG": (file_of(page("CMYK"), "JPEG", quality=95), "60x40", RED),
    "grey JPEG": (file_of(page("L"), "JPEG", quality=95), "60x40", (81, 81, 81)),
    "16-bit grey PNG": (grey_16_bit(), "60x40", (128, 128, 128)),
    "16-bit RGB PNG": (rgb_16_bit(), "60x40", RED),
    "palette with alpha": (transparent_palette(), "60x40", WHITE),
    "alpha WebP": (file_of(page("RGBA"), "WEBP", lossless=True), "60x40", RED),
    "animated GIF": (animation("GIF"), "60x40", RED),
    "animated WebP": (animation("WEBP"), "60x40", RED),
    "animated PNG": (animation("PNG"), "60x40", RED),
    "1-bit PNG": (one_bit(), "60x40", WHITE),
    "EXIF upside down": (with_orientation(3), "60x40", RED),
    "EXIF on its side": (with_orientation(6), "40x60", RED),
    "thin": (file_of(page(size=(2, 5000)), "PNG"), "2x5000", RED),
    "low": (file_of(page(size=(5000, 2)).rotate(180), "PNG"), "5000x2", RED),
}


@pytest.mark.parametrize(("data", "size", "corner"), KINDS.values(), ids=KINDS)
def test_a_whole_file_gives_a_result_with_its_size_and_colours(tmp_path, data, size, corner):
    result = outcome_of(tmp_path, data, Corner())
    found_size, *colour = result.text.split()
    assert found_size == size
    assert np.abs(np.array(colour, int) - corner).max() <= 12


class Corner(PixelEngine):
    """Finds one line on every page."""

    def detect(self, image):
        return np.array([[[0, 0], [9, 0], [9, 2], [0, 2]]], np.float32)


PLAIN = {
    "one pixel": Image.new("RGB", (1, 1), RED),
    "all black": Image.new("RGB", (300, 200)),
    "all white": Image.new("L", (300, 200), 255),
}


@pytest.mark.parametrize("image", PLAIN.values(), ids=PLAIN)
def test_a_page_without_text_gives_a_result_without_lines(tmp_path, image):
    result = outcome_of(tmp_path, file_of(image, "PNG"))
    assert isinstance(result, OcrResult)
    assert (result.lines, result.text) == ((), "")
    assert (result.width, result.height) == image.size


@pytest.mark.parametrize("size", [(20_000, 20_000), (50_000, 50_000), (8_000, 5_001)])
def test_too_many_pixels_are_refused_without_decoding(tmp_path, size):
    outcome = outcome_of(tmp_path, png(*size, 8, b""), Never())
    assert "pixels" in outcome.reason


def test_too_many_bytes_are_refused_without_decoding(tmp_path):
    outcome = outcome_of(tmp_path, bytes(20_000_001), Never())
    assert "20000001 bytes" in outcome.reason


def colours_of_a_profile():
    """A JPEG in LAB by its profile alone is read by its stored values."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return file_of(page(), "JPEG", icc_profile=profile)


ODD = {
    "LAB profile": colours_of_a_profile(),
    "YCCK": ycck(),
    "EXIF damaged": file_of(page(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff x"),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_an_odd_file_gives_a_result(tmp_path, data):
    assert outcome_of(tmp_path, data, Corner()).text.startswith("60x40")


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "PDF"])
def test_another_format_is_named_as_the_reason(tmp_path, kind):
    assert "known format" in outcome_of(tmp_path, file_of(page("RGB"), kind)).reason


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9])
def test_a_truncated_file_is_a_failure_with_a_reason(tmp_path, kind, share):
    data = noisy(kind)
    outcome = outcome_of(tmp_path, data[: int(share * len(data))])
    assert isinstance(outcome, ReadFailure)
    assert "picture" in outcome.reason
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_a_file_with_flipped_bytes_is_a_result_or_a_failure(tmp_path, kind):
    data = noisy(kind, (40, 30))
    places = np.random.default_rng(1).integers(0, len(data), 40)
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        outcome = outcome_of(tmp_path, bytes(damaged))
        assert isinstance(outcome, OcrResult | ReadFailure)
