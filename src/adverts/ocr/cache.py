"""What readers have read, kept by content: a restricted store, since it holds text of adverts."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import OcrResult, Reader


class OcrCache:
    """A folder of OCR results, one folder for each image, one file for each reader.

    Several processes may use one folder at once. Folders and files are for their owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_through(
        self, reader: Reader, image_bytes: bytes, decode: Callable[[], NDArray[np.uint8]]
    ) -> OcrResult:
        """Return what a reader says of an image, from the folder if it holds it.

        An entry that is damaged is read again and replaced.

        Args:
            reader: Asked on a miss; its ``spec`` is part of the key.
            image_bytes: The encoded image; its sha256 is the other part of the key.
            decode: Called on a miss alone; the pixels of the same image, RGB ``(H, W, 3)``.

        Raises:
            InputError: The image cannot be read; nothing is stored.
        """
        path = self._images(sha256_of(image_bytes)) / f"{reader.spec.key}.json"
        stored = _stored(path)
        if stored is not None:
            return stored
        result = reader.read(decode())
        self._store(path, result)
        return result

    def holds(self, reader: Reader, image_bytes: bytes) -> bool:
        """Tell whether the folder has an entry for this image and reader, sound or not."""
        return (self._images(sha256_of(image_bytes)) / f"{reader.spec.key}.json").is_file()

    def purge(self, image_sha256: str) -> int:
        """Remove every result of one image; return how many there were."""
        folder = self._images(image_sha256)
        if not folder.is_dir():
            return 0
        count = len(list(folder.glob("*.json")))
        shutil.rmtree(folder)
        return count

    def _images(self, image_sha256: str) -> Path:
        if len(image_sha256) != 64 or not set(image_sha256) <= set("0123456789abcdef"):
            raise ValueError(f"wanted 64 lower-case hex digits, got {len(image_sha256)} characters")
        return self._folder / image_sha256[:2] / image_sha256

    def _store(self, path: Path, result: OcrResult) -> None:
        for folder in (self._folder, path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = result.to_json().encode()
        partial = path.with_name(f".{path.stem}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sha256_of(body).encode() + b"\n" + body)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def sha256_of(data: bytes) -> str:
    """Return the hex digest that names an image in the cache."""
    return hashlib.sha256(data).hexdigest()


def _stored(path: Path) -> OcrResult | None:
    """Read an entry; None where there is none, or it is not what was written."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        return OcrResult.from_json(body.decode()) if digest == sha256_of(body).encode() else None
    except (FileNotFoundError, ValueError):
        return None
