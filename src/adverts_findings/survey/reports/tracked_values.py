"""Figures and names of an estimate for a tracking server; no content of an advert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adverts_findings.survey.labelled.figures import TwoEstimates
from adverts_findings.survey.reports.record import EstimateRecord
from adverts_findings.survey.reports.sentences import lack


def metrics_of(record: EstimateRecord) -> Mapping[str, float]:
    """Return every figure of the whole frame with its interval; what cannot be said is absent."""
    found: dict[str, float] = {}
    for unit in record.figures:
        found.update(_named(f"estimate/{unit.unit}", unit.total))
        if unit.share is not None:
            found.update(_named("estimate/share", unit.share))
        if unit.expected is not None:
            found["estimate/expected_by_model"] = unit.expected
    return found


def _named(name: str, two: TwoEstimates) -> Iterator[tuple[str, float]]:
    for kind, one in (("by_design", two.by_design), ("assisted", two.assisted)):
        if one is None or lack(one) is not None:
            continue
        for end, value in (("", one.value), ("_low", one.low), ("_high", one.high)):
            if value is not None:
                yield f"{name}/{kind}{end}", value


def tags_of(record: EstimateRecord) -> Mapping[str, str]:
    """Return the names by which people find an estimate."""
    return {
        "estimate.id": record.id,
        "estimate.series": record.publication.series,
        "estimate.state": "provisional" if record.publication.provisional else "final",
        "sample.name": ", ".join(one.name for one in record.samples),
        "sample.seal": ", ".join(one.seal for one in record.samples),
        "frame.hash": ", ".join(one.frame.hash for one in record.samples),
        "codebook": record.samples[0].question.codebook,
    }
