"""The hashed n-gram branch beside a network, and the mean of the two.

Shape suffixes: ``B`` adverts, ``F`` features of an advert, ``K`` logits of all tasks together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from adverts.advert import Task
from adverts.arrays import Floats
from adverts.inputs.spec import BRANCHES, BranchName
from adverts.models.hashed_linear import HashedLinear
from adverts.models.tfidf import LinearNgrams

LineName = Literal[BranchName, "mean"]
_LINES: tuple[LineName, ...] = (*BRANCHES, "mean")


class LogitLines(nn.Module):
    """Gives each logit of all tasks a slope and an offset; at first it changes nothing.

    Args:
        num_logits: Number ``K`` of logits of all tasks together.
    """

    slopes_K: Tensor
    offsets_K: Tensor

    def __init__(self, num_logits: int) -> None:
        super().__init__()
        self.register_buffer("slopes_K", torch.ones(num_logits))
        self.register_buffer("offsets_K", torch.zeros(num_logits))

    def take(self, slopes_K: Floats, offsets_K: Floats) -> None:
        """Use these slopes and offsets from now on."""
        self.slopes_K.copy_(torch.from_numpy(slopes_K))
        self.offsets_K.copy_(torch.from_numpy(offsets_K))

    def reset(self) -> None:
        """Let the lines change nothing again."""
        self.slopes_K.fill_(1.0)
        self.offsets_K.zero_()

    def forward(self, logits_BK: Tensor) -> Tensor:
        """Map ``(B, K)`` to ``(B, K)``."""
        return logits_BK * self.slopes_K + self.offsets_K


class NgramBranch(nn.Module):
    """Averages the logits of a network with those of hashed n-grams, each calibrated by lines.

    Calibrated logits of both branches are log-odds on the same scale, so their mean with equal
    weights needs no learnt weights, which fail when the adverts change. The mean is less sure than
    both branches together deserve, so it has lines of its own. An advert without any n-gram, such
    as a picture without text, keeps the calibrated logits of the network. The branch has only
    buffers; nothing in it learns by gradient.

    Args:
        tasks: Tasks of the logits, in this order.
        num_features: Size of the hashed feature space.

    Source: the lines are those of Platt (1999), Probabilistic Outputs for Support Vector Machines;
    the mean of logits is the logarithmic opinion pool of Genest and Zidek (1986), Combining
    Probability Distributions, section 3.
    """

    def __init__(self, tasks: Sequence[Task], num_features: int) -> None:
        super().__init__()
        self.linear = HashedLinear(tasks, num_features)
        width = sum(self.linear.widths)
        self.lines = nn.ModuleDict({name: LogitLines(width) for name in _LINES})
        self.register_load_state_dict_pre_hook(  # type: ignore[no-untyped-call]
            _with_lines_of_the_mean
        )

    def lines_of(self, name: LineName) -> LogitLines:
        """Return the lines that calibrate the logits of one branch, or the mean of both."""
        lines = self.lines[name]
        assert isinstance(lines, LogitLines)
        return lines

    def calibrated_linear(self) -> LinearNgrams:
        """Return the n-grams alone, with the lines of their branch in their weights."""
        lines = self.lines_of("ngrams")
        slopes, offsets = lines.slopes_K.cpu().numpy(), lines.offsets_K.cpu().numpy()
        return self.linear.as_ngrams().along(slopes, offsets)

    def forward(
        self, network: Mapping[str, Tensor], feeds: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Return the mean of the two branches by task, ``(B, task.num_logits)``, float32.

        Args:
            network: Uncalibrated logits of the network by task.
            feeds: The feeds of the batch.
        """
        return self.mean(self.calibrated(network, self.linear(feeds)), has_ngrams(feeds))

    def calibrated(
        self, network: Mapping[str, Tensor], ngrams: Mapping[str, Tensor]
    ) -> dict[BranchName, dict[str, Tensor]]:
        """Return the calibrated logits of each branch by task, from the uncalibrated ones."""
        raw: dict[BranchName, Mapping[str, Tensor]] = {"network": network, "ngrams": ngrams}
        return {
            name: self._by_task(self.lines_of(name)(self._joined(logits)))
            for name, logits in raw.items()
        }

    def mean(
        self, calibrated: Mapping[BranchName, Mapping[str, Tensor]], present_B: Tensor
    ) -> dict[str, Tensor]:
        """Return the calibrated mean of the calibrated logits of both branches, by task.

        Args:
            calibrated: What :meth:`calibrated` returned.
            present_B: Whether each advert has an n-gram; of others, the network alone counts.
        """
        network_BK, ngrams_BK = (self._joined(calibrated[name]) for name in BRANCHES)
        mean_BK = self.lines_of("mean")((network_BK + ngrams_BK) / 2)
        return self._by_task(torch.where(present_B.unsqueeze(1), mean_BK, network_BK))

    def _joined(self, logits: Mapping[str, Tensor]) -> Tensor:
        return torch.cat([logits[name] for name in self.linear.task_names], dim=1)

    def _by_task(self, logits_BK: Tensor) -> dict[str, Tensor]:
        parts = logits_BK.split(self.linear.widths, dim=1)
        return dict(zip(self.linear.task_names, parts, strict=True))


def has_ngrams(feeds: Mapping[str, Tensor]) -> Tensor:
    """Return whether each advert of a batch has a hashed n-gram, ``(B,)`` bool."""
    return feeds["feature_counts"].gt(0).any(dim=1)


def _with_lines_of_the_mean(
    branch: nn.Module, state: dict[str, Tensor], prefix: str, *_: object
) -> None:
    """Add lines that change nothing where a release without lines of the mean wrote the tensors."""
    assert isinstance(branch, NgramBranch)
    width = sum(branch.linear.widths)
    state.setdefault(f"{prefix}lines.mean.slopes_K", torch.ones(width))
    state.setdefault(f"{prefix}lines.mean.offsets_K", torch.zeros(width))
