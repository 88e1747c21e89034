"""Score the validation adverts and compute the figures that choose the best checkpoint.

Shapes: N adverts, K logits, L labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from adverts.advert import Task
from adverts.arrays import Logits
from adverts.models.ngram_branch import NgramBranch, has_ngrams
from adverts.training.batching import token_budget_batches
from adverts.training.branch_lines import Labels
from adverts.training.branch_means import calibrated_mean
from adverts.training.dataset import AdvertBatches, prefetch
from adverts.training.figures import figures_of
from adverts.training.loop import Forward, autocast, to_device
from adverts.training.processes import Processes
from adverts.training.task_loss import TaskLoss
from adverts.work.progress import bar

_NETWORK, _NGRAMS, _PRESENT = "network ", "ngrams ", "has n-grams"


class Validation:
    """The validation adverts, in batches of similar length that are planned once."""

    def __init__(
        self,
        adverts: AdvertBatches,
        labels: Labels,
        task: Task,
        loss: Sequence[TaskLoss],
        *,
        tokens_per_batch: int,
        max_adverts: int,
    ) -> None:
        """Plan the batches.

        Args:
            adverts: Validation adverts.
            labels: Their labels.
            task: Task whose figures choose the best checkpoint.
            loss: The loss of each task.
            tokens_per_batch: Largest padded size of a forward pass, in tokens.
            max_adverts: Largest number of adverts in a forward pass.
        """
        self._adverts, self._labels = adverts, labels
        self._task, self._loss = task, loss
        self._batches = token_budget_batches(
            adverts.lengths(),
            None,
            tokens_per_batch=tokens_per_batch,
            max_adverts=max_adverts,
        )

    def figures(
        self, module: nn.Module, *, processes: Processes, autocast_dtype: torch.dtype | None
    ) -> dict[str, float]:
        """Return the loss (mean over adverts, in nats) and the figures of the headline task.

        In a model with n-grams, this first calibrates the logits of the network on these adverts.
        """
        module.eval()
        branch = getattr(module, "ngrams", None)
        if isinstance(branch, NgramBranch):
            network: Forward = module.network  # type: ignore[assignment]
            raw = self._logits(partial(_of_each, network, branch), processes, autocast_dtype)
            logits = self._calibrated_mean(branch, raw)
        else:
            logits = self._logits(module, processes, autocast_dtype)
        return figures_of(logits, self._labels, self._task, self._loss)

    def _calibrated_mean(self, branch: NgramBranch, raw: Logits) -> Logits:
        """Calibrate the network's logits and the mean of both branches; return that mean."""
        tasks = self._adverts.tasks
        network, ngrams = (
            {task.name: raw[prefix + task.name] for task in tasks} for prefix in (_NETWORK, _NGRAMS)
        )
        present_N = raw[_PRESENT][:, 0] > 0
        return calibrated_mean(branch, tasks, network, ngrams, present_N, labels=self._labels)

    @torch.inference_mode()
    def _logits(self, forward: Forward, processes: Processes, dtype: torch.dtype | None) -> Logits:
        mine = self._batches[processes.index :: processes.count]
        parts: list[tuple[tuple[int, ...], dict[str, NDArray[np.float32]]]] = []
        shown = bar(mine, "validation", "batches", show=processes.is_main)
        for rows, batch in zip(shown, prefetch(map(self._adverts.batch, mine)), strict=True):
            feeds, _ = to_device(batch, processes.device)
            with autocast(processes.device, dtype):
                logits = forward(feeds)
            parts.append((rows, {name: x.float().cpu().numpy() for name, x in logits.items()}))
        return _in_row_order([part for share in processes.gather(parts) for part in share])


def _of_each(
    network: Forward, branch: NgramBranch, feeds: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return the uncalibrated logits of both branches, and which adverts have n-grams."""
    by_network = {_NETWORK + name: logits for name, logits in network(feeds).items()}
    by_ngrams = {_NGRAMS + name: logits for name, logits in branch.linear(feeds).items()}
    return {**by_network, **by_ngrams, _PRESENT: has_ngrams(feeds).unsqueeze(1).float()}


def _in_row_order(
    parts: list[tuple[tuple[int, ...], dict[str, NDArray[np.float32]]]],
) -> dict[str, NDArray[np.float32]]:
    order = np.argsort(np.concatenate([np.array(rows) for rows, _ in parts]))
    names = parts[0][1]
    return {name: np.concatenate([logits[name] for _, logits in parts])[order] for name in names}
