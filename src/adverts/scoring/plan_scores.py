"""Plan how a collection is scored: which bundle, which input, in which units."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from adverts.config.data import DataConfig, FileSource
from adverts.data.sources.find_files import would_match
from adverts.data.sources.locations import locate, parts_below
from adverts.data.sources.open_source import root_of
from adverts.data.sources.raw_rows import Source
from adverts.errors import InputError
from adverts.runtime import Classifier
from adverts.runtime.predict.logits_to_responses import versions_of
from adverts.scoring.answer_files import ANSWERS, AnswerFormat, answers_name
from adverts.scoring.collection import SEEN
from adverts.scoring.evidence.evidence_files import evidence_name
from adverts.scoring.evidence.evidence_terms import CLUSTERS, CONTENT, EVIDENCE, settings_of
from adverts.scoring.summary import SUMMARY
from adverts.work.units.place import Place
from adverts.work.units.plan import PLAN, Plain, Plan, freeze, read_plan, require_same
from adverts.work.units.receipts import RECEIPTS, receipt_name

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
        InputError: The place holds other work, or an input changed since it was planned, or the
            source has files below the place.
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
    if evidence.get("evidence") == "restricted":
        settings[CONTENT] = _content(classifier, data)
    inputs: dict[str, Plain] = {name: asdict(stamp) for name, stamp in source.stamps.items()}
    found = read_plan(place)
    if found is not None:
        require_same(place, found, settings_of(found, settings), inputs)
        return found
    _refuse_own_files(place, source, data, kind)
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


def _content(classifier: Classifier, data: DataConfig) -> Plain:
    """Return what reads the adverts of a plan again to show them to people."""
    root = data.root if isinstance(data.root, str) else str((data.root or Path()).absolute())
    values = data.model_dump(mode="json")
    values.pop("campaigns", None)  # no row is read by them, and plans of before do not hold them
    content: Plain = json.loads(
        json.dumps(
            {
                "data": {**values, "root": root},
                "labels": asdict(classifier.manifest.label_schema),
                "ocr": classifier.manifest.ocr,
            }
        )
    )
    return content


def _refuse_own_files(place: Place, source: Source, data: DataConfig, kind: AnswerFormat) -> None:
    """Refuse a source with files where the answers go: no later run would find the same files.

    Raises:
        InputError: A file of the source lies below the place, or a pattern would match what is
            written there.
    """
    if not isinstance(data.source, FileSource):
        return
    root, address = root_of(data), str(place).rstrip("/")
    written = (answers_name(0, kind), evidence_name(0), receipt_name(0), PLAN, SUMMARY, CLUSTERS)
    own = [locate(Path(), f"{address}/{name}") for name in written]
    names = [name for name in data.source.paths if any(would_match(root, name, one) for one in own)]
    folder = locate(Path(), address)
    names += [name for name in source.stamps if parts_below(folder, locate(root, name)) is not None]
    if names:
        raise InputError(
            f"data.source.paths: {names[0]} matches files below scores={place}; write the scores "
            "to a folder that no path of the source reaches"
        )
