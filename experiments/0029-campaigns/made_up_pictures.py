"""Made-up pictures: hashes of no picture, changed as crops and saving change those of photos.

Real pictures of a world would take longer to describe than all the rest takes. The means and
standard deviations of changed bits are those that ``flips.py 400`` measured on made-up photos.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from made_up_texts import Writer
from ranges import PICTURE_COPIES, PICTURE_WITH_TEXT

from adverts.clusters.picture_hash import HASH_BYTES, PictureHash

Flips = tuple[float, float]
CROP_PDQ: Flips = (95, 16)
CROP_LOCAL: Flips = (33, 11)  # local hash of a crop, against that of the original's centre
CROP_CENTRE: Flips = (76, 12)  # its centre's, against the same
SAVED_PDQ: Flips = (3.4, 2.1)
SAVED_LOCAL: Flips = (6.9, 5.9)
CENTRE: Flips = (74, 8)  # local hash of the centre, against that of the whole picture
QUALITY: Flips = (93, 14)
DETAIL: Flips = (0.913, 0.063)
_BITS = 8 * HASH_BYTES


@dataclass(frozen=True, slots=True)
class Original:
    """A picture before it is posted.

    Attributes:
        file: sha256 of its file.
        look: Its hashes.
        page: Words on it; none on most.
    """

    file: bytes
    look: PictureHash
    page: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as posted: sha256 of its file, stored hashes, and what is read on it."""

    file: bytes
    look: bytes
    page: str


class Camera:
    """Makes the pictures of one world."""

    def __init__(self, rng: random.Random, writer: Writer) -> None:
        self._rng, self._writer = rng, writer

    def original(self, language: str) -> Original:
        """Return a new picture, with words of a language on it in some cases."""
        rng = self._rng
        local = rng.randbytes(HASH_BYTES)
        quality = min(100, max(0, round(rng.gauss(*QUALITY))))
        detail = round(255 * min(1.0, max(0.0, rng.gauss(*DETAIL))))
        look = PictureHash(
            rng.randbytes(HASH_BYTES), quality, local, self._flip(local, CENTRE), detail, False
        )
        page = self._writer.page(language) if rng.random() < PICTURE_WITH_TEXT else ()
        return Original(rng.randbytes(32), look, page)

    def show(self, picture: Original) -> Shown:
        """Return a picture as one advert shows it: the same file, saved again, or cropped."""
        (copy,) = self._rng.choices(tuple(PICTURE_COPIES), tuple(PICTURE_COPIES.values()))
        if copy == "same":  # the same file is always read alike
            return Shown(picture.file, picture.look.to_bytes(), " ".join(picture.page))
        look = self.saved(picture.look) if copy == "saved" else self.crop(picture.look)
        return Shown(self._rng.randbytes(32), look.to_bytes(), self._writer.read(picture.page))

    def saved(self, look: PictureHash) -> PictureHash:
        """Return the hashes of a picture that was compressed again."""
        return PictureHash(
            self._flip(look.pdq, SAVED_PDQ),
            look.quality,
            self._flip(look.local, SAVED_LOCAL),
            self._flip(look.local_of_centre, SAVED_LOCAL),
            look.detail,
            look.is_text_tile,
        )

    def crop(self, look: PictureHash) -> PictureHash:
        """Return the hashes of a crop of 3 to 8 % of each side."""
        return PictureHash(
            self._flip(look.pdq, CROP_PDQ),
            look.quality,
            self._flip(look.local_of_centre, CROP_LOCAL),
            self._flip(look.local_of_centre, CROP_CENTRE),
            look.detail,
            look.is_text_tile,
        )

    def _flip(self, bits: bytes, flips: Flips) -> bytes:
        """Return bits of which so many, about, are changed."""
        count = min(_BITS, max(0, round(self._rng.gauss(*flips))))
        mask = sum(1 << place for place in self._rng.sample(range(_BITS), count))
        return (int.from_bytes(bits) ^ mask).to_bytes(HASH_BYTES)
