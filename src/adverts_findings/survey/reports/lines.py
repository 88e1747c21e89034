"""What a terminal shows of an estimate: the sentence, the figures, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator

from adverts_findings.survey.labelled.figures import UnitFigures
from adverts_findings.survey.reports.record import EstimateRecord
from adverts_findings.survey.reports.remarks import assumption, comparison, drift
from adverts_findings.survey.reports.sentences import figure, headline, lack, share


def lines(record: EstimateRecord) -> Iterator[str]:
    """Yield the lines that a terminal shows."""
    yield headline(record)
    yield ""
    rows = [row for unit in record.figures for row in _rows(unit)]
    rows += [
        (f"{one.field} {one.value}", "by design", _figure(one.figures[0])) for one in record.groups
    ]
    first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
    for name, kind, told in rows:
        yield f"{name:<{first}}  {kind:<{second}}  {told}"
    assisted = record.figures[0].total.assisted
    if assisted is not None:
        yield f"assisted: {assumption(assisted)}"
    for one in record.comparisons:
        for told in comparison(one):
            yield f"{one.earlier} and {one.later}: {told}"
    for part in record.samples:
        if alarm := drift(part):
            yield f"alarm: {alarm}"
    yield f"what could be wrong, first of {len(record.doubts)}: {record.doubts[0]}"
    if record.publication.provisional:
        yield "provisional; final=true publishes it, and it is never changed then"


def _rows(unit: UnitFigures) -> Iterator[tuple[str, str, str]]:
    told = _figure(unit)
    if unit.share is not None and lack(unit.share.by_design) is None:
        told += f", {share(unit.share.by_design)}"
    yield unit.unit, "by design", told
    assisted = unit.total.assisted
    if assisted is not None and lack(assisted) is None:
        yield unit.unit, "assisted", figure(assisted, unit.frame_total)


def _figure(unit: UnitFigures) -> str:
    return figure(unit.total.by_design, unit.frame_total)
