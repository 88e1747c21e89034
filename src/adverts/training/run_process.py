"""A process among those of a run: which rows are its own, and what all of them are told alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from adverts.errors import AdvertsError

T = TypeVar("T")


class ProcessLostError(AdvertsError, RuntimeError):
    """Another process of the run has ended, so that this one cannot go on either."""

    exit_status = 1


@contextmanager
def all_present() -> Iterator[None]:
    """Turn the failure of a message between processes into an error that says what to do.

    Raises:
        ProcessLostError: Another process does not answer.
    """
    try:
        yield
    except RuntimeError as error:
        raise ProcessLostError(
            "another process of this run has ended, and its own message says why; mend that and "
            "give the same command again: it goes on from the last checkpoint"
        ) from error


@dataclass(frozen=True, slots=True)
class RunProcess:
    """A process among those of a run.

    The rows of every batch are divided among the processes, so the plan is the same for any number
    of processes.

    Attributes:
        index: Number of this process, from 0; process 0 writes files and calls the tracker.
        count: Number of processes in the run.
    """

    index: int
    count: int

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and calls the tracker."""
        return self.index == 0

    def share(self, rows: Sequence[int]) -> Sequence[int]:
        """Return the rows of a batch that belong to this process; possibly none."""
        return rows[self.index :: self.count] if self.count > 1 else rows

    def same(self, make: Callable[[], T]) -> T:
        """Call ``make`` in process 0 only, and return its result in every process.

        Raises:
            ProcessLostError: Another process has ended, as process 0 does if ``make`` fails.
        """
        if self.count == 1:
            return make()
        from accelerate.utils import broadcast_object_list

        made = make() if self.is_main else None
        with all_present():
            values: list[T] = broadcast_object_list([made])
        return values[0]

    def gather(self, value: T) -> list[T]:
        """Return, in every process, the values of all processes in order."""
        if self.count == 1:
            return [value]
        from accelerate.utils import gather_object

        with all_present():
            values: list[T] = gather_object([value])
        return values
