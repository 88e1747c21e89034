"""The journal of a study: a file that processes append to, and that a kill cannot break."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.files.file_lock import in_turn

if TYPE_CHECKING:
    from optuna.storages import JournalStorage


def open_journal(path: Path) -> JournalStorage:
    """Return Optuna's storage in a file, which is created if it is missing.

    Optuna's own locks are files that a killed process leaves behind, so that others wait for half a
    minute; the lock used here is released by the kernel.
    """
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    class KernelLock(JournalFileOpenLock):
        def __init__(self, file: Path) -> None:
            super().__init__(str(file))
            self._file, self._held = file, ExitStack()

        def acquire(self) -> bool:
            self._held.enter_context(in_turn(self._file))
            _drop_torn_line(path)
            return True

        def release(self) -> None:
            self._held.close()

    lock = KernelLock(path.with_name(path.name + ".lock"))
    with in_turn(path.with_name(path.name + ".lock")):
        _drop_torn_line(path)  # the first thing that Optuna does is to read
    return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


def _drop_torn_line(path: Path) -> None:
    """Remove a last line without its end, which a full disk or a power cut may leave.

    Optuna would append to it, and could then never read the file again. The caller holds the lock.
    """
    if not path.is_file():
        return
    with path.open("rb+") as file:
        if not file.seek(0, os.SEEK_END):
            return
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
