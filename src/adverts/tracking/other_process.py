"""Talk to a tracking server in another process, which is killed if an answer takes too long."""

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
"""Time limit for starting the process, which loads MLflow, on a busy machine."""
ANSWER_SECONDS = 30.0
"""Time limit for all requests to the server for one event."""
_SLOWEST_BYTES_A_SECOND = 250_000
_COMMAND = (sys.executable, "-m", "adverts.tracking.other_process")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block with a ``TimeoutError`` if it takes longer than ``seconds``.

    The error is raised again every second until the block ends, since MLflow retries failed calls.
    Only the main thread of a process can be interrupted; in other threads there is no limit.

    Raises:
        TimeoutError: The time is up, unless the block turns it into an error of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no complete answer within {seconds:.0f} s")

    handler = signal.signal(signal.SIGALRM, interrupt)
    delay, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, delay, interval)
        signal.signal(signal.SIGALRM, handler)


class OtherProcess:
    """A sink that sends events from a separate process."""

    def __init__(self, uri: str) -> None:
        """Store the address; the process is started for the first event.

        Args:
            uri: Tracking URI of a server. It is passed on so that no list of processes shows it.
        """
        self._uri = uri
        self._begin: Begin | None = None
        self._run_id: str | None = None
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    @property
    def run_id(self) -> str | None:
        """Id of the run; None before ``Begin`` was sent."""
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
        """Send a line to the other process and return the line that it answers.

        Without an answer the process is killed; the next event starts another one.
        """
        assert self._child is not None, "it was started"
        assert self._child.stdin is not None, "it was asked for"
        try:
            self._child.stdin.write(line + "\n")
            self._child.stdin.flush()
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._end()
            raise TimeoutError(
                f"the server gave no complete answer within {seconds:.0f} s"
            ) from None
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
    """Return the time limit of an event in seconds, which for files depends on their size."""
    if not isinstance(event, Artifact | LoggedBundle):
        return ANSWER_SECONDS
    path = Path(event.path)
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files)
    return 2 * ANSWER_SECONDS + size / _SLOWEST_BYTES_A_SECOND


def _close(child: subprocess.Popen[str]) -> None:
    """Close the input of the process, so that it ends; kill it if it does not."""
    assert child.stdin is not None, "it was asked for"
    with suppress(OSError):
        child.stdin.close()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _forward(answers: IO[str], to: queue.Queue[str]) -> None:
    """Put each line into the queue; an empty one means that there are no more."""
    for line in answers:
        to.put(line)
    to.put("")


def main() -> None:
    """Run the other process: read events from stdin, send them, and answer a line for each.

    It ignores an interrupt of the terminal, which its parent process handles. When the parent
    ends, it ends at once, even in the middle of its work.
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
        answers.write(_answer(sink, uri, lines.get()) + "\n")


def _read_until_the_end(lines: queue.Queue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def _answer(sink: Sink, uri: str, line: str) -> str:
    error = None
    try:
        sink.send(from_line(line))
    except Exception as met:  # noqa: BLE001 - the other process says it
        first = redact(str(met), uri).splitlines() or [""]
        error = [type(met).__name__, first[0][:500]]
    return json.dumps({"run_id": sink.run_id, "error": error})


if __name__ == "__main__":
    main()
