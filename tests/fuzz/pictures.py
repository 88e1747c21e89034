"""Pictures: sizes at the edges, parts that repeat, bytes that flip."""

from __future__ import annotations

import io
import math
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from fuzz.measured import Case, Draw
from fuzz.values import draw_size, size_between

SECONDS = 2.0
_MOST_BYTES = 4_000_000
_MOST_PIXELS = 50_000_000
_PIXEL_SECONDS = 8e-8
"""What two decodings and two conversions of a PNG of 36 million pixels took, of each."""
_HEADER_BYTES = 24


def _kind(change: Callable[[random.Random], tuple[str, bytes]]) -> Draw:
    """Return a draw of pictures that are hostile in one way, as a service meets them."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del folder, number
        family, data = change(rng)

        def run() -> Sequence[str]:
            from adverts.inputs.pixels import (
                ImageLimits,
                open_image,
                reencode,
                rgb_array,
                tower_pixels,
            )

            limits = ImageLimits(max_bytes=20_000_000, max_pixels=_MOST_PIXELS)
            image = open_image(data, limits)
            rgb_array(image)
            tower_pixels(image, 224)
            reencode(data, limits)
            return []

        return Case("pictures", family, len(data), _seconds(data), run)

    return draw


def _seconds(data: bytes) -> float:
    """Return the bound of a picture: a legal one costs by its pixels, which its bytes hide."""
    is_png = data.startswith(b"\x89PNG") and len(data) >= _HEADER_BYTES
    pixels = math.prod(struct.unpack_from(">II", data, 16)) if is_png else 0
    return SECONDS + (_PIXEL_SECONDS * pixels if pixels <= _MOST_PIXELS else 0)


def _plain(rng: random.Random) -> tuple[str, bytes]:
    """Return an ordinary picture and its format, one in two large and even."""
    kind = rng.choice(("PNG", "PNG", "JPEG", "JPEG", "GIF", "WEBP", "BMP"))
    width, height = rng.randint(1, 40), rng.randint(1, 40)
    is_large = rng.random() < 0.5
    if is_large:
        width = size_between(rng, 40, 3_000)
        height = min(size_between(rng, 40, 3_000), 4_000_000 // width)
    mode = rng.choice(("RGB", "L", "P", "RGBA", "CMYK"))
    if kind != "PNG" or mode == "CMYK":
        mode = "RGB" if mode in ("RGBA", "P", "CMYK") else mode
        mode = "CMYK" if kind == "JPEG" and rng.random() < 0.1 else mode
    points = bytes(width * height) if is_large else rng.randbytes(width * height)
    image = Image.frombytes("L", (width, height), points).convert("RGB").convert(mode)
    buffer = io.BytesIO()
    options: dict[str, object] = {}
    if kind == "JPEG":
        options = {"progressive": rng.random() < 0.6, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}
    if kind in ("GIF", "WEBP", "PNG") and rng.random() < 0.3:
        options = {"save_all": True, "append_images": [image.rotate(90)] * rng.randint(1, 4)}
    image.save(buffer, kind, **options)
    return kind, buffer.getvalue()


def _sized(rng: random.Random) -> tuple[str, bytes]:
    """Put a number at the edge into the header."""
    kind, data = _plain(rng)
    place = rng.randrange(4, min(len(data) - 4, 64))
    if kind == "PNG":
        place = rng.choice((16, 20))
    form = rng.choice((">I", "<I", ">H", "<H"))
    form = ">I" if kind == "PNG" else form
    most = 2**31 - 1 if form[1] == "I" else 2**16 - 1
    number = struct.pack(form, size_between(rng, 1, most))
    changed = data[:place] + number + data[place + len(number) :]
    return f"{kind}, sizes", _with_checksums(changed) if kind == "PNG" else changed


def _hollow_png(rng: random.Random) -> tuple[str, bytes]:
    """Return a small PNG of large sides, whole: zeros pack a thousand to one."""
    sides = [1, draw_size(rng, 6e7)]
    if rng.random() < 0.5:
        sides = [size_between(rng, 1, 8e3), size_between(rng, 1, 8e3)]
    rng.shuffle(sides)
    width, height = sides
    depth, colour, samples = rng.choice(((8, 0, 1), (8, 2, 3), (8, 6, 4), (1, 0, 1), (16, 6, 8)))
    row = 1 + (width * samples * (1 if depth == 1 else 8) + 7) // 8
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, rng.randrange(2))
    packer, body = zlib.compressobj(9), []
    left = row * height
    if left > 400_000_000 or rng.random() < 0.3:
        left = 1_000
    while left > 0:
        body.append(packer.compress(bytes(min(left, 1_000_000))))
        left -= 1_000_000
    packed = b"".join(body) + packer.flush()
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    return "PNG, sized whole", b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def _with_checksums(data: bytes) -> bytes:
    found, place = [data[:8]], 8
    while place + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        found.append(_chunk(name, data[place + 8 : place + 8 + size]))
        place += 12 + size
    return b"".join(found)


def _repeated(rng: random.Random) -> tuple[str, bytes]:
    """Repeat a part of the format, or a few that follow one another."""
    kind, data = _plain(rng)
    parts = _parts(data, kind)
    at = rng.randrange(1, max(2, len(parts) - 1))
    at = min(at, len(parts) - 1)
    end = min(at + rng.choice((1, 1, 1, 2, 4)), max(at + 1, len(parts) - 1))
    many = b"".join(parts[at:end])
    times = 2 + draw_size(rng, max(2, _MOST_BYTES / max(1, len(many))))
    return f"{kind}, repeated parts", b"".join([*parts[:at], many * times, *parts[end:]])


def _parts(data: bytes, kind: str) -> list[bytes]:
    """Cut a file where its format does."""
    places = [0]
    if kind == "JPEG":
        places += [
            place
            for place in range(2, len(data) - 1)
            if data[place] == 0xFF and data[place + 1] not in (0, 0xFF) and data[place + 1] >= 0xC0
        ]
    elif kind == "PNG":
        place = 8
        while place + 8 <= len(data):
            places.append(place)
            place += 12 + struct.unpack_from(">I", data, place)[0]
    elif kind == "WEBP":
        places.append(12)
    elif kind == "GIF":
        places += [place for place in range(13, len(data)) if data[place] in b"\x21\x2c"]
    else:
        places += [14, 54]
    cuts = sorted({place for place in places if place < len(data)}) + [len(data)]
    return [data[one:other] for one, other in zip(cuts, cuts[1:], strict=False)]


def _flipped(rng: random.Random) -> tuple[str, bytes]:
    kind, data = _plain(rng)
    changed = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    kept = rng.randint(1, len(changed)) if rng.random() < 0.2 else len(changed)
    return f"{kind}, flips", bytes(changed[:kept])


KINDS = {
    "sizes": _kind(_sized),
    "hollow": _kind(_hollow_png),
    "repeated": _kind(_repeated),
    "flips": _kind(_flipped),
}
