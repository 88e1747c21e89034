"""Pool of worker processes that read images; hung processes are ended, dead ones replaced."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from adverts.errors import AdvertsError, InputError, IntegrityError
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.processes.child import ChildMessage, Decoded, Fault, Outcome, Ready, serve
from adverts.ocr.protocol import Reader
from adverts.work.child_process import without_this_program

_OPENING_SECONDS = 180.0  # extra for the first image of a process, which opens the weights
_DYING_SECONDS = 5.0
_FAILED_STARTS = 3  # in a row


@dataclass(frozen=True, slots=True)
class Workers:
    """Number of worker processes and their limits.

    Attributes:
        count: Number of processes. With 0 the calling process reads, without protection.
        timeout_s: Seconds that one image may take before its process is ended.
        images_per_worker: Number of images after which a process is replaced by a new one.
    """

    count: int
    timeout_s: float
    images_per_worker: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A process ended while it worked on an image.

    Attributes:
        reason: How the process ended.
        hung: True if it was ended because it took too long, False if it died.
    """

    reason: str
    hung: bool


@dataclass(slots=True, eq=False)
class _Process:
    process: SpawnProcess
    connection: Connection
    deadline: float
    ticket: int | None = None
    ready: bool = False
    done: int = 0


class Pool:
    """Processes that each have a copy of a reader; a context manager that ends them all on exit."""

    def __init__(self, reader: Reader, limits: ImageLimits, workers: Workers) -> None:
        """Create a pool without processes.

        Args:
            reader: Reader that can be pickled.
            limits: Limits above which an image is refused.
            workers: Number of processes, at least one, and their limits.
        """
        self._reader, self._limits, self._workers = reader, limits, workers
        self._context = multiprocessing.get_context("spawn")
        self._processes: list[_Process] = []
        self._leaving: list[SpawnProcess] = []
        self._failed_starts = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes, even if they are busy."""
        processes = [*(worker.process for worker in self._processes), *self._leaving]
        for process in processes:
            process.kill()
        for process in processes:
            process.join()
        for worker in self._processes:
            worker.connection.close()
        self._processes.clear()

    def __len__(self) -> int:
        return len(self._processes)

    @property
    def has_room(self) -> bool:
        """Whether another process may be started."""
        return len(self._processes) < self._workers.count

    @property
    def num_idle(self) -> int:
        """Number of processes that wait for an image."""
        return sum(worker.ready and worker.ticket is None for worker in self._processes)

    @property
    def num_starting(self) -> int:
        """Number of processes that have not finished starting."""
        return sum(not worker.ready for worker in self._processes)

    def start(self) -> None:
        """Start another process."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._reader, self._limits), daemon=True
        )
        with without_this_program():
            process.start()
        theirs.close()
        deadline = time.monotonic() + _OPENING_SECONDS
        self._processes.append(_Process(process, ours, deadline))

    def give(self, ticket: int, data: bytes) -> bool:
        """Send an encoded image to an idle process; return False if that process is dead."""
        worker = next(w for w in self._processes if w.ready and w.ticket is None)
        try:
            worker.connection.send_bytes(data)
        except OSError:
            self._replace(worker)
            return False
        worker.ticket = ticket
        worker.deadline = self._deadline(worker)
        return True

    def reply(self, ticket: int, *, wanted: bool) -> None:
        """Answer a :class:`Decoded` message with whether to read the image."""
        worker = next(w for w in self._processes if w.ticket == ticket)
        try:
            worker.connection.send(wanted)
        except OSError:
            return  # it died; the next call of messages reports it
        worker.deadline = self._deadline(worker)
        if not wanted:
            self._finish(worker)

    def messages(self, *, block: bool) -> Iterator[tuple[int, Decoded | Outcome | Lost]]:
        """Yield the messages of processes about their images, and the loss of processes.

        Args:
            block: Whether to wait until a process sends a message or exceeds its time limit.

        Raises:
            AdvertsError: The reader cannot work, or no process can be started.
        """
        busy = [w for w in self._processes if w.ticket is not None or not w.ready]
        patience = max(0.0, min((w.deadline for w in busy), default=0.0) - time.monotonic())
        speaking = set(wait([w.connection for w in busy], patience if block else 0.0))
        for worker in busy:
            if worker.connection in speaking:
                yield from self._heard(worker)
            elif time.monotonic() > worker.deadline:
                yield from self._lost(worker, hung=True)

    def _heard(self, worker: _Process) -> Iterator[tuple[int, Decoded | Outcome | Lost]]:
        try:
            message: ChildMessage = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._lost(worker, hung=False)
            return
        match message:
            case Ready():
                worker.ready, self._failed_starts = True, 0
            case Fault(kind, text):
                raise IntegrityError(text) if kind == "IntegrityError" else AdvertsError(text)
            case _:
                assert worker.ticket is not None, "only what was asked is answered"
                ticket = worker.ticket
                if not isinstance(message, Decoded):
                    self._finish(worker)
                yield ticket, message

    def _lost(self, worker: _Process, *, hung: bool) -> Iterator[tuple[int, Lost]]:
        ticket = worker.ticket
        if not hung:
            worker.process.join(_DYING_SECONDS)  # so that its exit code is known
        self._replace(worker)
        if ticket is not None:
            limit = f"it took more than {self._workers.timeout_s:g} seconds"
            yield ticket, Lost(limit if hung else _death(worker.process.exitcode), hung)
            return
        self._failed_starts += 1
        if self._failed_starts >= _FAILED_STARTS:
            limit = f"it took more than {_OPENING_SECONDS:g} seconds"
            raise InputError(
                f"a process that reads pictures cannot be started, {self._failed_starts} times in "
                f"a row ({limit if hung else _death(worker.process.exitcode)}); start again with "
                "fewer ocr.workers; what was already read is kept"
            )

    def _finish(self, worker: _Process) -> None:
        """Mark a process as idle, or let it end if it has read its number of images."""
        worker.ticket = None
        worker.done += 1
        if worker.done >= self._workers.images_per_worker:
            self._processes.remove(worker)
            worker.connection.close()  # which makes it end
            self._leaving = [process for process in self._leaving if process.is_alive()]
            self._leaving.append(worker.process)

    def _replace(self, worker: _Process) -> None:
        """End and remove a process; another one is started when there is an image to read."""
        self._processes.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()

    def _deadline(self, worker: _Process) -> float:
        opening = 0.0 if worker.done else _OPENING_SECONDS
        return time.monotonic() + self._workers.timeout_s + opening


def _death(exit_code: int | None) -> str:
    """Return a message that says how a process ended."""
    if exit_code == -9:
        return "the process that read it was killed, perhaps because memory ran out"
    how = f"signal {-exit_code}" if exit_code and exit_code < 0 else f"exit status {exit_code}"
    return f"the process that read it died ({how})"
