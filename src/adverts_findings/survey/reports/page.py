"""Write an estimate as JSON, Markdown and one self-contained page; none holds advert content."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from adverts.evaluation.report.templating import FOLDER, fill_html, fill_text
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.files.staging import open_private
from adverts_findings.survey.labelled.figures import GroupFigures
from adverts_findings.survey.reports import amounts, plot, remarks, sentences
from adverts_findings.survey.reports.record import (
    RECORD,
    Earlier,
    EstimateRecord,
    as_earlier,
    record_bytes,
)
from adverts_findings.survey.sample import UNKNOWN

PAGE, TEXT = "estimate.html", "estimate.md"
HOLDS = (PAGE, TEXT)
"""Names of the files next to the record."""
_FOLDERS = (Path(__file__).parent / "templates", FOLDER)


def write_estimate(folder: Path, record: EstimateRecord) -> None:
    """Write the record and its two pages, readable by their owner alone."""
    for name, content in (
        (RECORD, record_bytes(record)),
        (PAGE, to_html(record).encode(errors="replace")),
        (TEXT, to_markdown(record).encode(errors="replace")),
    ):
        with open_private(folder / name) as file:
            file.write(content)


def to_html(record: EstimateRecord) -> str:
    """Return the estimate as one HTML page without script, font or network."""
    return fill_html("estimate.html.j2", _context(record), folders=_FOLDERS)


def to_markdown(record: EstimateRecord) -> str:
    """Return the estimate as Markdown."""
    return fill_text("estimate.md.j2", _context(record), folders=_FOLDERS)


def _context(record: EstimateRecord) -> Mapping[str, object]:
    figures = record.figures[0]
    both = [one for one in (figures.total.by_design, figures.total.assisted) if one is not None]
    return {
        "record": record,
        "adverts": figures,
        "headline": sentences.headline(record),
        "amounts": amounts,
        "sentences": sentences,
        "remarks": remarks,
        "plot": plot,
        "end": plot.scale_end(both, least=figures.expected or 0.0),
        "divisions": _divisions(record.groups),
        "alarms": [one for one in map(remarks.drift, record.samples) if one is not None],
        "open_weeks": open_weeks(record),
        "series": _series(record),
    }


def _series(record: EstimateRecord) -> tuple[float, Sequence[Earlier]] | None:
    """Return the estimates of a series, the first one first, and the end of their common scale.

    What was collected or asked otherwise is not shown beside this one.
    """
    apart = {one.earlier for one in record.comparisons if one.new_series is not None}
    beside = [one for one in reversed(record.publication.previous) if one.sample not in apart]
    if not beside:
        return None
    found = [*beside, as_earlier(record)]
    return plot.scale_end([one.total for one in found]), found


def _divisions(
    groups: Sequence[GroupFigures],
) -> Mapping[str, tuple[float, Sequence[GroupFigures]]]:
    """Return the groups of each field with the end of their common scale."""
    found: dict[str, list[GroupFigures]] = {}
    for one in groups:
        found.setdefault(one.field, []).append(one)
    found["week"] = sorted(found.get("week", []), key=lambda one: one.value)
    return {
        field: (plot.scale_end([_total(one) for one in members]), members)
        for field, members in found.items()
        if members
    }


def _total(group: GroupFigures) -> Estimate:
    return group.figures[0].total.by_design


def open_weeks(record: EstimateRecord) -> frozenset[str]:
    """Return the weeks whose collection may not be over: that of the last collection, and later."""
    times = [one.frame.last_collected for one in record.samples]
    if None in times:
        return frozenset(one.value for one in record.groups if one.field == "week")
    last = max(datetime.datetime.fromisoformat(one) for one in times if one is not None)
    year, number, _ = last.isocalendar()
    return frozenset(
        one.value
        for one in record.groups
        if one.field == "week" and one.value != UNKNOWN and one.value >= f"{year}-W{number:02d}"
    )
