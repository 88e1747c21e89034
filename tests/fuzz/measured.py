"""Run one case in a process of its own: CPU seconds, bytes over the base, how it ended."""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import random
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1_000_000_000
MOST_MESSAGE = 20_000
_MOVES_NOTHING = "\n\t\u200c\u200d"  # joiners are spelling in Persian and in emoji
_ADDRESS_SPACE = 16_000_000_000
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried.

    Attributes:
        target: Which part of the project.
        family: In which way the input is hostile.
        size: Characters or bytes of the input.
        seconds: CPU seconds that it may cost.
        run: Does it, and returns what it saw that must not be.
        num_bytes: Memory over the base that it may take.
    """

    target: str
    family: str
    size: int
    seconds: float
    run: Callable[[], Sequence[str]]
    num_bytes: int = MOST_BYTES


Draw = Callable[[random.Random, Path, int], Case]
"""Returns a case of its kind; numbers that follow one another take turns of what it can try."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a case cost, and how it ended.

    Attributes:
        outcome: ``done``, ``refused`` (an error of ours), ``fault`` (another), ``died``, ``killed``
            (for its memory or time).
        error: Kind of the error, or name of the signal.
        where: Innermost place in the project that raised.
        message: The first characters of what it said.
        message_characters: How much it said.
        seconds: CPU seconds.
        num_bytes: Peak of memory over that at the start.
        signs: What it saw that must not be.
    """

    outcome: str
    error: str = ""
    where: str = ""
    message: str = ""
    message_characters: int = 0
    seconds: float = 0.0
    num_bytes: int = 0
    signs: tuple[str, ...] = ()

    def findings(self, case: Case) -> list[str]:
        """Return what is wrong; empty where nothing is."""
        wrong = list(self.signs)
        if self.seconds > case.seconds or (self.outcome, self.error) == ("killed", "time"):
            wrong.append("slow")
        if self.num_bytes > case.num_bytes:
            wrong.append("memory")
        if self.outcome in ("fault", "died"):
            wrong.append(self.outcome)
        return wrong + signs_of_message(self.message, self.message_characters)


def signs_of_message(message: str, characters: int) -> list[str]:
    """Return what a message must not be, of so many characters, the first of which are known."""
    moves = any(
        not one.isprintable() and one not in _MOVES_NOTHING and unicodedata.category(one) != "Zs"
        for one in message
    )
    return ["long message"] * (characters > MOST_MESSAGE) + [
        "control characters in a message"
    ] * moves


class Meter:
    """Measures a step of a case in its own process, from when it is made.

    Args:
        seconds: CPU seconds that the step may take; the process is ended well beyond.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._bytes = _at_rest()
        self._start = time.process_time()
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(self._start + 2.5 * seconds) + 2, resource.RLIM_INFINITY)
        )

    def signs(self) -> list[str]:
        """Return what the step took more of than it may."""
        slow = time.process_time() - self._start > self._seconds
        large = _memory("VmHWM") - self._bytes > MOST_BYTES
        return ["slow"] * slow + ["memory"] * large


def _at_rest() -> int:
    """Return the bytes that this process takes now, and let the peak begin anew."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def measure(case: Case) -> Measured:
    """Run a case; what it prints goes through the same checks as its message."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(case, writer)
    os.close(writer)
    try:
        return _watched(case, child, reader)
    finally:
        os.close(reader)


def _child(case: Case, writer: int) -> None:
    faulthandler.disable()  # a death is counted, and its dump would be of nobody
    nothing = os.open(os.devnull, os.O_WRONLY)
    with tempfile.TemporaryFile("w+", errors="backslashreplace") as said:
        for place in (1, 2):
            os.dup2(nothing, place)  # what a library prints past Python is its own
        sys.stdout = sys.stderr = said
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        gc.freeze()
        before, start = _at_rest(), time.process_time()
        found = _ran(case)
        found["seconds"] = time.process_time() - start
        found["num_bytes"] = max(0, _memory("VmHWM") - before)
        said.flush()
        printed = os.fstat(said.fileno()).st_size
        said.seek(0)
        text = str(found["message"]) + said.read(MOST_MESSAGE)
        found["message_characters"] = max(int(str(found["message_characters"])), printed)
        found["message"] = text[:MOST_MESSAGE]
        data = json.dumps(found).encode()
        while data:
            data = data[os.write(writer, data) :]
        os._exit(0)


def _ran(case: Case) -> dict[str, object]:
    from adverts.errors import AdvertsError

    empty: dict[str, object] = {"error": "", "where": "", "message": "", "message_characters": 0}
    try:
        return empty | {"outcome": "done", "signs": list(case.run())}
    except AdvertsError as error:
        outcome, caught = "refused", error
    except BaseException as error:  # a panic of a library is no Exception
        outcome, caught = "fault", error
    message = str(caught)
    return {
        "outcome": outcome,
        "error": type(caught).__name__,
        "where": _place(caught),
        "message": message[:MOST_MESSAGE],
        "message_characters": len(message),
        "signs": [],
    }


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if "/adverts/" in one.filename]
    if not ours:
        return ""
    return f"{ours[-1].filename.rpartition('/adverts/')[2]}:{ours[-1].name}"


def _memory(name: str, process: int | str = "self") -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def _watched(case: Case, child: int, reader: int) -> Measured:
    """Read what the child reports; end it where it takes far more than it may."""
    parts: list[bytes] = []
    stopped = _followed(case, child, reader, parts)
    if stopped is not None:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    if stopped is not None:
        return stopped
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return Measured("killed", error="time", seconds=usage.ru_utime + usage.ru_stime)
    if os.WIFSIGNALED(status) or not parts:
        name = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "exit"
        return Measured("died", error=name, seconds=usage.ru_utime + usage.ru_stime)
    found = json.loads(b"".join(parts))
    return Measured(**{**found, "signs": tuple(found["signs"])})


def _followed(case: Case, child: int, reader: int, parts: list[bytes]) -> Measured | None:
    """Collect what the child writes until it ends; return what it cost where it must be ended."""
    base, most_seconds = _memory("VmRSS"), 2.5 * case.seconds + 0.3
    deadline = time.monotonic() + 20 * most_seconds + 60
    while True:
        if select.select([reader], [], [], _POLL_SECONDS)[0]:
            part = os.read(reader, 1 << 16)
            if not part:
                return None
            parts.append(part)
            continue
        seconds, num_bytes = _cpu_seconds(child), max(0, _memory_of(child) - base)
        if num_bytes > 1.5 * case.num_bytes:
            return Measured("killed", error="memory", seconds=seconds, num_bytes=num_bytes)
        if seconds > most_seconds or time.monotonic() > deadline:
            return Measured("killed", error="time", seconds=seconds, num_bytes=num_bytes)


def _cpu_seconds(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_of(process: int) -> int:
    try:
        return _memory("VmRSS", process)
    except OSError:
        return 0
