"""Small pictures, and runs of the spool that end well or do not."""

import contextlib
import io
import struct
import zlib

from PIL import Image

from adverts.data.dataset.picture_spool import ImageSpool
from adverts.data.sources.pictures import SourcePicture
from adverts.inputs.pixels import ImageLimits

LIMITS = ImageLimits(max_bytes=100_000, max_pixels=10_000)


def encoded(colour=(200, 10, 0), kind="PNG", size=(4, 3), **settings):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **settings)
    return buffer.getvalue()


RED, GREEN, BLUE = (encoded(colour) for colour in ("red", "green", "blue"))


def bomb():
    """A PNG of a few bytes whose header promises 50,000 x 50,000 pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


class Describer:
    """Says the first pixel of a picture, and counts how often it was asked."""

    def __init__(self):
        self.calls = 0

    def __call__(self, image):
        self.calls += 1
        return bytes(image.getpixel((0, 0)))


class CutOffError(Exception):
    """Stands for whatever ends a run."""


def add(spool, data, name=None):
    return spool.add(SourcePicture(name, data=data), column="image")


def cut_off(dataset, *pictures, limits=LIMITS, **settings):
    """Add pictures in a run that does not end well."""
    with contextlib.suppress(CutOffError), ImageSpool(dataset, limits, **settings) as spool:
        for data in pictures:
            add(spool, data)
        raise CutOffError


def add_all(dataset, *pictures):
    """Add pictures in a run that ends well; return what stands in the spool for each."""
    with ImageSpool(dataset, LIMITS) as spool:
        return [spool.read(add(spool, data).sha256) for data in pictures]


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
