"""A tracking server spoken to by another process, which is ended where an answer takes too long."""

from __future__ import annotations

import dataclasses
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from adverts.tracking.events import (
    Artifact,
    Begin,
    Event,
    IncompleteError,
    LoggedBundle,
    RecordRefusedError,
    ServerError,
    Sink,
    from_line,
    redact,
    to_line,
)

_AGAIN_SECONDS = 1.0
START_SECONDS = 180.0
"""For loading MLflow, on a busy machine."""
ANSWER_SECONDS = 30.0
"""For everything that the server is asked for one event."""
_SLOWEST_BYTES_A_SECOND = 250_000
_COMMAND = (sys.executable, "-m", "adverts.tracking.other_process")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block where it takes longer; whatever waits in it gets a ``TimeoutError``.

    It is raised again every second until the block has ended, since MLflow tries again what fails.
    Only the main thread of a process can be interrupted; elsewhere there is no limit.

    Raises:
        TimeoutError: The time is up, unless the block turns it into an error of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no whole answer within {seconds:.0f} s")

    handler = signal.signal(signal.SIGALRM, interrupt)
    delay, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, delay, interval)
        signal.signal(signal.SIGALRM, handler)


class OtherProcess:
    """A sink whose work is done by a process of its own."""

    def __init__(self, uri: str) -> None:
        """Keep the address; the process is started for the first event.

        Args:
            uri: Tracking URI of a server. It is handed on where no list of processes shows it.
        """
        self._uri = uri
        self._begin: Begin | None = None
        self._run_id: str | None = None
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    @property
    def run_id(self) -> str | None:
        """Name of the run; None before ``Begin`` was sent."""
        return self._run_id

    def send(self, event: Event) -> None:
        """Send one event.

        Raises:
            TimeoutError: The whole answer did not come in time.
            ServerError: The other process met an error.
            RecordRefusedError: It must not be sent again.
            IncompleteError: The run was to be finished, and the server does not hold all of it.
        """
        if self._child is None:
            self._start()
            if self._begin is not None and not isinstance(event, Begin):
                self._ask(dataclasses.replace(self._begin, run_id=self._run_id))
        self._ask(event)
        if isinstance(event, Begin):
            self._begin = event

    def _ask(self, event: Event) -> None:
        answer = json.loads(self._exchange(to_line(event), seconds_for(event)))
        self._run_id = answer["run_id"] or self._run_id
        match answer["error"]:
            case None:
                return
            case [RecordRefusedError.__name__, text]:
                raise RecordRefusedError(text)
            case [IncompleteError.__name__, text]:
                raise IncompleteError(text)
            case [kind, text]:
                raise ServerError(kind, text)

    def _start(self) -> None:
        self._child = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answers = queue.Queue()
        self._closed = weakref.finalize(self, _close, self._child)
        assert self._child.stdout is not None, "it was asked for"
        arguments = self._child.stdout, self._answers
        threading.Thread(target=_forward, args=arguments, daemon=True).start()
        self._exchange(json.dumps(self._uri), START_SECONDS)

    def _exchange(self, line: str, seconds: float) -> str:
        """Hand a line to the other process and return the line that it answers.

        Without an answer it is ended; the next event starts another one.
        """
        assert self._child is not None, "it was started"
        assert self._child.stdin is not None, "it was asked for"
        try:
            self._child.stdin.write(line + "\n")
            self._child.stdin.flush()
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._end()
            raise TimeoutError(f"the server gave no whole answer within {seconds:.0f} s") from None
        except BaseException:  # also Ctrl-C: a late answer would be taken for that of the next
            self._end()
            raise
        if not answer:
            self._end()
            raise ConnectionError("the process that talks to the tracking server has ended")
        return answer

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            self._closed()


def seconds_for(event: Event) -> float:
    """Return how long an event may take: files by their size, all else alike."""
    if not isinstance(event, Artifact | LoggedBundle):
        return ANSWER_SECONDS
    path = Path(event.path)
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files)
    return 2 * ANSWER_SECONDS + size / _SLOWEST_BYTES_A_SECOND


def _close(child: subprocess.Popen[str]) -> None:
    """Let the process end, which it does when nobody can hand it anything more."""
    assert child.stdin is not None, "it was asked for"
    with suppress(OSError):
        child.stdin.close()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _forward(answers: IO[str], to: queue.Queue[str]) -> None:
    """Pass lines on; an empty one says that there are no more."""
    for line in answers:
        to.put(line)
    to.put("")


def main() -> None:
    """Be the other process: read events from stdin, send them, answer a line for each.

    An interrupt of the terminal reaches this process too and is left to the one that started it.
    When that one has ended, this one ends at once, in the middle of whatever it does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read_until_the_end, args=(lines,), daemon=True).start()
    uri = json.loads(lines.get())
    from adverts.tracking.mlflow_sink import MlflowSink

    sink = MlflowSink(uri, artifact_root=None)
    answers.write("ready\n")
    while True:
        answers.write(_answer(sink, lines.get()) + "\n")


def _read_until_the_end(lines: queue.Queue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def _answer(sink: Sink, line: str) -> str:
    error = None
    try:
        sink.send(from_line(line))
    except Exception as met:  # noqa: BLE001 - the other process says it
        first = redact(str(met)).splitlines() or [""]
        error = [type(met).__name__, first[0][:500]]
    return json.dumps({"run_id": sink.run_id, "error": error})


if __name__ == "__main__":
    main()
