"""Read from prepared datasets what the page of one campaign shows of its texts and pictures."""

from __future__ import annotations

import base64
import datetime
import hashlib
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from adverts.data.dataset.advert_table import AdvertTable
from adverts.errors import InputError
from adverts.evaluation.report.blurred import blurred_png
from adverts.evaluation.report.templating import without_controls
from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.campaigns.originals.open_datasets import open_datasets
from adverts_findings.campaigns.originals.originals import (
    Originals,
    PriceWeek,
    ShownTemplate,
    TextVariant,
)
from adverts_findings.campaigns.originals.prices import find_prices
from adverts_findings.campaigns.originals.slots import alike, is_cut, pieces_of
from adverts_findings.campaigns.weeks import week_name

MOST_TEMPLATES, MOST_VARIANTS, MOST_PICTURES = 20, 5, 24
"""Most templates of a campaign, groups of texts of a template, and pictures that are shown."""


@dataclass(frozen=True, slots=True)
class SoughtAdvert:
    """An advert of the campaign whose text and pictures are sought.

    Attributes:
        id: Its id.
        source: The input of the bank that it came from.
        template: Name of its template.
        posted_at: When it was posted; None if it is not known.
        pictures: The sha256 of each of its pictures.
    """

    id: str
    source: str
    template: str
    posted_at: datetime.datetime | None
    pictures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """An advert that was found in its source."""

    advert: SoughtAdvert
    text: str
    language: str


class OriginalSources:
    """Prepared datasets from which the bank was built, open for reading."""

    def __init__(self, folders: Sequence[Path], builds: pa.Table) -> None:
        """Open datasets and check that the bank was built from each of them.

        An id is an advert's own only within its dataset, so another dataset is refused.

        Raises:
            InputError: A folder is no prepared dataset, or not one of the bank's.
            IntegrityError: A file of one has changed.
        """
        self._open = open_datasets(folders, builds)

    def read(self, adverts: Sequence[SoughtAdvert]) -> Originals:
        """Return what the datasets hold of the adverts of a campaign."""
        texts: list[_Read] = []
        wanted = _most_shown(adverts)
        pictures: dict[str, str] = {}
        unreadable = found = 0
        for opened in self._open:
            table = opened.adverts
            rows = {one: row for row, one in enumerate(table.ids)}
            for advert in adverts:
                row = rows.get(advert.id)
                if row is None or advert.source not in opened.names:
                    continue
                found += 1
                texts.append(_read(table, row, advert))
                for sha256 in wanted & set(advert.pictures):
                    wanted.discard(sha256)
                    shown = _blurred(table, row, sha256)
                    unreadable += shown is None
                    if shown is not None:
                        pictures[sha256.hex()[:12]] = shown
        with_text = [one for one in texts if one.text]
        templates = _templates(with_text, adverts)
        return Originals(
            sources=tuple(str(one.folder) for one in self._open),
            found=found,
            templates=tuple(templates[:MOST_TEMPLATES]),
            template_count=len(templates),
            prices=tuple(_price_weeks(with_text)),
            without_price=sum(not find_prices(one.text) for one in with_text),
            pictures=dict(sorted(pictures.items())),
            unreadable=unreadable,
        )


def _read(table: AdvertTable, row: int, advert: SoughtAdvert) -> _Read:
    text = table.texts[row] or table.ocr_texts[row] or ""
    masked = mask_contacts(without_controls(text))
    return _Read(advert, " ".join(masked.split()), table.langs[row] or "")


def _most_shown(adverts: Sequence[SoughtAdvert]) -> set[bytes]:
    counts = Counter(one for advert in adverts for one in set(advert.pictures))
    return set(sorted(counts, key=lambda one: (-counts[one], one))[:MOST_PICTURES])


def _blurred(table: AdvertTable, row: int, sha256: bytes) -> str | None:
    """Return a picture blurred in its pixels, as an address; None if it cannot be read."""
    for data in table.images(row):
        if hashlib.sha256(data).digest() == sha256:
            try:
                return "data:image/png;base64," + base64.b64encode(blurred_png(data)).decode()
            except InputError:
                return None
    return None


def _templates(texts: Sequence[_Read], adverts: Sequence[SoughtAdvert]) -> list[ShownTemplate]:
    counts = Counter(one.template for one in adverts)
    of_template: dict[str, list[_Read]] = defaultdict(list)
    for one in texts:
        of_template[one.advert.template].append(one)
    order = sorted(of_template, key=lambda one: (-counts[one], one))
    shown = order[:MOST_TEMPLATES]
    return [_template(name, counts[name], of_template[name], align=name in shown) for name in order]


def _template(name: str, adverts: int, texts: Sequence[_Read], *, align: bool) -> ShownTemplate:
    found = Counter(one.text for one in texts)
    languages = Counter(one.language for one in texts if one.language)
    groups = alike(found) if align else ()
    variants = tuple(TextVariant(sum(one.values()), pieces_of(one)) for one in groups)
    return ShownTemplate(
        template=name,
        adverts=adverts,
        texts=len(texts),
        languages=tuple(sorted(languages, key=lambda one: (-languages[one], one))),
        variants=variants[:MOST_VARIANTS],
        variant_count=len(variants),
        cut=is_cut(found),
    )


def _price_weeks(texts: Sequence[_Read]) -> Iterator[PriceWeek]:
    amounts: dict[tuple[str, str], list[float]] = defaultdict(list)
    adverts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in texts:
        for price in find_prices(one.text):
            key = price.currency, _week(one.advert.posted_at)
            amounts[key].append(price.amount)
            adverts[key].add(one.advert.id)
    for currency, week in sorted(amounts, key=lambda one: (one[0], one[1] == "", one[1])):
        prices = amounts[currency, week]
        yield PriceWeek(
            week=week,
            currency=currency,
            prices=len(prices),
            adverts=len(adverts[currency, week]),
            least=min(prices),
            middle=statistics.median(prices),
            most=max(prices),
        )


def _week(at: datetime.datetime | None) -> str:
    return "" if at is None else week_name(at.astimezone(datetime.UTC).date())
