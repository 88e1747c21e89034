"""Train a neural model: take the steps of a run, validate, and write checkpoints."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from adverts.errors import InputError, IntegrityError
from adverts.models.built_model import BuiltModel
from adverts.training.batching import PlannedStep
from adverts.training.dataset import AdvertBatches, prefetch, step_inputs
from adverts.training.loop import Step, fit
from adverts.training.loss import LossFunction
from adverts.training.optim import warmup_cosine
from adverts.training.processes import Processes
from adverts.training.runs.checkpoint import (
    CheckpointRecord,
    Selection,
    share_frozen,
    write_checkpoint,
)
from adverts.training.runs.kept_frozen import KeptFrozen
from adverts.training.runs.state import RunProgress, read_progress, restore, write_state
from adverts.training.runs.tensors import split_tensors
from adverts.training.validation import Validation

MakeRecord = Callable[[BuiltModel, Selection], CheckpointRecord]


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """Settings of a training run.

    Attributes:
        seed: Seed of dropout.
        warmup_steps: Number of steps in which the learning rate rises.
        max_grad_norm: Largest 2-norm of a gradient; larger ones are scaled down to it.
        autocast_dtype: Dtype of matrix products; None for full precision.
        select_by: ``average_precision``, ``macro_f1`` or ``loss``, on validation.
        patience: Evaluations without progress after which training stops; 0 never stops early.
        evaluate_after: Step counts after which validation is due; the last step is one of them.
        checkpoint_every: Steps between saved states; 0 saves only at each validation.
    """

    seed: int
    warmup_steps: int
    max_grad_norm: float
    autocast_dtype: torch.dtype | None
    select_by: str
    patience: int
    evaluate_after: frozenset[int]
    checkpoint_every: int


class Trainer:
    """Takes the steps of a plan and saves the state from which a killed run can resume.

    The caller iterates over :meth:`steps` and calls :meth:`evaluate` and :meth:`save` when they
    are due.
    """

    def __init__(
        self,
        model: BuiltModel,
        *,
        optimizer: torch.optim.Optimizer,
        plan: Sequence[PlannedStep],
        adverts: AdvertBatches,
        validation: Validation,
        loss_function: LossFunction,
        settings: TrainerSettings,
        processes: Processes,
        folder: Path,
        make_record: MakeRecord,
        kept_frozen: KeptFrozen | None = None,
    ) -> None:
        """Take the parts of the run, and restore the state saved in ``folder``, if there is one.

        Args:
            model: Model that is already on the device of this process.
            optimizer: Optimiser of its parameters, with their peak learning rates.
            plan: Every step of the run.
            adverts: Adverts to which the row indices of the plan refer.
            validation: Validation adverts, whose figures choose the best checkpoint.
            loss_function: Returns the loss summed over a batch.
            settings: Settings of the training.
            processes: This process among those of the run.
            folder: Folder of the checkpoints.
            make_record: Returns the record of the best checkpoint.
            kept_frozen: Files of frozen tensors that earlier trainings wrote.

        Raises:
            InputError: The disk is full.
            IntegrityError: The stored state does not belong to this model and plan.
        """
        self._model, self._optimizer, self._plan = model, optimizer, plan
        self._adverts, self._validation, self._loss_function = adverts, validation, loss_function
        self._settings, self._processes, self._folder = settings, processes, folder
        self._make_record = make_record
        self.progress = self._resumed(RunProgress(_plan_sha256(plan)))
        self._frozen_sha256 = None
        if processes.is_main:
            self._frozen_sha256 = share_frozen(model.network, folder, kept=kept_frozen)

    def steps(self) -> Iterator[Step]:
        """Take all remaining steps and yield the result of each."""
        if self.progress.finished:
            return
        settings, total = self._settings, len(self._plan)
        inputs = step_inputs(
            self._adverts.batch, self._plan, self._processes.share, start=self.progress.step
        )
        yield from fit(
            self._model.network,
            prefetch(inputs),
            self._optimizer,
            forward=getattr(self._model.network, "network", None),
            adverts_per_step=sum(step.adverts for step in self._plan) / total,
            schedule=functools.partial(
                warmup_cosine, total_steps=total, warmup_steps=settings.warmup_steps
            ),
            loss_function=self._loss_function,
            max_grad_norm=settings.max_grad_norm,
            autocast_dtype=settings.autocast_dtype,
            processes=self._processes,
            seed=settings.seed,
        )

    def evaluation_due(self, done: int) -> bool:
        """Return whether validation is due after ``done`` steps."""
        return done in self._settings.evaluate_after

    def save_due(self, done: int) -> bool:
        """Return whether the state must be saved after ``done`` steps."""
        every = self._settings.checkpoint_every
        return self.evaluation_due(done) or bool(every and done % every == 0)

    def evaluate(self, done: int) -> dict[str, float]:
        """Validate after ``done`` steps, and save the model if it is the best so far.

        Returns:
            ``loss``, ``average_precision`` and ``macro_f1`` on validation.

        Raises:
            InputError: The selecting metric is not a number, or the disk is full.
        """
        settings = self._settings
        figures = self._validation.figures(
            self._model.network, processes=self._processes, autocast_dtype=settings.autocast_dtype
        )
        value = figures[settings.select_by]
        best = self.progress.best_figures
        if math.isnan(value):
            raise InputError(
                f"validation has too few labels for {settings.select_by}; choose "
                "trainer.select_by=loss or a larger validation split"
            )
        if not best or is_better(figures, best, settings.select_by):
            self._keep_best(figures, done)
        else:
            failures = self.progress.evaluations_without_progress + 1
            self.progress = dataclasses.replace(
                self.progress, evaluations_without_progress=failures
            )
        return figures

    def save(self, done: int) -> None:
        """Save the state after ``done`` steps, and record whether the run is finished.

        Raises:
            InputError: The disk is full.
        """
        patience = self._settings.patience
        tired = patience > 0 and self.progress.evaluations_without_progress >= patience
        finished = tired or done == len(self._plan)
        self.progress = dataclasses.replace(self.progress, step=done, finished=finished)
        if self._processes.is_main:
            self.progress = write_state(
                self._folder / "last", self._model.network, self._optimizer, self.progress
            )

    @property
    def selection(self) -> Selection:
        """The metric, its value and the step by which the best model so far was chosen."""
        metric, progress = self._settings.select_by, self.progress
        return Selection("validation", metric, progress.best_figures[metric], progress.best_step)

    @property
    def model(self) -> BuiltModel:
        """The model, as the last step left it."""
        return self._model

    @property
    def total_steps(self) -> int:
        """Number of steps of the whole run."""
        return len(self._plan)

    def _keep_best(self, figures: Mapping[str, float], done: int) -> None:
        self.progress = dataclasses.replace(
            self.progress, best_figures=figures, best_step=done, evaluations_without_progress=0
        )
        if not self._processes.is_main:
            return
        write_checkpoint(
            self._folder / "best",
            split_tensors(self._model.network)[0],
            self._make_record(self._model, self.selection),
            tokenizer_json=self._model.tokenizer_json,
            frozen_sha256=self._frozen_sha256,
        )

    def _resumed(self, fresh: RunProgress) -> RunProgress:
        stored = read_progress(self._folder / "last")
        if stored is None:
            return fresh
        if stored.plan_sha256 != fresh.plan_sha256:
            raise IntegrityError(
                f"{self._folder}: its steps were planned with different tokenizer or "
                "masking rules; use the release that began the run, or train again"
            )
        restore(self._folder / "last", self._model.network, self._optimizer, stored)
        return stored


def is_better(figures: Mapping[str, float], best: Mapping[str, float], metric: str) -> bool:
    """Return whether ``metric`` is strictly better, or equal with a lower loss.

    On a small validation split a model soon reaches a perfect ranking, long before it has learnt
    all that it can. Between equal values, the loss therefore decides.

    Args:
        figures: Figures of this model.
        best: Figures of the best model so far, with the same names.
        metric: Name of the figure that decides: higher is better, for ``loss`` lower is better.
    """
    sign = -1 if metric == "loss" else 1
    if figures[metric] == best[metric]:
        return figures["loss"] < best["loss"]
    return sign * figures[metric] > sign * best[metric]


def _plan_sha256(plan: Sequence[PlannedStep]) -> str:
    digest = hashlib.sha256()
    for step in plan:
        digest.update(repr((step.epoch, step.batches)).encode())
    return digest.hexdigest()
