"""What an executor runs: a job that travels to other processes, and does one unit after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Done:
    """A unit that has its receipt.

    Attributes:
        unit: Number of the unit.
        rows: Number of rows in it, for progress.
    """

    unit: int
    rows: int


class Job(Protocol):
    """Describes work by plain values, so that it can be sent to another process."""

    def open(self) -> Callable[[int], Done]:
        """Load what the work needs, and return a function that does one unit and hands it in.

        A process calls this once. The function may be called again for a unit that was done.

        Raises:
            AdvertsError: The work cannot be done here, whatever the unit.
        """


class Executor(Protocol):
    """Runs units of a job."""

    def run(self, job: Job, units: Sequence[int]) -> Iterator[Done]:
        """Do the units, and yield each when it has its receipt, in any order.

        Raises:
            AdvertsError: A unit cannot be done; those that were done keep their receipts.
        """


def share_of(units: Sequence[int], part: int, parts: int) -> tuple[int, ...]:
    """Return the units of one of several jobs that together do all of them.

    Args:
        units: Numbers of all units.
        part: Number of the job, from 1.
        parts: Number of jobs.
    """
    return tuple(unit for unit in units if unit % parts == part - 1)
