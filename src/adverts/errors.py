"""Errors of the package with their exit statuses, and safe printing of untrusted text."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_SHOWN, _MOST_SAID = 4_000, 100_000
"""Most characters of one error message, and most characters of one print."""
_SILENT: ContextVar[bool] = ContextVar("adverts_silent", default=False)
_EXTRAS = {
    "cv2": "ocr",
    "rapidocr": "ocr",
    "tesserocr": "ocr",
    "easyocr": "easyocr",
    "easyocr_en_models": "easyocr",
    "optuna": "tune",
    **dict.fromkeys(("duckdb", "splink", "graspologic_native", "stix2", "pymisp"), "findings"),
}
_SYSTEM_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and start again",
    errno.EDQUOT: "the disk quota is used up; free some space and start again",
    errno.EEXIST: "something exists there already; choose another place or move it",
    errno.ENOTDIR: "a file is where a folder should be; choose another place or move it",
    errno.EACCES: "access is denied; choose another place or change its permissions",
    errno.EPERM: "this is not permitted; choose another place or change its permissions",
    errno.EROFS: "the disk can only be read; choose another place",
}
_LAYOUT = frozenset("\n\t\u200c\u200d")  # the spelling of Persian and of emoji needs the last two


class AdvertsError(Exception):
    """Base of every error that a user can repair; it is shown as a message without a traceback.

    The message may quote untrusted text, so it is kept short and its control characters escaped.
    """

    exit_status = 2

    def __init__(self, message: object = "") -> None:
        super().__init__(shown(str(message)))


class InputError(AdvertsError, ValueError):
    """Wrong usage, configuration or input: the message says what was found and what is wanted."""


class MissingExtraError(AdvertsError, ImportError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f'{package} is not installed; run: pip install "adverts[{extra}]"')


def missing_extra(module: str) -> MissingExtraError:
    """Return the error that names the extra of a module that is not installed."""
    root = module.partition(".")[0]
    return MissingExtraError(root, _EXTRAS.get(root, "train"))


def system_message(error: OSError) -> str:
    """Return what an error of the operating system means, and what to do about it."""
    where = f"{error.filename}: " if error.filename else ""
    reason = _SYSTEM_ADVICE.get(error.errno or 0, error.strerror or str(error))
    return f"{where}{reason}"


class IntegrityError(AdvertsError, RuntimeError):
    """Stored bytes are not the bytes that were recorded: a hash, a schema or a version differs.

    The message may quote untrusted text, so it is kept to one printable line.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class ParityError(AdvertsError, RuntimeError):
    """An exported model does not compute what its checkpoint computes; the bundle is refused."""

    exit_status = 1


class AuditFailedError(AdvertsError, RuntimeError):
    """A dataset does not meet a condition of its audit; the report is kept and says why."""

    exit_status = 1


class GateFailedError(AdvertsError, RuntimeError):
    """A model does not meet a condition of its gate; report and record are kept and say why."""

    exit_status = 1


class DriftError(AdvertsError, RuntimeError):
    """Adverts differ from those that their model was judged on; their scores are kept."""

    exit_status = 1


class CannotJudgeError(AdvertsError, RuntimeError):
    """There is too little evidence to say pass or fail."""

    exit_status = 3


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text that is safe to show in a terminal, with control characters escaped.

    Line breaks, tabs and spaces stay. A text of more than ``most`` characters is cut, and the
    number of characters left out is added.
    """
    kept = text[:most]
    if not kept.isprintable():
        kept = "".join(map(_visible, kept))
    more = len(text) - most
    return kept if more <= 0 else f"{kept} … ({more:,} characters more)"


@contextmanager
def silence() -> Iterator[None]:
    """Let nothing be said in the block, in this thread: neither lines nor progress."""
    before = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(before)


def is_silent() -> bool:
    """Return whether this thread is in a block of :func:`silence`."""
    return _SILENT.get()


def say(*texts: object, error: bool = False) -> None:
    """Print texts separated by spaces, with control and direction characters escaped, and flush.

    Nothing is printed in a block of :func:`silence`.

    Args:
        texts: What a person is to read; may quote untrusted text.
        error: Whether to print to standard error instead of standard output.
    """
    if is_silent():
        return
    text = shown(" ".join(map(str, texts)), _MOST_SAID)
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def flush_output() -> None:
    """Flush standard output.

    Raises:
        OSError: Its reader has gone, or there is no room. Later output is then discarded, since
            Python would otherwise fail again when it exits.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def printable(text: str) -> str:
    """Return a text as one short line, with every character that moves or hides replaced by ``?``.

    Spaces of any width and the joiners of Persian stay.
    """
    kept = shown(text, MOST_SHOWN) if len(text) > MOST_SHOWN else text
    return "".join(one if one not in "\n\t" and _visible(one) == one else "?" for one in kept)


def _visible(letter: str) -> str:
    if letter.isprintable() or letter in _LAYOUT or unicodedata.category(letter) == "Zs":
        return letter
    return letter.encode("unicode_escape").decode()


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or the name of its class if it is empty."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def plural(count: int, noun: str) -> str:
    """Return a count and its noun, with an ``s`` added unless the count is 1."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
