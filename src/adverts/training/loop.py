"""The training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from adverts.training.loss import LossFunction
from adverts.training.processes import Processes, seed_step


@dataclass(frozen=True, slots=True)
class Batch:
    """What one forward pass needs.

    Attributes:
        feeds: Model inputs by name.
        targets: By task ``(B, L)``; NaN where there is no label.
        tokens: Tokens that are not padding; 0 for a model without tokens.
        padded_tokens: Tokens and padding.
    """

    feeds: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    tokens: int
    padded_tokens: int


@dataclass(frozen=True, slots=True)
class StepInput:
    """The forward passes of one optimiser step.

    Attributes:
        index: From 0, over the whole run.
        adverts: In the whole step, over all forward passes and processes.
        batches: Of this process.
    """

    index: int
    adverts: int
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What one optimiser step did.

    Attributes:
        index: From 0, over the whole run.
        adverts: In the whole step.
        loss: Mean over the adverts of the step, nats; on the device, so that reading it is the
            caller's choice.
        grad_norm: 2-norm before clipping; on the device.
        learning_rate: Of the first parameter group.
        tokens: Tokens that are not padding, in this process.
        padded_tokens: Tokens and padding, in this process.
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
    schedule: Callable[[int], float],
    loss_function: LossFunction,
    max_grad_norm: float,
    autocast_dtype: torch.dtype | None,
    processes: Processes,
    seed: int,
) -> Iterator[Step]:
    """Train ``module``, yielding after every optimiser step.

    The caller owns the run: it logs, evaluates, saves, or stops by leaving the ``for`` loop. The
    loop itself touches no file, clock or tracker, and never waits for the device.

    The loss is summed over adverts and divided by the adverts of the whole step, so accumulation
    and processes change nothing but speed.

    Args:
        module: Maps feeds to logits by task; keeps its frozen parts in evaluation mode itself.
        steps: One entry per optimiser step; its end is the end of training.
        optimizer: Its groups hold the peak learning rates.
        schedule: Multiple of the peak learning rate at a step index.
        loss_function: Loss summed over a batch.
        max_grad_norm: Gradients are scaled down to this global 2-norm.
        autocast_dtype: Dtype of matrix products, or None for full precision.
        processes: This process among those of the run.
        seed: Of dropout.
    """
    peaks = [float(group["lr"]) for group in optimizer.param_groups]
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for step in steps:
        module.train()  # the caller may have evaluated since the last step
        seed_step(seed, step.index, processes.index)
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * schedule(step.index)
        optimizer.zero_grad(set_to_none=True)
        loss = torch.zeros((), device=processes.device)
        for batch in step.batches:
            feeds, targets = to_device(batch, processes.device)
            with autocast(processes.device, autocast_dtype):
                logits = module(feeds)
            part = loss_function(logits, targets) / step.adverts
            part.backward()
            loss += part.detach()
        loss = processes.sum_gradients(parameters, loss)
        grad_norm = nn.utils.clip_grad_norm_(parameters, max_grad_norm)
        optimizer.step()
        yield Step(
            index=step.index,
            adverts=step.adverts,
            loss=loss,
            grad_norm=grad_norm,
            learning_rate=optimizer.param_groups[0]["lr"],
            tokens=sum(batch.tokens for batch in step.batches),
            padded_tokens=sum(batch.padded_tokens for batch in step.batches),
        )


def to_device(batch: Batch, device: torch.device) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return feeds and targets on ``device``."""
    feeds = {name: value.to(device, non_blocking=True) for name, value in batch.feeds.items()}
    targets = {name: value.to(device, non_blocking=True) for name, value in batch.targets.items()}
    return feeds, targets


def autocast(device: torch.device, dtype: torch.dtype | None) -> torch.autocast:
    """Return the context in which matrix products are of ``dtype``; None leaves them alone."""
    return torch.autocast(device.type, dtype, enabled=dtype is not None)
