"""Read the requests that a service sends to a bundle: one JSON object for each advert.

``schemas/request.schema.json`` describes them for other programming languages.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NoReturn

from adverts.advert import ReadQuality
from adverts.errors import InputError
from adverts.inputs.quality_features import check_quality
from adverts.runtime.predict.responses import ErrorCode, ItemError

RequestId = str | int | float | None
PARTS = ("text", "image", "ocr_text")
MISTAKEN = {
    "texts": "text",
    "images": "image",
    "ocr": "ocr_text",
    "language": "lang",
    "languages": "lang",
}
"""Maps Python argument names to the right keys; such keys would otherwise be silently ignored."""
_QUALITY = tuple(field.name for field in fields(ReadQuality))
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_LARGEST_ID = 2**53 - 1  # larger whole numbers are not exact in every language
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_MOST_PARTS = 1_000_000
"""Most commas, colons and brackets of one line; each may become an object of some 60 bytes."""
MOST_ID_CHARACTERS = 1_000


class _RefusedError(ValueError):
    """JSON that is refused, with the reason as its message."""


@dataclass(frozen=True, slots=True)
class Request:
    """One advert and what is known about it.

    Attributes:
        id: Identifier as given, a text or a whole number; None where none is given.
        text: Caption of the advert.
        images: Encoded image files.
        ocr_text: Text that was read from the images.
        ocr_quality: How well the images could be read.
        lang: BCP-47 tag of the language.
        error: Why the request cannot be scored; None where it can.
    """

    id: RequestId
    text: str | None = None
    images: tuple[bytes, ...] = ()
    ocr_text: str | None = None
    ocr_quality: ReadQuality | None = None
    lang: str | None = None
    error: ItemError | None = None


def refused(message: str, *, id: RequestId = None, code: ErrorCode = "malformed") -> Request:
    """Return a request that cannot be scored, with the reason as its error."""
    return Request(id, error=ItemError(code, message))


def read_request(line: str | bytes) -> Request:
    """Return the request in one line of JSON; a malformed one has an ``error``."""
    try:
        _require_few_parts(line)
        text = line.decode() if isinstance(line, bytes) else line
        raw = json.loads(
            text.removeprefix(_BYTE_ORDER_MARK),
            parse_constant=_refuse_constant,
            object_pairs_hook=_each_once,
        )
    except UnicodeDecodeError:
        return refused("not UTF-8")
    except _RefusedError as error:
        return refused(str(error))
    except RecursionError:
        return refused("JSON that cannot be read: lists or objects are nested too deeply")
    except ValueError:
        return refused("not JSON")
    if not isinstance(raw, dict):
        return refused("not a JSON object")
    return read_object(raw)


def read_object(raw: Mapping[str, object]) -> Request:
    """Return the request in a JSON object; a malformed one has an ``error``."""
    name: RequestId = None
    try:
        name = _id(raw.get("id"))
        return _read_parts(name, raw)
    except InputError as error:
        return refused(str(error), id=name)


def is_base64(text: str) -> bool:
    """Return whether a text is base64 of the usual alphabet, padded, without line breaks."""
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _read_parts(name: RequestId, raw: Mapping[str, object]) -> Request:
    for mistaken, wanted in MISTAKEN.items():
        if mistaken in raw:
            raise InputError(f"the key {mistaken} is not known; call it {wanted}")
    if not raw.keys() & set(PARTS):
        raise InputError(f"it has none of the keys {', '.join(PARTS)}; give at least one")
    return Request(
        id=name,
        text=_text(raw, "text"),
        images=_images(raw.get("image")),
        ocr_text=_text(raw, "ocr_text"),
        ocr_quality=_quality(raw.get("ocr_quality")),
        lang=_text(raw, "lang"),
    )


def _id(value: object) -> RequestId:
    match value:
        case None:
            return None
        case str():
            if len(value) > MOST_ID_CHARACTERS:
                raise InputError(
                    f"id has {len(value)} characters, wanted at most {MOST_ID_CHARACTERS}"
                )
            return _unicode(value, "id")
        case bool():
            pass
        case int() | float():
            if value % 1 == 0 and abs(value) <= _LARGEST_ID:
                return value
            raise InputError(
                f"id is a number, wanted a whole number up to {_LARGEST_ID}, or a text"
            )
    raise InputError(f"id is of type {type(value).__name__}, wanted a text or a whole number")


def _text(raw: Mapping[str, object], key: str) -> str | None:
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError(f"{key} is of type {type(value).__name__}, wanted a text")
    return _unicode(value, key)


def _unicode(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{what} holds half of a surrogate pair: it is not Unicode text") from None
    return text


def _quality(value: object) -> ReadQuality | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != set(_QUALITY):
        raise InputError(f"ocr_quality must have exactly the keys {', '.join(_QUALITY)}")
    quality = ReadQuality(**value)
    check_quality(quality)
    return quality


def _images(value: object) -> tuple[bytes, ...]:
    if value is None:
        return ()
    entries = value if isinstance(value, list | tuple) else [value]
    return tuple(_decode(entry) for entry in entries)


def _decode(entry: object) -> bytes:
    if not isinstance(entry, str):
        raise InputError(f"image is of type {type(entry).__name__}, wanted base64 text")
    if not is_base64(entry):
        raise InputError("image is not base64")
    return base64.b64decode(entry)


def _require_few_parts(line: str | bytes) -> None:
    """Refuse a line of too many parts before parsing: 63 MB may hold 20 million empty lists."""
    if len(line) <= _MOST_PARTS:
        return
    if isinstance(line, bytes):
        found = sum(map(line.count, (b",", b":", b"[", b"{")))
    else:
        found = sum(map(line.count, (",", ":", "[", "{")))
    if found > _MOST_PARTS:
        raise _RefusedError(
            f"{found:,} commas, colons and brackets, wanted at most {_MOST_PARTS:,}"
        )


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):  # another parser may keep another of the two values
        raise _RefusedError("an object has a key twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
