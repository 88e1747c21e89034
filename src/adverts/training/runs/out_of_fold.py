"""The logits of training adverts by fits on the other folds: evidence that an export may use.

The file holds rows of the prepared dataset and logits: no id, no text and no label. It is readable
only by its owner, stays with the checkpoint, and is never sent to a tracking server.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from adverts.arrays import Ints
from adverts.errors import IntegrityError

FILE_NAME = "out_of_fold.safetensors"
_ROWS, _MEAN, _NGRAMS = "rows", "mean.", "ngrams."
Logits = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """What a model says of ``N`` training adverts that it did not learn from.

    Attributes:
        rows: Row of each advert in the prepared dataset, ``(N,)``.
        mean: Calibrated mean of both branches, ``(N, K)`` by task; NaN where the other folds have
            no label of the task.
        ngrams: Calibrated logits of the n-grams alone, in the same way.
    """

    rows: Ints
    mean: Logits
    ngrams: Logits


def write_out_of_fold(folder: Path, found: OutOfFold) -> None:
    """Write the logits into the folder of a checkpoint, readable only by their owner.

    Raises:
        OSError: The file cannot be written.
    """
    tensors: dict[str, NDArray[np.generic]] = {_ROWS: found.rows}
    for prefix, logits in ((_MEAN, found.mean), (_NGRAMS, found.ngrams)):
        tensors |= {prefix + name: np.ascontiguousarray(one) for name, one in logits.items()}
    path = folder / FILE_NAME
    os.close(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    try:
        save_file(tensors, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def read_out_of_fold(folder: Path) -> OutOfFold | None:
    """Read what :func:`write_out_of_fold` wrote; None where the training kept none.

    Raises:
        IntegrityError: The file is damaged, or holds logits of other rows than it names.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        tensors = load_file(path)
        rows = tensors.pop(_ROWS)
    except (SafetensorError, KeyError) as error:
        raise IntegrityError(f"{path} is damaged or cut off; train again") from error
    parts: dict[str, dict[str, NDArray[np.float32]]] = {_MEAN: {}, _NGRAMS: {}}
    for name, values in tensors.items():
        prefix, dot, task = name.partition(".")
        if prefix + dot not in parts or values.ndim != 2 or len(values) != len(rows):
            raise IntegrityError(f"{path} is not the file that training wrote; train again")
        parts[prefix + dot][task] = values
    if rows.ndim != 1 or rows.dtype != np.int64 or parts[_MEAN].keys() != parts[_NGRAMS].keys():
        raise IntegrityError(f"{path} is not the file that training wrote; train again")
    return OutOfFold(rows, parts[_MEAN], parts[_NGRAMS])
