"""A process that works for its parent, never outlives it, and leaves Ctrl-C to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection

_HIDING = threading.RLock()


@contextmanager
def left_to_this_process() -> Iterator[None]:
    """Let processes that are started here never see Ctrl-C, not even while they start.

    One that arrives meanwhile reaches this process afterwards.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_this_program() -> Iterator[None]:
    """Let processes that are started here load no program but adverts.

    Each would run the whole file of another program once more, and so read the same pictures again
    and start processes itself, unless all of that file stands below ``if __name__ == "__main__"``.
    """
    with _HIDING:
        main = vars(sys.modules["__main__"])
        held: dict[str, object] = {
            name: main[name] for name in ("__file__", "__spec__") if name in main
        }
        if getattr(held.get("__spec__"), "name", "").partition(".")[0] != "adverts":
            main.pop("__file__", None)
            main["__spec__"] = None
        try:
            yield
        finally:
            main.update(held)


def end_with_parent() -> None:
    """Let this process end when its parent does, however that ends, and leave Ctrl-C to the parent.

    The parent is interrupted and ends its children; a parent that is killed cannot.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "this is not the main process"
    connection.wait([parent.sentinel])
    os._exit(1)
