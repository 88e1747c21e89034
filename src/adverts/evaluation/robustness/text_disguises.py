"""Table of every perturbation of text by name, with its light and heavy amount."""

from __future__ import annotations

from collections.abc import Mapping

from adverts.evaluation.robustness.alphabet_disguises import no_diacritics, transliteration
from adverts.evaluation.robustness.disguise_attempt import Perturbation
from adverts.evaluation.robustness.letter_disguises import (
    leet,
    look_alikes,
    spacing,
    styled,
    truncation,
    typos,
    zero_width,
)
from adverts.evaluation.robustness.word_disguises import emoji, number_words

TEXT: Mapping[str, Perturbation[str]] = {
    "look_alikes": Perturbation(look_alikes, light=0.3, heavy=0.9),
    "styled": Perturbation(styled, light=0.3, heavy=1.0),
    "zero_width": Perturbation(zero_width, light=0.3, heavy=0.9),
    "leet": Perturbation(leet, light=0.3, heavy=0.9),
    "spacing": Perturbation(spacing, light=0.2, heavy=0.7),
    "emoji": Perturbation(emoji, light=0.5, heavy=1.0),
    "no_diacritics": Perturbation(no_diacritics, light=0.5, heavy=1.0),
    "transliteration": Perturbation(transliteration, light=0.3, heavy=1.0),
    "number_words": Perturbation(number_words, light=0.5, heavy=1.0),
    "typos": Perturbation(typos, light=0.2, heavy=0.6),
    "truncation": Perturbation(truncation, light=0.3, heavy=0.7),
}
