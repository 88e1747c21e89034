"""The headline of an evaluation, and the record from which tables of experiments are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError, plural
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.branch_figures import BranchFigure
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    MACRO_F1,
    MACRO_MAE,
    MEAN_AVERAGE_PRECISION,
    QUADRATIC_KAPPA,
    RECALL_AT_PRECISION,
)
from adverts.evaluation.figures.planned_figures import MAJORITY, Comparison, ModelFigures
from adverts.evaluation.predictions.model_facts import Origin
from adverts.evaluation.report import sentences
from adverts.evaluation.report.in_short import at_budget, cautions, in_short
from adverts.evaluation.report_content import Evaluation, Report, TaskSummary
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.files.bounded_reading import read_json

SHOWN = (
    AVERAGE_PRECISION,
    RECALL_AT_PRECISION,
    MEAN_AVERAGE_PRECISION,
    QUADRATIC_KAPPA,
    MACRO_MAE,
    MACRO_F1,
)
_COMPARED = (AVERAGE_PRECISION, MEAN_AVERAGE_PRECISION, QUADRATIC_KAPPA, MACRO_F1)
Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Headline:
    """Main results of one evaluation, for a table.

    Attributes:
        task: Name of the headline task.
        set_name: Names of the dataset and the split.
        precision: The precision at which recall is measured.
        adverts: Number of judged adverts.
        clusters: Number of clusters among them.
        models: Figures of the judged model, its references and the majority class; empty if
            nothing is judged.
        sentences: Which model wins, on what, by how much; then a warning if there is little
            evidence.
        refusal: Why these adverts allow no headline; None if they do.
        in_short: The result in one sentence; empty in reports that were written before there was
            one.
        cautions: What makes every figure say less than it seems to: synthetic data, a lowered
            evidence bar, or a model that may have learnt from the adverts.
        at_budget: What people find who review so many adverts a day, which compares with that of
            other models; empty where no desk has figures.
    """

    task: str
    set_name: str
    precision: float
    adverts: int
    clusters: int
    models: tuple[ModelFigures, ...]
    sentences: tuple[str, ...]
    refusal: str | None
    in_short: str = ""
    cautions: tuple[str, ...] = ()
    at_budget: str = ""


def headline_of(report: Report, *, set_name: str, refusal: str | None) -> Headline:
    """Return the headline of a report; ``refusal`` says why the adverts allow none, if so."""
    evaluation = report.evaluation
    task = headline_task(evaluation)
    evidence = task.evidence if task else Evidence(0, 0, None, None, None)
    return Headline(
        task=evaluation.headline,
        set_name=set_name,
        precision=evaluation.settings.precision,
        adverts=evidence.adverts,
        clusters=evidence.clusters,
        models=tuple(map(_shown, task.models)) if task else (),
        sentences=_sentences(task, report.branches, evaluation.settings.precision),
        refusal=refusal,
        in_short=in_short(report).text,
        cautions=cautions(report),
        at_budget=at_budget(report),
    )


def headline_task(evaluation: Evaluation) -> TaskSummary | None:
    """Return the summary of the headline task on reviewed adverts; None if none is judged."""
    tasks = evaluation.reviewed.tasks if evaluation.reviewed else ()
    return next((task for task in tasks if task.task.name == evaluation.headline), None)


def read_headline(path: Path) -> Headline:
    """Read the headline of a ``report.json``.

    Raises:
        InputError: The file does not exist or is not a report.
    """
    try:
        raw = read_json(path, finite=False)["headline"]
        return Headline(
            task=raw["task"],
            set_name=raw["set_name"],
            precision=float(raw["precision"]),
            adverts=int(raw["adverts"]),
            clusters=int(raw["clusters"]),
            models=tuple(
                ModelFigures(
                    model["model"],
                    {name: Estimate(**one) for name, one in model["figures"].items()},
                )
                for model in raw["models"]
            ),
            sentences=tuple(raw["sentences"]),
            refusal=raw["refusal"],
            in_short=raw.get("in_short", ""),
            cautions=tuple(raw.get("cautions", ())),
            at_budget=raw.get("at_budget", ""),
        )
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; run adverts evaluate first") from None
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path} is not a report.json; run adverts evaluate again") from None


def _shown(model: ModelFigures) -> ModelFigures:
    figures: Mapping[str, Estimate] = {
        name: model.figures[name] for name in SHOWN if name in model.figures
    }
    return ModelFigures(model.model, figures)


def _sentences(
    task: TaskSummary | None, branches: Sequence[BranchFigure], precision: float
) -> tuple[str, ...]:
    if task is None:
        return ("No reviewed advert has a label of the headline task: nothing can be judged.",)
    said = [
        sentences.comparison_sentence(one, precision)
        for one in task.comparisons
        if one.figure in _COMPARED and (one.reference != MAJORITY or one.figure == task.primary)
    ]
    said += [sentences.branch_sentence(one, precision) for one in branches]
    if task.evidence.lack:
        said.append(
            f"Little evidence: {task.evidence.lack}. Read this as a rehearsal, not as a result."
        )
    return tuple(said)


def flat_figures(prefix: str, figures: Mapping[str, Estimate]) -> dict[str, float]:
    """Return every defined figure and the ends of its interval, by the name for a tracker."""
    flat = {}
    for name, one in figures.items():
        for end, value in (("", one.value), (".low", one.low), (".high", one.high)):
            if value is not None:
                flat[f"{prefix}/{name}{end}"] = value
    return flat


def results_record(evaluation: Evaluation, origin: Origin, headline: Headline) -> Record:
    """Return the rows of the headline task with everything that a table of them must name.

    Values are not rounded, intervals are 95 %. ``headline`` is false if the adverts allow none.
    """
    task = headline_task(evaluation)
    shown = list(headline.models[0].figures) if headline.models else []
    named = {name: wording.in_sentence(name, headline.precision) for name in shown}
    return {
        "task": headline.task,
        "headline": headline.refusal is None and task is not None,
        "refusal": headline.refusal,
        "metrics": {"n": "adverts", **named},
        "arms": [_arm(model, headline.adverts) for model in headline.models],
        "comparisons": _comparisons(task.comparisons, shown) if task else [],
        "caption": _caption(evaluation, origin, headline),
        "dataset": origin.dataset,
        "data_hash": origin.data_hash,
        "split": origin.split,
        "command": origin.command,
        "commit": origin.commit,
        "machine": origin.machine,
    }


def _arm(model: ModelFigures, adverts: int) -> Record:
    values = {name: [e.value] for name, e in model.figures.items() if e.value is not None}
    intervals = {name: [e.low, e.high] for name, e in model.figures.items() if e.low is not None}
    return {"name": model.model, "values": {"n": [adverts], **values}, "intervals": intervals}


def _comparisons(comparisons: Sequence[Comparison], shown: Sequence[str]) -> list[Record]:
    return [
        {
            "name": f"{one.model} − {one.reference}",
            "metric": one.figure,
            "difference": one.difference.value,
            "low": one.difference.low,
            "high": one.difference.high,
            "verdict": one.verdict,
        }
        for one in comparisons
        if one.figure in shown and one.reference != MAJORITY and one.difference.low is not None
    ]


def _caption(evaluation: Evaluation, origin: Origin, headline: Headline) -> str:
    return (
        f"`{origin.command}`; {headline.set_name}, data {origin.data_hash[:12]}, "
        f"{plural(headline.clusters, 'cluster')}; 95 % intervals from "
        f"{evaluation.settings.resamples:,} resamples of clusters; {origin.machine}."
    )
