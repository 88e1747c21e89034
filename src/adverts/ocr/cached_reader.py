"""A reader that keeps what was read on a picture file, so that the same file is read once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import OcrResult, Reader, ReaderSpec


class CachedReader:
    """Reader beside a cache of its results, which other processes and other runs may share.

    Pixels are always read. Only who has the file of a picture can ask for what is kept, since the
    cache is keyed by files; an entry of a reader with another spec is never returned.
    """

    def __init__(self, reader: Reader, cache: OcrCache) -> None:
        """Set the reader and the cache of its results."""
        self._reader, self._cache = reader, cache
        self._key = reader.spec.key

    @property
    def spec(self) -> ReaderSpec:
        """Spec of the reader itself, since a result is the same whether it was kept or not."""
        return self._reader.spec

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one upright RGB image ``(H, W, 3)``.

        Raises:
            InputError: The array is not an image of this form.
        """
        return self._reader.read(image)

    def stored(self, image_sha256: str) -> OcrResult | None:
        """Return what this reader found on the file with this hash; None if it is not kept."""
        return self._cache.stored(image_sha256, self._key)

    def keep(self, image_sha256: str, result: OcrResult) -> None:
        """Keep what this reader found on the file with this hash, if the folder can be written."""
        self._cache.keep(image_sha256, self._key, result)
