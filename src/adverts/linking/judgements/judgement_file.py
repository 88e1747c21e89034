"""The file of judgements: append-only, one JSON line each, kept through a kill."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

from adverts.errors import InputError, IntegrityError
from adverts.linking.judgements.judgements import LATER_FIELDS, SCHEMA_VERSION, Judgement
from adverts.record_lines import append_lines, read_lines


def read_judgements(path: Path) -> tuple[Judgement, ...]:
    """Return the judgements of a file in the order of its lines; none where there is no file yet.

    What is left of a line whose writer was killed is no judgement.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: A line was damaged; the message names it.
    """
    try:
        lines = read_lines(Judgement, path, SCHEMA_VERSION, may_lack=LATER_FIELDS)
        return _checked(path, lines)
    except OSError as error:
        raise InputError(f"{path}: the judgements cannot be read ({error.strerror})") from error


def append_judgements(
    path: Path, new: Callable[[Sequence[Judgement]], Sequence[Judgement]]
) -> tuple[Judgement, ...]:
    """Append judgements and return them; they are on disk on return.

    The file is created for its owner alone, and several processes may append to it. A judgement
    that the file holds already is not appended again.

    Args:
        path: The file.
        new: Returns the judgements to append, given those that are there; no other process appends
            any meanwhile. If it raises an error, nothing is appended.

    Raises:
        InputError: The file cannot be written.
        IntegrityError: A line of it was damaged; the message names it.
    """
    added: list[Judgement] = []

    def unknown(known: Sequence[Judgement]) -> list[Judgement]:
        seen = {one.id for one in known}
        added.extend(
            {one.id: one for one in new(_checked(path, known)) if one.id not in seen}.values()
        )
        return added

    try:
        append_lines(Judgement, path, SCHEMA_VERSION, new=unknown, may_lack=LATER_FIELDS)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(
            f"{path}: the judgements cannot be written ({why}); nothing is lost: free the path or "
            "give another one, and read the same file again"
        ) from error
    return tuple(added)


def require_utc(at: str) -> None:
    """Refuse a time that cannot be compared with others as text.

    Raises:
        ValueError: It is not ISO 8601 in UTC as :meth:`datetime.datetime.isoformat` writes it.
    """
    time = datetime.datetime.fromisoformat(at)
    if time.utcoffset() != datetime.timedelta(0) or time.isoformat() != at:
        raise ValueError(f"found {at!r}, wanted a time such as 2026-03-01T14:05:00+00:00")


def _checked(path: Path, judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    for one in judgements:
        try:
            for time in (one.at, one.recorded_at or one.at):
                require_utc(time)
        except ValueError as error:
            raise IntegrityError(
                f"{path}: the time of judgement {one.id}: {error}; bring back the line as it was "
                "written"
            ) from None
    return tuple(judgements)
