"""Zip archives written by hand, so that their directory may say anything of what they hold."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from fuzz.values import draw_size, size_between

_LOCAL, _ENTRY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LARGEST, _MOST_FILES = 62_000_000, 60


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as an archive holds it: its bytes, their hash and size once unpacked."""

    data: bytes
    checksum: int
    size: int


def packed(content: bytes) -> Packed:
    """Return a file, packed as well as it can be."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    return Packed(data, zlib.crc32(content), len(content))


def filler(rng: random.Random) -> bytes:
    """Return the content of a file that packs well, more or less so."""
    size = max(1, draw_size(rng, _LARGEST))
    block, ratio = rng.randbytes(500), size_between(rng, 1, 1_000)
    blocks = (rng.randbytes(500) + bytes(500 * ratio) for _ in range(size // len(block) // ratio))
    return b"".join(blocks)[:size] or block


def number_of_files(rng: random.Random) -> int:
    """Return how many files join those of a bundle."""
    return 1 + draw_size(rng, _MOST_FILES - 10)


def write_archive(rng: random.Random, path: Path, files: dict[str, Packed]) -> str:
    """Write an archive of these files; return in which way it lies, empty where it does not."""
    lie = rng.choice(("", "", "directory", "directory", "heads", "both"))
    share = rng.choice((0.1, 0.5, 1.0))
    names = {name for name in files if name.startswith("more") and rng.random() < share}
    field, factor = rng.choice(("packed", "packed", "plain", "both")), 2 ** rng.uniform(-8, 8)
    body, directory = bytearray(), bytearray()
    for name, one in files.items():
        honest = {"packed": len(one.data), "plain": one.size}
        told = {
            key: min(2**32 - 1, int(size * factor) + 1) if field in (key, "both") else size
            for key, size in honest.items()
        }
        told = told if name in names else honest
        at = len(body)
        body += _LOCAL + _facts(name, one, told if lie in ("heads", "both") else honest)
        body += name.encode() + one.data
        said = told if lie in ("directory", "both") else honest
        directory += _ENTRY + b"\x14\0" + _facts(name, one, said)
        directory += struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    path.write_bytes(body + directory + _END + end)
    return lie


def _facts(name: str, one: Packed, told: dict[str, int]) -> bytes:
    """Return what the head and the directory say alike of a file."""
    sizes = (one.checksum, told["packed"], told["plain"], len(name.encode()), 0)
    return struct.pack("<HHHHHIIIHH", 20, 0, zlib.DEFLATED, 0, 33, *sizes)
