"""Save and restore the state of a run: weights, optimiser, position in the plan, best figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from adverts.errors import IntegrityError
from adverts.files.bounded_reading import read_json
from adverts.files.staging import recover, staging
from adverts.training.runs.checkpoint_record import write_json
from adverts.training.runs.tensors import (
    clear_when_disk_is_full,
    load_tensors,
    read_tensors,
    save_tensors,
    split_tensors,
    weights_sha256,
)

STATE, WEIGHTS, OPTIMIZER = "state.json", "model.safetensors", "optimizer.safetensors"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The progress of a run.

    It needs no state of random numbers: dropout is seeded by ``(seed, step, process)``, the order
    of adverts by ``(seed, epoch)``, and the hiding of their parts by ``(seed, epoch, row)``.

    Attributes:
        plan_sha256: Hash of the planned steps.
        step: Number of optimiser steps done.
        best_figures: Validation figures of the best model so far; empty before the first one.
        best_step: Number of steps done when the best model was reached.
        evaluations_without_progress: Number of evaluations since then.
        finished: Whether no step remains, or training was stopped early.
        weights_sha256: Hash of the learning tensors.
    """

    plan_sha256: str
    step: int = 0
    best_figures: Mapping[str, float] = field(default_factory=dict)
    best_step: int = 0
    evaluations_without_progress: int = 0
    finished: bool = False
    weights_sha256: str = ""


def write_state(
    folder: Path, module: nn.Module, optimizer: torch.optim.Optimizer, progress: RunProgress
) -> RunProgress:
    """Write the state from which a run can resume; it replaces the former state once complete.

    A finished run keeps its last weights, but not the optimiser, which is the larger part.

    Returns:
        ``progress`` with the hash of the weights.

    Raises:
        InputError: The disk is full; the former state is unchanged.
    """
    learning, _ = split_tensors(module)
    values = {**asdict(progress), "weights_sha256": weights_sha256(learning)}
    with clear_when_disk_is_full(folder), staging(folder, marker=STATE) as partial:
        save_tensors(partial / WEIGHTS, learning)
        if not progress.finished:
            save_tensors(partial / OPTIMIZER, optimizer_tensors(module, optimizer))
        write_json(partial / STATE, {"schema_version": SCHEMA_VERSION, **values})
    return RunProgress(**values)


def read_progress(folder: Path) -> RunProgress | None:
    """Return the progress of a run; None if it never wrote a state.

    Raises:
        IntegrityError: The state is damaged or of another version.
    """
    recover(folder.absolute(), marker=STATE)
    path = folder / STATE
    if not path.is_file():
        return None
    try:
        values = read_json(path, finite=False)
        version = values.pop("schema_version")
        if version != SCHEMA_VERSION:
            raise IntegrityError(
                f"{path} has schema version {version}, wanted {SCHEMA_VERSION}; train again"
            )
        return RunProgress(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IntegrityError(f"{path} is damaged ({type(error).__name__}); train again") from error


def restore(
    folder: Path, module: nn.Module, optimizer: torch.optim.Optimizer, progress: RunProgress
) -> None:
    """Load the stored weights and, for an unfinished run, the stored optimiser state.

    Raises:
        IntegrityError: The files differ from those that were written.
    """
    _, frozen = split_tensors(module)
    stored = read_tensors(folder / WEIGHTS)
    if weights_sha256(stored) != progress.weights_sha256:
        raise IntegrityError(f"{folder / WEIGHTS} was changed; train again")
    load_tensors(module, {**frozen, **stored}, folder)
    if not progress.finished:
        restore_optimizer(module, optimizer, read_tensors(folder / OPTIMIZER))


def optimizer_tensors(module: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Map ``<entry>/<parameter name>`` to each tensor of the optimiser's state."""
    return {
        f"{entry}/{name}": value
        for name, parameter in module.named_parameters()
        for entry, value in optimizer.state.get(parameter, {}).items()
    }


def restore_optimizer(
    module: nn.Module, optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]
) -> None:
    """Restore the optimiser's state from what :func:`optimizer_tensors` returned.

    Raises:
        IntegrityError: A tensor belongs to no parameter.
    """
    parameters = dict(module.named_parameters())
    for key, value in tensors.items():
        entry, _, name = key.partition("/")
        if name not in parameters:
            raise IntegrityError(f"the optimiser does not know the state {key}; train again")
        parameter = parameters[name]
        optimizer.state[parameter][entry] = value.to(parameter.device)
