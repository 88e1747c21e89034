"""Record what people said in files: all of them or nothing, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from adverts.errors import InputError, plural
from adverts_findings.campaigns.build import Memory, memory_of
from adverts_findings.campaigns.desk import Desk
from adverts_findings.campaigns.judgements.bank_names import known_names
from adverts_findings.campaigns.judgements.judgement_csv import read_judgement_csv
from adverts_findings.campaigns.judgements.judgement_sheet import (
    is_judgement_sheet,
    read_judgement_sheet,
)
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.judgements.record_judgements import Recorded, record
from adverts_findings.campaigns.judgements.spoken_words import Faults, Tried, Word
from adverts_findings.campaigns.rebuild import read_before

_MOST_NAMED = 10


def record_files(desk: Desk, files: Sequence[Path]) -> tuple[str, ...]:
    """Record what people said in sheets of pairs and files of judgements, and return what to tell.

    The faults of all files are told at once. What is recorded is logged just before; files that are
    refused, or say nothing new, are not logged.

    Args:
        desk: Who records, and where.
        files: The files.

    Raises:
        InputError: There is no bank, or files are at fault; nothing is recorded.
        IntegrityError: The bank or its judgements are damaged.
    """
    told, recorded = _record(desk, files)
    return (*told, *_recorded_lines(desk.judgements_file, recorded))


def _record(
    desk: Desk, files: Sequence[Path], *, write: bool = True
) -> tuple[tuple[str, ...], Recorded]:
    before = read_before(desk.folder)
    if not before:
        raise InputError(f"{desk.folder} holds no bank yet; build it first, and judge its links")
    reader = _Files(memory_of(before), desk.now.isoformat())
    words = [word for file in files for word in reader.read(file)]
    names = ", ".join(one.name for one in files)

    def log(added: Sequence[Judgement]) -> None:
        if write:
            desk.log("judgement", f"{plural(len(added), 'judgement')} of {names}")

    recorded = record(
        desk.judgements_file,
        words,
        known_names(before),
        now=desk.now.isoformat(),
        faults=reader.tried.faults,
        before=log,
        write=write,
    )
    return (*reader.told, *recorded.taken_back), recorded


def preview_files(
    desk: Desk, files: Sequence[Path]
) -> tuple[tuple[str, ...], tuple[Judgement, ...]]:
    """Return what to tell of files, and all judgements as they would be with them.

    Nothing is recorded or logged.

    Args:
        desk: Who looks, and where.
        files: The files.

    Raises:
        InputError: There is no bank, or files are at fault.
        IntegrityError: The bank or its judgements are damaged.
    """
    told, recorded = _record(desk, files, write=False)
    line = f"{_number(recorded)} to record, {recorded.known:,} known before"
    return (*told, line), (*desk.judgements(), *recorded.added)


class _Files:
    """Reads files one after another, and keeps the faults of all."""

    def __init__(self, memory: Memory, now: str) -> None:
        self.tried = Tried()
        self.told: list[str] = []
        self._memory, self._now = memory, now

    def read(self, path: Path) -> Sequence[Word]:
        """Return the words of the rows that are not at fault."""
        try:
            return self._words(path)
        except Faults as error:
            self.tried.faults += error.faults
            return error.words
        except InputError as error:
            self.tried.faults.append(str(error))
            return ()

    def _words(self, path: Path) -> Sequence[Word]:
        if not is_judgement_sheet(path):
            return read_judgement_csv(path, now=self._now)
        build, bank = self._memory.build, self._memory.bank
        sheet = read_judgement_sheet(path, build=build, bank=bank, now=self._now)
        if sheet.unfinished:
            self.told.append(f"{path}: {plural(sheet.unfinished, 'pair')} not judged yet")
        return sheet.words


def _recorded_lines(file: Path, recorded: Recorded) -> Iterator[str]:
    yield f"{_number(recorded)} recorded, {recorded.known:,} known before"
    for one in recorded.added[:_MOST_NAMED]:
        yield f"{one.id}: {' '.join(filter(None, (one.said, one.first, one.second)))}"
    more = len(recorded.added) - _MOST_NAMED
    if more > 0:
        yield f"… and {more:,} more: pages of campaigns and the table judged give their ids"
    if recorded.added:
        yield f"to take one back, say undo of its id; all are kept in {file}"


def _number(recorded: Recorded) -> str:
    return plural(len(recorded.added), "judgement")
