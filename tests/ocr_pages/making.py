"""All pages of a seed: each language in each style at each width."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from ocr_pages.drawing import draw_page
from ocr_pages.faces import choose_face
from ocr_pages.looks import choose_look
from ocr_pages.page import LANGUAGES, RIGHT_TO_LEFT, STYLES, WIDTHS, Page
from ocr_pages.wording import write


def pages(
    *,
    seed: int,
    per_cell: int,
    languages: Sequence[str] = LANGUAGES,
    styles: Sequence[str] = STYLES,
    widths: Sequence[int] = WIDTHS,
) -> Iterator[Page]:
    """Yield pages by language, style, number and width; equal arguments, equal pages.

    Args:
        seed: ``BENCHMARK_SEED`` (0) is for the benchmark; develop on seeds from 1000.
        per_cell: Pages of each language in each style; each is drawn at every width.
        languages: Some of ``LANGUAGES``.
        styles: Some of ``STYLES``.
        widths: In pixels.
    """
    for language in languages:
        for style in styles:
            for number in range(per_cell):
                for width in widths:
                    yield make_page(seed, language, style, number, width=width)


def make_page(seed: int, language: str, style: str, number: int, *, width: int) -> Page:
    """Return one page: its words and layout are the same at every width."""
    rng = random.Random(f"{seed}/{language}/{style}/{number}")
    wording = write(language, seed, rng)
    face = choose_face(language, seed, rng)
    look = choose_look(style, seed, rng)
    image, lines = draw_page(
        wording.rows, look, face, rtl=language in RIGHT_TO_LEFT, width=width, rng=rng
    )
    return Page(
        id=f"{seed}-{language}-{style}-{number}-{width}",
        language=language,
        style=style,
        width=width,
        image=image,
        lines=lines,
        prices=wording.prices,
        phones=wording.phones,
    )
