"""A limit on what a registry may cost: one that sends a byte a second would never let go."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_SECONDS = 1.0


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
