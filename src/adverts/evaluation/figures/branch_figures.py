"""Judge each branch of a model by itself, and its mean against each branch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.advert import Task
from adverts.arrays import Targets
from adverts.evaluation.figures.figures_by_kind import FigureSet, primary_figure
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.statistics.bootstrap import Bench, Estimate, difference, estimates
from adverts.evaluation.truth import judge, unjudged_where
from adverts.inputs.spec import BranchName
from adverts.runtime.rules.probabilities import probabilities


@dataclass(frozen=True, slots=True)
class BranchFigure:
    """The main figure of one branch on the headline task.

    Attributes:
        branch: The branch, ``network`` or ``ngrams``.
        figure: Name of the figure.
        alone: The figure of the branch by itself.
        mean: The figure of the mean of all branches, which is the model.
        ahead: The mean minus the branch, paired on the same adverts; above 0 the mean is better.
    """

    branch: BranchName
    figure: str
    alone: Estimate
    mean: Estimate
    ahead: Estimate


def branch_figures(
    predictions: Predictions,
    targets: Targets,
    task: Task,
    *,
    precision: float,
    resamples: int,
    seed: int,
) -> tuple[BranchFigure, ...]:
    """Return the main figure of each branch of a model, on the judged, reviewed adverts.

    The result is empty for a model of one branch, and where no advert is judged.

    Args:
        predictions: Predictions of the model, with the logits of its branches.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        task: The headline task.
        precision: The precision at which recall is measured.
        resamples: Number of resamples of clusters for an interval.
        seed: Seed of the resamples.
    """
    read = unjudged_where(predictions.unreadable, targets)
    if not predictions.branches or task.name not in predictions.logits or task.name not in read:
        return ()
    rows = np.flatnonzero(predictions.reviewed)  # clusters are drawn as for the other figures
    kept = select(predictions, rows)
    judged = judge(task, read[task.name][rows])
    if not len(judged.rows):
        return ()
    bench, name = Bench(), primary_figure(task)
    logits = [kept.logits[task.name], *(one[task.name] for one in kept.branches.values())]
    sets = [FigureSet(judged, probabilities(task, one), precision=precision) for one in logits]
    whole, *alone = [bench.add(figures) for figures in sets]
    bench.run(kept.clusters, resamples=resamples, seed=seed)
    place = sets[0].names.index(name)
    mean = estimates(whole.value)[place]
    return tuple(
        BranchFigure(
            branch=branch,
            figure=name,
            alone=estimates(result.value)[place],
            mean=mean,
            ahead=difference(whole.value, result.value, place),
        )
        for branch, result in zip(kept.branches, alone, strict=True)
    )
