"""One attempt to disguise an advert: its strength and randomness, and what it must not change."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from adverts.inputs.contacts.masking import CONTACT_KINDS
from adverts.inputs.letters.scripts import script_of

Strength = Literal["light", "heavy"]
Thing = TypeVar("Thing")
MASK = f"<(?:{'|'.join(CONTACT_KINDS)})>"
_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06ed"
_JOINER = "\u200c"  # used inside Persian words
_WORD = re.compile(rf"{MASK}|[^\W\d_](?:[^\W\d_]|[{_MARKS}{_JOINER}])*")
_LETTER = re.compile(rf".[{_MARKS}{_JOINER}]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Parameters of one call of a perturbation.

    Attributes:
        amount: How much to change; each perturbation defines what it measures.
        draw: Random generator; the only randomness that the perturbation may use.
        lang: BCP-47 language of the text; None if unknown.
    """

    amount: float
    draw: random.Random
    lang: str | None = None

    def some(self, things: Sequence[Thing]) -> list[Thing]:
        """Return a random share ``amount`` of ``things``, at least one, in order; empty if none."""
        if not things:
            return []
        count = min(len(things), max(1, round(self.amount * len(things))))
        return [things[i] for i in sorted(self.draw.sample(range(len(things)), count))]


@dataclass(frozen=True, slots=True)
class Perturbation(Generic[Thing]):
    """A way to disguise a text or a picture, at two strengths.

    Attributes:
        change: Returns the disguised thing; an equal one where nothing can be changed.
        light: Amount of a light attempt.
        heavy: Amount of a heavy attempt.
    """

    change: Callable[[Thing, Attempt], Thing]
    light: float
    heavy: float

    def __call__(
        self, thing: Thing, strength: Strength, draw: random.Random, *, lang: str | None = None
    ) -> Thing:
        """Disguise a thing; the same randomness gives the same result."""
        return self.change(
            thing, Attempt(self.light if strength == "light" else self.heavy, draw, lang)
        )


def randomness(seed: int, *names: object) -> random.Random:
    """Return the random generator of one attempt, which depends on ``seed`` and ``names`` alone.

    The result for an advert does not depend on the other adverts.
    """
    return random.Random("/".join(map(str, (seed, *names))))


def words_of(text: str) -> Iterator[re.Match[str]]:
    """Yield the words of a text, in order: letters with their marks, never a contact mask."""
    return (match for match in _WORD.finditer(text) if not match.group().startswith("<"))


def letters_of(word: str) -> list[str]:
    """Return the letters of a word, each with its marks."""
    return _LETTER.findall(word)


def change_words(text: str, attempt: Attempt, change: Callable[[str], str]) -> str:
    """Change a share of those words that can be changed: ``attempt.amount`` of them, at least one.

    Args:
        text: Any text; masks of contacts are unchanged.
        attempt: Decides how many words are changed, and which.
        change: Returns another form of a word, or the same word where there is none.
    """
    changed = {match.span(): change(match.group()) for match in words_of(text)}
    places = [span for span, other in changed.items() if other != text[slice(*span)]]
    return replace_spans(text, {span: changed[span] for span in attempt.some(places)})


def replace_spans(text: str, replacements: dict[tuple[int, int], str]) -> str:
    """Return ``text`` with some spans replaced; the spans are in order and do not overlap."""
    pieces, place = [], 0
    for (start, end), other in replacements.items():
        pieces += [text[place:start], other]
        place = end
    return "".join([*pieces, text[place:]])


def language_of(text: str, attempt: Attempt) -> str:
    """Return the language of a text without its region.

    If it is unknown, this is Arabic for a text in Arabic script, otherwise English.
    """
    if attempt.lang:
        return attempt.lang.partition("-")[0].lower()
    return "ar" if script_of(text) == "Arab" else "en"
