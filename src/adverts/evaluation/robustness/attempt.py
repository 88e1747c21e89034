"""One attempt to disguise an advert: how strong, in which language, with what randomness."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Strength = Literal["light", "heavy"]
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a perturbation is told.

    Attributes:
        amount: How much to change; each perturbation says what of.
        draw: All the randomness that it may use.
        lang: BCP-47 of the text; None where nobody knows it.
    """

    amount: float
    draw: random.Random
    lang: str | None = None

    def some(self, things: Sequence[Thing]) -> list[Thing]:
        """Return that share of some things, at least one, in their order; none of none."""
        if not things:
            return []
        count = min(len(things), max(1, round(self.amount * len(things))))
        return [things[i] for i in sorted(self.draw.sample(range(len(things)), count))]


@dataclass(frozen=True, slots=True)
class Perturbation(Generic[Thing]):
    """A way to disguise, at two strengths.

    Attributes:
        change: Returns the disguised thing; an equal one where it can do nothing.
        light: The amount of a light attempt.
        heavy: That of a heavy one.
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
    """Return the randomness of one attempt, which depends on its names alone.

    What happens to an advert does not change with the adverts beside it.
    """
    return random.Random("/".join(map(str, (seed, *names))))
