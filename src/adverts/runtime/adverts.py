"""From what a caller has at hand to adverts, one by one, so that a bad one spoils no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adverts.advert import Advert, ReadQuality
from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.quality import check_quality
from adverts.ocr.abstained import abstained_lines
from adverts.ocr.advert_text import advert_text, picture_text
from adverts.ocr.child import decode, read_pixels
from adverts.ocr.outcome import ReadFailure
from adverts.ocr.protocol import OcrResult, Reader

ImageEntry = bytes | Sequence[bytes] | None
OcrEntry = OcrResult | Sequence[OcrResult] | str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An advert, or why there is none: then ``advert`` has its id alone.

    ``abstained`` counts the lines in its pictures that a reader left to a person; ``language`` is a
    BCP-47 tag, where one is told.
    """

    advert: Advert
    error: str | None = None
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
) -> list[Candidate]:
    """Put columns together; a column or an entry that is None is absent.

    Args:
        texts: Captions.
        images: Encoded files, one or several of each advert.
        ocr: What was read from the images, already text or still results.
        qualities: How well they could be read, where ``ocr`` is text; results tell it themselves.
        ids: Names; positions stand in where there are none.
        languages: BCP-47 tags, context that no model reads.

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
    names = ids if ids is not None else [str(row) for row in range(count)]
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
        _candidate(str(name), text, image, read, quality=quality, language=language)
        for name, text, image, read, quality, language in rows
    ]


def read_images(candidate: Candidate, reader: Reader, limits: ImageLimits) -> Candidate:
    """Return the candidate with the text of its images, unless it has one or no image.

    Raises:
        AdvertsError: The reader cannot work, whatever the image.
    """
    advert = candidate.advert
    if candidate.error or advert.ocr_text is not None or not advert.images:
        return candidate
    results = []
    for data in advert.images:
        image = decode(data, limits)
        result = image if isinstance(image, ReadFailure) else read_pixels(image, reader)
        if isinstance(result, ReadFailure):
            return Candidate(Advert(advert.id), result.reason)
        results.append(result)
    text, quality = _joined(results)
    read = replace(advert, ocr_text=text, ocr_quality=quality)
    return Candidate(read, abstained=abstained_lines(results))


def _length(columns: dict[str, Sequence[object]]) -> int:
    for name, column in columns.items():
        if isinstance(column, str | bytes) or not hasattr(column, "__len__"):
            raise InputError(
                f"{name} is one value, wanted a sequence with one entry for each advert"
            )
    lengths = {name: len(column) for name, column in columns.items()}
    if not lengths.keys() & {"texts", "images", "ocr"}:
        raise InputError("give texts, images or ocr: at least one of them")
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise InputError(f"one entry for each advert is wanted in every column, found {found}")
    return next(iter(lengths.values()))


def _candidate(
    name: str,
    text: str | None,
    image: ImageEntry,
    ocr: OcrEntry,
    *,
    quality: ReadQuality | None,
    language: str | None,
) -> Candidate:
    try:
        if quality is not None:
            check_quality(quality)
        results = _results(ocr)
        ocr_text, told = (ocr, None) if isinstance(ocr, str) else _joined(results)
        advert = Advert(
            id=name,
            text=_clean(text, "text") or "",
            images=_images(image),
            ocr_text=_clean(ocr_text, "OCR text"),
            ocr_quality=told or quality,
        )
        language = _clean(language, "language")
    except InputError as error:
        return Candidate(Advert(name), str(error))
    return Candidate(advert, abstained=abstained_lines(results), language=language)


def _clean(text: str | None, what: str) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise InputError(f"{what} is of type {type(text).__name__}, wanted a text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{what} holds half of a surrogate pair: it is not Unicode text") from None
    return text


def _images(entry: ImageEntry) -> tuple[bytes, ...]:
    if entry is None:
        return ()
    images = (entry,) if isinstance(entry, bytes | bytearray) else entry
    if not isinstance(images, list | tuple) or not all(
        isinstance(image, bytes | bytearray) for image in images
    ):
        raise InputError(f"image is of type {type(entry).__name__}, wanted the bytes of a file")
    return tuple(bytes(image) for image in images)


def _results(entry: OcrEntry) -> Sequence[OcrResult]:
    if entry is None or isinstance(entry, str):
        return ()
    results = (entry,) if isinstance(entry, OcrResult) else entry
    if not isinstance(results, list | tuple) or not all(
        isinstance(result, OcrResult) for result in results
    ):
        raise InputError(f"ocr is of type {type(entry).__name__}, wanted OCR results or a text")
    return results


def _joined(results: Sequence[OcrResult]) -> tuple[str | None, ReadQuality | None]:
    """Text of all pictures in their order, and how well they could be read."""
    said = advert_text([picture_text(result) for result in results])
    return (None, None) if said is None else (said.text, said.quality)
