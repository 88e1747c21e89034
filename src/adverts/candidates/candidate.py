"""The model that is judged: a checkpoint, a bundle, or the predictions of an earlier report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.config import shipped_ngrams
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.evaluation.figures.planned_figures import BASELINE, MAJORITY
from adverts.evaluation.predictions.model_facts import DatasetName, ModelFacts, Selection
from adverts.evaluation.predictions.stored_model import (
    StoredModel,
    predictions_in,
    read_stored,
)
from adverts.files.file_hash import file_sha256
from adverts.inputs.spec import HashSpec, InputSpec
from adverts.json_records import from_plain
from adverts.runtime.manifest import MANIFEST_NAME
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.training.runs.checkpoint_record import RECORD

if TYPE_CHECKING:  # torch and its friends take seconds to load, and a bundle needs none of them
    from adverts.training.runs.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can be judged.

    Attributes:
        facts: What its predictions say about it; ``kind`` is also ``predictions``.
        rules: Calibration and thresholds that were frozen with it; None where it has none.
        model: What computes its logits: an opened bundle or checkpoint; otherwise its predictions.
        threads: Number of cores that a checkpoint uses; 0: every core.
        models_compared: Models that were known to be compared on its validation adverts when it
            was trained; None where it is not recorded.
        calibrated_on: What the calibration of training rests on for each task; empty where training
            did not calibrate the model out of fold, or where that is not recorded.
        place: Folder that it was opened from; None where there is none.
    """

    facts: ModelFacts
    rules: DecisionRules | None
    model: Classifier | Checkpoint | StoredModel
    threads: int = 0
    models_compared: int | None = None
    calibrated_on: Mapping[str, CalibrationEvidence] = field(default_factory=dict)
    place: Path | None = None

    @property
    def reads_raw_texts(self) -> bool:
        """Whether it reads texts as they are written; False of stored predictions."""
        if isinstance(self.model, StoredModel):
            return False
        made = self.model.manifest if isinstance(self.model, Classifier) else self.model.record
        tokens = made.input_spec.tokens
        return tokens is not None and tokens.text_form == "raw"

    @property
    def stored(self) -> StoredModel | None:
        """Its earlier predictions; None for a model that can be asked anew."""
        return self.model if isinstance(self.model, StoredModel) else None


def open_candidate(path: Path, *, threads: int) -> Candidate:
    """Open the bundle, the run, the checkpoint or the earlier report in a folder.

    Args:
        path: The folder, or the predictions file of a report.
        threads: Number of cores to use; 0: every core.

    Raises:
        InputError: The folder holds none of them.
        IntegrityError: A file is not the one that was written.
    """
    found = replace(_opened(path, threads=threads), place=path)
    name = found.facts.name
    if name in (MAJORITY, BASELINE):  # a report would take the one for the other
        return replace(found, facts=replace(found.facts, name=f"{name}, the model"))
    return found


def _opened(path: Path, *, threads: int) -> Candidate:
    said = predictions_in(path)
    if said is None and not path.is_dir():
        raise InputError(
            f"candidate={path} is not a folder; give the folder of a run, a checkpoint, a bundle "
            "or an earlier report"
        )
    if (path / MANIFEST_NAME).is_file():
        classifier = Classifier.load(path, threads=threads or None)
        return _of_bundle(classifier)
    if said is not None:
        return _of_predictions(read_stored(said))
    from adverts.training.runs.checkpoint import read_checkpoint

    return _of_checkpoint(read_checkpoint(path), threads)


def _of_checkpoint(checkpoint: Checkpoint, threads: int) -> Candidate:
    facts = ModelFacts(
        name=checkpoint.record.model_spec.name,
        kind="checkpoint",
        schema=checkpoint.record.label_schema,
        inputs=checkpoint.record.input_spec.inputs,
        trained_on=checkpoint.record.trained_on,
        ocr_key=checkpoint.record.ocr_key,
        selection=checkpoint.record.selected_on,
        run_id=checkpoint.record.mlflow_run_id,
        identity=file_sha256(checkpoint.folder / RECORD),
        is_tfidf=_is_tfidf(checkpoint.record.input_spec, checkpoint.record.inverse_regularisation),
        training=checkpoint.record.training,
        disguises=checkpoint.record.disguises,
        encoder_learnt=checkpoint.record.encoder_learnt,
    )
    return Candidate(
        facts,
        rules=None,
        model=checkpoint,
        threads=threads,
        models_compared=checkpoint.record.models_compared,
        calibrated_on=checkpoint.record.calibrated_on,
    )


def _of_bundle(classifier: Classifier) -> Candidate:
    manifest = classifier.manifest
    dataset, training = manifest.dataset, manifest.training
    chosen = training.get("selected_on")
    facts = ModelFacts(
        name=manifest.name,
        kind="bundle",
        schema=manifest.label_schema,
        inputs=manifest.input_spec.inputs,
        trained_on=DatasetName(
            _text(dataset, "name") or "",
            _text(dataset, "data_hash") or "",
            frozenset(_texts(dataset, "sources")),
        ),
        ocr_key=_text(manifest.ocr or {}, "key"),
        selection=_selection(chosen) if isinstance(chosen, dict) else None,
        run_id=_text(training, "mlflow_run_id"),
        identity=manifest.identity(),
        is_tfidf=_is_tfidf(manifest.input_spec, training.get("inverse_regularisation")),
        training=_text(training, "training"),
        disguises=tuple(_texts(training, "disguises")),
        encoder_learnt=_learnt(training),
    )
    return Candidate(facts, classifier.rules, model=classifier)


def _of_predictions(stored: StoredModel) -> Candidate:
    """Return the model that an earlier evaluation judged, with the identity of that model."""
    return Candidate(replace(stored.facts, kind="predictions"), stored.rules, model=stored)


def _is_tfidf(spec: InputSpec, inverse_regularisation: object) -> bool:
    """Return whether a model reads hashed n-grams and nothing else, fitted as the shipped ones."""
    if spec.hashing is None or spec.tokens is not None or spec.image is not None:
        return False
    shipped = shipped_ngrams()
    wanted = HashSpec(1 << shipped.num_features_log2, shipped.word_ngrams, shipped.char_ngrams)
    return spec.hashing == wanted and inverse_regularisation == shipped.inverse_regularisation


def _selection(facts: Mapping[str, object]) -> Selection:
    value, step = facts.get("value"), facts.get("step")
    return Selection(
        split=_text(facts, "split") or "",
        metric=_text(facts, "metric") or "",
        value=float(value) if isinstance(value, int | float) else float("nan"),
        step=step if isinstance(step, int) else 0,
    )


def _learnt(facts: Mapping[str, object]) -> tuple[DatasetName, ...]:
    try:
        return from_plain(tuple[DatasetName, ...], facts.get("encoder_learnt", ()))
    except ValueError as error:
        raise IntegrityError(f"the bundle is damaged: encoder_learnt, {error}") from error


def _text(facts: Mapping[str, object], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None


def _texts(facts: Mapping[str, object], name: str) -> list[str]:
    values = facts.get(name)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
