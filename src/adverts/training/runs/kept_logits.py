"""Logits of single adverts that a training keeps with its checkpoint, so that nobody computes them.

There are two files: of training adverts by fits on the other folds, which may be evidence for an
early exit, and of validation adverts, on which rules are fitted. Both hold rows of the prepared
dataset and logits: no id, no text and no label. They are readable only by their owner, stay with
the checkpoint, and are never sent to a tracking server.
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
from adverts.inputs.spec import BRANCHES, BranchName

OUT_OF_FOLD, VALIDATION = "out_of_fold.safetensors", "validation.safetensors"
KEPT_FILES = frozenset({OUT_OF_FOLD, VALIDATION})
_ROWS, _MEAN = "rows", "mean"
Logits = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class KeptLogits:
    """What a model says of ``N`` adverts that it did not learn from.

    Attributes:
        rows: Row of each advert in the prepared dataset, ``(N,)``.
        mean: Logits of the model, ``(N, K)`` by task; NaN where they are not known.
        branches: Maps branches to their calibrated logits, in the same way; empty for a model of
            one branch.
    """

    rows: Ints
    mean: Logits
    branches: Mapping[BranchName, Logits]


def write_kept(path: Path, found: KeptLogits) -> None:
    """Write the logits into a file that is readable only by its owner.

    Raises:
        OSError: The file cannot be written.
    """
    tensors: dict[str, NDArray[np.generic]] = {_ROWS: found.rows}
    for prefix, logits in ((_MEAN, found.mean), *found.branches.items()):
        tensors |= {f"{prefix}.{name}": np.ascontiguousarray(one) for name, one in logits.items()}
    os.close(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    try:
        save_file(tensors, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def read_kept(path: Path) -> KeptLogits | None:
    """Read what :func:`write_kept` wrote; None where the training kept none.

    Raises:
        IntegrityError: The file is damaged, or holds logits of other rows than it names.
    """
    if not path.is_file():
        return None
    try:
        tensors = load_file(path)
        rows = tensors.pop(_ROWS)
    except (SafetensorError, KeyError) as error:
        raise IntegrityError(f"{path} is damaged or cut off; train again") from error
    parts: dict[str, dict[str, NDArray[np.float32]]] = {_MEAN: {}}
    for name, values in tensors.items():
        prefix, _, task = name.partition(".")
        if prefix not in (_MEAN, *BRANCHES) or values.ndim != 2 or len(values) != len(rows):
            raise IntegrityError(f"{path} is not the file that training wrote; train again")
        parts.setdefault(prefix, {})[task] = values
    mean = parts.pop(_MEAN)
    unlike = any(one.keys() != mean.keys() for one in parts.values())
    if rows.ndim != 1 or rows.dtype != np.int64 or unlike:
        raise IntegrityError(f"{path} is not the file that training wrote; train again")
    return KeptLogits(rows, mean, {name: parts[name] for name in BRANCHES if name in parts})
