"""Plan how a collection is scored: which bundle, which input, in which units."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from adverts.config.data import DataConfig
from adverts.data.sources.raw_rows import Source
from adverts.errors import InputError
from adverts.runtime import Classifier
from adverts.runtime.predict.logits_to_responses import versions_of
from adverts.scoring.answer_files import ANSWERS, AnswerFormat
from adverts.scoring.collection import SEEN
from adverts.scoring.evidence.evidence_terms import EVIDENCE, settings_of
from adverts.work.units.place import Place
from adverts.work.units.plan import Plain, Plan, freeze, read_plan, require_same
from adverts.work.units.receipts import RECEIPTS

USUAL_ROWS, USUAL_PICTURES = 20_000, 200
"""Adverts in a unit without and with pictures, whose text takes most of the time."""


def plan_scores(
    place: Place,
    classifier: Classifier,
    source: Source,
    data: DataConfig,
    *,
    kind: AnswerFormat,
    rows: int,
    evidence: Mapping[str, Plain],
) -> Plan:
    """Return the plan of a place, which is made and written if there is none.

    Args:
        place: Where the answers go.
        classifier: The bundle.
        source: The adverts.
        data: Configuration of the source.
        kind: Format of the answers.
        rows: Adverts in a unit.
        evidence: Settings of the evidence.

    Raises:
        InputError: The place holds other work, or an input changed since it was planned.
    """
    settings: dict[str, Plain] = {
        "bundle": classifier.manifest.identity(),
        "format": kind,
        "columns": {
            name: column for name, column in data.columns.model_dump().items() if column is not None
        },
        "source": data.source.model_dump(mode="json"),
        "adverts_per_unit": rows,
        "versions": asdict(versions_of(classifier.manifest)),
        **evidence,
        SEEN: None if classifier.seen is None else json.loads(classifier.seen.to_json()),
    }
    inputs: dict[str, Plain] = {name: asdict(stamp) for name, stamp in source.stamps.items()}
    found = read_plan(place)
    if found is not None:
        require_same(place, found, settings_of(found, settings), inputs)
        return found
    units = tuple(asdict(part) for part in source.parts(rows))
    try:
        return freeze(place, Plan(settings, inputs, units), (ANSWERS, EVIDENCE, RECEIPTS))
    except InputError:
        found = read_plan(place)
        if found is None:
            raise
        # another job made the plan meanwhile, maybe before midnight
        require_same(place, found, settings_of(found, settings), inputs)
        return found
