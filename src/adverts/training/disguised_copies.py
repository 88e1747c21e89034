"""Augment training adverts with disguised copies of their captions."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.robustness.disguise_attempt import Attempt, randomness
from adverts.evaluation.robustness.text_disguises import TEXT


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Which copies a training learns from besides the adverts themselves.

    Attributes:
        share: Share of the adverts that get a copy, 0 to 1.
        disguises: Names of the disguises of text; each copy gets one of them, drawn at random.
        seed: Seed of all draws.
    """

    share: float
    disguises: tuple[str, ...]
    seed: int

    def extend(self, table: AdvertTable) -> AdvertTable:
        """Return the table with the copies behind its adverts; a copy keeps labels and cluster.

        The strength of each copy is drawn between the light and the heavy one of its disguise. An
        advert whose caption the disguise cannot change gets no copy. The copies of an advert depend
        on its id and the seed alone.
        """
        rows, texts = [], []
        for row, (name, text) in enumerate(zip(table.ids, table.texts, strict=True)):
            draw = randomness(self.seed, "copy", name)
            if draw.random() >= self.share or not text.strip():
                continue
            disguise = TEXT[draw.choice(self.disguises)]
            amount = draw.uniform(disguise.light, disguise.heavy)
            changed = disguise.change(text, Attempt(amount, draw, table.langs[row]))
            if changed != text:
                rows.append(row)
                texts.append(changed)
        if not rows:
            return table
        return table.select([*range(len(table)), *rows]).with_texts([*table.texts, *texts])
