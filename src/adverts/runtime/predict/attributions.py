"""Find what each part of a text adds to the headline label, by scoring the text without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from adverts.advert import Advert
from adverts.arrays import Floats
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, MaskedTexts
from adverts.runtime.predict.caller_input import RefusedError
from adverts.runtime.predict.responses import Attribution
from adverts.runtime.predict.score_adverts import NO_NUMBER

_WORD = re.compile(r"\s*\S{1,20}\s*")  # scripts without spaces are cut, so that parts stay small
_EPSILON = 1e-12
MOST_PARTS = 32
"""Most parts of one text. An advert costs one more run for each: 65 in all with OCR text."""
_TOGETHER = 16  # variants in one run; each has all pictures of the advert

Source = Literal["text", "ocr_text"]


def parts_of(text: str, most: int) -> list[str]:
    """Divide a text into at most ``most`` parts: its words, or runs of an equal number of words.

    The parts joined are the text again; a text without a word has no parts.

    Raises:
        ValueError: ``most`` is below 1.
    """
    if most < 1:
        raise ValueError(f"most is {most}, wanted at least 1")
    words = [] if text.isspace() else _WORD.findall(text)
    size = -(-len(words) // most) or 1
    return ["".join(words[start : start + size]) for start in range(0, len(words), size)]


def without_each(parts: Sequence[str]) -> list[str]:
    """Return the text with each of its parts left out in turn."""
    return ["".join((*parts[:i], *parts[i + 1 :])).strip() for i in range(len(parts))]


def log_odds(probability: Floats) -> Floats:
    """Return the log-odds in nats; probabilities of 0 and 1 are moved slightly inside (0, 1)."""
    safe = np.clip(probability, _EPSILON, 1 - _EPSILON)
    return np.asarray(np.log(safe) - np.log1p(-safe))


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    start: int
    source: Source
    left: MaskedTexts


def attributions_of(
    advert: Advert,
    masked: MaskedTexts,
    encoder: AdvertEncoder,
    positive_of: Callable[[Sequence[EncodedAdvert]], Floats],
) -> tuple[Attribution, ...]:
    """Return each part of caption and OCR text with what it adds, in the order of the texts.

    A long text is divided into at most :data:`MOST_PARTS` runs of words. A part that the model does
    not reach, since the text is too long for it, adds exactly 0. Without text there are no parts.

    Args:
        advert: Advert as it was scored.
        masked: Texts of the advert as the model read them.
        encoder: Encoder of the model.
        positive_of: Function that returns the calibrated probability ``(N,)`` of the headline's
            positive label.

    Raises:
        RefusedError: The model fails on the text without one of its parts.
    """
    parts = [*_parts(masked, "text"), *_parts(masked, "ocr_text")]
    if not parts:
        return ()
    try:
        change = _changes(advert, masked, encoder, positive_of, parts=parts)
    except Exception as error:  # whatever it is, its message may quote the text
        reason = f"the model failed with {type(error).__name__} when a part of it was left out"
        raise RefusedError("model_failed", f"{reason}: leave it to a person") from None
    if not np.isfinite(change).all():
        raise RefusedError(NO_NUMBER.code, NO_NUMBER.message)
    return tuple(
        Attribution(part.text, part.start, part.start + len(part.text), part.source, float(one))
        for part, one in zip(parts, change, strict=True)
    )


def _changes(
    advert: Advert,
    masked: MaskedTexts,
    encoder: AdvertEncoder,
    positive_of: Callable[[Sequence[EncodedAdvert]], Floats],
    *,
    parts: Sequence[_Part],
) -> Floats:
    whole = encoder.encode(advert, masked=masked)
    plain = replace(advert, images=())
    variants = [
        replace(encoder.encode(plain, masked=part.left), pixels=whole.pixels) for part in parts
    ]
    asked = [i for i, variant in enumerate(variants) if not _is_same(variant, whole)]
    wanted = [whole, *(variants[i] for i in asked)]
    groups = (wanted[i : i + _TOGETHER] for i in range(0, len(wanted), _TOGETHER))
    said = log_odds(np.concatenate([positive_of(group) for group in groups]))
    change = np.zeros(len(parts))
    change[asked] = said[0] - said[1:]
    return change


def _parts(masked: MaskedTexts, source: Source) -> list[_Part]:
    text, ocr_text = masked
    divided = parts_of((text if source == "text" else ocr_text) or "", MOST_PARTS)
    parts, start = [], 0
    for part, rest in zip(divided, without_each(divided), strict=True):
        left = (rest or None, ocr_text) if source == "text" else (text, rest or None)
        parts.append(_Part(part, start, source, left))
        start += len(part)
    return parts


def _is_same(one: EncodedAdvert, other: EncodedAdvert) -> bool:
    return (
        one.text_present == other.text_present
        and np.array_equal(one.input_ids, other.input_ids)
        and np.array_equal(one.type_ids, other.type_ids)
        and np.array_equal(one.feature_ids, other.feature_ids)
        and np.array_equal(one.feature_counts, other.feature_counts)
    )
