"""Count what the adverts were like that a bundle is judged on, as the bundle itself reads them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adverts.data.dataset.advert_table import AdvertTable
from adverts.runtime.predict.advert_facts import Facts, facts_of
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.seen_facts import (
    FACT_NAMES,
    FactName,
    SeenFact,
    SeenFacts,
    effective_number,
    seen_names,
    seen_numbers,
)

_MOST, _WINDOW = 10_000, 256


def count_seen(
    classifier: Classifier, table: AdvertTable, known: Mapping[int, Facts] | None = None
) -> SeenFacts | None:
    """Return the facts of the adverts of a split, or of 10,000 spread evenly over a larger one.

    Args:
        classifier: The bundle.
        table: Adverts of the split.
        known: Facts of the adverts by row, which a service would find; None scores them here.

    Returns:
        The facts; None where the bundle can score none of the adverts.
    """
    places = np.linspace(0, len(table) - 1, min(_MOST, len(table))).astype(int)
    chosen = table.select(places)
    found: dict[int, Facts] = {}
    if known is not None:
        found = {place: known[row] for place, row in enumerate(places.tolist()) if row in known}
    for start in range(0, len(chosen) if known is None else 0, _WINDOW):
        found |= _facts(classifier, chosen, range(start, min(start + _WINDOW, len(chosen))))
    if not found:
        return None
    effective = effective_number([chosen.clusters[row] for row in found])
    counted = (_counted(name, list(found.values()), effective) for name in FACT_NAMES)
    return SeenFacts(
        split=table.splits[0],
        adverts=len(found),
        effective=round(effective, 1),
        facts=tuple(one for one in counted if one is not None),
    )


def _facts(classifier: Classifier, table: AdvertTable, rows: range) -> dict[int, Facts]:
    inputs, tell = classifier.encoder.spec.inputs, facts_of(classifier)
    modalities = table.modalities()
    answers = classifier.predict(
        texts=[table.texts[row] for row in rows],
        images=[table.images(row) if "image" in inputs else () for row in rows],
        ocr=[(table.ocr_texts[row] or "") if table.has_image[row] else None for row in rows]
        if "ocr" in inputs
        else None,
        qualities=[table.ocr_qualities[row] for row in rows] if "ocr" in inputs else None,
        languages=[table.langs[row] for row in rows],
        readings=True,
    )
    return {
        row: tell(answer, answer.reading, modalities[row])
        for row, answer in zip(rows, answers, strict=True)
        if answer.reading is not None and answer.error is None
    }


def _counted(name: FactName, found: list[Facts], effective: float) -> SeenFact | None:
    values = [facts[name] for facts in found if name in facts]
    if not values:
        return None
    if name in ("score", "characters"):
        numbers = [one if isinstance(one, float) else None for one in values]
        return seen_numbers(name, numbers, effective=effective)
    return seen_names(name, [None if one is None else str(one) for one in values])
