"""Run what a stranger wrote in a process of its own that may not take all time and memory."""

import json
import os
import resource
import signal
import traceback
from collections.abc import Callable
from pathlib import Path

MEMORY = 1_000_000_000
SECONDS = 8
"""Far more than any of these takes, and far less than what they took without bounds."""


def in_bounds(
    work: Callable[[], object], *, more_bytes: int = MEMORY, cpu_seconds: int = SECONDS
) -> str:
    """Return what ``work`` returns, or its error as ``Name: message``, as a text.

    It runs in a child of this process with so many bytes of address space more than this one has.

    Raises:
        AssertionError: The child was killed, or its memory rose by more than ``more_bytes``.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(work, writing, more_bytes, cpu_seconds)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise AssertionError(f"the child ended by {signal.Signals(os.WTERMSIG(status)).name}")
    found = json.loads(said)
    assert found["peak"] <= more_bytes, f"{found['peak']} bytes, {found['told'][:200]}"
    return str(found["told"])


def _child(work: Callable[[], object], writing: int, more_bytes: int, cpu_seconds: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    before = _memory("VmHWM", reset=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = _memory("VmSize") + 2 * more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        told = str(work())
    except BaseException as error:
        told = f"{type(error).__name__}: {str(error)[:5_000]}"
        if os.environ.get("BOUNDED_TRACEBACK"):
            told += traceback.format_exc()
    peak = _memory("VmHWM") - before
    os.write(writing, json.dumps({"told": told[:10_000], "peak": peak}).encode())
    os._exit(0)


def _memory(name: str, *, reset: bool = False) -> int:
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise AssertionError(f"no {name}")
