"""Run a command that ends, with all its processes, when the process that started it ends.

Usage::

    python -m adverts.tracking.guarded_process COMMAND ...

The one who starts it holds the other end of its standard input, which the kernel closes when that
process ends, however it does. A command such as ``mlflow ui`` starts processes of its own, which
would go on when their parent is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.1


def guarded(command: Sequence[str]) -> list[str]:
    """Return the words that run ``command`` so that it ends when its standard input is closed."""
    return [sys.executable, "-m", "adverts.tracking.guarded_process", *command]


def run_guarded(command: Sequence[str]) -> int:
    """Run a command in a process group until it or standard input ends; return its status.

    Signals of a terminal or a supervisor are left to the process that holds standard input.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _do_nothing)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    threading.Thread(target=_end_with_input, args=(child.pid,), daemon=True).start()
    status = child.wait()
    _end_group(child.pid)
    return status if status >= 0 else 128 - status


def _end_with_input(group: int) -> None:
    while os.read(0, 1024):
        pass
    _signal_group(group, signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    _signal_group(group, signal.SIGKILL)


def _end_group(group: int) -> None:
    """End what the command has left behind, and kill what does not end in time."""
    until_s = time.monotonic() + _GRACE_SECONDS
    while _signal_group(group, signal.SIGTERM) and time.monotonic() < until_s:
        time.sleep(_POLL_SECONDS)
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; return whether it has a process."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)
        return True
    return False


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Handle a signal: a handler is not inherited by the command, where an ignored one would be."""


if __name__ == "__main__":
    sys.exit(run_guarded(sys.argv[1:]))
