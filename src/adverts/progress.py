"""Say what is going on where it takes long and cannot be counted."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0


@contextmanager
def told_when_slow(what: str) -> Iterator[None]:
    """Print one line to stderr if the block takes longer than people wait without a word."""
    timer = threading.Timer(
        PATIENCE_SECONDS, lambda: print(f"{what} …", file=sys.stderr, flush=True)
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
