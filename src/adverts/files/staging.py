"""A restricted folder that appears whole or not at all, and what others may do with its files."""

from __future__ import annotations

import errno
import fcntl
import fnmatch
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from adverts.errors import InputError

_OURS = ".lock"  # stands in a folder that is being written; the lock is on the folder itself
_PATIENCE_SECONDS = 1.0  # a reader that puts something back holds the lock for a moment
_EVERYBODY_WRITES, _OTHERS_WRITE = 0o002, 0o022


def open_private(path: Path) -> BinaryIO:
    """Create a file that only its owner can read, open for writing bytes."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return cast(BinaryIO, os.fdopen(descriptor, "wb"))


def require_disk(folder: Path, num_bytes: int) -> None:
    """Refuse to start what the disk below ``folder`` cannot hold.

    Raises:
        InputError: Less than ``num_bytes`` is free.
    """
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < num_bytes:
        raise InputError(
            f"{folder}: about {_megabytes(num_bytes)} are needed and {_megabytes(free)} are free; "
            "free some space or choose another folder"
        )


def is_disk_full(error: OSError) -> bool:
    """Tell whether something could not be written for want of space."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def staging(folder: Path, *, marker: str, also: Sequence[str] = ("*",)) -> Iterator[Path]:
    """Yield a private folder that takes the place of ``folder`` once the block has ended well.

    What stood there before is replaced only then, and only if it is ours, see
    :func:`refuse_foreign`; after an error it stands unchanged and nothing half-written is left.
    Of a symbolic link it is the folder that it points to, and the link stays.

    Raises:
        InputError: ``folder`` holds something else, another process is writing it, or the disk
            is full.
    """
    folder = folder.resolve()
    refuse_foreign(folder, marker=marker, also=also)
    recover(folder, marker=marker)
    partial = _partial(folder)
    lock = _claim(partial, marker=marker, also=also)
    try:
        yield partial
        (partial / _OURS).unlink()
        _swap(partial, folder, marker=marker)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        if is_disk_full(error):
            raise InputError(f"{folder}: the disk is full; nothing was written") from error
        raise
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def refuse_foreign(folder: Path, *, marker: str, also: Sequence[str] = ("*",)) -> None:
    """Refuse a path whose content we did not make.

    Args:
        folder: Where something is to be written.
        marker: A file that stands in every folder of this kind.
        also: Patterns of what else may stand there.

    Raises:
        InputError: It is a file, or a folder with content that is not of this kind.
    """
    if not folder.name:
        raise InputError(f"{folder} cannot be written; choose a folder below it")
    if not folder.is_dir():
        found = folder.name if folder.exists() else None
    elif (folder / marker).is_file():
        names = sorted(path.name for path in folder.iterdir())
        found = next((name for name in names if not _is_expected(name, marker, also)), None)
    else:
        found = next((path.name for path in folder.iterdir()), None)
    if found is not None:
        raise InputError(
            f"{folder} holds something that adverts did not write ({found}); choose another "
            "folder or move it"
        )


def _is_expected(name: str, marker: str, also: Sequence[str]) -> bool:
    return name == marker or any(fnmatch.fnmatchcase(name, pattern) for pattern in also)


def recover(folder: Path, *, marker: str) -> None:
    """Put back, or clear away, what a run that was killed between two renames had moved aside.

    While a living process writes ``folder``, nothing is touched: it is between its two renames.
    """
    folder = folder.resolve()
    old, partial = _aside(folder), _partial(folder)
    if not (old / marker).is_file():
        return
    lock = None
    try:
        if partial.is_dir():
            lock = _lock(partial)
        if folder.exists():
            _discard(old, marker=marker)
        else:
            old.rename(folder)
    except (BlockingIOError, FileNotFoundError):
        return  # a writer holds it, or has just put everything in its place
    finally:
        if lock is not None:
            os.close(lock)


def require_replaced_gone(folder: Path) -> None:
    """Make sure that nothing is left of what stood in ``folder`` before it was replaced.

    Raises:
        InputError: Something cannot be removed.
    """
    old = _aside(folder.resolve())
    if old.exists():
        try:
            shutil.rmtree(old)
        except OSError as error:
            raise InputError(
                f"{folder} is replaced, but what stood there before cannot be removed "
                f"({error.strerror}); remove {old}"
            ) from error


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.replaced")


def _partial(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.partial")


def _claim(partial: Path, *, marker: str, also: Sequence[str]) -> int:
    """Create ``partial`` anew and lock it; the leavings of a dead process are removed.

    Raises:
        InputError: Another process is writing it, or has just begun to.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        if partial.exists():
            known = marker if (partial / marker).is_file() else _OURS
            refuse_foreign(partial, marker=known, also=(*also, _OURS))
            os.close(lock_folder(partial, told=partial))
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
        (partial / _OURS).touch()
        return lock_folder(partial, told=partial)
    except (FileExistsError, FileNotFoundError):  # one that began at the same moment was first
        raise InputError(_busy(partial)) from None


def _busy(told: Path) -> str:
    return f"{told} is being written by another process; wait for it or choose another folder"


def lock_folder(folder: Path, *, told: Path) -> int:
    """Lock a folder, waiting for a reader but not for a writer; return an open descriptor.

    The lock ends with the descriptor, so also with the process.

    Args:
        folder: What is locked.
        told: What the message names.

    Raises:
        InputError: Another process is writing it.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return _lock(folder)
        except BlockingIOError:
            if time.monotonic() > end:
                raise InputError(_busy(told)) from None
        time.sleep(0.02)


def _lock(folder: Path) -> int:
    """Lock a folder; the lock goes where the folder is renamed to, and ends with its descriptor.

    Raises:
        BlockingIOError: Another process holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _swap(partial: Path, folder: Path, *, marker: str) -> None:
    old = _aside(folder)
    if folder.exists():
        folder.rename(old)
    os.replace(partial, folder)
    _discard(old, marker=marker)


def _discard(old: Path, *, marker: str) -> None:
    """Remove a folder, its marker last: killed on the way, it is known for ours and removed later.

    What cannot be removed stays.
    """
    with suppress(OSError):
        for path in [path for path in old.iterdir() if path.name != marker]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.rmtree(old)


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:,.1f} MB"


def keep_others_from_writing() -> None:
    """Let nobody but the owner write what this process makes from now on, whatever made it.

    A umask that lets everybody write is taken for an oversight; one that lets a group write is left
    alone. This reaches files that libraries make, such as the database of MLflow. What is
    restricted is made for its owner alone in any case.
    """
    found = os.umask(0o077)
    os.umask(found if found & _EVERYBODY_WRITES else found | _OTHERS_WRITE)
