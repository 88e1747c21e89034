"""Names of the disguises of texts and pictures that a config may ask for."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

TEXT_PERTURBATIONS = (
    "look_alikes",
    "styled",
    "zero_width",
    "leet",
    "spacing",
    "emoji",
    "no_diacritics",
    "transliteration",
    "number_words",
    "typos",
    "truncation",
)
IMAGE_PERTURBATIONS = ("jpeg", "blur", "crop", "rotation", "overlay", "small_text", "recolour")


def _known(names: tuple[str, ...]) -> Callable[[str], str]:
    """Return a validator that rejects a name outside ``names`` and suggests the nearest one."""

    def check(name: str) -> str:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
            raise ValueError(f"one of {', '.join(names)}; nearest: {near[0]}")
        return name

    return check


TextPerturbation = Annotated[str, AfterValidator(_known(TEXT_PERTURBATIONS))]
ImagePerturbation = Annotated[str, AfterValidator(_known(IMAGE_PERTURBATIONS))]
