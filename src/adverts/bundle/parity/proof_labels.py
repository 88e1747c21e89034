"""The labels and slices of the adverts that a bundle is proved on.

Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import LabelSchema, Task
from adverts.bundle.parity.proof_adverts import ProofAdverts
from adverts.data.dataset.table import AdvertTable
from adverts.evaluation.figures.figures_by_kind import Judged, judge
from adverts.evaluation.truth import align_targets, label_truth, unjudged_where
from adverts.inputs.spec import InputName
from adverts.runtime.rules.coverage import UNKNOWN
from adverts.runtime.rules.thresholds import Threshold, Thresholds

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class OtherLabel:
    """A label of another task than the headline one, with a shipped threshold.

    Attributes:
        task: Its task.
        threshold: With a value.
        positives: Rows of the adverts that hold it, and that the threshold is for.
    """

    task: Task
    threshold: Threshold
    positives: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What figures are computed on: the adverts of a split, in the order of their probabilities.

    Attributes:
        task: The headline task.
        targets_NL: Its target weights; all NaN where nobody labelled an advert.
        judged: The labels that follow.
        thresholds: Shipped ones of the task, with a value.
        clusters: Of each advert.
        langs: BCP-47 or None.
        slices: By name, the rows of each.
        others: Labels of other tasks, such as signs of danger to a person.
    """

    task: Task
    targets_NL: NDArray[np.float32]
    judged: Judged
    thresholds: tuple[Threshold, ...]
    clusters: Sequence[str]
    langs: Sequence[str | None]
    slices: tuple[tuple[str, Ints], ...]
    others: tuple[OtherLabel, ...] = ()


def truth_of(
    adverts: ProofAdverts,
    schema: LabelSchema,
    thresholds: Thresholds,
    inputs: tuple[InputName, ...],
) -> Truth:
    """Return the labels of all tasks that decide, and the slices by language and modality.

    Args:
        adverts: Of the proof; the made-up ones have no label and are left out.
        schema: Of the model.
        thresholds: That ship with it.
        inputs: What the model reads; an advert that has none of it is not judged.

    Raises:
        InputError: The labels of the split do not fit the model's.
    """
    table = adverts.table.select(adverts.rows)
    task = next(one for one in schema.tasks if one.name == schema.headline)
    targets = _targets(table, schema.tasks, inputs)
    targets_NL = targets[task.name]
    return Truth(
        task=task,
        targets_NL=targets_NL,
        judged=judge(task, targets_NL),
        thresholds=_shipped(thresholds, task),
        clusters=table.clusters,
        langs=table.langs,
        slices=tuple(_slices(table)),
        others=tuple(
            OtherLabel(other, one, holding_rows(other, targets[other.name], one, table.langs))
            for other in schema.tasks
            if other.name != schema.headline
            for one in _shipped(thresholds, other)
        ),
    )


def holding_rows(
    task: Task, targets_NL: NDArray[np.float32], one: Threshold, langs: Sequence[str | None]
) -> Ints:
    """Return the rows of the adverts that hold the label of a threshold, and that it is for."""
    holds_N = label_truth(task, targets_NL, one.label) == 1
    if one.language is not None:
        holds_N &= np.array([lang == one.language for lang in langs], dtype=bool)
    return np.flatnonzero(holds_N)


def _shipped(thresholds: Thresholds, task: Task) -> tuple[Threshold, ...]:
    return tuple(
        one for one in thresholds.thresholds if one.task == task.name and one.value is not None
    )


def _targets(
    table: AdvertTable, tasks: tuple[Task, ...], inputs: tuple[InputName, ...]
) -> dict[str, NDArray[np.float32]]:
    aligned = align_targets(table.schema.tasks, tasks, table.targets)
    judged = unjudged_where(~table.readable(inputs), aligned)
    return {
        task.name: judged.get(
            task.name, np.full((len(table), task.num_labels), np.nan, dtype=np.float32)
        )
        for task in tasks
    }


def _slices(table: AdvertTable) -> list[tuple[str, NDArray[np.int64]]]:
    """Divide the adverts; a dimension in which all are alike would repeat the whole."""
    found = []
    for dimension, values in (("language", table.langs), ("modality", table.modalities())):
        named = np.array([value or UNKNOWN for value in values], dtype=object)
        parts = sorted(set(named))
        if len(parts) > 1:
            found += [(f"{dimension}={part}", np.flatnonzero(named == part)) for part in parts]
    return found
