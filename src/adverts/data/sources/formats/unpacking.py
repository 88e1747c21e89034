"""Unpacks compressed files as streams in bounded memory, and says where one is cut off.

gzip, bzip2 and xz are unpacked by the standard library, which is always there; its ready-made files
are not used, since they take any size of dictionary that an xz file asks for. Zstandard is unpacked
by pyarrow, which Parquet needs anyway; it takes frames of at most 128 MB of window.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, Protocol, cast

from adverts.files.bounded_reading import Openable

_XZ_MEMORY_BYTES = 200_000_000
_BLOCK_BYTES, _BUFFER_BYTES = 65_536, 262_144
_GZIP = 31  # what zlib calls the format
_BROKEN = (zlib.error, lzma.LZMAError, OSError, ValueError)


class UnpackError(EOFError):
    """Raised where a compressed file or an archive ends too early or is damaged.

    Attributes:
        advice: What to do about it.
    """

    def __init__(self, reason: str, advice: str = "fetch it again") -> None:
        """Say what is wrong, as the rest of a sentence that begins with the name of the file."""
        super().__init__(reason)
        self.advice = advice


def without_packing(name: str) -> str:
    """Return a file's name without the suffix of its compression, such as ``.gz``."""
    return str(PurePosixPath(name).with_suffix("")) if is_packed(name) else name


def is_packed(name: str) -> bool:
    """Return whether the suffix of a name says that the file is compressed."""
    return PurePosixPath(name).suffix.lower() in _STREAMS


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A compressed file, which opens as the stream of its content.

    Attributes:
        file: The file as it is stored.
        name: Its name, whose suffix says how it is compressed.
    """

    file: Openable
    name: str

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Return the unpacked bytes as a stream that is only read forward.

        Reading it raises ``UnpackError`` where the file is cut off or damaged.
        """
        raw = _STREAMS[PurePosixPath(self.name).suffix.lower()](self.file.open(mode))
        return io.BufferedReader(raw, _BUFFER_BYTES)

    def __str__(self) -> str:
        return str(self.file)


class _Decompressor(Protocol):
    """The common part of the decompressors of the standard library."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """The decompressor of zlib, with the attributes of the others."""

    def __init__(self) -> None:
        self._one, self._left = zlib.decompressobj(_GZIP), b""

    @property
    def eof(self) -> bool:
        return self._one.eof

    @property
    def needs_input(self) -> bool:
        return not self._left

    @property
    def unused_data(self) -> bytes:
        return self._one.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        unpacked = self._one.decompress(self._left + data, max_length)
        self._left = self._one.unconsumed_tail
        return unpacked


class _Raw(io.RawIOBase):
    """A stream of unpacked bytes, whose faults become ``UnpackError``."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self._unpacked(len(buffer))
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # an error of the disk, not of the file
            if "Truncated" in str(error):
                raise UnpackError("is cut off") from None
            raise UnpackError("is damaged or not what the end of its name says") from None
        buffer[: len(data)] = data
        return len(data)

    def _unpacked(self, most: int) -> bytes:
        """Return up to ``most`` bytes of the content; nothing at the end."""
        raise NotImplementedError


class _Streams(_Raw):
    """The content of one or more compressed streams, one after the other."""

    def __init__(self, stream: BinaryIO, new: Callable[[], _Decompressor]) -> None:
        super().__init__(stream)
        self._new, self._one, self._held = new, new(), b""

    def _unpacked(self, most: int) -> bytes:
        while True:
            if self._one.eof and not self._begin_next():
                return b""
            wants = self._one.needs_input
            packed = self._packed() if wants else b""
            if data := self._one.decompress(packed, most):
                return data
            if wants and not packed and not self._one.eof:
                raise UnpackError("is cut off")

    def _packed(self) -> bytes:
        data, self._held = self._held, b""
        return data or self._stream.read(_BLOCK_BYTES)

    def _begin_next(self) -> bool:
        """Begin the next stream of the file, and return whether there is one."""
        rest = self._one.unused_data.lstrip(b"\0")  # a file may end in zeros
        while not rest:
            block = self._packed()
            if not block:
                return False
            rest = block.lstrip(b"\0")
        self._one, self._held = self._new(), rest
        return True


class _Zstandard(_Raw):
    """The content of a file of one or more frames."""

    def __init__(self, stream: BinaryIO) -> None:
        import pyarrow as pa

        super().__init__(stream)
        self._frames = pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd")

    def _unpacked(self, most: int) -> bytes:
        return cast(bytes, self._frames.read(most))


_STREAMS: dict[str, Callable[[BinaryIO], io.RawIOBase]] = {
    ".gz": lambda stream: _Streams(stream, _Gzip),
    ".tgz": lambda stream: _Streams(stream, _Gzip),
    ".bz2": lambda stream: _Streams(stream, bz2.BZ2Decompressor),
    ".xz": lambda stream: _Streams(
        stream, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
    ),
    ".zst": _Zstandard,
}
