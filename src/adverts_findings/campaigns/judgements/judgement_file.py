"""The file of judgements: one JSON line each, in a chain of hashes, kept through a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from adverts.chained_file import ChainedFile
from adverts_findings.campaigns.judgements.judgements import LATER_FIELDS, SCHEMA_VERSION, Judgement


def judgements_file(path: Path) -> ChainedFile[Judgement]:
    """Return the judgements as a chained file, with the file that counts its lines beside it."""
    return ChainedFile(
        Judgement,
        SCHEMA_VERSION,
        path,
        "judgements",
        later=LATER_FIELDS,
        times=("at", "recorded_at"),
        adds="judgements are added by adverts link … judgements=FILE, so bring back the file as "
        "it was",
    )


def read_judgements(path: Path) -> tuple[Judgement, ...]:
    """Return the judgements of a file in the order of its lines; none where there is no file yet.

    What is left of a line whose writer was killed is no judgement.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: A line was changed, moved, removed or damaged, or is of the future; the
            message names it.
    """
    return judgements_file(path).verified()


def append_judgements(
    path: Path, new: Callable[[Sequence[Judgement]], Sequence[Judgement]]
) -> tuple[Judgement, ...]:
    """Append judgements and return them; they are on disk on return, all or none.

    The file is created for its owner alone, and several processes may append to it. A judgement
    that the file holds already is not appended again.

    Args:
        path: The file.
        new: Returns the judgements to append, given those that are there; no other process appends
            any meanwhile. If it raises an error, nothing is appended.

    Raises:
        InputError: The file cannot be written, or a judgement is of the future.
        IntegrityError: A line of it was changed, moved, removed or damaged; the message names it.
    """
    return judgements_file(path).extend(lambda known: unknown(known, new))


def unknown(
    known: Sequence[Judgement], new: Callable[[Sequence[Judgement]], Sequence[Judgement]]
) -> tuple[Judgement, ...]:
    """Return the judgements that follow those that are known, each once."""
    seen = {one.id for one in known}
    return tuple({one.id: one for one in new(known) if one.id not in seen}.values())
