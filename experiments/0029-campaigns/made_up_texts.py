"""Made-up texts: words of no language, templates of them, and the variants that are posted."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import ranges as r

_SYLLABLES = {
    "latin-1": ("b d f g k l m n r s t v", "a e i o u"),
    "latin-2": ("b ch d f g h j k l m n p r sh t z", "a e i o u y"),
    "latin-3": ("b c d h l m n p qu r s t v x z", "a e i o u ai"),
    "cyrillic": ("б в г д ж к л м н п р с т", "а е и о у я"),
    "arabic": ("ب ت ج د ر س ع ف ق ك ل م ن", "ا و ي"),
}
LANGUAGES = tuple(_SYLLABLES)
_PRICES = tuple(str(50 * number) for number in range(1, 100))
_PRICE, _DATE = "{price}", "{date}"


@dataclass(frozen=True, slots=True)
class Template:
    """A text in one language, with places for a price and a date.

    Attributes:
        number: Its number in the world; a translation has its own.
        language: Language of its words.
        words: Its words; :data:`_PRICE` and :data:`_DATE` stand in two places.
        price: The usual price.
    """

    number: int
    language: str
    words: tuple[str, ...]
    price: str


class Writer:
    """Writes the texts of one world."""

    def __init__(self, rng: random.Random) -> None:
        self._rng, self._templates = rng, itertools.count()
        self._words = {name: _vocabulary(name, rng) for name in LANGUAGES}
        weights = [1 / (rank + r.RANK_SHIFT) for rank in range(r.WORDS_OF_LANGUAGE)]
        self._weights = list(itertools.accumulate(weights))
        self.greetings = tuple(
            " ".join(word[:6] for word in self.words(rng.choice(LANGUAGES), 2))
            for _ in range(r.GREETINGS)
        )

    def words(self, language: str, count: int) -> list[str]:
        """Return words of a language, the frequent ones more often."""
        return self._rng.choices(self._words[language], cum_weights=self._weights, k=count)

    def template(self, language: str) -> Template:
        """Return a new template."""
        words = self.words(language, self._rng.randint(*r.TEMPLATE_WORDS))
        for slot in (_PRICE, _DATE):
            words.insert(self._rng.randrange(len(words)), slot)
        price = self._rng.choice(_PRICES)
        return Template(next(self._templates), language, tuple(words), price)

    def variant(self, template: Template, week: int) -> str:
        """Return a text of a template: maybe another price, a new date, some other words."""
        rng, words = self._rng, list(template.words)
        if rng.random() < r.EDITED:
            for word in self.words(template.language, rng.randint(*r.EDITED_WORDS)):
                place = rng.randrange(len(words))
                words[place] = words[place] if words[place] in {_PRICE, _DATE} else word
        price = rng.choice(_PRICES) if rng.random() < r.NEW_PRICE else template.price
        date = f"{week % 52} {week // 52}" if rng.random() < r.NEW_DATE else ""
        return " ".join(words).replace(_PRICE, price).replace(_DATE, date)

    def own(self, language: str) -> str:
        """Return a text that is of no template."""
        return " ".join(self.words(language, self._rng.randint(*r.TEMPLATE_WORDS)))

    def page(self, language: str) -> tuple[str, ...]:
        """Return the words on a picture."""
        return tuple(self.words(language, self._rng.randint(*r.PAGE_WORDS)))

    def read(self, page: tuple[str, ...]) -> str:
        """Return what is read of the words on a picture; some are misread."""
        rng = self._rng
        return " ".join(
            word[:-1] + rng.choice("01li") if rng.random() < r.MISREAD_WORD else word
            for word in page
        )


def _vocabulary(name: str, rng: random.Random) -> list[str]:
    """Return distinct words of two to four syllables."""
    heads, tails = (letters.split() for letters in _SYLLABLES[name])
    words: dict[str, None] = {}
    while len(words) < r.WORDS_OF_LANGUAGE:
        syllables = (rng.choice(heads) + rng.choice(tails) for _ in range(rng.randint(2, 4)))
        words["".join(syllables)] = None
    return list(words)
