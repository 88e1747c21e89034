"""Folders of scores that no model scored: a plan, and receipts of answers of our own."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adverts.advert import Task
from adverts.runtime.predict.responses import NOTHING_TO_READ, ItemError, Response, Versions
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.seen_facts import SeenFact, SeenFacts
from adverts.scoring.answer_files import AnswerFormat, answer_of, answers_name, open_answers
from adverts.scoring.collection import SAMPLE, SEEN, Collection, open_collection
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.drift_sample import DriftSample
from adverts.scoring.evidence.evidence_files import evidence_name
from adverts.scoring.evidence.evidence_terms import evidence_settings
from adverts.work.units.place import LocalPlace, Place, aside, open_place
from adverts.work.units.plan import Plan, freeze
from adverts.work.units.receipts import hand_in

TASK = Task("refer", "single", ("no", "yes"), "yes")
VERSIONS = Versions(*["1"] * 6, 1, 1, None, "labels", "fp32")
SAID = {"refer": {"no": 0.5, "yes": 0.5}}
DAY = datetime.date(2026, 1, 1)


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
        "format": "csv",
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
        with aside(place) as written:
            (written / "answers").write_bytes(b"answers")
            files = {answers_name(unit, "csv"): written / "answers"}
            hand_in(place, plan, unit, files, counts=plain, seconds=2.0, processor="AVX2")
    return open_collection(place)


def answers() -> list[Response]:
    """Return answers of every kind, one of which has the id of another, with names of columns."""

    def of(name, band, reason, tag=None, error=None, *, exited=False):  # type: ignore[no-untyped-def]
        language = Language(tag, None, identified=False) if tag else None
        said = {} if error else SAID
        return Response(
            name, band, reason, VERSIONS, said, language=language, exited=exited, error=error
        )

    return [
        of("-1", "priority", "=high", "en"),
        of("-1", "below", "low", "ckb", exited=True),
        of("b\rc", "abstain", NOTHING_TO_READ),
        of("c", "abstain", 'a, "b"\nc', "@odd"),
        of("posts.csv#5", "abstain", "too few cells", error=ItemError("malformed", "m")),
    ]


def scored(folder: Path | str, kind: AnswerFormat = "parquet", *, evidence: bool = False) -> Place:
    """Write a collection of two units, the second of which is not done, and return its place."""
    terms = evidence_settings(90, "key", DAY) if evidence else {}
    place = open_place(str(folder))
    plan = freeze(place, Plan({"format": kind, **terms}, {}, ({}, {})), ())
    counts = CollectionCounts(repeated_ids=1)
    with aside(place) as written:
        file = open_answers(written / "answers", kind, [TASK])
        for number, one in enumerate(answers()):
            counts.add(one, platform=f"p{number}", week="2026-W01", pictured=False)
            file.add([answer_of(one.id, one, 0.5)])
        file.close()
        files = {answers_name(0, kind): written / "answers"}
        if evidence:
            files[evidence_name(0)] = written / "evidence"
            (written / "evidence").write_bytes(b"evidence")
        plain = {**counts.plain(), "sample": None}
        hand_in(place, plan, 0, files, counts=plain, seconds=1.0, processor="AVX2")
    return place


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the receipt by hand."""
    path = folder / "receipts" / "000000.json"
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))
