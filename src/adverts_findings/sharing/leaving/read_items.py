"""Read the adverts of campaigns that somebody asks to share, with all that decides on them."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from adverts.clusters.picture_hash import PictureHash
from adverts.data.review.reviews import Review, item_name
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.contacts.plain_names import WITHHELD
from adverts_findings.campaigns.bank.erased_ids import read_erased
from adverts_findings.campaigns.bank.overdue import not_overdue
from adverts_findings.campaigns.bank.read_bank import Bank
from adverts_findings.campaigns.entering.words import counted_of
from adverts_findings.campaigns.originals.open_datasets import BankDataset, open_datasets
from adverts_findings.campaigns.pages.asked_campaigns import asked_campaigns
from adverts_findings.campaigns.pages.former_ids import CampaignHistory
from adverts_findings.sharing.leaving.item import Item, Picture
from adverts_findings.sharing.leaving.reviewed import NOT_REVIEWED, reviewed_of
from adverts_findings.sharing.leaving.source_terms import (
    NOTHING_STATED,
    SourceTerms,
    plain_terms,
    terms_of_scores,
)

_COLUMNS = (
    *("id", "source", "platform", "platform_item_id", "url", "language", "posted_at"),
    *("picture_sha256", "picture_hashes", "retain_until", "review_band", "template", "campaign"),
)


def read_items(
    bank: Bank,
    campaigns: Sequence[str],
    prepared: Sequence[Path],
    reviews: Sequence[Review],
    today: datetime.date,
    *,
    scores: Sequence[str] = (),
) -> tuple[Item, ...]:
    """Return the adverts of campaigns, those of one campaign together, in the order of their names.

    Adverts that were erased or restricted, or whose last day is over, are not there at all. An
    advert whose input is not among those given, or does not hold it any more, has no text and no
    MD5, and counts as data of the most careful kind that states no licence.

    Args:
        bank: The bank.
        campaigns: Campaigns as a person writes them; one that was merged stands for what took its
            place.
        prepared: Prepared datasets that the bank was built from.
        reviews: What people said of adverts, in the order in which it was recorded.
        today: Day of today in UTC.
        scores: Folders or addresses of scores that the bank was built from; only the terms of their
            data are read.

    Raises:
        InputError: There is no such campaign, or an input is not one of the bank's.
        IntegrityError: A file is damaged.
    """
    builds = bank.table("builds")
    rows = _rows(bank, campaigns, today)
    sources = _Sources(
        open_datasets(prepared, builds),
        terms_of_scores(scores, builds),
        {one["id"] for one in rows},
    )
    said = reviewed_of(reviews, counted_of(builds))
    items = []
    for row in rows:
        item = item_name(row["id"])
        terms, text, files = sources.of(row["id"], row["source"])
        of_scores = row["review_band"] is not None or sources.is_scores(row["source"])
        items.append(
            Item(
                advert=row["id"],
                item=item,
                campaign=row["campaign"],
                source=row["source"],
                platform=_known(row["platform"]),
                url=row["url"] or "",
                platform_item_id=row["platform_item_id"] or "",
                language=_known(row["language"]),
                posted_at=row["posted_at"],
                template=row["template"] or "",
                text=text,
                pictures=tuple(_pictures(row, files)),
                reviewed=said.get(item, NOT_REVIEWED),
                sensitivity=terms.sensitivity,
                licence=terms.licence,
                audience="internal" if of_scores else "",
                retain_until=row["retain_until"],
            )
        )
    return tuple(items)


def _rows(bank: Bank, campaigns: Sequence[str], today: datetime.date) -> list[dict[str, Any]]:
    """Return the rows of the adverts that may be seen today, in the order of the items."""
    adverts = bank.table("adverts", _COLUMNS)
    open_now = pc.unique(adverts["campaign"]).drop_null().to_pylist()
    history = CampaignHistory(bank.table("replaced"))
    names = asked_campaigns(campaigns, open_now, history, most=0)
    place = {name: number for number, name in enumerate(names)}
    inside = adverts.filter(pc.is_in(adverts["campaign"], pa.array(names, pa.string())))
    erased = read_erased(bank.folder)
    shown = [one for one in not_overdue(inside, today).to_pylist() if one["id"] not in erased]
    return sorted(shown, key=lambda one: (place[one["campaign"]], item_name(one["id"])))


class _Sources:
    """What was given of the inputs of the bank."""

    def __init__(
        self,
        datasets: Sequence[BankDataset],
        scores: Mapping[str, SourceTerms],
        wanted: set[str],
    ) -> None:
        self._scores = scores
        self._datasets = [
            (one, {name: row for row, name in enumerate(one.adverts.ids) if name in wanted})
            for one in datasets
        ]

    def is_scores(self, source: str) -> bool:
        """Return whether an input is a folder of scores that was given."""
        return source in self._scores

    def of(self, advert: str, source: str) -> tuple[SourceTerms, str, tuple[bytes, ...]]:
        """Return the terms of an advert, its text with contacts masked, and its pictures."""
        for one, rows in self._datasets:
            row = rows.get(advert)
            if row is not None and source in one.names:
                terms = plain_terms(one.terms.sensitivity, one.terms.licence)
                return terms, mask_contacts(one.adverts.texts[row]), one.adverts.images(row)
        return self._scores.get(source, NOTHING_STATED), "", ()


def _pictures(row: Mapping[str, Any], files: Sequence[bytes]) -> Iterator[Picture]:
    md5 = {hashlib.sha256(one).digest(): _md5(one) for one in files}
    names: list[bytes] = row["picture_sha256"] or []
    stored = [*(row["picture_hashes"] or ()), *[None] * len(names)]
    for name, look in dict(zip(names, stored, strict=False)).items():
        told = _read_look(look)
        yield Picture(
            sha256=name.hex(),
            md5=md5.get(name, ""),
            pdq="" if told is None else told.pdq.hex(),
            quality=0 if told is None else told.quality,
            is_text_tile=told is not None and told.is_text_tile,
        )


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _read_look(stored: bytes | None) -> PictureHash | None:
    """Return the hashes of a picture; None where it could not be read."""
    with suppress(ValueError):  # of another version of the hashes
        return None if stored is None else PictureHash.from_bytes(stored)
    return None


def _known(name: str | None) -> str:
    return "" if name is None or name == WITHHELD else name
