"""Run units in processes of this machine, each with one thread."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from adverts.errors import InputError, say
from adverts.work.child_process import (
    end_with_parent,
    left_to_this_process,
    without_this_program,
)
from adverts.work.units.executors.job import Done, Job

_AHEAD = 2  # units for each process that are handed out, so that none waits
_TRIES = 2  # of a unit by itself in a process
_do: Callable[[int], Done] | None = None


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Processes of this machine. One that dies is replaced, and its unit is done again.

    Attributes:
        processes: Number of processes, at least 1.
    """

    processes: int

    def run(self, job: Job, units: Sequence[int]) -> Iterator[Done]:
        """Do the units, and yield each when it has its receipt, in any order.

        Raises:
            AdvertsError: A unit cannot be done.
            InputError: A unit ended its process each time it was tried.
        """
        left = deque(units)
        processes = min(self.processes, len(left))
        while left:
            suspects: list[int] = []
            yield from _run(job, left, processes, suspects)
            for unit in suspects:
                yield from _alone(job, unit)


def _run(job: Job, left: deque[int], processes: int, suspects: list[int]) -> Iterator[Done]:
    """Do units until none is left or a process dies; then name those that it may have done."""
    pool = _pool(job, processes)
    running: dict[Future[Done], int] = {}
    try:
        while left or running:
            while left and len(running) < _AHEAD * processes:
                running[_submit(pool, left[0])] = left[0]
                left.popleft()
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for one in finished:
                unit = running.pop(one)
                try:
                    done = one.result()
                except BrokenProcessPool:
                    suspects.append(unit)
                else:
                    yield done
            if suspects:
                suspects.extend(running.values())
                return
    except BrokenProcessPool:  # by a process that died when nothing was waited for
        suspects.extend(running.values())
    finally:
        _end(pool)


def _alone(job: Job, unit: int) -> Iterator[Done]:
    """Do a unit that may have ended its process in a process of its own."""
    for _ in range(_TRIES):
        pool = _pool(job, 1)
        try:
            yield _submit(pool, unit).result()
            return
        except BrokenProcessPool:
            say(f"the process that did unit {unit} died; it is tried again", error=True)
        finally:
            _end(pool)
    raise InputError(
        f"unit {unit} ends its process each time; there may be too little memory: use fewer "
        "processes, or find in plan.json what it reads, and leave that out"
    )


def _pool(job: Job, processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(job,),
    )


def _submit(pool: ProcessPoolExecutor, unit: int) -> Future[Done]:
    with (
        left_to_this_process(),
        without_this_program(),
    ):  # the first unit starts the processes of the pool
        return pool.submit(_do_unit, unit)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool now; what they had not handed in is done again."""
    for process in list((pool._processes or {}).values()):
        process.terminate()
    pool.shutdown(wait=True, cancel_futures=True)


def _begin(job: Job) -> None:
    """Prepare a process that was just started."""
    global _do  # noqa: PLW0603 - a process of a pool has no other place for what it keeps
    end_with_parent()
    _do = _Opened(job)


class _Opened:
    """Opens the job at its first unit, so that an error of opening reaches the parent."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._do: Callable[[int], Done] | None = None

    def __call__(self, unit: int) -> Done:
        if self._do is None:
            self._do = self._job.open()
        return self._do(unit)


def _do_unit(unit: int) -> Done:
    assert _do is not None, "the process was prepared"
    return _do(unit)
