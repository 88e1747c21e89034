"""Calibrate a network beside its n-grams, and the mean of both.

Shape suffixes: ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Logits
from adverts.inputs.spec import BranchName
from adverts.models.ngram_branch import NgramBranch
from adverts.training.branch_lines import Labels, fitted_lines
from adverts.training.fit_ngrams import FittedNgrams


def load_ngrams(branch: NgramBranch, fitted: FittedNgrams) -> None:
    """Let a branch compute fitted n-grams, with the lines that calibrate them."""
    branch.linear.take(fitted.linear)
    branch.lines_of("ngrams").take(fitted.slopes_K, fitted.offsets_K)


def calibrated_mean(
    branch: NgramBranch,
    tasks: Sequence[Task],
    network: Logits,
    ngrams: Logits,
    present_N: Bools,
    *,
    labels: Labels,
) -> Logits:
    """Calibrate the network's branch, then the mean of both branches; return that mean.

    The lines of the branch change in place. The logits must be of adverts that neither branch
    learnt from.

    Args:
        branch: The branch, whose n-grams are calibrated.
        tasks: Tasks of the logits.
        network: Uncalibrated logits of the network, ``(N, K)`` by task.
        ngrams: Uncalibrated logits of the n-grams.
        present_N: Whether each advert has an n-gram.
        labels: Labels of the adverts.
    """
    branch.lines_of("network").take(*fitted_lines(tasks, network, labels))
    branch.lines_of("mean").reset()
    mean = mean_logits(branch, network, ngrams, present_N)
    both = {name: np.where(present_N[:, None], x_NK, np.nan) for name, x_NK in mean.items()}
    branch.lines_of("mean").take(*fitted_lines(tasks, both, labels))
    return mean_logits(branch, network, ngrams, present_N)


@torch.inference_mode()
def mean_logits(
    branch: NgramBranch, network: Logits, ngrams: Logits, present_N: NDArray[np.bool_]
) -> Logits:
    """Return the mean of the calibrated logits of both branches, ``(N, K)`` by task.

    Args:
        branch: The branch with its lines.
        network: Uncalibrated logits of the network by task.
        ngrams: Uncalibrated logits of the n-grams by task.
        present_N: Whether each advert has an n-gram.
    """
    device = branch.linear.bias.device
    by_network, by_ngrams = (
        {name: torch.from_numpy(values_NK).to(device) for name, values_NK in logits.items()}
        for logits in (network, ngrams)
    )
    calibrated = branch.calibrated(by_network, by_ngrams)
    mean = branch.mean(calibrated, torch.from_numpy(present_N).to(device))
    return {name: values_NK.cpu().numpy() for name, values_NK in mean.items()}


@torch.inference_mode()
def calibrated_branches(
    branch: NgramBranch, network: Logits, ngrams: Logits
) -> dict[BranchName, Logits]:
    """Return the calibrated logits of each branch from the uncalibrated ones, by task."""
    by_network, by_ngrams = (
        {name: torch.from_numpy(values_NK) for name, values_NK in logits.items()}
        for logits in (network, ngrams)
    )
    return {
        name: {task: values_NK.numpy() for task, values_NK in logits.items()}
        for name, logits in branch.calibrated(by_network, by_ngrams).items()
    }
