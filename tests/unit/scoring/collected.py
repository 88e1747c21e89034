"""A folder of scores that was never scored: a plan and receipts with counts of our own."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from adverts.runtime.rules.seen_facts import SeenFact, SeenFacts
from adverts.scoring.collection import SAMPLE, SEEN, Collection, open_collection
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.drift_sample import DriftSample
from adverts.work.units.place import LocalPlace
from adverts.work.units.plan import Plan, freeze
from adverts.work.units.receipts import hand_in

SEEN_FACTS = SeenFacts(
    "validation",
    1_000,
    800.0,
    (
        SeenFact("score", (0.1, 0.2, 0.3, 0.4), dict.fromkeys("01234", 200)),
        SeenFact("language", (), {"en": 900, "ckb": 20, "(other)": 80}),
        SeenFact("unknown_tokens", (), {"none": 1_000}),
    ),
)


def sample_of(*, sorani: int = 20, texts: int = 1_000, copies: int = 1) -> DriftSample:
    """Return a sample with scores as seen, and as many texts of a thousand in Sorani."""
    found = DriftSample()
    for number in range(texts):
        place = number % 1_000
        language = "ckb" if place < sorani else "so" if place < sorani + 80 else "en"
        found.add((number, str(number % 5), language, "none"), copies)
    return found


def collected(
    folder: Path,
    samples: list[DriftSample],
    cells: dict[tuple[str, str, str, str], int] | None = None,
    *,
    seen: SeenFacts | None = SEEN_FACTS,
) -> Collection:
    """Write a plan and a receipt for each sample, and return the collection."""
    settings = {
        "bundle": "0" * 64,
        "versions": {"release": "1.0"},
        SEEN: None if seen is None else json.loads(seen.to_json()),
    }
    place = LocalPlace(folder)
    units = tuple({"file": "posts.csv", "rows": 1_000} for _ in samples)
    plan = freeze(place, Plan(settings, {"posts.csv": {"size": 1}}, units), ("receipts",))
    for unit, sample in enumerate(samples):
        counts = CollectionCounts(adverts=0, cells=Counter(cells or {}))
        counts.adverts = counts.cells.total()
        plain = {**counts.plain(), SAMPLE: sample.plain()}
        hand_in(place, plan, unit, {}, counts=plain, seconds=2.0, processor="AVX2")
    return open_collection(place)
