"""Which adverts a bundle is proved on: real ones of every length, and extremes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from adverts.advert import Advert
from adverts.data.table import AdvertTable
from adverts.inputs.spec import InputName, InputSpec

_VARIED = 4
_LONG_CHARACTERS = 20_000


def proof_adverts(table: AdvertTable, spec: InputSpec, *, most: int) -> list[Advert]:
    """Choose adverts of a split, from the shortest to the longest, and add extremes.

    Added are the empty advert, adverts with each part left out, one with the text of many, and,
    where the model sees pictures, one with several. The order mixes lengths, so that batches are
    padded; the same table gives the same adverts.

    Args:
        table: Real adverts, at least one.
        spec: What the model reads.
        most: Real adverts that are taken at the most.
    """
    rows = sorted(range(len(table)), key=lambda row: (_characters(table, row), row))
    count = min(most, len(rows))
    chosen = [rows[place * (len(rows) - 1) // max(1, count - 1)] for place in range(count)]
    read = set(spec.inputs)
    real = [_read(table, row, read) for row in chosen]
    adverts = [*real, *_long(real, read), *_lacking(table, read)]
    random.Random(0).shuffle(adverts)  # noqa: S311 - not a secret
    return adverts


def _characters(table: AdvertTable, row: int) -> int:
    return len(table.texts[row]) + len(table.ocr_texts[row] or "")


def _read(table: AdvertTable, row: int, read: set[InputName]) -> Advert:
    """Return an advert without what the model does not read: pictures are large."""
    return Advert(
        id=table.ids[row],
        text=table.texts[row] if "text" in read else "",
        images=table.images(row) if "image" in read else (),
        ocr_text=table.ocr_texts[row] if "ocr" in read else None,
        ocr_quality=table.ocr_qualities[row] if "ocr" in read else None,
    )


def _long(real: Sequence[Advert], read: set[InputName]) -> Iterator[Advert]:
    texts = "\n".join(advert.text or advert.ocr_text or "" for advert in real)[:_LONG_CHARACTERS]
    long = Advert("long", texts if "text" in read else "", (), texts if "ocr" in read else None)
    yield long
    yield replace(long, id="one-word", text=long.text[:3], ocr_text=long.ocr_text and "x")


def _lacking(table: AdvertTable, read: set[InputName]) -> Iterator[Advert]:
    """The fullest adverts with one part left out each, nothing at all, and several pictures."""
    yield Advert("empty")
    rows = sorted(
        range(len(table)), key=lambda row: (-int(table.has_image[row]), -len(table.texts[row]), row)
    )
    whole = [_read(table, row, read) for row in rows[:_VARIED]]
    for advert in whole:
        yield replace(advert, id=f"{advert.id}, no caption", text="")
        yield replace(advert, id=f"{advert.id}, no OCR", ocr_text="")
        yield replace(advert, id=f"{advert.id}, quality not told", ocr_quality=None)
        yield replace(advert, id=f"{advert.id}, no image", images=())
    images = tuple(image for advert in whole for image in advert.images)[:_VARIED]
    yield replace(
        whole[0],
        id="several images",
        images=images * 2 if len(images) == 1 else images,
        ocr_text=whole[0].ocr_text or "",
    )
