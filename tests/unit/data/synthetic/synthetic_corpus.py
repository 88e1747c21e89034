"""What the tests of the synthetic corpus share: the corpus of the default config, once."""

from __future__ import annotations

from functools import lru_cache

from adverts.data.synthetic.corpus import Post, compose, plan_corpus
from adverts.data.synthetic.planning import Planned
from adverts.data.synthetic.templates import languages

SEED = 0
LATIN_LANGUAGES = ("en", "fr", "sq", "tr", "vi")
VIOLATING = frozenset(
    {
        "offer_crossing",
        "offer_documents_status",
        "offer_settlement_package",
        "supply_equipment",
        "recruit_facilitator",
        "promo_testimonial",
    }
)


@lru_cache
def default_corpus() -> tuple[tuple[Planned, Post], ...]:
    """Return every advert of the default corpus, pictures not drawn."""
    planned = plan_corpus(
        adverts=2400,
        images=600,
        image_scripts=["Latn", "Arab"],
        languages=languages(),
        seed=SEED,
    )
    return tuple((row, compose(row, SEED)) for row in planned)


@lru_cache
def judged_corpus() -> tuple[tuple[Planned, Post], ...]:
    """Return the adverts that the headline task judges."""
    return tuple(pair for pair in default_corpus() if pair[0].template.label != "unusable")


def is_violating(row: Planned) -> bool:
    return row.template.label in VIOLATING


def all_text(post: Post) -> str:
    return "\n".join(part for part in (post.text, post.picture_text) if part)
