"""Plan all steps of a run in advance: which adverts are in which forward pass."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_POOL_SIZE = 4096


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One optimiser step.

    Attributes:
        epoch: Number of the epoch, from 0.
        batches: Row indices of each forward pass.
        ends_epoch: Whether it is the last step of its epoch.
    """

    epoch: int
    batches: tuple[tuple[int, ...], ...]
    ends_epoch: bool

    @property
    def adverts(self) -> int:
        """Number of adverts in the step."""
        return sum(map(len, self.batches))


def plan_steps(
    lengths: Sequence[int],
    *,
    tokens_per_batch: int,
    max_adverts: int,
    accumulation: int,
    epochs: int,
    seed: int,
) -> list[PlannedStep]:
    """Return all steps of a run; equal arguments give equal steps, so a resumed run skips some.

    Args:
        lengths: Number of tokens of each advert.
        tokens_per_batch: Largest padded size of a forward pass, in tokens.
        max_adverts: Largest number of adverts in a forward pass.
        accumulation: Forward passes in one optimiser step; the last of an epoch may have fewer.
        epochs: Passes over all adverts; each advert is in exactly one batch of each.
        seed: Seed of the shuffles.

    Raises:
        ValueError: There is no advert.
    """
    if not lengths:
        raise ValueError("there is no advert to make batches of")
    steps: list[PlannedStep] = []
    for epoch in range(epochs):
        rng = random.Random(f"batches {seed} {epoch}")
        batches = token_budget_batches(
            lengths, rng, tokens_per_batch=tokens_per_batch, max_adverts=max_adverts
        )
        groups = list(_in_groups_of(accumulation, batches))
        steps += [PlannedStep(epoch, group, i == len(groups) - 1) for i, group in enumerate(groups)]
    return steps


def evaluation_steps(plan: Sequence[PlannedStep], per_epoch: int) -> frozenset[int]:
    """Return the step counts after which validation is due.

    There are ``per_epoch`` of them in each epoch, evenly spread, the last at its end. An epoch
    with fewer steps has fewer.
    """
    due: set[int] = set()
    start = 0
    for i, step in enumerate(plan, 1):
        if step.ends_epoch:
            due |= {start + math.ceil((i - start) * k / per_epoch) for k in range(1, per_epoch + 1)}
            start = i
    return frozenset(due)


def token_budget_batches(
    lengths: Sequence[int],
    rng: random.Random | None,
    *,
    tokens_per_batch: int,
    max_adverts: int,
    pool_size: int = _POOL_SIZE,
) -> list[tuple[int, ...]]:
    """Pack rows into batches whose padded size stays within a budget.

    Adverts are shuffled, split into pools of equal size, and packed by length within each pool.
    Sorting all adverts at once would need slightly less padding, but the same adverts would then
    share a batch in every epoch.

    Args:
        lengths: Number of tokens of each advert.
        rng: Source of the shuffles; None keeps the rows in order of length (for evaluation).
        tokens_per_batch: Largest ``len(batch) * longest``; a longer advert is alone in its batch.
        max_adverts: Largest ``len(batch)``.
        pool_size: Largest number of adverts that are sorted together.

    Returns:
        Batches of row indices. Every row appears exactly once.
    """
    order = list(range(len(lengths)))
    num_pools = 1
    if rng is not None:
        rng.shuffle(order)
        num_pools = max(1, math.ceil(len(order) / pool_size))
    batches: list[tuple[int, ...]] = []
    for pool in range(num_pools):
        rows = sorted(order[pool::num_pools], key=lengths.__getitem__)
        batches += _packed(rows, lengths, tokens_per_batch, max_adverts=max_adverts)
    if rng is not None:
        rng.shuffle(batches)
    return batches


def _packed(
    rows: Sequence[int], lengths: Sequence[int], tokens_per_batch: int, *, max_adverts: int
) -> Iterator[tuple[int, ...]]:
    current: list[int] = []
    for i in rows:  # lengths are ascending, so the last row added is the longest
        full = len(current) == max_adverts or (len(current) + 1) * lengths[i] > tokens_per_batch
        if current and full:
            yield tuple(current)
            current = []
        current.append(i)
    if current:
        yield tuple(current)


def _in_groups_of(
    size: int, batches: Sequence[tuple[int, ...]]
) -> Iterator[tuple[tuple[int, ...], ...]]:
    for start in range(0, len(batches), size):
        yield tuple(batches[start : start + size])
