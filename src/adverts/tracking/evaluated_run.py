"""Record an evaluation with the run that trained the model, beside its other evaluations."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from adverts.errors import plural, say
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.planned_figures import MAJORITY, ModelFigures
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.predictions.model_facts import Origin
from adverts.evaluation.report.headline import SHOWN, flat_figures, headline_task
from adverts.evaluation.report_content import Report, TaskSummary
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.tracking.figure_pictures import draw_figures
from adverts.tracking.tracker import Tracker

_PAGES = ("report.html", "report.md", "report.json")
_GATE_PAGES = ("gate.json", "gate.md")


def hand_in_evaluation(
    tracker: Tracker,
    report: Report,
    gate: GateRecord | None,
    *,
    judged: str,
    folder: Path,
    pictures: Path,
) -> None:
    """Record figures, pictures and pages of an evaluation; other evaluations of the run stay.

    Figures are named after dataset and split, pages go to a folder of the evaluation. The same
    command records the same again, so that a killed one can be repeated.

    Args:
        tracker: Tracker of the run that trained the model.
        report: The report.
        gate: Verdict of the gate; None without a gate.
        judged: Name of the split, after the dataset if the model was trained on another one.
        folder: Folder of the evaluation, with its pages.
        pictures: Folder for the pictures until the server has them.
    """
    origin, task = report.origin, headline_task(report.evaluation)
    place = f"evaluation/{judged}/{evaluation_name(folder.name, origin)}"
    tracker.dataset(origin.dataset, origin.data_hash, context=judged, facts=_facts(report))
    if task is not None:
        _figures(tracker, task, f"evaluation.{judged}")
        title = f"{report.evaluation.model} on {origin.dataset} {origin.split}"
        for picture in _drawn(pictures, task, title):
            tracker.artifact(picture, place)
    for page in (*_PAGES, *(_GATE_PAGES if gate else ())):
        tracker.artifact(folder / page, place)
    if gate is not None:
        tracker.tags({"gate": f"{gate.gate}: {gate.verdict}"})
    tracker.note(f"Evaluation on {judged}", description(report, gate, place))


def evaluation_name(folder: str, origin: Origin) -> str:
    """Return a name that equal evaluations share and different ones do not."""
    decided = f"{origin.command} {origin.data_hash}"
    return f"{folder}-{hashlib.sha256(decided.encode()).hexdigest()[:8]}"


def remove_pictures(pictures: Path, *, waiting: bool) -> None:
    """Remove the pictures that the server has; those that a spool still sends later stay."""
    if waiting:
        return
    shutil.rmtree(pictures, ignore_errors=True)
    with suppress(OSError):  # it holds something else, or was never made
        pictures.parent.rmdir()


def description(report: Report, gate: GateRecord | None, place: str) -> str:
    """Return the headline with its intervals, what it was measured on, and how, as Markdown."""
    origin, evaluation = report.origin, report.evaluation
    task, precision = headline_task(evaluation), evaluation.settings.precision
    rows = [f"**No headline**: {origin.refusal}"] if origin.refusal else []
    if task is not None:
        rows += [_row(model, precision) for model in task.models if model.model != MAJORITY]
        evidence = task.evidence
        judged = f"{plural(evidence.adverts, 'advert')} in {plural(evidence.clusters, 'cluster')}"
        rows.append(f"Task {task.task.name}, judged on {judged}; intervals are 95 %")
        if evidence.lack:
            rows.append(f"Little evidence: {evidence.lack}")
    if gate is not None:
        rows.append(f"Gate {gate.gate}: **{gate.verdict}**")
    rows += [
        f"Dataset {origin.dataset}, split {origin.split}, data `{origin.data_hash[:12]}`; "
        f"the model is a {origin.kind}",
        f"Again: `{origin.command}`",
        f"Report and pictures: artifacts, `{place}`",
    ]
    return "\n".join(f"* {row}" for row in rows)


def _row(model: ModelFigures, precision: float) -> str:
    shown = [(name, model.figures[name]) for name in SHOWN if name in model.figures]
    told = (_told(name, one, precision) for name, one in shown)
    return f"**{model.model}**: " + ", ".join(told)


def _told(name: str, one: Estimate, precision: float) -> str:
    if one.value is None:
        return f"{wording.in_sentence(name, precision)} cannot be said"
    return f"{wording.in_sentence(name, precision)} {wording.with_interval(one)}"


def _figures(tracker: Tracker, task: TaskSummary, prefix: str) -> None:
    """Record every figure of the judged model, and the main one of each trained reference."""
    judged, *references = task.models
    tracker.metrics(_named(prefix, judged.figures), 0)
    for model in references:
        main = {name: one for name, one in model.figures.items() if name == task.primary}
        if model.model != MAJORITY:
            tracker.metrics(_named(f"{prefix}.{model.model}", main), 0)


def _named(prefix: str, figures: Mapping[str, Estimate]) -> dict[str, float]:
    """Return figures by names without ``/``, whose charts MLflow puts behind those of training."""
    flat = flat_figures(prefix, figures).items()
    return {name.replace("/", "."): value for name, value in flat}


def _drawn(pictures: Path, task: TaskSummary, title: str) -> tuple[Path, ...]:
    """Return the pictures; none if they cannot be drawn, since recording stops no evaluation."""
    try:
        return draw_figures(pictures, task, title=title)
    except Exception as error:  # noqa: BLE001 - whatever a library or a disk does
        say(f"tracking: no pictures of the figures ({type(error).__name__})", error=True)
        return ()


def _facts(report: Report) -> Mapping[str, object]:
    reviewed = report.evaluation.reviewed
    if reviewed is None:
        return {}
    return {
        "split": report.origin.split,
        "adverts": reviewed.adverts,
        "clusters": reviewed.clusters,
    }
