"""Plans how many adverts of each language, split and class the synthetic corpus holds."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from adverts.advert import SPLITS, Split
from adverts.data.synthetic.templates import Template, TemplateLanguage, deal
from adverts.errors import InputError

UNUSABLE = "unusable"
KINDS = ("boxes", "emoji", "questions", "fragment", "dots", "letters")
_EMOJI = ("👆", "🔥", "😂", "🙏", "❤️", "👇", "🌊", "😶", "✨")
Modality = Literal["text", "image", "both"]

UNUSABLE_SHARE = 0.02
SPLIT_SHARES: Mapping[Split, float] = {"train": 0.55, "validation": 0.15, "test": 0.30}
_LANGUAGE_WEIGHTS = {"en": 3.0, "fr": 2.0}
"""Every other language has weight 1, since only reviewed text enters headline figures."""


def unusable_templates(language: TemplateLanguage) -> tuple[Template, ...]:
    """Return one template for each kind; its text is drawn by :func:`unusable_text`."""
    return tuple(
        Template(
            id=f"{language.code}-{UNUSABLE}-{number:02d}",
            label=UNUSABLE,
            signals=(),
            risk=None,
            text=kind,
            image=None,
            split=deal(UNUSABLE, number),
        )
        for number, kind in enumerate(KINDS, start=1)
    )


def unusable_text(kind: str, language: TemplateLanguage, rng: random.Random) -> str:
    """Return a text of the given kind without any meaning."""
    match kind:
        case "boxes":
            return " ".join("▯" * rng.randint(2, 9) for _ in range(rng.randint(1, 4)))
        case "questions":
            return " ".join("?" * rng.randint(2, 8) for _ in range(rng.randint(1, 4)))
        case "emoji":
            return rng.choice(_EMOJI) * rng.randint(1, 3)
        case "dots":
            return rng.choice((".", "...", "…", "- -", "?", "!!", ". . ."))
        case "letters":
            return " ".join(_scrap(language, rng) for _ in range(rng.randint(1, 3)))
        case _:
            return "…" + _scrap(language, rng) + rng.choice(("", "…", " -"))


def _scrap(language: TemplateLanguage, rng: random.Random) -> str:
    """Cut one to three letters out of a random word of the language."""
    word = rng.choice(language.words[rng.choice(sorted(language.words))])
    start = rng.randrange(max(1, len(word) - 2))
    return word[start : start + rng.randint(1, 3)]


@dataclass(frozen=True, slots=True)
class Planned:
    """One advert that is to be written.

    Attributes:
        index: Position in the corpus, from 0; it is independent of the class.
        language: Its language.
        template: Its template, which has the class and the split.
        modality: Post text, a picture, or both.
        scene: Number of its price, boat and flags, which it shares with one advert of every other
            class of its language and split.
    """

    index: int
    language: TemplateLanguage
    template: Template
    modality: Modality
    scene: int


def plan(
    languages: Sequence[TemplateLanguage],
    *,
    adverts: int,
    images: int,
    image_scripts: Sequence[str],
    rng: random.Random,
) -> list[Planned]:
    """Plan a corpus in which language, split and modality are independent of the class.

    Every class has the same share in every split of every language (so about 30 % are of group
    V). Pictures are spread evenly over all of them, within one row of rounding.

    Args:
        languages: Languages to write; en has three and fr two times the adverts of another.
        adverts: Number of adverts.
        images: Number of the adverts that have a picture.
        image_scripts: Scripts (ISO 15924) that pictures may show.
        rng: Source of randomness.

    Raises:
        InputError: More pictures are asked for than there are adverts in ``image_scripts``.
    """
    weights = [_LANGUAGE_WEIGHTS.get(language.code, 1.0) for language in languages]
    counts = _apportion(adverts, weights, offset=0.5)
    rows = [
        Planned(0, language, template, "text", scene)
        for language, count in zip(languages, counts, strict=True)
        for template, scene in _templates(language, count, rng)
    ]
    rows = _with_pictures(rows, images, image_scripts, rng)
    rng.shuffle(rows)
    return [replace(row, index=index) for index, row in enumerate(rows)]


def _templates(
    language: TemplateLanguage, count: int, rng: random.Random
) -> list[tuple[Template, int]]:
    """Return template and scene of each advert of a language, ordered by split and class."""
    cells: dict[tuple[Split, str], list[Template]] = defaultdict(list)
    for template in (*language.templates, *unusable_templates(language)):
        cells[template.split, template.label].append(template)
    labels = list(dict.fromkeys(template.label for template in language.templates)) + [UNUSABLE]
    judged = (1 - UNUSABLE_SHARE) / (len(labels) - 1)
    shares = [judged] * (len(labels) - 1) + [UNUSABLE_SHARE]
    chosen: list[tuple[Template, int]] = []
    in_splits = _apportion(count, [SPLIT_SHARES[split] for split in SPLITS], offset=0.5)
    for split, in_split in zip(SPLITS, in_splits, strict=True):
        in_classes = _apportion(in_split, shares, offset=rng.random())
        for label, number in zip(labels, in_classes, strict=True):
            dealt = _deal_out(cells[split, label], number, rng)
            chosen += [(template, scene) for scene, template in enumerate(dealt)]
    return chosen


def _deal_out(templates: Sequence[Template], number: int, rng: random.Random) -> list[Template]:
    """Use every template equally often, within one; those with price, boat and flags come first.

    The adverts of the first scenes thus share price, boat and flags across the classes.
    """
    order = rng.sample(templates, len(templates))
    order.sort(key=lambda template: not template.paired)
    return [order[i % len(order)] for i in range(number)]


def _with_pictures(
    rows: Sequence[Planned], images: int, scripts: Sequence[str], rng: random.Random
) -> list[Planned]:
    """Give every k-th advert a picture; its neighbours have the same language, split and class."""
    able = [i for i, row in enumerate(rows) if row.language.script in scripts]
    if images > len(able):
        raise InputError(
            f"images={images}, but only {len(able)} of {len(rows)} adverts are in image_scripts="
            f"{list(scripts)}; ask for fewer images, more adverts or more scripts"
        )
    pictured = list(rows)
    if not able:
        return pictured
    chosen = _apportion(images, [1.0] * len(able), offset=rng.random())
    places = [i for i, taken in zip(able, chosen, strict=True) if taken]
    for number, i in enumerate(places):
        pictured[i] = replace(rows[i], modality="both" if number % 3 else "image")
    return pictured


def _apportion(total: int, shares: Sequence[float], *, offset: float) -> list[int]:
    """Split ``total`` by ``shares``; the sum over any run of neighbours is right within one."""
    whole = sum(shares)
    edges = [int(total * edge / whole + offset) for edge in accumulate(shares)]
    edges[-1] = total
    return [edge - before for before, edge in zip([0, *edges], edges, strict=False)]
