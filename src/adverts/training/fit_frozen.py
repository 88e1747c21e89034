"""Train a model on what frozen layers say once: heads or upper layers, n-grams, lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from adverts.advert import LabelSchema
from adverts.arrays import Ints, Logits
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.inputs.spec import BranchName
from adverts.models.built_model import BuiltModel
from adverts.models.neural_classifier import AdvertModel
from adverts.training.branch_lines import Labels
from adverts.training.branch_means import calibrated_branches, calibrated_mean, load_ngrams
from adverts.training.dataset import AdvertBatches
from adverts.training.figures import unseen_figures
from adverts.training.fit_ngrams import NgramFit, fit_ngrams, folds_of, ngram_features
from adverts.training.frozen import PartFeatures, fit_heads, part_features
from adverts.training.idle_parts import without_idle_parts
from adverts.training.loss import summed_loss
from adverts.training.processes import Processes
from adverts.training.runs.kept_logits import OUT_OF_FOLD, VALIDATION, KeptLogits
from adverts.training.task_loss import TaskLoss
from adverts.training.upper_layers import UPPER_FOLDS, UpperTraining, kept_layer


@dataclass(frozen=True, slots=True)
class FrozenModel:
    """A model with fitted heads, and its figures.

    Attributes:
        model: Model with the fitted module, on the CPU.
        figures: See :func:`adverts.training.figures.unseen_figures`.
        calibrated_on: What the calibration of each task rests on, out of fold and on validation;
            empty without n-grams.
        kept: Maps names of files of a checkpoint to logits that they keep: with n-grams, what fits
            on the other folds say of training adverts; and what the model says of validation.
    """

    model: BuiltModel
    figures: dict[str, float]
    calibrated_on: Mapping[str, CalibrationEvidence]
    kept: Mapping[str, KeptLogits]


@dataclass(frozen=True, slots=True)
class FrozenTraining:
    """Fits the heads, and the n-grams beside them, of one model.

    Attributes:
        schema: Tasks that are trained.
        copies: Rows of the training adverts that are disguised copies of others.
        tokens_per_batch: Largest padded size of a forward pass, in tokens.
        max_adverts: Largest number of adverts in a forward pass.
        ngrams: Settings of the n-grams; None if the model has none.
        autocast_dtype: Dtype of matrix products of encoder and tower on training adverts.
        processes: This process among those of the run.
        upper: How the upper layers of the encoder learn; None if the whole of it stays as it is.
    """

    schema: LabelSchema
    copies: range
    tokens_per_batch: int
    max_adverts: int
    ngrams: NgramFit | None
    autocast_dtype: torch.dtype | None
    processes: Processes
    upper: UpperTraining | None = None

    def fit(
        self,
        model: BuiltModel,
        tables: tuple[AdvertTable, AdvertTable],
        batches: tuple[AdvertBatches, AdvertBatches],
        *,
        loss: Sequence[TaskLoss],
    ) -> FrozenModel:
        """Fit ``model`` on training adverts, calibrate its branches, and judge it on validation.

        Each branch is calibrated on scores that it did not learn from: of training adverts by a
        fit on the other folds, and of validation adverts.

        Args:
            model: Model with its pretrained weights; its heads and n-grams change in place, and
                upper layers that learn.
            tables: Training and validation adverts.
            batches: The same adverts, encoded for the model.
            loss: The loss of each task.
        """
        module = model.network
        kept_states = 0 if self.upper is None else kept_layer(module)
        train = self._features(
            module, batches[0], "features", self.autocast_dtype, kept_layer=kept_states
        )
        train.standardise(module.cpu())
        tasks, labels = self.schema.tasks, Labels.of(*tables, copies=self.copies)
        fold_of = folds_of(tables[0], tasks)
        own = {name: torch.from_numpy(x[: labels.train]) for name, x in labels.unseen.items()}
        targets, loss_function = batches[0].targets, summed_loss(loss)
        judged = {name: own[name] for name in targets}
        train = without_idle_parts(
            module,
            train,
            targets,
            fold_of,
            loss_function,
            judged=judged,
            show=self.processes.is_main,
        )
        if self.upper is None:
            x_ND = train.fused(module)
            fitted = fit_heads(module, x_ND, targets, fold_of, loss_function, judged=judged)
            unseen = fitted.out_of_fold
        else:
            thirds = folds_of(tables[0], tasks, folds=UPPER_FOLDS)
            unseen = self.upper.fit(module, train, targets, thirds, loss_function)
        held_out = None
        if len(tables[1]):
            # in float32: this is kept, and an export need not compute it again
            module.to(self.processes.device)
            held_out = self._features(module, batches[1], "validation", None)
            outside = network_logits(module.cpu(), held_out)
            unseen = {name: np.concatenate([x, outside[name]]) for name, x in unseen.items()}
        kept: dict[str, KeptLogits] = {}
        branches: Mapping[BranchName, Logits] = {}
        own_N = np.setdiff1d(np.arange(labels.train), labels.copies)
        if module.ngrams is not None:
            unseen, branches = self._with_ngrams(model, tables, labels, unseen, fold_of)
            found = _rows_of(unseen, branches, own_N)
            kept[OUT_OF_FOLD] = KeptLogits(tables[0].rows[own_N], *found)
        if held_out is not None:
            found = _rows_of(unseen, branches, np.arange(labels.train, len(labels.clusters)))
            kept[VALIDATION] = KeptLogits(tables[1].rows, *found)
        headline = self.schema.task(self.schema.headline)
        figures = unseen_figures(unseen, labels, headline, loss)
        known = {} if module.ngrams is None else labels.evidence(tasks)
        return FrozenModel(model, figures, known, kept)

    def _features(
        self,
        module: AdvertModel,
        adverts: AdvertBatches,
        title: str,
        dtype: torch.dtype | None,
        *,
        kept_layer: int = 0,
    ) -> PartFeatures:
        return part_features(
            module,
            adverts,
            title=title,
            tokens_per_batch=self.tokens_per_batch,
            max_adverts=self.max_adverts,
            autocast_dtype=dtype,
            processes=self.processes,
            kept_layer=kept_layer,
        )

    def _with_ngrams(
        self,
        model: BuiltModel,
        tables: tuple[AdvertTable, AdvertTable],
        labels: Labels,
        network: Logits,
        fold_of: Ints,
    ) -> tuple[Logits, Mapping[BranchName, Logits]]:
        """Fit the n-grams, calibrate both branches and their mean.

        Return that mean, and the calibrated logits of each branch.

        Args:
            model: The model with fitted heads.
            tables: Training and validation adverts.
            labels: Their labels.
            network: Uncalibrated logits of the network for all these adverts.
            fold_of: Fold of each training advert.
        """
        branch = model.network.ngrams
        assert branch is not None
        assert self.ngrams is not None
        features = [one for table in tables for one in ngram_features(table, model.input_spec)]
        fitted = fit_ngrams(features, labels, self.ngrams, fold_of)
        load_ngrams(branch, fitted)
        present_N = np.array([len(ids) > 0 for ids, _ in features], bool)
        tasks, said = self.schema.tasks, fitted.unseen
        mean = calibrated_mean(branch, tasks, network, said, present_N, labels=labels)
        return mean, calibrated_branches(branch, network, said)


def _rows_of(
    mean: Logits, branches: Mapping[BranchName, Logits], rows: Ints
) -> tuple[Logits, Mapping[BranchName, Logits]]:
    """Return some rows of the logits of a model and of its branches."""
    first, *others = (
        {name: x_NK[rows] for name, x_NK in logits.items()} for logits in (mean, *branches.values())
    )
    return first, dict(zip(branches, others, strict=True))


@torch.inference_mode()
def network_logits(module: AdvertModel, features: PartFeatures) -> Logits:
    """Return the logits of the network from the features of its frozen parts."""
    module.eval()
    logits = module.logits_of(features.fused(module).float())
    return {name: values_NK.numpy() for name, values_NK in logits.items()}
