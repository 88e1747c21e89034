"""Train the upper layers of an encoder on the states of the layers below, which are computed once.

Shape suffixes: ``B`` adverts of a batch, ``N`` adverts, ``T`` tokens, ``D`` features, ``P`` parts,
``Q`` features of read quality, ``K`` logits of a task.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from adverts.arrays import Ints, Logits
from adverts.errors import InputError
from adverts.models.dropout import quicken
from adverts.models.encoder import transformer_layers
from adverts.models.neural_classifier import AdvertModel
from adverts.training.batching import PlannedStep, plan_steps, token_budget_batches
from adverts.training.dataset import prefetch, step_inputs
from adverts.training.frozen import PartFeatures, rows_of, zero_linear
from adverts.training.loop import Batch, autocast, fit, to_device
from adverts.training.loss import LossFunction
from adverts.training.optim import warmup_cosine, warmup_steps
from adverts.training.processes import Processes
from adverts.work.progress import bar

UPPER_FOLDS = 3
"""Folds of training adverts; networks that learn from the others calibrate each."""
_LEAST_STEPS = 250
_LEAST_TOKENS = 256
_MOST_EPOCHS = 6
_NEAR = 0.05  # bf16 and the kept 16 bits move features by less than a hundredth


@dataclass(frozen=True, slots=True)
class UpperTraining:
    """How the upper layers of an encoder learn.

    Attributes:
        epochs: Passes over the adverts. Few adverts would give few steps: until there are 250,
            forward passes become smaller, down to 256 tokens, and then there are up to six epochs.
        tokens_per_batch: Largest padded size of a forward pass, in tokens.
        max_adverts: Largest number of adverts in a forward pass.
        accumulation: Forward passes in one step.
        warmup_fraction: Share of the steps in which the learning rate rises.
        max_grad_norm: Largest 2-norm of a gradient.
        optimizer: Returns the optimiser of a network.
        autocast_dtype: Dtype of matrix products; None for full precision.
        seed: Seed of dropout and of the order of the adverts.
        processes: This process among those of the run.
    """

    epochs: int
    tokens_per_batch: int
    max_adverts: int
    accumulation: int
    warmup_fraction: float
    max_grad_norm: float
    optimizer: Callable[[AdvertModel], torch.optim.Optimizer]
    autocast_dtype: torch.dtype | None
    seed: int
    processes: Processes

    def fit(
        self,
        model: AdvertModel,
        features: PartFeatures,
        targets: Mapping[str, Tensor],
        fold_of: Ints,
        loss_function: LossFunction,
    ) -> Logits:
        """Train the upper layers and the heads of ``model`` on all adverts, in place.

        Args:
            model: Network with pretrained weights, whose parts are standardised.
            features: What its frozen parts say of the adverts, with the states of lower layers.
            targets: Maps each task to targets ``(N, L)``; NaN where there is no label.
            fold_of: Fold of each advert.
            loss_function: Returns the loss summed over a batch.

        Returns:
            What networks that learnt from the other folds say of each advert, ``(N, K)`` by task;
            NaN where there is no other fold.

        Raises:
            InputError: The encoder cannot go on from the states of its lower layers.
        """
        unseen = {
            name: np.full((len(fold_of), width), np.nan, np.float32)
            for name, width in model.widths.items()
        }
        work = _Fit(self, model, features, targets, loss_function)
        folds = np.unique(fold_of)
        for number, fold in enumerate(folds if len(folds) > 1 else (), 1):
            inside = np.flatnonzero(fold_of == fold)
            network = work.trained(np.flatnonzero(fold_of != fold), f"fold {number}")
            for name, said in work.logits(network, inside).items():
                unseen[name][inside] = said
        network = work.trained(np.arange(len(fold_of)), "train")
        model.load_state_dict(network.model.state_dict())
        return unseen

    def plan(self, lengths: Sequence[int]) -> list[PlannedStep]:
        """Return the steps of a training on adverts of these lengths, in tokens."""

        def plan(tokens: int, epochs: int) -> list[PlannedStep]:
            return plan_steps(
                lengths,
                tokens_per_batch=tokens,
                max_adverts=self.max_adverts,
                accumulation=self.accumulation,
                epochs=epochs,
                seed=self.seed,
            )

        tokens, wanted = self.tokens_per_batch, -(-_LEAST_STEPS // self.epochs)
        while len(plan(tokens, 1)) < wanted and tokens // 2 >= _LEAST_TOKENS:
            tokens //= 2
        epochs = -(-_LEAST_STEPS // len(plan(tokens, 1)))
        return plan(tokens, max(self.epochs, min(epochs, _MOST_EPOCHS)))


@dataclass(frozen=True, slots=True)
class _Fit:
    """The fits of one model, on all adverts or on those of some folds."""

    settings: UpperTraining
    model: AdvertModel
    features: PartFeatures
    targets: Mapping[str, Tensor]
    loss_function: LossFunction

    def trained(self, rows: Ints, title: str) -> UpperLayers:
        """Return a copy of the model that learnt from some of the adverts."""
        settings, processes = self.settings, self.settings.processes
        network = UpperLayers(self.model).to(processes.device)
        network.require_same(self.features)
        network.begin(processes.device)

        def batch(picked: Sequence[int], _: int) -> Batch:
            return batch_of(self.features, rows[list(picked)], self.targets)

        plan = settings.plan(self._lengths(rows))
        warmup = warmup_steps(settings.warmup_fraction, len(plan))
        steps = fit(
            network,
            prefetch(step_inputs(batch, plan, processes.share)),
            settings.optimizer(network.model),
            adverts_per_step=sum(step.adverts for step in plan) / len(plan),
            schedule=functools.partial(warmup_cosine, total_steps=len(plan), warmup_steps=warmup),
            loss_function=self.loss_function,
            max_grad_norm=settings.max_grad_norm,
            autocast_dtype=settings.autocast_dtype,
            processes=processes,
            seed=settings.seed,
        )
        for _ in bar(steps, title, "steps", len(plan), show=processes.is_main):
            pass
        return network

    @torch.inference_mode()
    def logits(self, network: UpperLayers, rows: Ints) -> Logits:
        """Return what a network says of some adverts, ``(rows, K)`` by task."""
        network.eval()
        settings, device = self.settings, self.settings.processes.device
        said: dict[str, list[Tensor]] = {name: [] for name in network.model.widths}
        batches = token_budget_batches(
            self._lengths(rows),
            None,
            tokens_per_batch=settings.tokens_per_batch,
            max_adverts=settings.max_adverts,
        )
        for batch in batches:
            feeds, _ = to_device(batch_of(self.features, rows[list(batch)], {}), device)
            with autocast(device, settings.autocast_dtype):
                for name, logits_BK in network(feeds).items():
                    said[name].append(logits_BK.float().cpu())
        order = np.argsort(np.concatenate([np.array(batch) for batch in batches]))
        return {name: torch.cat(parts).numpy()[order] for name, parts in said.items()}

    def _lengths(self, rows: Ints) -> list[int]:
        return [len(self.features.states[row]) for row in rows.tolist()]


class UpperLayers(nn.Module):
    """A copy of a network that goes on from the states of the lower layers of its encoder.

    The word table, the tower and the n-grams are shared with the network, for they do not learn.

    Args:
        model: The network; it has an encoder.
    """

    def __init__(self, model: AdvertModel) -> None:
        super().__init__()
        assert model.encoder is not None
        hub = model.encoder.model
        shared = [model.tower, model.ngrams, hub.get_input_embeddings()]
        self.model = copy.deepcopy(model, {id(one): one for one in shared if one is not None})
        assert self.model.encoder is not None
        self._kept = _KeptStates()
        for layer in transformer_layers(self.model.encoder.model)[: kept_layer(model)]:
            setattr(layer, "forward", self._kept)  # noqa: B010 - a layer of its own, not the class

    def forward(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits of each task, ``(B, K)``, from feeds of :func:`batch_of`."""
        others = range(1, len(self.model.standardise))
        raw = [self.features(feeds), *(feeds[f"part{i}"] for i in others)]
        present = list(feeds["present"].unbind(dim=1))
        fused_BD = self.model.fused(raw, present, feeds.get("ocr_quality"))
        return self.model.logits_of(self.model.dropout(fused_BD))

    def features(self, feeds: Mapping[str, Tensor]) -> Tensor:
        """Return the features of the encoder, ``(B, D)``."""
        assert self.model.encoder is not None
        assert self.model.pooling is not None
        mask_BT = feeds["attention_mask"]
        self._kept.states_BTD = feeds["states"].float()
        x_BTD = self.model.encoder(torch.zeros_like(mask_BT), mask_BT, None)
        pooled_BD: Tensor = self.model.pooling(x_BTD, mask_BT.bool())
        return pooled_BD

    def begin(self, device: torch.device) -> None:
        """Set the heads to zero, and make dropout quick where it would be slow."""
        zero_linear(self.model.heads)
        if device.type == "cpu":
            assert self.model.encoder is not None
            quicken(self.model.encoder.model)

    @torch.inference_mode()
    def require_same(self, known: PartFeatures) -> None:
        """Check, on a few adverts, that the features are those of the whole encoder.

        They are compared where they differ between adverts, as the standardised ones do.

        Raises:
            InputError: They differ, or the layers of this encoder pass on more than states.
        """
        self.eval()
        rows = np.arange(min(8, len(known.states)))
        device = next(self.parameters()).device
        feeds, _ = to_device(batch_of(known, rows, {}), device)
        standardise = self.model.standardise[0]
        whole_BD = standardise(known.raw[0][rows].to(device))
        for in_tuple in (False, True):
            self._kept.in_tuple = in_tuple
            try:
                found_BD = standardise(self.features(feeds))
            except (AttributeError, IndexError, RuntimeError, TypeError, ValueError):
                continue
            if (found_BD - whole_BD).norm() <= _NEAR * whole_BD.norm():
                return
        assert self.model.encoder is not None
        raise InputError(
            f"trainer.method=upper_layers: {type(self.model.encoder.model).__name__} cannot go on "
            "from the states of its lower layers; give trainer.method=frozen or fine_tune"
        )


class _KeptStates:
    """Takes the place of a lower layer of an encoder: returns the kept states of the batch.

    It has no reference to the network, so that a copy is freed as soon as it is not needed.
    """

    def __init__(self) -> None:
        self.states_BTD = torch.empty(0)
        self.in_tuple = False

    def __call__(self, *_: object, **__: object) -> Tensor | tuple[Tensor, None]:
        return (self.states_BTD, None) if self.in_tuple else self.states_BTD


def kept_layer(model: AdvertModel) -> int:
    """Return the layer of the encoder, from 1, whose states are kept: nothing below it learns.

    Raises:
        InputError: The encoder has no frozen layer.
    """
    assert model.encoder is not None
    below = min((model.encoder.frozen_layers, *model.encoder.read_layers))
    if below < 1:
        raise InputError("trainer.method=upper_layers needs model.encoder.freeze_layers above 0")
    return below


def batch_of(features: PartFeatures, rows: Ints, targets: Mapping[str, Tensor]) -> Batch:
    """Return what is known of some adverts below the layers that learn, with their targets."""
    index = torch.from_numpy(rows)
    states = [features.states[row] for row in rows.tolist()]
    lengths_B = torch.tensor([len(one) for one in states])
    feeds = {
        "states": pad_sequence(states, batch_first=True),
        "attention_mask": (torch.arange(int(lengths_B.max())) < lengths_B[:, None]).long(),
        "present": torch.stack([one[index] for one in features.present], dim=1),
    }
    feeds |= {f"part{i}": x_ND[index] for i, x_ND in enumerate(features.raw) if i}
    if features.quality is not None:
        feeds["ocr_quality"] = features.quality[index]
    return Batch(
        feeds=feeds,
        targets=rows_of(targets, index),
        tokens=int(lengths_B.sum()),
        padded_tokens=feeds["attention_mask"].numel(),
    )
