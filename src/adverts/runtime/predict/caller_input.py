"""Check each entry of an untrusted advert against the limits of a service, before it is used."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.errors import InputError
from adverts.ocr.protocol import OcrResult
from adverts.runtime.predict.responses import ErrorCode, ItemError


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one advert and of one call; the bundle limits the size of a picture too.

    Attributes:
        max_characters: Most characters of each text of an advert, as it is given.
        max_images: Most pictures of one advert.
        max_image_bytes: Most bytes of one encoded picture; None: what the bundle allows.
        max_image_pixels: Most pixels of one decoded picture; None: what the bundle allows.
        max_seconds: Seconds from the start of a call; adverts that are not scored by then get the
            error ``out_of_time``. None: no limit.
    """

    max_characters: int = 100_000
    max_images: int = 20
    max_image_bytes: int | None = None
    max_image_pixels: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that is not above zero.

        Raises:
            InputError: A limit is not above zero.
        """
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"limits.{name} is {value}, wanted a number above 0")


USUAL_LIMITS = Limits()


class RefusedError(Exception):
    """One advert cannot be scored; its response says why."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        """Take the code and the message of the response's error."""
        super().__init__(message)
        self.error = ItemError(code, message)


def clean_text(text: object, what: str, limits: Limits) -> str | None:
    """Return a text unchanged; None where there is none.

    Raises:
        RefusedError: The value is not a text, is too long, or is not Unicode.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise _malformed(f"{what} is of type {type(text).__name__}, wanted a text")
    if len(text) > limits.max_characters:
        raise RefusedError(
            "too_many_characters",
            f"{what} has {len(text)} characters, but at most {limits.max_characters} are read",
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        reason = f"{what} holds half of a surrogate pair: it is not Unicode text"
        raise _malformed(reason) from None
    return text


def images_of(entry: object, limits: Limits) -> tuple[bytes, ...]:
    """Return the files of the pictures of one advert, not yet opened.

    Raises:
        RefusedError: The pictures are not bytes, are too many, or are too large.
    """
    if entry is None:
        return ()
    images = (entry,) if isinstance(entry, bytes | bytearray) else entry
    if not isinstance(images, list | tuple):
        raise _malformed(f"image is of type {type(entry).__name__}, wanted the bytes of a file")
    _check_count(len(images), limits)
    files = [bytes(image) for image in images if isinstance(image, bytes | bytearray)]
    if len(files) < len(images):
        raise _malformed("an image is not the bytes of a file")
    largest = max(map(len, files), default=0)
    if limits.max_image_bytes is not None and largest > limits.max_image_bytes:
        raise RefusedError(
            "too_many_bytes",
            f"picture has {largest} bytes, but at most {limits.max_image_bytes} are read",
        )
    return tuple(files)


def results_of(entry: object, limits: Limits) -> tuple[OcrResult, ...]:
    """Return the OCR results of the pictures of one advert; none where the entry is a text.

    Raises:
        RefusedError: The entry is something else, or holds results of too many pictures.
    """
    if entry is None or isinstance(entry, str):
        return ()
    results = (entry,) if isinstance(entry, OcrResult) else entry
    if not isinstance(results, list | tuple):
        raise _malformed(f"ocr is of type {type(entry).__name__}, wanted OCR results or a text")
    _check_count(len(results), limits)
    found = tuple(result for result in results if isinstance(result, OcrResult))
    if len(found) < len(results):
        raise _malformed("one of several entries of ocr is not an OCR result")
    return found


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.max_images:
        raise RefusedError(
            "too_many_images",
            f"advert has {count} pictures, but at most {limits.max_images} are read",
        )


def _malformed(message: str) -> RefusedError:
    return RefusedError("malformed", message)
