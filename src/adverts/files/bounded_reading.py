"""Read files that others may have written: plain files alone, in bounded memory and depth."""

from __future__ import annotations

import json
import math
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal, NoReturn, Protocol

from adverts.errors import InputError, printable

MAX_VALUES = 200_000
"""Most values of one JSON text; each takes up to 250 bytes once it is read."""
MAX_DEPTH = 64
MAX_BYTES, MAX_FILE_VALUES = 256_000_000, 5_000_000
"""Most bytes and values of a JSON file of this package, unless its reader says otherwise."""
_SEPARATORS = ",:[{"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_HANDED_OVER = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")
"""Paths of what the shell opened for this process, such as ``<(command)``: pipes are read there."""
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
}


class Openable(Protocol):
    """Something whose bytes can be read, such as a path; its text names it in messages."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Return the bytes as a stream at its beginning."""


class Lines(Protocol):
    """Something that gives lines of bytes, such as a stream."""

    def readline(self, limit: int, /) -> bytes:
        """Return the next line, or the first ``limit`` bytes of it; nothing at the end."""


def bounded_lines(stream: Lines, *, most: int, length: int | None = None) -> Iterator[bytes | None]:
    """Yield the lines of a stream; a line of more than ``most`` bytes is skipped, giving None.

    Args:
        stream: The stream.
        most: Largest size of a line in bytes, without its end.
        length: Number of bytes to read; None reads to the end.
    """
    left = sys.maxsize if length is None else length
    while line := stream.readline(most + 1 if left > most else left):
        left -= len(line)
        if len(line) <= most or line.endswith(b"\n"):
            yield line
            continue
        while rest := stream.readline(min(most, left)):
            left -= len(rest)
            if rest.endswith(b"\n"):
                break
        yield None


def open_file(path: Path) -> BinaryIO:
    """Open a file to read its bytes, without waiting for anything.

    A pipe that the shell handed over, such as ``<(command)``, is read like a file.

    Raises:
        InputError: It is a named pipe, a device, a socket or a folder.
        OSError: It cannot be opened.
    """
    return os.fdopen(open_plain(path), "rb")


def open_plain(
    path: Path | str, flags: int = 0, *, folder: int | None = None, shown: str = ""
) -> int:
    """Return a descriptor of a file, without waiting for anything; see :func:`open_file`.

    Args:
        path: The file.
        flags: Flags of ``os.open`` beside those for reading.
        folder: Descriptor of the folder in which the file is.
        shown: Its name in messages, if ``path`` is not it.

    Raises:
        InputError: It is no file.
        OSError: It cannot be opened.
    """
    flags |= os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    name, follow = shown or path, not flags & os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600, dir_fd=folder)
    except OSError:
        with suppress(OSError):  # a socket or a link cannot be opened: say what it is
            refuse_special(os.stat(path, dir_fd=folder, follow_symlinks=follow), name)
        raise
    try:
        refuse_special(os.fstat(descriptor), name)
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def refuse_special(found: os.stat_result, path: Path | str) -> None:
    """Refuse what is no file, such as a named pipe, which would be waited for.

    Raises:
        InputError: It is none; the message says what it is.
    """
    kind = stat.S_IFMT(found.st_mode)
    handed_over = kind == stat.S_IFIFO and str(path).startswith(_HANDED_OVER)
    if kind != stat.S_IFREG and not handed_over:
        raise InputError(
            f"{printable(str(path))} is {_KINDS.get(kind, 'something else')}, not a file; put a "
            "file there, or give the path of one"
        )


def read_bounded(path: Path, *, most: int) -> bytes:
    """Return all bytes of a file.

    Raises:
        InputError: The file has more than ``most`` bytes, or is no file, see :func:`open_file`.
        OSError: The file cannot be read.
    """
    with open_file(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(f"{path} has more than {most:,} bytes; split it into smaller files")
    return data


def read_json(
    path: Path, *, most: int = MAX_BYTES, max_values: int = MAX_FILE_VALUES, finite: bool = True
) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a JSON file holds, see :func:`parse_json`.

    Raises:
        InputError: The file has more than ``most`` bytes, is no file, or holds no such JSON.
        OSError: The file cannot be read.
    """
    data = read_bounded(path, most=most)
    try:
        return parse_json(data, max_values=max_values, finite=finite)
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}); bring it back as it was") from None


def parse_json(data: str | bytes, *, max_values: int = MAX_VALUES, finite: bool = True) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a JSON text that has only one possible meaning.

    The memory that it takes is bounded before it is read: no text holds more values than it has
    separators.

    Args:
        data: JSON text, in UTF-8 if it is bytes.
        max_values: Most values that it may hold; commas and colons inside texts count too.
        finite: Whether a number that is not finite is refused, such as NaN.

    Raises:
        ValueError: The text is not JSON in UTF-8, holds too many values, or is nested deeper than
            :data:`MAX_DEPTH`; or an object has a key twice, a number is not finite, or a text holds
            half a character (a lone surrogate), which cannot be written again.
    """
    text = data.decode("utf-8") if isinstance(data, bytes) else data
    found = sum(map(text.count, _SEPARATORS))
    if found > max_values:
        raise ValueError(f"it contains up to {found} values, wanted at most {max_values}")
    try:
        value: object = json.loads(
            text,
            parse_constant=_refuse_constant if finite else None,
            parse_float=_finite if finite else None,
            object_pairs_hook=_each_once,
        )
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels") from None
    _require_shallow(value)
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _require_shallow(value: object) -> None:
    level: list[list[object] | dict[str, object]]
    level = [value] if isinstance(value, list | dict) else []
    for _ in range(MAX_DEPTH):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for part in inner for one in part if isinstance(one, list | dict)]
    if level:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"it has the key {key[:60]!r} twice in one object")
            seen.add(key)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"it contains {name[:60]}; every number must be finite")
