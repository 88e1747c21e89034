"""The labels and slices of the adverts that a bundle is proved on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import LabelSchema, Task
from adverts.bundle.parity.losses import Truth
from adverts.bundle.proof_adverts import ProofAdverts
from adverts.data.table import AdvertTable
from adverts.evaluation.alignment import align_targets, unjudged_where
from adverts.evaluation.figures import judge
from adverts.inputs.spec import InputName
from adverts.runtime.coverage import UNKNOWN
from adverts.runtime.thresholds import Thresholds


def truth_of(
    adverts: ProofAdverts,
    schema: LabelSchema,
    thresholds: Thresholds,
    inputs: tuple[InputName, ...],
) -> Truth:
    """Return the labels of the headline task and the slices by language and modality.

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
    targets_NL = _targets(table, task, inputs)
    return Truth(
        task=task,
        targets_NL=targets_NL,
        judged=judge(task, targets_NL),
        thresholds=tuple(
            one for one in thresholds.thresholds if one.task == task.name and one.value is not None
        ),
        clusters=table.clusters,
        langs=table.langs,
        slices=tuple(_slices(table)),
    )


def _targets(table: AdvertTable, task: Task, inputs: tuple[InputName, ...]) -> NDArray[np.float32]:
    aligned = align_targets(table.schema.tasks, (task,), table.targets)
    judged = unjudged_where(~table.readable(inputs), aligned)
    none_NL = np.full((len(table), task.num_labels), np.nan, dtype=np.float32)
    return judged.get(task.name, none_NL)


def _slices(table: AdvertTable) -> list[tuple[str, NDArray[np.int64]]]:
    """Divide the adverts; a dimension in which all are alike would repeat the whole."""
    found = []
    for dimension, values in (("language", table.langs), ("modality", table.modalities())):
        named = np.array([value or UNKNOWN for value in values], dtype=object)
        parts = sorted(set(named))
        if len(parts) > 1:
            found += [(f"{dimension}={part}", np.flatnonzero(named == part)) for part in parts]
    return found
