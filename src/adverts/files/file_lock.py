"""File locks between processes, which the kernel releases when the process that holds them ends.

They work between processes of one machine, and on a network folder whose server supports locks
(NFS does from Linux 2.6.12 on). Where a folder supports no locks, nothing is locked: start only one
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
"""Name of the file in the folder of a run that a process locks while it uses the run."""
STUDY_LOCK = "study.lock"
"""The same in the folder of a study."""
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
    """Hold a lock on a file during the block; wait until no other process holds it."""
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
        os.close(descriptor)  # its last holder removed it: lock the file that is there now


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
