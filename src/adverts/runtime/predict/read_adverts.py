"""Make adverts from the columns of a caller, one by one, so that a bad one affects no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from adverts.advert import Advert, ReadQuality, advert_quality, advert_text
from adverts.errors import InputError
from adverts.inputs.encoding import TokenizerError
from adverts.inputs.pixels import (
    ImageLimits,
    TooManyBytesError,
    TooManyPixelsError,
    file_to_name,
    open_image,
    rgb_array,
)
from adverts.inputs.quality_features import check_quality
from adverts.ocr.cache import sha256_of
from adverts.ocr.cached_reader import CachedReader
from adverts.ocr.partial_reader import abstained_lines
from adverts.ocr.processes.child import ReadFailure, read_pixels
from adverts.ocr.protocol import OcrResult, Reader
from adverts.runtime.predict.caller_input import (
    USUAL_LIMITS,
    Limits,
    RefusedError,
    clean_text,
    images_of,
    results_of,
)
from adverts.runtime.predict.responses import ItemError

T = TypeVar("T")
ImageEntry = bytes | Sequence[bytes] | None
OcrEntry = OcrResult | Sequence[OcrResult] | str | None
_Parts = tuple[object, object, object]
_UNREAD = (
    "its pictures were not read, but the model needs the text in them; give their text (an empty "
    "one if there is none) or a reader"
)
_ABSTAINED = (
    "the reader left lines in its pictures unread ({}), since a part of it differs from the one in "
    "training: leave it to a person"
)
_ONE_VALUE = str | bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class IncomingAdvert:
    """An advert, or the error why there is none: ``advert`` then has only its id.

    ``abstained`` counts the lines in its pictures that a reader left to a person. ``language`` is a
    BCP-47 tag, or None where none is given.
    """

    advert: Advert
    error: ItemError | None = None
    abstained: int = 0
    language: str | None = None


def gather_adverts(
    *,
    texts: Sequence[str | None] | None,
    images: Sequence[ImageEntry] | None,
    ocr: Sequence[OcrEntry] | None,
    qualities: Sequence[ReadQuality | None] | None,
    ids: Sequence[str] | None,
    languages: Sequence[str | None] | None = None,
    limits: Limits = USUAL_LIMITS,
) -> list[IncomingAdvert]:
    """Return the adverts of some columns; a column or an entry that is None is absent.

    Args:
        texts: Captions.
        images: Encoded files, one or several for each advert.
        ocr: What was read from the images, as a text or as OCR results.
        qualities: How well the images could be read, where ``ocr`` is text; results include it.
        ids: Names of the adverts; their positions where there are none.
        languages: BCP-47 tags, context that no model reads.
        limits: Limits of each advert.

    Raises:
        InputError: The columns are not of one length, or one is a single value.
    """
    columns = {
        "texts": texts,
        "images": images,
        "ocr": ocr,
        "qualities": qualities,
        "ids": ids,
        "languages": languages,
    }
    count = _length({name: column for name, column in columns.items() if column is not None})
    nothing = [None] * count
    names = ids if ids is not None else nothing
    rows = zip(
        names,
        nothing if texts is None else texts,
        nothing if images is None else images,
        nothing if ocr is None else ocr,
        nothing if qualities is None else qualities,
        nothing if languages is None else languages,
        strict=True,
    )
    return [
        _candidate(row, name, (text, image, read), limits, quality=quality, language=language)
        for row, (name, text, image, read, quality, language) in enumerate(rows)
    ]


def refusals(
    incoming: Sequence[IncomingAdvert], *, reads_ocr: bool, wants_text: bool
) -> dict[int, ItemError]:
    """Return, by row, why some adverts cannot be scored.

    Args:
        incoming: The adverts.
        reads_ocr: Whether the model reads the text in pictures.
        wants_text: Whether pictures must come with their text, since there is no reader of them.
    """
    found = {}
    for row, one in enumerate(incoming):
        if one.error is not None:
            found[row] = one.error
        elif wants_text and one.advert.images and one.advert.ocr_text is None:
            found[row] = ItemError("pictures_not_read", _UNREAD)
        elif reads_ocr and one.abstained:
            found[row] = ItemError("pictures_not_read", _ABSTAINED.format(one.abstained))
    return found


def read_images(advert: Advert, reader: Reader, limits: ImageLimits) -> Advert:
    """Return the advert with the text of its images, unless it has one or no image.

    Raises:
        RefusedError: An image cannot be read, or the reader left a line in one to a person.
        AdvertsError: The reader cannot work, whatever the image.
    """
    if advert.ocr_text is not None or not advert.images:
        return advert
    results = [_read_image(data, reader, limits) for data in advert.images]
    if abstained := abstained_lines(results):
        raise RefusedError("pictures_not_read", _ABSTAINED.format(abstained))
    text, quality = _joined(results)
    return replace(advert, ocr_text=text, ocr_quality=quality)


def picture_error(error: Exception) -> ItemError:
    """Return the error for an advert whose picture or text could not be read."""
    if isinstance(error, TokenizerError):
        return ItemError("model_failed", str(error))
    if isinstance(error, TooManyBytesError):
        return ItemError("too_many_bytes", str(error))
    if isinstance(error, TooManyPixelsError):
        return ItemError("too_many_pixels", str(error))
    if isinstance(error, InputError):
        return ItemError("unreadable_image", str(error))
    reason = f"picture cannot be decoded: {type(error).__name__}"  # its text may quote the image
    return ItemError("unreadable_image", reason)


def _read_image(data: bytes, reader: Reader, limits: ImageLimits) -> OcrResult:
    """Return what is read on a picture, or what is kept of it; one over the limits never is.

    Raises:
        RefusedError: It cannot be read. Nothing is kept then, so another run tries again.
    """
    if not isinstance(reader, CachedReader):
        return _read_pixels(data, reader, limits)
    name = sha256_of(_refusing(lambda: file_to_name(data, limits)))
    result = reader.stored(name)
    if result is None:
        result = _read_pixels(data, reader, limits)
        reader.keep(name, result)
    return result


def _read_pixels(data: bytes, reader: Reader, limits: ImageLimits) -> OcrResult:
    image = _refusing(lambda: rgb_array(open_image(data, limits)))
    result = read_pixels(image, reader)
    if isinstance(result, ReadFailure):
        raise RefusedError("unreadable_image", result.reason)
    return result


def _refusing(open_file: Callable[[], T]) -> T:
    try:
        return open_file()
    except Exception as error:  # any error of a decoder is this picture's own
        found = picture_error(error)
        raise RefusedError(found.code, found.message) from None


def _length(columns: dict[str, Sequence[object]]) -> int:
    for name, column in columns.items():
        found = "one value" if isinstance(column, _ONE_VALUE) else f"a {type(column).__name__}"
        if found == "one value" or isinstance(column, Mapping | Set) or not _has_length(column):
            raise InputError(f"{name} is {found}, wanted a sequence with one entry for each advert")
    lengths = {name: len(column) for name, column in columns.items()}
    if not lengths.keys() & {"texts", "images", "ocr"}:
        raise InputError("give texts, images or ocr: at least one of them")
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise InputError(f"wanted one entry for each advert in every column, found {found}")
    return next(iter(lengths.values()))


def _has_length(column: object) -> bool:
    try:
        return len(column) >= 0  # type: ignore[arg-type]
    except TypeError:  # a generator; an array without dimensions, which has the method
        return False


def _candidate(
    row: int,
    name: object,
    parts: _Parts,
    limits: Limits,
    *,
    quality: ReadQuality | None,
    language: object,
) -> IncomingAdvert:
    known = str(row)
    try:
        known = _name(name, row)
        return _checked(known, parts, limits, quality=quality, language=language)
    except RefusedError as refused:
        return IncomingAdvert(Advert(known), refused.error)
    except InputError as error:
        return IncomingAdvert(Advert(known), ItemError("malformed", str(error)))
    except Exception as error:  # an entry of a foreign class may raise anything
        reason = f"an entry cannot be read: {type(error).__name__}"
        return IncomingAdvert(Advert(known), ItemError("malformed", reason))


def _checked(
    name: str,
    parts: _Parts,
    limits: Limits,
    *,
    quality: ReadQuality | None,
    language: object,
) -> IncomingAdvert:
    text, image, ocr = parts
    if quality is not None:
        check_quality(quality)
    results = results_of(ocr, limits)
    ocr_text, told = (ocr, None) if isinstance(ocr, str) else _joined(results)
    advert = Advert(
        id=name,
        text=clean_text(text, "text", limits) or "",
        images=images_of(image, limits),
        ocr_text=clean_text(ocr_text, "OCR text", limits),
        ocr_quality=told or quality,
    )
    tag = clean_text(language, "language", limits)
    return IncomingAdvert(advert, abstained=abstained_lines(results), language=tag)


def _name(name: object, row: int) -> str:
    return str(row) if name is None else str(name)


def _joined(results: Sequence[OcrResult]) -> tuple[str | None, ReadQuality | None]:
    """Return the text of all pictures in their order, and how well they could be read."""
    if not results:
        return None, None
    quality = advert_quality([result.quality for result in results])
    return advert_text(result.text for result in results), quality
