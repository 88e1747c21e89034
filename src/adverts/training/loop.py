"""The training loop: forward passes, gradients and optimiser steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from adverts.training.loss import LossFunction
from adverts.training.processes import Processes, seed_step

Forward = Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]


@dataclass(frozen=True, slots=True)
class Batch:
    """The inputs and targets of one forward pass.

    Attributes:
        feeds: Maps the name of each model input to its tensor.
        targets: Maps each task name to targets ``(B, L)``; NaN where there is no label.
        tokens: Number of tokens that are not padding; 0 for a model without tokens.
        padded_tokens: Number of tokens including padding.
    """

    feeds: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    tokens: int
    padded_tokens: int


@dataclass(frozen=True, slots=True)
class StepInput:
    """The forward passes of one optimiser step.

    Attributes:
        index: Number of the step in the whole run, from 0.
        adverts: Number of adverts in the step, over all forward passes and processes.
        batches: Batches of this process.
    """

    index: int
    adverts: int
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one optimiser step.

    Attributes:
        index: Number of the step in the whole run, from 0.
        adverts: Number of adverts in the whole step.
        loss: Mean loss over the adverts of the step, in nats. It stays on the device, so that the
            caller decides when to read it.
        grad_norm: 2-norm of the gradient before clipping; on the device.
        learning_rate: Learning rate of the first parameter group.
        tokens: Number of tokens that are not padding, in this process.
        padded_tokens: Number of tokens including padding, in this process.
    """

    index: int
    adverts: int
    loss: Tensor
    grad_norm: Tensor
    learning_rate: float
    tokens: int
    padded_tokens: int


def fit(
    module: nn.Module,
    steps: Iterable[StepInput],
    optimizer: torch.optim.Optimizer,
    *,
    forward: Forward | None = None,
    adverts_per_step: float,
    schedule: Callable[[int], float],
    loss_function: LossFunction,
    max_grad_norm: float,
    autocast_dtype: torch.dtype | None,
    processes: Processes,
    seed: int,
) -> Iterator[Step]:
    """Train ``module``, yielding after every optimiser step.

    The caller logs, evaluates and saves, and stops training by leaving the ``for`` loop. The loop
    itself uses no file, clock or tracker, and never waits for the device.

    The gradient is that of the loss summed over the adverts of a step, divided by the mean number
    of adverts in a step of the run. It therefore does not depend on how a step is divided into
    forward passes and processes, and an advert counts the same in a step of a few long adverts as
    in one of many short ones.

    Args:
        module: Maps feeds to logits by task; it keeps its frozen parts in evaluation mode.
        steps: One entry per optimiser step; training ends after the last one.
        optimizer: Optimiser whose groups hold the peak learning rates.
        forward: Maps feeds to the logits that learn; None: ``module`` itself.
        adverts_per_step: Mean number of adverts in a step of the whole run.
        schedule: Maps a step index to the factor of the peak learning rate.
        loss_function: Returns the loss summed over a batch.
        max_grad_norm: Largest global 2-norm; larger gradients are scaled down to it.
        autocast_dtype: Dtype of matrix products, or None for full precision.
        processes: This process among those of the run.
        seed: Seed of dropout.
    """
    peaks = [float(group["lr"]) for group in optimizer.param_groups]
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for step in steps:
        module.train()  # the caller may have switched to evaluation mode since the last step
        seed_step(seed, step.index, processes.index)
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * schedule(step.index)
        optimizer.zero_grad(set_to_none=True)
        loss = torch.zeros((), device=processes.device)
        for batch in step.batches:
            feeds, targets = to_device(batch, processes.device)
            with autocast(processes.device, autocast_dtype):
                logits = (forward or module)(feeds)
            part = loss_function(logits, targets) / adverts_per_step
            part.backward()
            loss += part.detach()
        loss = processes.sum_gradients(parameters, loss)
        grad_norm = nn.utils.clip_grad_norm_(parameters, max_grad_norm)
        optimizer.step()
        yield Step(
            index=step.index,
            adverts=step.adverts,
            loss=loss * (adverts_per_step / step.adverts),
            grad_norm=grad_norm,
            learning_rate=optimizer.param_groups[0]["lr"],
            tokens=sum(batch.tokens for batch in step.batches),
            padded_tokens=sum(batch.padded_tokens for batch in step.batches),
        )


def to_device(batch: Batch, device: torch.device) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the feeds and targets of ``batch`` on ``device``."""
    feeds = {name: value.to(device, non_blocking=True) for name, value in batch.feeds.items()}
    targets = {name: value.to(device, non_blocking=True) for name, value in batch.targets.items()}
    return feeds, targets


def autocast(device: torch.device, dtype: torch.dtype | None) -> torch.autocast:
    """Return a context in which matrix products use ``dtype``; None leaves them unchanged."""
    return torch.autocast(device.type, dtype, enabled=dtype is not None)
