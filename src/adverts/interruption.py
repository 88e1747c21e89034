"""An interruption while the modules of a command are imported: one line, and no traceback.

As ``KeyboardInterrupt`` it would be printed, swallowed or made another error by whatever is being
imported at that moment. Nothing is open yet, so the process can end at once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

INTERRUPTED_STATUS = 130


def end_quietly() -> None:
    """Let an interruption end this process at once, until :func:`raise_interruptions`.

    Nothing changes where interruptions are ignored or handled already, or where the process is not
    a command of adverts but a program that imports it.
    """
    if is_command() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_interruptions() -> None:
    """Let an interruption be raised again, by those who can catch it."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def is_command() -> bool:
    """Return whether ``adverts …`` or ``python -m adverts.…`` started this process."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    name = Path(*sys.argv[:1]).stem if spec is None else spec.name.partition(".")[0]
    return name in ("adverts", "adverts_findings")


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    os.write(2, b"adverts: interrupted\n")
    os._exit(INTERRUPTED_STATUS)
