"""Adverts that nobody can judge: broken glyphs, lone emoji, fragments."""

from __future__ import annotations

import random

from adverts.data.synthetic.templates import Language, Template, deal

LABEL = "unusable"
KINDS = ("boxes", "emoji", "questions", "fragment", "dots", "letters")
_EMOJI = ("👆", "🔥", "😂", "🙏", "❤️", "👇", "🌊", "😶", "✨")


def unusable_templates(language: Language) -> tuple[Template, ...]:
    """Return one template for each kind; its text is drawn by :func:`unusable_text`."""
    return tuple(
        Template(
            id=f"{language.code}-{LABEL}-{number:02d}",
            label=LABEL,
            signals=(),
            risk=None,
            text=kind,
            image=None,
            split=deal(LABEL, number),
        )
        for number, kind in enumerate(KINDS, start=1)
    )


def unusable_text(kind: str, language: Language, rng: random.Random) -> str:
    """Return a text of the given kind that says nothing."""
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


def _scrap(language: Language, rng: random.Random) -> str:
    """Cut one to three letters out of any word of the language."""
    word = rng.choice(language.words[rng.choice(sorted(language.words))])
    start = rng.randrange(max(1, len(word) - 2))
    return word[start : start + rng.randint(1, 3)]
