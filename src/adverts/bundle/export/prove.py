"""Export a model in one precision after another, and keep the best that passed its proof."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from adverts.bundle.export.draft import Draft
from adverts.bundle.parity.bundle_agreement import MIXED, Expected, encode
from adverts.bundle.parity.differences import NotANumberError
from adverts.bundle.parity.figure_losses import USUAL
from adverts.bundle.parity.judge_precision import judge_bundle, require_passed
from adverts.bundle.parity.parity_record import PrecisionRecord, Trial
from adverts.bundle.parity.proof_adverts import ProofAdverts, Truth, truth_of
from adverts.bundle.quantise import SCHEMES, Scheme, quantise
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError, IntegrityError, plural
from adverts.evaluation.figures.figures_by_kind import primary_figure
from adverts.inputs.encoding import AdvertEncoder, Feeds, collate
from adverts.runtime.manifest import Batching, BundleManifest, Precision
from adverts.runtime.predict.advert_facts import Facts
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.thresholds import has_queue
from adverts.work.progress import Progress, note_when_slow

_CALIBRATION = 256


@dataclass(frozen=True, slots=True)
class PrecisionAttempt:
    """One precision to try.

    Attributes:
        scheme: Name of the scheme.
        precision: Number format of the weights.
        batching: How the model must be run.
        make: Returns the model; raises InputError if there is nothing to quantise.
    """

    scheme: str
    precision: Precision
    batching: Batching
    make: Callable[[], onnx.ModelProto]


def attempts(
    model: onnx.ModelProto, asked: Precision, calibration: Callable[[], list[Feeds]]
) -> Iterator[PrecisionAttempt]:
    """Yield fp32, the fallback of every int8 scheme, then each int8 scheme if int8 is asked for.

    Args:
        model: The traced model.
        asked: The precision that is asked for.
        calibration: Returns feeds of adverts of the train split.
    """
    yield from (_of_scheme(one, model, list) for one in SCHEMES if one.weights == "fp32")
    if asked == "int8":
        for scheme in SCHEMES:
            if scheme.weights == "int8":
                yield _of_scheme(scheme, model, calibration)


def _of_scheme(
    scheme: Scheme, model: onnx.ModelProto, calibration: Callable[[], list[Feeds]]
) -> PrecisionAttempt:
    def make() -> onnx.ModelProto:
        return quantise(model, scheme, calibration())

    return PrecisionAttempt(scheme.name, scheme.weights, scheme.batching, make)


def calibration_feeds(dataset: PreparedDataset, encoder: AdvertEncoder) -> list[Feeds]:
    """Return feeds of single adverts of the train split; none if the dataset has no such split.

    The adverts are spread evenly over the split. The same dataset gives the same feeds.
    """
    if "train" not in dataset.manifest.counts:
        return []
    table = dataset.split("train")
    places = np.linspace(0, len(table) - 1, min(_CALIBRATION, len(table))).astype(int)
    chosen = ProofAdverts(table.select(places), encoder.spec)
    encoded = encode(encoder, chosen.read(range(len(chosen.rows))))
    return [collate([advert], encoder.spec) for advert in encoded]


class Proofs:
    """Tries one precision after another, and keeps the best that passed."""

    def __init__(
        self, place: Path, draft: Draft, expected: Expected, *, left_out: int, progress: Progress
    ) -> None:
        """Prepare the proofs.

        Args:
            place: Folder that gets one folder for each precision.
            draft: Facts that are the same for every precision.
            expected: Answers of the checkpoint.
            left_out: Number of adverts of the split with letters that the vocabulary lacks.
            progress: Shows how far a proof is.
        """
        self._place, self._draft, self._expected = place, draft, expected
        self._left_out, self._progress = left_out, progress
        self._trials: list[Trial] = []
        self._best: tuple[Path, BundleManifest, Mapping[int, Facts], Classifier] | None = None
        reference = expected.reference
        self._truth = truth_of(
            expected.adverts,
            reference.schema,
            reference.rules.thresholds,
            reference.encoder.spec.inputs,
        )

    def run(self, model: onnx.ModelProto, feeds: Callable[[], list[Feeds]]) -> None:
        """Try fp32, then int8 schemes until one passes.

        Raises:
            ParityError: fp32 does not pass, or a bundle is broken.
        """
        for attempt in attempts(model, self._draft.requirement.precision, feeds):
            compared = plural(len(self._expected.adverts), "advert")
            doing = f"{attempt.scheme}: made, then compared with the checkpoint on {compared}"
            with note_when_slow(doing):
                trial = self._try(attempt)
            self._trials.append(trial)
            if trial.precision == "int8" and trial.passed:
                return
            if attempt.precision == "fp32":
                require_passed(trial)

    def _try(self, attempt: PrecisionAttempt) -> Trial:
        folder = self._place / attempt.scheme
        try:
            model = attempt.make()
            manifest = self._draft.write(folder, model, attempt.precision, attempt.batching)
        except InputError as error:
            if attempt.precision == "fp32":
                raise
            return _unmade(attempt, str(error))
        try:
            classifier = Classifier.load(folder)
            trial, facts = judge_bundle(
                attempt.scheme,
                classifier,
                self._expected,
                self._truth,
                requirement=self._draft.requirement,
                progress=self._progress,
            )
        except NotANumberError as error:
            trial, facts = _unmade(attempt, str(error)), {}
        except IntegrityError as error:
            if attempt.precision == "fp32":
                raise
            trial, facts = _unmade(attempt, str(error)), {}
        if not trial.passed:
            shutil.rmtree(folder)
            return trial
        if self._best is not None:
            shutil.rmtree(self._best[0])
        self._best = folder, manifest, facts, classifier
        return trial

    def ship(self) -> Path:
        """Finish the bundle that ships and return its folder.

        Raises:
            ParityError: The bundle changed since its proof.
        """
        assert self._best is not None, "fp32 has passed"
        folder, manifest, facts, classifier = self._best
        table = self._expected.adverts.table
        self._draft.finish(folder, manifest, self.record(), table, facts, classifier=classifier)
        return folder

    def record(self) -> PrecisionRecord:
        """Return the record of every precision that was tried."""
        assert self._best is not None, "fp32 has passed"
        expected = self._expected
        return PrecisionRecord(
            shipped=self._best[0].name,
            asked=self._draft.requirement.precision,
            split=expected.adverts.table.splits[0],
            adverts=len(expected.adverts),
            extremes=expected.adverts.num_extremes,
            shortest=min(expected.lengths),
            longest=max(expected.lengths),
            left_out=self._left_out,
            headline=self._truth.task.name,
            notes=tuple(_notes(self._truth, expected.adverts.table.splits[0])),
            trials=tuple(self._trials),
            mixed=min(MIXED, len(expected.adverts.rows)) + expected.adverts.num_extremes,
        )


def _unmade(attempt: PrecisionAttempt, reason: str) -> Trial:
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


def _notes(truth: Truth, split: str) -> Iterator[str]:
    task = truth.task
    if split == "train":
        yield "There are no validation adverts: the proof used those that the model learnt from."
    if not has_queue(task):
        yield (
            f"{task.name} has no positive label that orders a queue. Its figure is "
            f"{primary_figure(task).replace('_', ' ')}, and a slice counts its labelled adverts."
        )
    if not truth.thresholds:
        instead = f"recall at {USUAL}" if has_queue(task) else "the share of decisions kept"
        yield f"Task {task.name} has no threshold in the bundle, so {instead} is checked too."
    if not len(truth.judged.rows):
        yield (
            f"No advert of the split {split} has a label of {task.name}, so only decisions "
            "are checked."
        )
