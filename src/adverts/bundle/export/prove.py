"""Try one precision after another, and keep the best that passed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx

from adverts.bundle.export.attempts import Attempt, attempts
from adverts.bundle.export.draft import Draft
from adverts.bundle.export.exportable import SPLIT
from adverts.bundle.parity.agreement import Expected
from adverts.bundle.parity.decisions import NotANumberError
from adverts.bundle.parity.judge_precision import judge_bundle, require_passed
from adverts.bundle.parity.losses import USUAL
from adverts.bundle.parity.proof_labels import Truth, truth_of
from adverts.bundle.parity.record import PrecisionRecord, Trial
from adverts.bundle.parity.reference import Progress
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.figures.figures_by_kind import primary_figure
from adverts.inputs.encoding import Feeds
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.thresholds import has_queue


class Proofs:
    """Tries one precision after another, and keeps the best that passed."""

    def __init__(
        self, place: Path, draft: Draft, expected: Expected, *, left_out: int, progress: Progress
    ) -> None:
        """Prepare the proofs.

        Args:
            place: Folder of what is tried, one folder each.
            draft: What every precision shares.
            expected: What the checkpoint says.
            left_out: Adverts of the split whose letters the vocabulary lacks.
            progress: Shows how far a proof is.
        """
        self._place, self._draft, self._expected = place, draft, expected
        self._left_out, self._progress = left_out, progress
        self._trials: list[Trial] = []
        self._best: tuple[Path, BundleManifest] | None = None
        reference = expected.reference
        self._truth = truth_of(
            expected.adverts,
            reference.schema,
            reference.rules.thresholds,
            reference.encoder.spec.inputs,
        )

    def run(self, model: onnx.ModelProto, feeds: Callable[[], list[Feeds]]) -> None:
        """Try fp32, then schemes of int8 until one passes.

        Raises:
            ParityError: fp32 does not pass, or a bundle is broken.
        """
        for attempt in attempts(model, self._draft.requirement.precision, feeds):
            trial = self._try(attempt)
            self._trials.append(trial)
            if trial.precision == "int8" and trial.passed:
                return
            if attempt.precision == "fp32":
                require_passed(trial)

    def _try(self, attempt: Attempt) -> Trial:
        folder = self._place / attempt.scheme
        try:
            model = attempt.make()
            manifest = self._draft.write(folder, model, attempt.precision, attempt.batching)
        except InputError as error:
            if attempt.precision == "fp32":
                raise
            return _unmade(attempt, str(error))
        try:
            trial = judge_bundle(
                attempt.scheme,
                Classifier.load(folder),
                self._expected,
                self._truth,
                requirement=self._draft.requirement,
                progress=self._progress,
            )
        except NotANumberError as error:
            trial = _unmade(attempt, str(error))
        except IntegrityError as error:
            if attempt.precision == "fp32":
                raise
            trial = _unmade(attempt, str(error))
        if not trial.passed:
            shutil.rmtree(folder)
            return trial
        if self._best is not None:
            shutil.rmtree(self._best[0])
        self._best = folder, manifest
        return trial

    def ship(self) -> Path:
        """Finish the bundle that ships and return where it stands.

        Raises:
            ParityError: It is not what was proved.
        """
        assert self._best is not None, "fp32 has passed"
        folder, manifest = self._best
        self._draft.finish(folder, manifest, self.record())
        return folder

    def record(self) -> PrecisionRecord:
        """Return everything that was tried."""
        assert self._best is not None, "fp32 has passed"
        expected = self._expected
        return PrecisionRecord(
            shipped=self._best[0].name,
            asked=self._draft.requirement.precision,
            split=SPLIT,
            adverts=len(expected.adverts),
            extremes=expected.adverts.num_extremes,
            shortest=min(expected.lengths),
            longest=max(expected.lengths),
            left_out=self._left_out,
            headline=self._truth.task.name,
            notes=tuple(_notes(self._truth)),
            trials=tuple(self._trials),
        )


def _unmade(attempt: Attempt, reason: str) -> Trial:
    return Trial(
        scheme=attempt.scheme,
        precision=attempt.precision,
        batching=attempt.batching,
        model_bytes=None,
        max_difference=None,
        flipped=None,
        neighbour_adverts=None,
        neighbour_difference=None,
        neighbour_flipped=None,
        changes=(),
        reasons=(reason,),
    )


def _notes(truth: Truth) -> Iterator[str]:
    task = truth.task
    if not has_queue(task):
        yield (
            f"{task.name} has no positive label that orders a queue: its figure is "
            f"{primary_figure(task).replace('_', ' ')}, and a slice counts its labelled adverts."
        )
    if not truth.thresholds:
        instead = f"recall at {USUAL}" if has_queue(task) else "the share of decisions kept"
        yield f"Task {task.name} ships no threshold: {instead} is held too."
    if not len(truth.judged.rows):
        yield f"No advert of the split {SPLIT} has a label of {task.name}: only decisions are held."
