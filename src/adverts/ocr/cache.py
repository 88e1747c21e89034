"""Cache of OCR results on disk, with restricted access since it holds texts of adverts."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from adverts.errors import InputError, first_line, say
from adverts.ocr.protocol import OcrResult

_HEX = frozenset("0123456789abcdef")
_TRIES = 100
"""How often a folder is written or emptied while another process does the contrary."""


class OcrCache:
    """Folder of OCR results, with one folder for each image and one file for each reader.

    Several processes may use one folder at once. Only the owner can access its folders and files.
    A file begins with the hash of the rest, which names the image and the reader. A file that is
    damaged, cut short, of another version or of another image is ignored.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tell: Callable[[str], None] | None = None,
        setting: str = "ocr.cache",
    ) -> None:
        """Set the folder; it is created with the first result.

        Args:
            folder: Folder of the results.
            tell: Function that prints one line for the user; None prints to stderr.
            setting: Key of the configuration that names the folder, for that line.
        """
        self._folder = folder
        self._root = str(folder)
        self._tell = tell or (lambda line: say(line, error=True))
        self._told = False
        self._setting = setting

    def stored(self, image_sha256: str, reader_key: str) -> OcrResult | None:
        """Return the result of a reader for an image, or None without a valid entry.

        Args:
            image_sha256: sha256 of the encoded image.
            reader_key: Key of the reader's spec.
        """
        try:
            with open(self._path(image_sha256, reader_key), "rb", buffering=0) as file:
                entry = file.readall()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._not_kept(error)
            return None
        return _opened(entry, _names(image_sha256, reader_key))

    def keep(self, image_sha256: str, reader_key: str, result: OcrResult) -> None:
        """Store the result of a reader for an image, and replace an earlier one.

        If the folder cannot be written, one line reports it for all images, and nothing is stored.
        """
        path = Path(self._path(image_sha256, reader_key))
        body = _names(image_sha256, reader_key) + result.to_json().encode()
        entry = sha256_of(body).encode() + b"\n" + body
        for tries_left in reversed(range(_TRIES)):
            try:
                self._write(path, entry)
                return
            except OSError as error:
                if not (tries_left and isinstance(error, FileNotFoundError)):
                    self._not_kept(error)
                    return  # otherwise another process purged the folder meanwhile

    def purge(self, image_sha256: str) -> int:
        """Remove all results of one image and return their number.

        Results that another process stores meanwhile are removed too.

        Raises:
            InputError: The results cannot be removed.
        """
        folder = Path(self._image_folder(image_sha256))
        count = 0
        for tries_left in reversed(range(_TRIES)):
            try:
                count += _unlink_all(folder)
                folder.rmdir()
                break
            except FileNotFoundError:
                break
            except OSError as error:
                if tries_left and error.errno == errno.ENOTEMPTY:
                    continue
                raise InputError(
                    f"{self._folder} has readings that cannot be removed ({first_line(error)}); "
                    "run this as the owner of the folder"
                ) from None
        return count

    def _write(self, path: Path, entry: bytes) -> None:
        folder = path.parent
        for made in (self._folder, folder.parent, folder):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_abandoned(folder)
        partial = folder / f".{path.stem}.{secrets.token_hex(8)}"
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb", buffering=0) as file:
                _lock(descriptor)
                if file.write(entry) != len(entry):
                    raise OSError(errno.ENOSPC, "No space left on device")
                partial.replace(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise

    def _path(self, image_sha256: str, reader_key: str) -> str:
        return f"{self._image_folder(image_sha256)}/{reader_key}.json"

    def _image_folder(self, image_sha256: str) -> str:
        if len(image_sha256) != 64 or not _HEX.issuperset(image_sha256):
            raise ValueError(f"wanted 64 lower-case hex digits, got {len(image_sha256)} characters")
        return f"{self._root}/{image_sha256[:2]}/{image_sha256}"

    def _not_kept(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            self._tell(
                f"{self._folder} cannot store what is read on pictures ({error.strerror}); it is "
                f"read again each time until {self._setting}= names a folder that can be written"
            )


def sha256_of(data: bytes) -> str:
    """Return the hex digest that identifies an image in the cache."""
    return hashlib.sha256(data).hexdigest()


def _unlink_all(folder: Path) -> int:
    """Remove all files of a folder and return how many of them were entries."""
    files = sorted(folder.iterdir())
    for path in files:
        path.unlink(missing_ok=True)
    return sum(path.suffix == ".json" for path in files)


def _names(image_sha256: str, reader_key: str) -> bytes:
    """Return the line of an entry that names its image and reader."""
    return f"{image_sha256} {reader_key}\n".encode()


def _opened(entry: bytes, names: bytes) -> OcrResult | None:
    digest, _, body = entry.partition(b"\n")
    if digest != sha256_of(body).encode() or not body.startswith(names):
        return None
    try:
        return OcrResult.from_json(body[len(names) :].decode())
    except ValueError:
        return None  # of another version


def _lock(descriptor: int) -> None:
    """Lock a partial file while it is open; some network folders do not support locks."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_abandoned(folder: Path) -> None:
    """Remove partial files whose writers have died, so that they are not locked."""
    for path in folder.glob(".*"):
        with suppress(OSError):
            descriptor = os.open(path, os.O_WRONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
            finally:
                os.close(descriptor)
