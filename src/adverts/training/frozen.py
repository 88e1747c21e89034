"""Fit the heads of a network on features that its frozen parts compute once.

Shape suffixes: ``N`` adverts, ``D`` features that the heads read, ``K`` logits of a task.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from adverts.arrays import Ints, Logits
from adverts.models.encoder import transformer_layers
from adverts.models.neural_classifier import AdvertModel
from adverts.training.batching import token_budget_batches
from adverts.training.dataset import AdvertBatches, prefetch
from adverts.training.loop import autocast, to_device
from adverts.training.loss import LossFunction
from adverts.training.processes import Processes
from adverts.work.progress import bar

STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""Inverse regularisations that are tried, the C of scikit-learn, the strongest first."""
_MAX_ITERATIONS = 200


@dataclass(frozen=True, slots=True)
class PartFeatures:
    """What the frozen parts of a network make of ``N`` adverts.

    Attributes:
        raw: Features of each part, ``(N, width)`` float32.
        present: Presence of each part, ``(N,)`` bool.
        quality: How well pictures could be read, ``(N, Q)``; None if the model does not read it.
        states: States of the tokens of each advert after a lower layer of the encoder, ``(T, D)``
            float16; empty if nothing goes on from them.
    """

    raw: list[Tensor]
    present: list[Tensor]
    quality: Tensor | None
    states: Sequence[Tensor] = ()

    def standardise(self, model: AdvertModel) -> None:
        """Fit the standardisations of ``model`` on the adverts that have each part; in place."""
        parts = zip(model.standardisations, self.raw, self.present, strict=True)
        for standardise, x_ND, present_N in parts:
            standardise.fit(x_ND[present_N])

    @torch.no_grad()
    def fused(self, model: AdvertModel) -> Tensor:
        """Return the vectors that the heads of ``model`` read, ``(N, D)`` float64."""
        return model.fused(self.raw, self.present, self.quality).double()


@torch.inference_mode()
def part_features(
    model: AdvertModel,
    adverts: AdvertBatches,
    *,
    title: str,
    tokens_per_batch: int,
    max_adverts: int,
    autocast_dtype: torch.dtype | None,
    processes: Processes,
    kept_layer: int = 0,
) -> PartFeatures:
    """Compute the features of every advert once; several processes share the work.

    Args:
        model: Model with its pretrained weights, on the device of this process.
        adverts: The adverts, encoded for this model.
        title: Title of the progress bar.
        tokens_per_batch: Largest padded size of a forward pass, in tokens.
        max_adverts: Largest number of adverts in a forward pass.
        autocast_dtype: Dtype of matrix products.
        processes: This process among those of the run.
        kept_layer: Layer of the encoder, from 1, whose states are kept; 0: none.
    """
    model.eval()
    batches = token_budget_batches(
        adverts.lengths(), None, tokens_per_batch=tokens_per_batch, max_adverts=max_adverts
    )
    mine = batches[processes.index :: processes.count]
    found: list[tuple[tuple[int, ...], list[Tensor], list[Tensor], Tensor | None]] = []
    states: dict[int, Tensor] = {}
    shown = bar(mine, title, "batches", show=processes.is_main)
    for rows, batch in zip(shown, prefetch(map(adverts.batch, mine)), strict=True):
        feeds, _ = to_device(batch, processes.device)
        with autocast(processes.device, autocast_dtype), _recorded(model, kept_layer) as said:
            raw, present = model.parts(feeds)
        for states_BTD in said:
            kept = states_BTD.to(torch.float16).cpu()
            lengths = feeds["attention_mask"].sum(dim=1).tolist()
            states |= {
                row: one[:n].clone() for row, one, n in zip(rows, kept, lengths, strict=True)
            }
        quality = feeds["ocr_quality"].cpu() if model.reads_quality else None
        found.append(
            (rows, [x.float().cpu() for x in raw], [one.cpu() for one in present], quality)
        )
    parts = [part for share in processes.gather(found) for part in share]
    everywhere = {row: one for share in processes.gather(states) for row, one in share.items()}
    order = torch.from_numpy(np.argsort(np.concatenate([np.array(rows) for rows, *_ in parts])))
    count = len(model.standardisations)
    return PartFeatures(
        raw=[torch.cat([raw[i] for _, raw, _, _ in parts])[order] for i in range(count)],
        present=[torch.cat([there[i] for _, _, there, _ in parts])[order] for i in range(count)],
        quality=(
            torch.cat([known for *_, known in parts if known is not None])[order]
            if model.reads_quality
            else None
        ),
        states=[everywhere[row] for row in sorted(everywhere)],
    )


@contextmanager
def _recorded(model: AdvertModel, layer: int) -> Iterator[list[Tensor]]:
    """Record what a layer of the encoder, from 1, returns in the block; nothing for layer 0."""
    said: list[Tensor] = []
    if not layer:
        yield said
        return
    assert model.encoder is not None

    def record(_: nn.Module, __: object, output: Tensor | tuple[Tensor, ...]) -> None:
        said.append(output[0] if isinstance(output, tuple) else output)

    handle = transformer_layers(model.encoder.model)[layer - 1].register_forward_hook(record)
    try:
        yield said
    finally:
        handle.remove()


@dataclass(frozen=True, slots=True)
class FrozenFit:
    """Fitted heads, and what they say of adverts that they were not fitted on.

    Attributes:
        strength: The chosen inverse regularisation.
        losses: Maps each inverse regularisation that was tried, the strongest first, to its
            out-of-fold loss, in nats for each advert. After the first rise no other is tried.
        out_of_fold: Logits of each advert by heads fitted on the other folds, ``(N, K)`` by task.
    """

    strength: float
    losses: Mapping[float, float]
    out_of_fold: Logits


def fit_heads(
    model: AdvertModel,
    x_ND: Tensor,
    targets: Mapping[str, Tensor],
    fold_of: Ints,
    loss_function: LossFunction,
    *,
    judged: Mapping[str, Tensor] | None = None,
) -> FrozenFit:
    """Fit the heads on all adverts, with the regularisation that is best out of fold; in place.

    The loss of the heads is convex in their weights, so the fit has no step size, number of epochs
    or seed. Without a second fold, the strongest regularisation is taken.

    Args:
        model: The network; only its heads change.
        x_ND: Vectors that the heads read, float64.
        targets: Maps each task to targets ``(N, L)``; NaN where there is no label.
        fold_of: Fold of each advert; a cluster is never divided.
        loss_function: Returns the loss summed over a batch.
        judged: Targets that choose the regularisation, NaN where an advert does not count; None:
            those of all adverts.
    """
    judged = targets if judged is None else judged
    folds = [torch.from_numpy(fold_of == fold) for fold in np.unique(fold_of)]
    if len(folds) == 1:  # there are no other folds to fit on
        folds = []
    fitted = [_Heads(model) for _ in folds]
    losses: dict[float, float] = {}
    unseen: dict[float, dict[str, Tensor]] = {}
    for strength in STRENGTHS if folds else STRENGTHS[:1]:
        logits = {
            name: torch.full((len(x_ND), width), torch.nan, dtype=torch.float64)
            for name, width in model.widths.items()
        }
        for heads, inside_N in zip(fitted, folds, strict=True):
            others = rows_of(targets, ~inside_N)
            heads.fit(x_ND[~inside_N], others, loss_function, strength=strength)
            for name, said in heads.logits(x_ND[inside_N]).items():
                logits[name][inside_N] = said
        known = {name: values.nan_to_num() for name, values in logits.items()}
        losses[strength] = float(loss_function(known, judged)) / max(1, len(x_ND))
        unseen[strength] = logits
        if losses[strength] > min(losses.values()):
            break  # weaker ones only learn more by heart
    best = min(losses, key=losses.__getitem__)
    heads = _Heads(model)
    heads.fit(x_ND, targets, loss_function, strength=best)
    model.heads.load_state_dict(heads.module.state_dict())
    out_of_fold = {name: values.float().numpy() for name, values in unseen[best].items()}
    return FrozenFit(best, losses, out_of_fold)


class _Heads:
    """A copy of the heads of a model in float64; linear weights and biases are zero at first."""

    def __init__(self, model: AdvertModel) -> None:
        self.module = copy.deepcopy(model.heads).double()
        self._names = model.task_names
        zero_linear(self.module)  # a bias is not regularised, so its start would stay

    def logits(self, x_ND: Tensor) -> dict[str, Tensor]:
        """Return the logits of each task, ``(N, K)``."""
        with torch.inference_mode():
            return self._forward(x_ND)

    def fit(
        self,
        x_ND: Tensor,
        targets: Mapping[str, Tensor],
        loss_function: LossFunction,
        *,
        strength: float,
    ) -> None:
        """Minimise the summed loss plus the squared weights / (2 * strength), from where it is."""
        parameters = list(self.module.parameters())
        weights = [parameter for parameter in parameters if parameter.ndim > 1]
        optimizer = torch.optim.LBFGS(
            parameters,
            max_iter=_MAX_ITERATIONS,
            tolerance_grad=1e-6,
            tolerance_change=1e-9,
            history_size=20,
            line_search_fn="strong_wolfe",
        )

        def objective() -> Tensor:
            optimizer.zero_grad()
            penalty = torch.stack([weight.square().sum() for weight in weights]).sum()
            total = loss_function(self._forward(x_ND), targets) + penalty / (2 * strength)
            mean = total / max(1, len(x_ND))
            mean.backward()
            return mean

        optimizer.step(objective)

    def _forward(self, x_ND: Tensor) -> dict[str, Tensor]:
        return {name: head(x_ND) for name, head in zip(self._names, self.module, strict=True)}


def zero_linear(heads: nn.Module) -> None:
    """Set weights and biases of the linear layers of heads to zero."""
    for part in heads.modules():
        if isinstance(part, nn.Linear):
            for parameter in part.parameters():
                nn.init.zeros_(parameter)


def rows_of(values: Mapping[str, Tensor], rows_N: Tensor) -> dict[str, Tensor]:
    """Return some rows, a mask or indices, of the tensor of each task."""
    return {name: one[rows_N] for name, one in values.items()}
