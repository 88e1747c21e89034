"""What can go wrong, by who must act, with the exit status of its kind; and how it is printed."""

from __future__ import annotations

import os
import sys
import unicodedata

MOST_SHOWN, _MOST_SAID = 4_000, 100_000
"""Characters of one message, since who is to mend something reads no more; and of one print."""
_LAYOUT = frozenset("\n\t\u200c\u200d")  # the last two are spelling in Persian and in emoji


class AdvertsError(Exception):
    """Base of every error that a person can mend: one clear line, no traceback.

    What strangers wrote may stand in the message, so it is kept short and moves no cursor.
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


class IntegrityError(AdvertsError, RuntimeError):
    """Stored bytes are not the bytes that were recorded: a hash, a schema or a version differs.

    What strangers wrote may stand in the message, so it is kept to one printable line.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class ParityError(AdvertsError, RuntimeError):
    """An exported model does not compute what its checkpoint computes; the bundle is refused."""

    exit_status = 1


class AuditFailedError(AdvertsError, RuntimeError):
    """A dataset does not meet a condition of its audit; the report stands and says why."""

    exit_status = 1


class GateFailedError(AdvertsError, RuntimeError):
    """A model does not meet a condition of its gate; report and record stand and say why."""

    exit_status = 1


class CannotJudgeError(AdvertsError, RuntimeError):
    """There is too little evidence to say pass or fail."""

    exit_status = 3


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text as a terminal may show it: what moves a cursor, a colour or a line is spelt.

    Line breaks, tabs and spaces stay. Of a longer text the end is left out, and counted.
    """
    kept = text[:most]
    if not kept.isprintable():
        kept = "".join(map(_visible, kept))
    more = len(text) - most
    return kept if more <= 0 else f"{kept} … ({more:,} characters more)"


def say(*texts: object, error: bool = False) -> None:
    """Print texts, by spaces, at once; control characters and overrides of direction are spelt.

    Args:
        texts: What a person is to read; may quote what strangers wrote.
        error: To standard error instead of standard output.
    """
    text = shown(" ".join(map(str, texts)), _MOST_SAID)
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


def flush_output() -> None:
    """Write what standard output still holds.

    Raises:
        OSError: Nobody reads it, or there is no room. What it holds goes nowhere from then on:
            Python would fail on it once more at its very end.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def printable(text: str) -> str:
    """Return one line of a text in which nothing moves a cursor or a colour, and not too much."""
    kept = shown(text, MOST_SHOWN) if len(text) > MOST_SHOWN else text
    return "".join(one if one.isprintable() else "?" for one in kept)


def _visible(letter: str) -> str:
    if letter.isprintable() or letter in _LAYOUT or unicodedata.category(letter) == "Zs":
        return letter
    return letter.encode("unicode_escape").decode()


def first_line(error: BaseException) -> str:
    """Return the first line of what an error of others says; its kind where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def plural(count: int, noun: str) -> str:
    """Return a count and its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
