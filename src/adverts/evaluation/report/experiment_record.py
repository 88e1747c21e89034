"""An evaluation in the form of an experiment's ``results.json``, which tables are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.summary import Evaluation
from adverts.evaluation.figures.task_summary import MAJORITY, Comparison, ModelFigures
from adverts.evaluation.predictions.origin import Origin
from adverts.evaluation.report.headline import Headline, headline_task

Record = Mapping[str, object]


def results_record(evaluation: Evaluation, origin: Origin, headline: Headline) -> Record:
    """Return the rows of the headline task with all that a table of them must name.

    Values are raw, intervals are 95 %. ``headline`` is false where the adverts allow none.
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
