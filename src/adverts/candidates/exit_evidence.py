"""The evidence for an early exit: what a model says of adverts that it did not learn from.

Shape suffixes: ``N`` adverts, ``K`` logits of a task, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints, Targets
from adverts.candidates.candidate import Candidate
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.truth import align_targets
from adverts.inputs.spec import InputName
from adverts.training.runs.kept_logits import KeptLogits

Logits = Mapping[str, NDArray[np.float32]] | Mapping[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class ExitEvidence:
    """``N`` adverts that a person labelled and the model did not learn from.

    Attributes:
        mean: Logits of both branches, ``(N, K)`` by task; NaN where unknown.
        ngrams: Calibrated logits of the n-grams alone, in the same way.
        targets: Maps each task to ``(N, L)``; NaN: not judged.
        clusters: Cluster of each advert.
        langs: BCP-47 tag of each advert, or None.
        scripts: ISO 15924 code of each advert, or None.
        modalities: Parts of each advert.
        readable: Whether the n-grams read all that an advert shows, ``(N,)``.
    """

    mean: Targets
    ngrams: Targets
    targets: Targets
    clusters: Sequence[str]
    langs: Sequence[str | None]
    scripts: Sequence[str | None]
    modalities: Sequence[str]
    readable: Bools

    @classmethod
    def of(
        cls,
        table: AdvertTable,
        mean: Targets,
        ngrams: Targets,
        tasks: Sequence[Task],
        inputs: Sequence[InputName],
    ) -> ExitEvidence:
        """Return the evidence of a table of adverts, given the logits of the same rows."""
        return cls(
            mean,
            ngrams,
            align_targets(table.schema.tasks, tuple(tasks), table.targets),
            table.clusters,
            table.langs,
            table.scripts,
            table.modalities(),
            _readable(table, inputs),
        )

    def __len__(self) -> int:
        """Return the number of adverts."""
        return len(self.clusters)

    def __add__(self, other: ExitEvidence) -> ExitEvidence:
        """Return both together."""
        return ExitEvidence(
            _joined(self.mean, other.mean),
            _joined(self.ngrams, other.ngrams),
            _joined(self.targets, other.targets),
            [*self.clusters, *other.clusters],
            [*self.langs, *other.langs],
            [*self.scripts, *other.scripts],
            [*self.modalities, *other.modalities],
            np.concatenate([self.readable, other.readable]),
        )


def exit_evidence(
    candidate: Candidate,
    dataset: PreparedDataset,
    held_out: tuple[AdvertTable, Predictions] | None,
    out_of_fold: KeptLogits | None,
) -> ExitEvidence | None:
    """Return the evidence of training out of fold and of validation; None without any.

    Args:
        candidate: The model.
        dataset: The dataset that it was trained on.
        held_out: Validation adverts, and what the model says of them; None where there are none.
        out_of_fold: What fits on other folds say of training adverts; None if it is not kept.
    """
    schema, inputs = candidate.facts.schema, candidate.facts.inputs
    parts = []
    if out_of_fold is not None:
        rows = out_of_fold.rows
        trained = dataset.split("all").select(rows)
        kept = np.flatnonzero(trained.reviewed)
        parts.append(
            ExitEvidence.of(
                trained.select(kept),
                _rows(out_of_fold.mean, kept),
                _rows(out_of_fold.branches["ngrams"], kept),
                schema.tasks,
                inputs,
            )
        )
    if held_out is not None:
        table, predictions = held_out
        kept = np.flatnonzero(predictions.reviewed & ~predictions.seen & ~predictions.unreadable)
        parts.append(
            ExitEvidence.of(
                table.select(kept),
                _rows(predictions.logits, kept),
                _rows(predictions.branches["ngrams"], kept),
                schema.tasks,
                inputs,
            )
        )
    found = [one for one in parts if len(one)]
    return None if not found else found[0] if len(found) == 1 else found[0] + found[1]


def _readable(table: AdvertTable, inputs: Sequence[InputName]) -> Bools:
    """Return whether the n-grams read all that an advert shows, as in service, ``(N,)``."""
    return np.array(
        [
            bool(read and read.strip() and "ocr" in inputs)
            if pictured or read is not None
            else bool(text.strip() and "text" in inputs)
            for text, read, pictured in zip(
                table.texts, table.ocr_texts, table.has_image.tolist(), strict=True
            )
        ],
        bool,
    )


def _rows(logits: Logits, rows: Ints) -> dict[str, NDArray[np.float32]]:
    return {name: x_NK[rows].astype(np.float32) for name, x_NK in logits.items()}


def _joined(first: Targets, second: Targets) -> Targets:
    return {
        name: np.concatenate([x_NK, second[name]]) for name, x_NK in first.items() if name in second
    }
