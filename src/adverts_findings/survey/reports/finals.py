"""The list of final estimates beside the reviews, by which a sample has one final figure.

A line is on disk before the folder of its estimate appears. If the writer is killed in between, the
same command gives the same record, since it takes the time from the line, and ends what was begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adverts.errors import InputError
from adverts.record_lines import append_lines, read_lines

FINALS = "finals.jsonl"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Final:
    """A final estimate.

    Attributes:
        samples: Seals of the samples that it is made from, in alphabetical order.
        folder: Name of its folder.
        replaces: Id of the record that it revises; None if it is the first.
        id: Id of its record; empty where it is not made yet.
        at: When it was made, ISO 8601 in UTC.
    """

    samples: tuple[str, ...]
    folder: str
    replaces: str | None
    id: str = ""
    at: str = ""


def read_finals(path: Path) -> tuple[Final, ...]:
    """Return the lines of a list of finals, in their order; none where there is no file yet.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: A line was damaged; the message names it.
    """
    try:
        return read_lines(Final, path, SCHEMA_VERSION)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error


def time_begun(path: Path, wanted: Final, *, final: bool) -> str | None:
    """Return when a final estimate was made whose line is there, and whose folder may not be.

    Args:
        path: The list.
        wanted: The estimate that is to be made.
        final: Whether it is to be final.

    Returns:
        The time of its line; None if it has none, or is to be provisional.

    Raises:
        InputError: There is another final estimate of the samples, or another revision.
        IntegrityError: A line was damaged; the message names it.
    """
    finals = read_finals(path)
    found = [one.at for one in finals if replace(one, id="", at="") == wanted]
    if final and found:
        return found[-1]
    refuse_second(finals, wanted, final=final)
    return None


def refuse_second(finals: Sequence[Final], wanted: Final, *, final: bool = True) -> None:
    """Refuse a second final estimate of the same samples, and a second revision of a record.

    Args:
        finals: The lines.
        wanted: The estimate that is to be made.
        final: Whether it is to be final; a provisional one may stand beside a final one.

    Raises:
        InputError: There is one already.
    """
    for one in finals:
        if one.replaces is not None and one.replaces == wanted.replaces:
            raise InputError(
                f"the estimate {one.replaces[:12]} was revised already: {_named(one)}; revise that "
                f"one, with replaces= its folder. {_UNFINISHED}"
            )
    latest = _latest(finals, wanted.samples)
    if final and latest is not None and latest.id != wanted.replaces:
        raise InputError(
            f"there is a final estimate of this sample: {_named(latest)}; a sample has one final "
            f"figure: revise that one, with replaces= its folder and reason=WHY. {_UNFINISHED}"
        )


_UNFINISHED = (
    "If that folder never appeared, run the command that was to write it again; if labels changed "
    f"since, first take its line out of {FINALS}, beside the reviews"
)


def _named(one: Final) -> str:
    return f"{one.folder} ({one.id[:12]}, made {one.at})"


def _latest(finals: Sequence[Final], samples: tuple[str, ...]) -> Final | None:
    """Return the last final estimate of samples, or the last one that revises it."""
    latest = None
    for one in finals:
        if one.samples == samples or (latest is not None and one.replaces == latest.id):
            latest = one
    return latest


def add_final(path: Path, wanted: Final) -> None:
    """Append the line of a final estimate unless it is there; it is on disk on return.

    The file is created for its owner alone. Of several processes, one adds the final of a sample.

    Raises:
        InputError: There is another final of the samples, or the file cannot be written.
        IntegrityError: A line of it was damaged; the message names it.
    """

    def new(finals: Sequence[Final]) -> list[Final]:
        if wanted in finals:
            return []
        refuse_second(finals, wanted)
        return [wanted]

    try:
        append_lines(Final, path, SCHEMA_VERSION, new=new)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}); nothing was published"
        ) from error
