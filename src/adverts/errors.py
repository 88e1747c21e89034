"""What can go wrong, by who must act; each class carries the exit status of its kind."""

from __future__ import annotations


class AdvertsError(Exception):
    """Base of every error that a person can mend: one clear line, no traceback."""

    exit_status = 2


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


def printable(text: str) -> str:
    """Return one line of a text in which nothing moves a cursor or a colour."""
    return "".join(one if one.isprintable() else "?" for one in text)


def first_line(error: BaseException) -> str:
    """Return the first line of what an error of others says; its kind where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
