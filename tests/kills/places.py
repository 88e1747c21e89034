"""Places of a command: every moment before it changes a file or a database, and a kill at one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OF_ONE = {"os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.symlink"}
_OF_TWO = {"os.rename", "os.link"}
END = "the end"


def each_place(folder: Path, reach: Callable[[str], None]) -> None:
    """Call ``reach`` before each change below a folder, for the rest of this process.

    Seen is what Python does: files opened for writing, renamed, removed and made, and commits of
    databases; not what a library writes into an open file, nor what other processes do.
    """
    own, within = os.getpid(), os.path.realpath(folder) + os.sep

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and int(given[2] or 0) & _WRITING:
            names = [_below(within, given[0], -1)]
        elif event in _OF_ONE:
            names = [_below(within, given[0], -1 if event == "os.truncate" else given[-1])]
        elif event in _OF_TWO:
            names = [_below(within, given[one], given[2 + one]) for one in (0, 1)]
        else:
            return
        if os.getpid() == own and None not in names:
            reach(" ".join([event, *map(str, names)]))

    sys.addaudithook(hook)
    if "sqlalchemy" in sys.modules:
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        event.listen(Engine, "commit", lambda connection: reach("commit"))


def _below(within: str, path: object, place: int) -> str | None:
    """Return a path below a folder; None for one elsewhere, or the number of an open file."""
    if not isinstance(path, str | bytes | os.PathLike):
        return None
    base = os.readlink(f"/proc/self/fd/{place}") if place >= 0 else os.getcwd()
    whole = os.path.normpath(os.path.join(base, os.fsdecode(path)))
    return whole.removeprefix(within) if whole.startswith(within) else None


def killed_at(number: int, places: list[str] | None = None) -> Callable[[str], None]:
    """Return what kills the process group at the n-th place, and notes the places until then."""
    reached = 0

    def reach(place: str) -> None:
        nonlocal reached
        if places is not None:
            places.append(place)
        reached += 1
        if reached == number:
            os.killpg(0, signal.SIGKILL)

    return reach


def forked(act: Callable[[], None], folder: Path, kill_at: int = 0) -> list[str] | None:
    """Do something in a fork, killed at the n-th place; return all its places, None if killed.

    Raises:
        AssertionError: It failed.
    """
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        status, places = 70, list[str]()
        try:
            os.setsid()
            reach = killed_at(kill_at, places)
            each_place(folder, reach)
            act()
            reach(END)
            os.write(write, "\n".join(places).encode())
            status = 0
        except BaseException as error:  # noqa: BLE001 - said by the process that waits
            os.write(write, repr(error).encode())
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as file:
        said = file.read()
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if code == -signal.SIGKILL:
        return None
    assert code == 0, said
    return said.split("\n")
