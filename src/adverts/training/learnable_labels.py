"""Select the rows whose labels a run can learn from, and check that the labels differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.data.dataset.advert_table import AdvertTable
from adverts.errors import InputError
from adverts.evaluation.truth import NOT_JUDGED, true_labels, true_signals
from adverts.inputs.spec import InputName


def only_useful(
    table: AdvertTable, tasks: Sequence[Task], inputs: Sequence[InputName]
) -> AdvertTable:
    """Return the adverts with a label of any of ``tasks`` and at least one part of ``inputs``.

    The others cannot be learnt from; for example, a picture model learns nothing from a post
    without a picture.
    """
    known = [~np.isnan(table.targets[task.name]).all(axis=1) for task in tasks]
    rows = np.flatnonzero(np.any(known, axis=0) & table.readable(inputs))
    return table if len(rows) == len(table) else table.select(rows)


def check_labels(task: Task, targets_NL: NDArray[np.float32], split: str) -> None:
    """Raise an error unless the labels of a split allow learning and judging ``task``.

    If several annotators labelled an advert, the majority label counts.

    Raises:
        InputError: No advert has a label of ``task``, or all have the same one.
    """
    labelled_NL = targets_NL[~np.isnan(targets_NL).all(axis=1)]
    if len(labelled_NL) == 0:
        raise InputError(
            f"split {split!r} has no advert that the model reads and that has a label of task "
            f"{task.name!r}; map its column in the data config and prepare again"
        )
    if task.kind == "multi":
        signals_NL = true_signals(labelled_NL)
        varied = (signals_NL == 1).any(axis=0) & (signals_NL == 0).any(axis=0)
        if not varied.any():
            raise InputError(
                f"split {split!r} has {len(labelled_NL)} labelled adverts, but no signal of task "
                f"{task.name!r} is both present and absent; add adverts of the other kind"
            )
        return
    judged = true_labels(task, labelled_NL)
    found = [task.labels[i] for i in np.unique(judged[judged != NOT_JUDGED])]
    if len(found) < 2:
        raise InputError(
            f"split {split!r} has {len(labelled_NL)} labelled adverts, but by majority all "
            f"have the label {found} of task {task.name!r}; two different labels are needed"
        )
