"""Jobs of units for tests of executors; other processes import this module."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError
from adverts.work.units.executors.job import Done


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes a file for each unit.

    Attributes:
        folder: Where the files go.
        fails: Unit that raises an error.
        kills: Unit that kills its process once.
        kills_always: Unit that kills its process each time.
        seconds: How long a unit takes.
    """

    folder: str
    fails: int | None = None
    kills: int | None = None
    kills_always: int | None = None
    seconds: float = 0.0

    def open(self) -> Callable[[int], Done]:
        """Note that a process opened the job."""
        folder = Path(self.folder)
        (folder / f"opened-{os.getpid()}").touch()

        def do(unit: int) -> Done:
            if unit == self.fails:
                raise InputError(f"unit {unit} is damaged")
            died = folder / f"died-{unit}"
            if unit == self.kills_always or (unit == self.kills and not died.exists()):
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(self.seconds)
            with (folder / f"unit-{unit}").open("a") as file:
                file.write("done\n")
            return Done(unit, 10)

        return do


@dataclass(frozen=True, slots=True)
class NeverOpens:
    """A job that no process can open."""

    def open(self) -> Callable[[int], Done]:
        """Raise an error."""
        raise InputError("the bundle is gone")


class Interrupted(Writing):
    """A job whose process is interrupted while it starts, as by Ctrl-C in a terminal."""

    def __reduce__(self) -> tuple[Callable[[str], Writing], tuple[str]]:
        """Return what the new process calls when it reads the job."""
        return _interrupted_job, (self.folder,)


def _interrupted_job(folder: str) -> Writing:
    os.kill(os.getpid(), signal.SIGINT)
    return Writing(folder)
