"""Read adverts of a folder of scores again, to show them to people, contacts masked or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adverts.advert import Advert
from adverts.config.data import DataConfig
from adverts.data.mapping.plain_cells import word_of
from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.open_source import open_source
from adverts.data.sources.parts import Part
from adverts.data.sources.pictures import image_limits
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError, plural
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.pixels import TooManyBytesError, TooManyPixelsError, open_image
from adverts.json_records import from_plain
from adverts.ocr.cache import OcrCache
from adverts.ocr.cached_reader import CachedReader
from adverts.ocr.protocol import Reader
from adverts.runtime.predict.caller_input import RefusedError
from adverts.runtime.predict.read_adverts import read_images
from adverts.scoring.collection import Collection
from adverts.scoring.evidence.evidence_terms import CONTENT
from adverts.scoring.row_requests import request_of

Place = tuple[int, str, int]
"""Where an advert is: number of its unit, its file, and its line or number there."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a person sees of an advert.

    Attributes:
        text: Its text, contacts masked unless they were asked for.
        picture_text: Text that was read on its pictures, in the same way.
        pictures: Its encoded pictures.
        account: Name of its account; None unless contacts were asked for.
    """

    text: str
    picture_text: str
    pictures: tuple[bytes, ...]
    account: str | None = None


def read_again(
    collection: Collection,
    places: Iterable[Place],
    *,
    ocr_cache: Path | None,
    masked: bool = True,
) -> dict[Place, Content]:
    """Return the content of some adverts of a collection with evidence.

    Args:
        collection: The collection.
        places: Where the adverts are.
        ocr_cache: Folder of what was read on pictures; None: they are read again.
        masked: Whether contacts are masked and accounts left out. What is not masked belongs into
            no file and no log.

    Raises:
        InputError: A file of the source changed after it was scored, or is gone.
    """
    content = collection.plan.settings[CONTENT]
    assert isinstance(content, Mapping), "a collection with evidence keeps what reads it again"
    data = from_plain(DataConfig, content["data"])
    wanted: dict[int, set[Place]] = defaultdict(set)
    for place in places:
        wanted[place[0]].add(place)
    found: dict[Place, Content] = {}
    reader = _Reader(content["ocr"], ocr_cache)
    for unit in sorted(wanted):
        part = Part(**collection.plan.units[unit])  # type: ignore[arg-type]
        found |= _read_unit(collection, data, part, wanted[unit], reader, masked=masked)
    lost = sum(map(len, wanted.values())) - len(found)
    if lost:
        raise InputError(
            f"{plural(lost, 'advert')} that {collection.place} has scored cannot be found in "
            f"{content['data']['root']}; bring the files back as they were"  # type: ignore[call-overload,index]
        )
    return found


def _read_unit(
    collection: Collection,
    data: DataConfig,
    part: Part,
    wanted: set[Place],
    reader: _Reader,
    *,
    masked: bool,
) -> dict[Place, Content]:
    source = open_source(data, part)
    if asdict(source.stamps[part.file]) != collection.plan.inputs[part.file]:
        raise InputError(
            f"{part.file} changed after it was scored; bring it back as it was, so that people see "
            "what the model saw"
        )
    given = data.columns
    columns = (given.id, given.text, given.image, given.lang, *([] if masked else [given.account]))
    named = [one for one in dict.fromkeys(columns) if one is not None]
    unit = next(iter(wanted))[0]
    found: dict[Place, Content] = {}
    for row in source.read(named, part):
        place = (unit, row.file, row.row)
        if place in wanted and isinstance(row, RawRow):
            request = request_of(data, source, row)
            pictures = tuple(one for one in request.images if _is_shown(one, data))
            texts = reader.read(pictures, data) if pictures else ""
            content = Content(request.text or "", texts, pictures)
            found[place] = _masked(content) if masked else _with_account(content, row, data)
            if len(found) == len(wanted):
                break
    return found


def _masked(content: Content) -> Content:
    text, picture_text = mask_contacts(content.text), mask_contacts(content.picture_text)
    return replace(content, text=text, picture_text=picture_text)


def _with_account(content: Content, row: RawRow, data: DataConfig) -> Content:
    try:
        return replace(content, account=word_of(row.values, data.columns.account))
    except RowFault:
        return content


def _is_shown(picture: bytes, data: DataConfig) -> bool:
    """Return whether a picture is within the limits of its source; one that is no picture is."""
    try:
        open_image(picture, image_limits(data))
    except (TooManyBytesError, TooManyPixelsError):
        return False
    except InputError:
        return True  # its place says that it cannot be shown
    return True


class _Reader:
    """Reads pictures as the model did, if it read any."""

    def __init__(self, facts: object, cache: Path | None) -> None:
        self._facts, self._cache = facts, cache
        self._reader: Reader | None = None

    def read(self, images: Iterable[bytes], data: DataConfig) -> str:
        """Return the text on pictures; empty where they cannot be read."""
        if not isinstance(self._facts, Mapping):
            return ""
        if self._reader is None:
            self._reader = self._opened(self._facts)
        try:
            advert = Advert("", images=tuple(images))
            return read_images(advert, self._reader, image_limits(data)).ocr_text or ""
        except RefusedError:
            return ""

    def _opened(self, facts: Mapping[str, object]) -> Reader:
        from adverts.ocr.rebuild import reader_from_facts

        reader = reader_from_facts(facts, threads=1)
        if self._cache is None:
            return reader
        return CachedReader(reader, OcrCache(self._cache, setting="ocr_cache"))
