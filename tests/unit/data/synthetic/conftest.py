"""The corpus of the default config, composed once; pictures are not drawn."""

from __future__ import annotations

import pytest

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.synthetic.composing import compose
from adverts.data.synthetic.corpus import plan_corpus
from adverts.data.synthetic.templates import languages

SEED = 0


@pytest.fixture(scope="session")
def violating():
    return {item.id for item in read_taxonomy().classes if item.group == "V"}


@pytest.fixture(scope="session")
def corpus():
    """Return (planned, post) of every advert."""
    planned = plan_corpus(
        adverts=2400,
        images=600,
        image_scripts=["Latn", "Arab"],
        languages=languages(),
        seed=SEED,
    )
    return [(row, compose(row, SEED)) for row in planned]


@pytest.fixture(scope="session")
def judged(corpus):
    """Return those that the headline task judges."""
    return [pair for pair in corpus if pair[0].template.risk is not None]
