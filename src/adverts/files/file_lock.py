"""File locks between processes, which the kernel releases when the process that holds them ends.

They work between processes of one machine, and on a network folder whose server supports locks
(NFS does from Linux 2.6.12 on). Where a folder supports no locks, nothing is locked: start only one
process at a time there.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adverts.errors import InputError, say
from adverts.files.bounded_reading import open_plain

RUN_LOCK = "run.lock"
"""Name of the file in the folder of a run that a process locks while it uses the run."""
STUDY_LOCK = "study.lock"
"""The same in the folder of a study."""
_PATIENCE_SECONDS, _POLL_SECONDS = 2.0, 0.02
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def exclusive(path: Path, *, busy: str) -> Iterator[int]:
    """Hold a lock on a file during the block, without waiting for another holder.

    Args:
        path: Path of the file; created empty and private if missing. Its folder must exist.
        busy: Message of the error if another process holds the lock.

    Yields:
        A descriptor of the file, open for reading and writing.

    Raises:
        InputError: Another process holds the lock.
    """
    descriptor = _opened(path, fcntl.LOCK_EX | fcntl.LOCK_NB, busy)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold a lock on a file during the block; wait until no other process holds it.

    After two seconds a line says what is waited for, and who holds it.

    Raises:
        InputError: The path is of something that is no file, such as a named pipe.
    """
    descriptor = _opened(path, fcntl.LOCK_EX, "")
    try:
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path, operation: int, busy: str) -> int:
    while True:
        descriptor = open_plain(path, os.O_RDWR | os.O_CREAT)
        try:
            _lock(descriptor, operation, path)
        except BlockingIOError:
            os.close(descriptor)
            raise InputError(busy) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
            return descriptor
        if _is_still_there(path, descriptor):
            return descriptor
        os.close(descriptor)  # its last holder removed it: lock the file that is there now


def _lock(descriptor: int, operation: int, path: Path) -> None:
    if operation & fcntl.LOCK_NB:
        fcntl.flock(descriptor, operation)
        return
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    say(f"waiting for {path}, which {_holder(descriptor)} holds", error=True)
    fcntl.flock(descriptor, operation)


def _holder(descriptor: int) -> str:
    """Return which process holds the lock on a file, as far as the kernel says."""
    about = os.fstat(descriptor)
    device = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}:{about.st_ino}"
    try:
        locks = Path("/proc/locks").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "another process"
    held = (line.split() for line in locks if "->" not in line)
    pids = [one[4] for one in held if one[1] == "FLOCK" and one[5] == device and int(one[4]) > 0]
    return f"process {pids[0]}" if pids else "another process"


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
