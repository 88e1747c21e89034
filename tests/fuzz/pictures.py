"""Pictures: sizes at the edges, parts that repeat, bytes that flip."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from fuzz.measured import Case
from fuzz.values import size_between

SECONDS = 2.0
_MOST_BYTES = 4_000_000


def draw(rng: random.Random, folder: Path) -> Case:
    """Return a picture as ``prepare`` and a service meet it."""
    del folder
    kind = rng.choice(("PNG", "PNG", "JPEG", "JPEG", "GIF", "WEBP", "BMP"))
    data = _plain(rng, kind)
    family = rng.choice(
        ("sizes", "sizes", "sized whole", "repeated parts", "repeated parts", "flips")
    )
    match family:
        case "sizes":
            data = _sized(rng, data, kind)
        case "sized whole":
            kind, data = "PNG", _hollow_png(rng)
        case "repeated parts":
            data = _repeated(rng, data, kind)
        case _:
            data = _flipped(rng, data)

    def run() -> Sequence[str]:
        from adverts.inputs.pixels import ImageLimits, open_image, reencode, rgb_array, tower_pixels

        limits = ImageLimits(max_bytes=20_000_000, max_pixels=50_000_000)
        image = open_image(data, limits)
        rgb_array(image)
        tower_pixels(image, 224)
        reencode(data, limits)
        return []

    return Case("pictures", f"{kind}, {family}", len(data), SECONDS, run)


def _plain(rng: random.Random, kind: str) -> bytes:
    width, height = rng.randint(1, 40), rng.randint(1, 40)
    mode = rng.choice(("RGB", "L", "P", "RGBA", "CMYK"))
    if kind != "PNG" or mode == "CMYK":
        mode = "RGB" if mode in ("RGBA", "P", "CMYK") else mode
        mode = "CMYK" if kind == "JPEG" and rng.random() < 0.1 else mode
    image = Image.frombytes("L", (width, height), rng.randbytes(width * height))
    image = image.convert("RGB").convert(mode)
    buffer = io.BytesIO()
    options: dict[str, object] = {}
    if kind == "JPEG":
        options = {"progressive": rng.random() < 0.6, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}
    if kind in ("GIF", "WEBP", "PNG") and rng.random() < 0.3:
        options = {"save_all": True, "append_images": [image.rotate(90)] * rng.randint(1, 4)}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _sized(rng: random.Random, data: bytes, kind: str) -> bytes:
    """Put a number at the edge into the header."""
    place = rng.randrange(4, min(len(data) - 4, 64))
    if kind == "PNG":
        place = rng.choice((16, 20))
    form = rng.choice((">I", "<I", ">H", "<H"))
    form = ">I" if kind == "PNG" else form
    most = 2**31 - 1 if form[1] == "I" else 2**16 - 1
    number = struct.pack(form, size_between(rng, 1, most))
    changed = data[:place] + number + data[place + len(number) :]
    return _with_checksums(changed) if kind == "PNG" else changed


def _hollow_png(rng: random.Random) -> bytes:
    """Return a small PNG of large sides, whole: zeros pack a thousand to one."""
    sides = [1, size_between(rng, 1, 6e7)]
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
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


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


def _repeated(rng: random.Random, data: bytes, kind: str) -> bytes:
    parts = _parts(data, kind)
    at = rng.randrange(1, max(2, len(parts) - 1))
    at = min(at, len(parts) - 1)
    times = size_between(rng, 2, max(3, _MOST_BYTES / max(1, len(parts[at]))))
    return b"".join([*parts[:at], parts[at] * times, *parts[at + 1 :]])


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


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed[: rng.randint(1, len(changed))] if rng.random() < 0.2 else changed)
