"""Write a report as JSON, Markdown and one self-contained HTML page, without advert content."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from adverts.evaluation.figures import wording
from adverts.evaluation.figures.budgets import BudgetFigures
from adverts.evaluation.figures.look_alikes import GroupRate
from adverts.evaluation.figures.planned_figures import MAJORITY, ModelFigures
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.figures.score_histogram import LOG_ODDS
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.report import comparison_wording, sentences
from adverts.evaluation.report import page_parts as report_parts
from adverts.evaluation.report.filtered_list import own_script
from adverts.evaluation.report.findings import findings_of
from adverts.evaluation.report.headline import Headline, headline_of, headline_task, results_record
from adverts.evaluation.report.in_short import (
    about_100,
    first_queue,
    in_short,
    lack_sentence,
    of_100,
)
from adverts.evaluation.report.pages import render_html, render_text
from adverts.evaluation.report.sentences import account_rows
from adverts.evaluation.report.templating import FOLDER
from adverts.evaluation.report.unjudged import anchor
from adverts.evaluation.report_content import Evaluation, Report, Summary, TaskSummary, to_plain
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.undecided import undecided
from adverts.runtime.rules.decision_rules import FILE_NAMES as RULES

SCHEMA_VERSION = 1
HOLDS = ("report.json", "report.md", "report.html", "results.json", "restricted", *RULES)
"""Names of the files and folders that a report may have next to the predictions."""
_PERMISSIONS = 0o600
_SCRIPT = "contents.js.j2"  # filled with nothing, so that its hash can be stated


def write_report(folder: Path, report: Report, gate: GateRecord | None = None) -> tuple[Path, ...]:
    """Write ``report.json``, ``report.md``, ``report.html`` and ``results.json``.

    Args:
        folder: Existing folder; files in it of these names are replaced.
        report: The report on the model.
        gate: Record of the gate's verdict; None if no gate was asked for.

    Returns:
        Paths of the four files.
    """
    record = results_record(report.evaluation, report.origin, headline_in(report))
    pages = {
        "report.json": to_json(report, gate),
        "report.md": to_markdown(report, gate),
        "report.html": to_html(report, gate),
        "results.json": json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    }
    for name, page in pages.items():
        _write(folder / name, page)
    return tuple(folder / name for name in pages)


def headline_in(report: Report) -> Headline:
    """Return the headline of a report; it says so if the adverts allow none."""
    origin = report.origin
    set_name = f"{origin.dataset} {origin.split}"
    return headline_of(report, set_name=set_name, refusal=origin.refusal)


def to_json(report: Report, gate: GateRecord | None = None) -> str:
    """Return the report and the verdict as JSON, without loss."""
    record = {
        "schema_version": SCHEMA_VERSION,
        "headline": asdict(headline_in(report)),
        "in_short": to_plain(in_short(report)),
        "findings": to_plain(findings_of(report, gate)),
        **{part.name: to_plain(getattr(report, part.name)) for part in fields(report)},
        "gate": to_plain(gate),
    }
    return json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_markdown(report: Report, gate: GateRecord | None = None) -> str:
    """Return the report and the verdict as Markdown."""
    return render_text("report.md.j2", _context(report, gate), folders=[FOLDER])


def to_html(report: Report, gate: GateRecord | None = None) -> str:
    """Return the report and the verdict as one HTML page without font or network.

    Its only script marks the section that is being read; without it the page lacks nothing else.
    """
    values = {**_context(report, gate), "script": own_script(FOLDER / _SCRIPT)}
    return render_html("report.html.j2", values, folders=[FOLDER])


def _context(report: Report, gate: GateRecord | None) -> Mapping[str, object]:
    evaluation = report.evaluation
    return {
        "report": report,
        "gate": gate,
        "evaluation": evaluation,
        "origin": report.origin,
        "headline": headline_in(report),
        "findings": findings_of(report, gate),
        "slices_anchor": anchor,
        "lack_sentence": lack_sentence,
        "budget_lack": _budget_lack,
        "in_short": in_short(report),
        "first_queue": first_queue,
        "of_100": of_100,
        "about_100": about_100,
        "chance": _chance,
        "headline_task": headline_task(evaluation),
        "account_rows": (account_rows(report.account, undecided(report)) if report.account else []),
        "precision": evaluation.settings.precision,
        "majority": MAJORITY,
        "compared": comparison_wording,
        "min_clusters": evaluation.settings.min_positive_clusters,
        "figures_of": lambda task: sentences.ordered(task.models[0].figures),
        "dimensions_of": _dimensions,
        "figure_names": _figure_names(evaluation),
        "estimate_of": _estimate_of,
        "shade": lambda count, row: round(count / sum(row), 3) if sum(row) else 0,
        "parts": report_parts,
        "calibrated": {one.task for one in report.calibration if one.after},
        "has_thresholds": bool(report.operating or report_parts.not_shipped(report)),
        "sampled": _sampled,
        "fine": _fine,
        "as_estimate": _as_estimate,
    }


def _dimensions(task: TaskSummary) -> Mapping[str, Sequence[Slice]]:
    found: dict[str, list[Slice]] = {}
    for part in task.slices:
        found.setdefault(part.dimension, []).append(part)
    return found


def _figure_names(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the names of all figures that the report shows, for its glossary."""
    summaries: list[Summary] = [s for s in (evaluation.reviewed, evaluation.unreviewed) if s]
    names = {name for s in summaries for task in s.tasks for name in task.models[0].figures}
    return sentences.ordered(names)


def _estimate_of(models: Sequence[ModelFigures], index: int, figure: str) -> object:
    return models[index].figures[figure] if index < len(models) else None


def _sampled(values: Sequence[object]) -> list[int]:
    """Return indices of about ten points of a curve, with both ends, for its table of numbers."""
    last = len(values) - 1
    return sorted({round(last * tenth / 10) for tenth in range(11)}) if values else []


def _fine(share: float | None) -> str:
    """Return a share that may be small, in percent with two significant digits."""
    return wording.MISSING if share is None else f"{float(f'{100 * share:.2g}'):g} %"


def _chance(log_odds: float) -> str:
    """Return the probability of an end of a bin of the histogram; the outer bins are open."""
    if abs(log_odds) >= LOG_ODDS[-1]:
        return "0" if log_odds < 0 else "1"
    return f"{1 / (1 + math.exp(-log_odds)):.3g}"


def _budget_lack(one: BudgetFigures) -> str:
    """Return why a budget has no figures, with the setting that hides them, if one does."""
    named = lack_sentence(one.evidence) if one.evidence else ""
    return named or one.lack or ""


def _as_estimate(group: GroupRate) -> Estimate:
    return Estimate(group.rate, group.low, group.high)


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.touch(mode=_PERMISSIONS)
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
