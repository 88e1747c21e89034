"""Locks that the kernel gives back when their holder dies: one process at a time does one thing.

They hold among the processes of one machine, and on a network folder whose server knows locks (NFS
does from Linux 2.6.12 on). Where a folder knows no locks at all, nothing is locked: start one
process at a time there.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adverts.errors import InputError

RUN_LOCK = "run.lock"
"""Name of the file by which a process holds the run whose folder it is in."""
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def exclusive(path: Path, *, busy: str) -> Iterator[int]:
    """Hold a lock on a file for the length of the block, or refuse to start.

    Args:
        path: The file; made empty and private where there is none. Its folder must exist.
        busy: The message where another process holds it.

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
    """Hold a lock on a file for the length of the block; wait until nobody else does."""
    descriptor = _opened(path, fcntl.LOCK_EX, "")
    try:
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path, operation: int, busy: str) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, operation)
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
        os.close(descriptor)  # its last holder removed it: lock the one that stands there now


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
