"""Reads the text of the pictures of adverts, masks contacts, and makes tokens of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from adverts.advert import ReadQuality
from adverts.data.dataset.picture_spool import ImageSpool
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.sources.bad_rows import reason_of
from adverts.inputs.contacts.contact_tokens import ContactToken, mask_and_token
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache
from adverts.ocr.processes.workers import EncodedImage, ReadFailure, Workers, read_images
from adverts.ocr.protocol import Reader
from adverts.ocr.read_quality import PictureText, advert_text, picture_text
from adverts.work.progress import Progress


@dataclass(frozen=True, slots=True)
class PageText:
    """Text that was read on the pictures of one advert.

    Attributes:
        text: The text, contacts masked.
        quality: How well it could be read.
        contacts: Keyed tokens of its contacts; empty without a key.
    """

    text: str
    quality: ReadQuality
    contacts: tuple[ContactToken, ...] = ()


def read_pages(
    rows: Sequence[MappedRow],
    spool: ImageSpool,
    *,
    reader: Reader,
    cache: OcrCache,
    limits: ImageLimits,
    workers: Workers,
    token_key: bytes | None,
    progress: Progress,
) -> tuple[list[PageText | None], list[str | None]]:
    """Read the text of every picture, each once, through the cache.

    Returns:
        Two lists with an entry for each row: the text of its pictures, None if none was read; and
        why one of them could not be read, None if all were.
    """
    hashes = list(dict.fromkeys(image.sha256 for row in rows for image in row.images))
    found = read_images(
        [EncodedImage(functools.partial(spool.read, sha256), sha256) for sha256 in hashes],
        reader=reader,
        cache=cache,
        limits=limits,
        workers=workers,
    )
    read, failed = {}, {}
    for sha256, one in zip(
        progress(hashes, "reading pictures", "pictures", len(hashes)), found, strict=True
    ):
        if isinstance(one, ReadFailure):
            failed[sha256] = one.reason
        else:
            read[sha256] = picture_text(one)
    names = [[image.sha256 for image in row.images] for row in rows]
    pages = [_page([read[name] for name in row if name in read], token_key) for row in names]
    reasons = [next((failed[name] for name in row if name in failed), None) for row in names]
    return (
        [page if isinstance(page, PageText) else None for page in pages],
        [page if isinstance(page, str) else why for page, why in zip(pages, reasons, strict=True)],
    )


def _page(pictures: Sequence[PictureText], token_key: bytes | None) -> PageText | str | None:
    """Return the text of pictures, why it cannot be used, or None if nothing was read."""
    said = advert_text(pictures)
    if said is None:
        return None
    try:
        masked, contacts = mask_and_token(said.text, key=token_key)
    except Exception as error:  # a failure on one picture must not stop the others
        return reason_of(error)
    return PageText(masked, said.quality, contacts)
