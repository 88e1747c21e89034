"""Keeps checked pictures on disk until a dataset is written, so that a killed run can resume."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import PIL
from PIL import Image

from adverts.data.dataset.picture_list import (
    LIST,
    PICTURES,
    UNFINISHED,
    PictureList,
    write_list,
)
from adverts.data.dataset.prepared_rows import StoredImage
from adverts.data.dataset.spool_journal import Entry, Kept, Refused, SpoolJournal, write_all
from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.pictures import SourcePicture, source_bytes
from adverts.errors import InputError, IntegrityError
from adverts.files.staging import is_disk_full, lock_folder, refuse_foreign, require_disk
from adverts.inputs.pixels import CHECKED, REENCODING_VERSION, ImageLimits, reencode

_DISK_STEP = 256_000_000
_JOURNAL = "journal"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
_NUM_LOCKS = 64


@dataclass(frozen=True, slots=True)
class SpooledImage:
    """A checked picture in the spool.

    Attributes:
        sha256: Hash of its bytes.
        name: Its name in the source, if any.
        description: Result of the spool's ``describe`` for it.
    """

    sha256: str
    name: str | None
    description: bytes = b""


class ImageSpool:
    """Checked pictures in a private folder next to a dataset; equal ones are kept only once.

    Several threads may add and read; another process is kept out. A run that is killed or fails
    leaves the folder, and the next run into the same dataset continues with it. Only whole entries
    count, and each picture is hashed before it is used again. A successful run removes the folder
    with every picture, also those whose rows are no longer in the source. To remove the pictures
    of an abandoned run, prepare again or delete the folder.
    """

    def __init__(
        self,
        dataset: Path,
        limits: ImageLimits,
        *,
        describe: Callable[[Image.Image], bytes] = lambda _: b"",
        rules: str = "",
    ) -> None:
        """Open the pictures that an earlier run left next to ``dataset``, or start a new spool.

        Args:
            dataset: Folder of the dataset; it need not exist, but its parent must.
            limits: Limits beyond which a picture is refused.
            describe: Returns a description of a picture; called once for each file.
            rules: Version of ``describe``; results of another version are made again.

        Raises:
            InputError: Another process writes this dataset, its place for pictures holds
                something else, or the disk is full.
        """
        self._dataset, self._limits, self._describe = dataset.absolute(), limits, describe
        self._folder = spool_folder(dataset)
        self._places: dict[bytes, Kept] = {}
        self._checked_disk = 0
        self._writing = threading.Lock()
        self._checking = [threading.Lock() for _ in range(_NUM_LOCKS)]
        self._stays = False
        refuse_foreign(self._folder, marker=_JOURNAL, also=(PICTURES, LIST, UNFINISHED))
        with self._told_if_full(), ExitStack() as opened:
            opened.callback(os.close, _locked(self._folder, self._dataset))
            self._open(f"{REENCODING_VERSION}, Pillow {PIL.__version__}, {limits}, {rules}")
            opened.callback(self._journal.close)
            opened.callback(os.close, self._file)
            self._opened = opened.pop_all()

    def __len__(self) -> int:
        """Return the number of different pictures that this run has added or found again."""
        return len(self._places)

    def __enter__(self) -> ImageSpool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the spool; it stays on disk after an error or a list, unless it holds nothing."""
        if (kind is None and not self._stays) or not self._journal.entries:
            for name in (LIST, UNFINISHED):
                (self._folder / name).unlink(missing_ok=True)
            for name in (PICTURES, _JOURNAL):  # pictures without a journal would be foreign
                (self._folder / name).unlink()
            self._folder.rmdir()
        self._opened.close()

    @property
    def num_bytes(self) -> int:
        """Size of all pictures on disk in bytes."""
        return self._end

    def add(self, picture: SourcePicture, *, column: str) -> SpooledImage:
        """Check and keep one picture, unless the same file was checked before.

        Raises:
            RowFault: It is too large, damaged, or no picture; ``column`` is at fault.
            InputError: The disk has no space for the pictures twice, here and in the shards.
        """
        data = source_bytes(picture, self._limits, column=column)
        source = hashlib.sha256(data).digest()
        with self._checking[source[0] % _NUM_LOCKS]:  # two threads never check the same file
            entry = self._known(source) or self._check(source, data)
        if isinstance(entry, Refused):
            raise RowFault(column, entry.reason)
        return SpooledImage(entry.sha256.hex(), picture.name, entry.description)

    def read(self, sha256: str) -> bytes:
        """Return a picture that this run has added, by its hash.

        Raises:
            IntegrityError: The picture was changed on disk.
        """
        data = self._intact(self._places[bytes.fromhex(sha256)])
        if data is None:
            raise IntegrityError(
                f"{self._folder / PICTURES} was changed during the run; run adverts prepare "
                "again, which makes damaged pictures anew"
            )
        return data

    def list_pictures(
        self, sha256s: Sequence[str], *, made_for: str, reader: str, stays: bool
    ) -> PictureList:
        """List pictures that this run has added, so that other processes can read them.

        Args:
            sha256s: Hashes of the pictures.
            made_for: Hash of what the pictures are of, see :class:`PictureList`.
            reader: Key of the reader that reads them.
            stays: Whether the spool stays on disk when it is closed, for processes that use the
                list afterwards; the next run that ends well removes it.
        """
        with self._told_if_full():
            os.fsync(self._file)  # other machines see what has reached the disk
            places = [self._places[bytes.fromhex(sha256)] for sha256 in sha256s]
            listed = write_list(self._folder, places, made_for=made_for, reader=reader)
        self._stays = stays
        return listed

    def stored(self, images: Sequence[SpooledImage]) -> tuple[StoredImage, ...]:
        """Return pictures in the form that shards hold."""
        return tuple(StoredImage(self.read(image.sha256), image.name) for image in images)

    def _open(self, rules: str) -> None:
        self._journal = SpoolJournal(self._folder / _JOURNAL, rules)
        self._file = os.open(self._folder / PICTURES, _FLAGS, 0o600)
        entries = self._journal.entries
        kept = [entry for entry in entries.values() if isinstance(entry, Kept)]
        self._end = max((entry.start + entry.length for entry in kept), default=0)
        os.truncate(self._file, self._end)  # cut off bytes that no whole entry describes
        self._unproven = set(entries)
        self.num_before = len(entries)

    def _known(self, source: bytes) -> Entry | None:
        """Return the entry of a file; None if it has none or its picture is damaged."""
        entry = self._journal.entries.get(source)
        if isinstance(entry, Kept) and source in self._unproven:
            if self._intact(entry) is None:
                return None
            self._unproven.discard(source)
            self._places.setdefault(entry.sha256, entry)
        return entry

    def _check(self, source: bytes, data: bytes) -> Entry:
        """Decode a file, and write the result to disk before returning it."""
        entry: Entry
        try:
            clean, image = reencode(data, self._limits)
        except InputError as error:
            entry = Refused(str(error))
            if isinstance(error.__context__, MemoryError):
                return entry  # not recorded: there may be enough memory another time
            with self._writing, self._told_if_full():
                self._journal.add(source, entry)
            return entry
        return self._keep(source, clean, self._describe(image))

    def _keep(self, source: bytes, clean: bytes, description: bytes) -> Kept:
        sha256 = hashlib.sha256(clean).digest()
        with self._writing, self._told_if_full():
            held = self._places.get(sha256)
            start = self._end if held is None else held.start
            if held is None:
                self._require_disk()
                write_all(self._file, clean)
                self._end += len(clean)
            kept = Kept(start, len(clean), sha256, description)
            self._journal.add(source, kept)
            self._unproven.discard(source)
            self._places.setdefault(sha256, kept)
        return kept

    def _intact(self, kept: Kept) -> bytes | None:
        data = os.pread(self._file, kept.length, kept.start)
        return data if hashlib.sha256(data).digest() == kept.sha256 else None

    def _require_disk(self) -> None:
        if self._end >= self._checked_disk:
            require_disk(self._dataset, self._end + 2 * _DISK_STEP)
            self._checked_disk = self._end + _DISK_STEP

    @contextmanager
    def _told_if_full(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not is_disk_full(error):
                raise
            raise InputError(
                f"{self._dataset}: the disk is full; free some space and run adverts prepare "
                "again: it keeps the pictures that were already checked"
            ) from error


def spool_folder(dataset: Path) -> Path:
    """Return the folder that holds the pictures of a dataset until it is written."""
    dataset = dataset.absolute()
    return dataset.with_name(f".{dataset.name}.pictures")


def remove_leavings(dataset: Path) -> None:
    """Remove the pictures of an abandoned run into ``dataset``.

    Raises:
        InputError: Another process writes this dataset.
    """
    if spool_folder(dataset).exists():
        with ImageSpool(dataset, CHECKED):
            pass  # closing the spool removes its folder


def _locked(folder: Path, dataset: Path) -> int:
    """Create a folder if needed, and lock it; its last holder may be removing it meanwhile."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            lock = lock_folder(folder, told=dataset)
            if folder.stat().st_ino == os.fstat(lock).st_ino:
                return lock
            os.close(lock)
        except FileNotFoundError:
            continue
