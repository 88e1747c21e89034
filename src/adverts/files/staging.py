"""Write a folder as a whole or not at all, and restrict what others may do with its files."""

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

from adverts.errors import InputError, IntegrityError

_OURS = ".lock"  # is in a folder that is being written; the lock is on the folder itself
_PATIENCE_SECONDS = 1.0  # a reader that restores a folder holds the lock for a moment
_EVERYBODY_WRITES, _OTHERS_WRITE = 0o002, 0o022


def open_private(path: Path) -> BinaryIO:
    """Create a file that only its owner can read, open for writing bytes."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return cast(BinaryIO, os.fdopen(descriptor, "wb"))


def require_disk(folder: Path, num_bytes: int) -> None:
    """Refuse to start if the disk of ``folder`` has too little space.

    Raises:
        InputError: Fewer than ``num_bytes`` bytes are free.
    """
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < num_bytes:
        raise InputError(
            f"{folder}: about {_megabytes(num_bytes)} are needed and {_megabytes(free)} are free; "
            "free some space or choose another folder"
        )


def is_disk_full(error: OSError) -> bool:
    """Return whether an error says that the disk or the quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def staging(folder: Path, *, marker: str, also: Sequence[str] = ("*",)) -> Iterator[Path]:
    """Yield a private folder that replaces ``folder`` when the block ends without an error.

    An earlier ``folder`` is replaced only then, and only if this package wrote it, see
    :func:`refuse_foreign`. After an error it is unchanged and nothing half-written is left.
    For a symbolic link, the folder that it points to is replaced and the link stays.

    Raises:
        InputError: ``folder`` holds foreign content, another process is writing it, or the disk
            is full.
    """
    folder = folder.resolve()
    refuse_foreign(folder, marker=marker, also=also)
    recover(folder, marker=marker)
    partial = partial_of(folder)
    lock = _claim(partial, marker=marker, also=also)
    try:
        yield partial
        (partial / _OURS).unlink()
        _swap(partial, folder, marker=marker)
    except OSError as error:
        _discard(partial, marker=_known_by(partial, marker))
        if is_disk_full(error):
            raise InputError(f"{folder}: the disk is full; nothing was written") from error
        raise
    except BaseException:
        _discard(partial, marker=_known_by(partial, marker))
        raise
    finally:
        os.close(lock)


def refuse_foreign(folder: Path, *, marker: str, also: Sequence[str] = ("*",)) -> None:
    """Refuse a path with content that this package did not write.

    Args:
        folder: Path of the folder that is to be written.
        marker: Name of a file that is in every folder of this kind.
        also: Patterns of the names of other files that may be there.

    Raises:
        InputError: The path has no name, is a file, or is a folder with content of another kind.
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
    """Restore or remove the old folder that a process, killed between two renames, moved aside.

    Nothing is changed while a process is writing ``folder``: it may be between its two renames.
    """
    folder = folder.resolve()
    old, partial = _aside(folder), partial_of(folder)
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
        return  # a writer holds the lock, or has just finished
    finally:
        if lock is not None:
            os.close(lock)


def require_replaced_gone(folder: Path) -> None:
    """Remove what is left of the earlier content of ``folder`` after it was replaced.

    Raises:
        InputError: Something cannot be removed.
    """
    old = _aside(folder.resolve())
    if old.exists():
        try:
            shutil.rmtree(old)
        except OSError as error:
            raise InputError(
                f"{folder} was replaced, but its earlier content cannot be removed "
                f"({error.strerror}); remove {old}"
            ) from error


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.replaced")


def partial_of(folder: Path) -> Path:
    """Return the folder in which :func:`staging` writes; a killed process leaves it.

    Args:
        folder: The folder that is replaced at the end, with no symbolic link in its path.
    """
    return folder.with_name(f"{folder.name}.partial")


def _claim(partial: Path, *, marker: str, also: Sequence[str]) -> int:
    """Create ``partial`` anew and lock it; files left by a dead process are removed.

    Raises:
        InputError: Another process is writing it, or has just begun to.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        if partial.exists():
            known = _known_by(partial, marker)
            refuse_foreign(partial, marker=known, also=(*also, _OURS))
            os.close(lock_folder(partial, told=partial))
            _remove(partial, last=known)
        partial.mkdir(mode=0o700)
        (partial / _OURS).touch()
        return lock_folder(partial, told=partial)
    except (FileExistsError, FileNotFoundError):  # another process began at the same moment
        raise InputError(_busy(partial)) from None


def _known_by(partial: Path, marker: str) -> str:
    """Return the name of the file by which an unfinished folder is known to be ours."""
    return marker if (partial / marker).is_file() else _OURS


def _busy(told: Path) -> str:
    return f"{told} is being written by another process; wait for it or choose another folder"


def lock_folder(folder: Path, *, told: Path) -> int:
    """Lock a folder, waiting for a reader but not for a writer; return an open descriptor.

    The lock ends when the descriptor is closed, so also when the process ends.

    Args:
        folder: Folder to lock.
        told: Path that the error message names.

    Raises:
        InputError: Another process is writing the folder.
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
    """Lock a folder; the lock follows a rename of the folder and ends with its descriptor.

    Raises:
        BlockingIOError: Another process holds the lock.
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
    """Remove a folder; what cannot be removed stays."""
    with suppress(OSError):
        _remove(old, last=marker)


def _remove(folder: Path, *, last: str) -> None:
    """Remove a folder and, last of all in it, the file by which it is known to be ours.

    A removal that is interrupted can then be finished later.
    """
    for path in [path for path in folder.iterdir() if path.name != last]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(folder)


def refuse_links(folder: Path) -> None:
    """Refuse a folder that is gone on with, and may be somebody else's, if a link is in it.

    What is written or removed there would be written or removed elsewhere. The folder itself may
    be a link.

    Raises:
        IntegrityError: A link is in it; the message names it.
    """
    for inside, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(inside) / name
            if path.is_symlink():
                raise IntegrityError(
                    f"{path} is a link, through which files elsewhere would change; put what it "
                    "names in its place"
                )


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:,.1f} MB"


def keep_others_from_writing() -> None:
    """Set the umask of this process so that not everybody can write the files that it creates.

    A umask that lets everybody write is taken for an oversight: then only the owner may write. One
    that lets only a group write is left alone. This includes files that libraries create, such as
    the database of MLflow. Restricted files are private to their owner in any case.
    """
    found = os.umask(0o077)
    os.umask(found if found & _EVERYBODY_WRITES else found | _OTHERS_WRITE)
