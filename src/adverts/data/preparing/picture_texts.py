"""Reads the text of the pictures of adverts, masks contacts, and makes tokens of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from adverts.advert import ReadQuality, advert_quality, advert_text
from adverts.data.dataset.picture_spool import ImageSpool
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.sources.bad_rows import reason_of
from adverts.inputs.contacts.contact_tokens import ContactToken, mask_and_token
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache
from adverts.ocr.processes.workers import EncodedImage, ReadFailure, Workers, read_images
from adverts.ocr.protocol import Reader
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


def spooled_pictures(rows: Sequence[MappedRow], spool: ImageSpool) -> list[list[EncodedImage]]:
    """Return the pictures of each row, which wait in a spool; a repeated one is the same object."""
    different = {
        image.sha256: EncodedImage(functools.partial(spool.read, image.sha256), image.sha256)
        for row in rows
        for image in row.images
    }
    return [[different[image.sha256] for image in row.images] for row in rows]


def read_pages(
    pictures: Sequence[Sequence[EncodedImage]],
    *,
    reader: Reader,
    cache: OcrCache,
    limits: ImageLimits,
    workers: Workers,
    token_key: bytes | None,
    progress: Progress,
    title: str,
) -> tuple[list[PageText | None], list[str | None]]:
    """Read the text of the pictures of some adverts, each different one once, through the cache.

    Args:
        pictures: Pictures of each advert, in their order.
        reader: Reader of the pictures.
        cache: Cache of what was read.
        limits: Limits above which a picture is refused.
        workers: Processes that read.
        token_key: Key of the contacts' tokens; None for no tokens.
        progress: Shows how many pictures have been read.
        title: Title under which it does so.

    Returns:
        Two lists with an entry for each advert: the text of its pictures, None if none was read;
        and why one of them could not be read, None if all were.
    """
    different = list(dict.fromkeys(picture for advert in pictures for picture in advert))
    outcomes = read_images(different, reader=reader, cache=cache, limits=limits, workers=workers)
    watched = progress(different, title, "pictures", len(different))
    read, failed = {}, {}
    for picture, outcome in zip(watched, outcomes, strict=True):
        if isinstance(outcome, ReadFailure):
            failed[picture] = outcome.reason
        else:
            read[picture] = outcome.text, outcome.quality
    found = [_page([read[one] for one in advert if one in read], token_key) for advert in pictures]
    unread = [next((failed[one] for one in advert if one in failed), None) for advert in pictures]
    reasons = [unusable or why for (_, unusable), why in zip(found, unread, strict=True)]
    return [page for page, _ in found], reasons


def _page(
    pictures: Sequence[tuple[str, ReadQuality]], token_key: bytes | None
) -> tuple[PageText | None, str | None]:
    """Return the text of pictures, None if nothing was read, and why it cannot be used, if so."""
    quality = advert_quality([quality for _, quality in pictures])
    if quality is None:
        return None, None
    try:
        masked, contacts = mask_and_token(advert_text(text for text, _ in pictures), key=token_key)
    except Exception as error:  # a failure on one picture must not stop the others
        return None, reason_of(error)
    return PageText(masked, quality, contacts), None
