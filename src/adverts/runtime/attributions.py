"""What each part of an advert's text adds to its headline label: left out, and asked again.

The changes of the parts need not add up to the log-odds: what two words say together counts for
both, or for none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from adverts.advert import Advert
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, MaskedTexts
from adverts.runtime.occlusion import Floats, log_odds, parts_of, without_each
from adverts.runtime.responses import Attribution

MOST_PARTS = 32
"""Parts of one text. An advert costs one more run for each: 65 in all, with text in pictures."""

Source = Literal["text", "ocr_text"]


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

    A long text is divided into :data:`MOST_PARTS` runs of words. A part that the model does not
    reach, since the text is too long for it, adds exactly 0. Without text there are none.

    Args:
        advert: As it was scored.
        masked: Its texts as the model read them.
        encoder: Of the model.
        positive_of: Calibrated probability ``(N,)`` of the headline's positive label.
    """
    parts = [*_parts(masked, "text"), *_parts(masked, "ocr_text")]
    if not parts:
        return ()
    whole = encoder.encode(advert, masked=masked)
    plain = replace(advert, images=())
    variants = [
        replace(encoder.encode(plain, masked=part.left), pixels=whole.pixels) for part in parts
    ]
    asked = [i for i, variant in enumerate(variants) if not _is_same(variant, whole)]
    said = log_odds(positive_of([whole, *(variants[i] for i in asked)]))
    change = np.zeros(len(parts))
    change[asked] = said[0] - said[1:]
    return tuple(
        Attribution(part.text, part.start, part.start + len(part.text), part.source, float(one))
        for part, one in zip(parts, change, strict=True)
    )


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
