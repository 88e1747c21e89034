"""What is judged, behind one face: a checkpoint that torch runs, or a bundle that ONNX runs.

Shape suffixes: ``B`` adverts of a batch, ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from adverts.advert import LabelSchema
from adverts.data.table import AdvertTable
from adverts.errors import InputError
from adverts.evaluation.origin import Selection
from adverts.evaluation.permission import DatasetName
from adverts.file_hash import file_sha256
from adverts.inputs.spec import InputName
from adverts.runtime.classifier import Classifier
from adverts.runtime.decision_rules import DecisionRules
from adverts.runtime.manifest import MANIFEST_NAME
from adverts.training.checkpoint import Checkpoint, read_checkpoint
from adverts.training.records import RECORD

Logits = Mapping[str, NDArray[np.float32]]
_BASELINE = "baseline"
_WINDOW_BATCHES = 16


class Scorer(Protocol):
    """Computes logits."""

    def __call__(self, table: AdvertTable, title: str) -> Logits:
        """Return the logits ``(N, K)`` of every advert by task; ``title`` names the progress."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can be judged.

    Attributes:
        name: Name of the model config.
        kind: ``checkpoint`` or ``bundle``.
        schema: The tasks that it answers.
        inputs: Which parts of an advert it reads.
        trained_on: Its dataset.
        ocr_key: The reader of the pictures it was trained on; None where it is not recorded.
        selection: What chose it; None where it is not recorded.
        run_id: The tracked run that trained it; None where there is none.
        identity: sha256 of the record of all its files; equal ones say the same.
        rules: Calibration and thresholds that were frozen with it; None where it has none.
        score: Computes its logits.
    """

    name: str
    kind: str
    schema: LabelSchema
    inputs: tuple[InputName, ...]
    trained_on: DatasetName
    ocr_key: str | None
    selection: Selection | None
    run_id: str | None
    identity: str
    rules: DecisionRules | None
    score: Scorer


def open_candidate(path: Path, *, batch_size: int, threads: int) -> Candidate:
    """Open the bundle, the run or the checkpoint in a folder.

    Args:
        path: The folder.
        batch_size: Adverts in one pass.
        threads: Cores to use; 0: every core.

    Raises:
        InputError: The folder is none of them.
        IntegrityError: A file is not the one that was written.
    """
    if not path.is_dir():
        raise InputError(
            f"candidate={path} is not a folder; give the folder of a run, a checkpoint or a bundle"
        )
    if (path / MANIFEST_NAME).is_file():
        classifier = Classifier.load(path, threads=threads or None)
        return _of_bundle(classifier, batch_size)
    return _of_checkpoint(read_checkpoint(path), batch_size, threads)


def open_baseline(path: Path, candidate: Candidate, *, batch_size: int) -> Candidate | None:
    """Open the tf-idf checkpoint that was trained beside a candidate; None where there is none.

    Args:
        path: The folder of the candidate: a run, or a folder within it.
        candidate: What stands there; the baseline must have learnt from the same adverts.
        batch_size: Adverts in one pass.

    Raises:
        IntegrityError: A file of the baseline is not the one that was written.
    """
    for place in (path, *path.absolute().parents[:2]):
        folder = place / _BASELINE
        if folder.absolute() == path.absolute():
            return None  # a baseline has none beside it
        if (folder / RECORD).is_file():
            baseline = _of_checkpoint(read_checkpoint(folder), batch_size, threads=0)
            return baseline if baseline.trained_on == candidate.trained_on else None
    return None


def _of_checkpoint(checkpoint: Checkpoint, batch_size: int, threads: int) -> Candidate:
    def score(table: AdvertTable, title: str) -> Logits:
        return _checkpoint_logits(
            checkpoint, table, batch_size=batch_size, threads=threads, title=title
        )

    return Candidate(
        name=checkpoint.model_spec.name,
        kind="checkpoint",
        schema=checkpoint.label_schema,
        inputs=checkpoint.input_spec.inputs,
        trained_on=DatasetName(
            checkpoint.dataset_name, checkpoint.data_hash, frozenset(checkpoint.sources)
        ),
        ocr_key=checkpoint.ocr_key,
        selection=Selection(**asdict(checkpoint.selection)),
        run_id=checkpoint.mlflow_run_id,
        identity=file_sha256(checkpoint.folder / RECORD),
        rules=None,
        score=score,
    )


def _of_bundle(classifier: Classifier, batch_size: int) -> Candidate:
    def score(table: AdvertTable, title: str) -> Logits:
        return _bundle_logits(classifier, table, batch_size=batch_size, title=title)

    manifest = classifier.manifest
    dataset, training = manifest.dataset, manifest.training
    chosen = training.get("selected_on")
    return Candidate(
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
        rules=classifier.rules,
        score=score,
    )


def _checkpoint_logits(
    checkpoint: Checkpoint, table: AdvertTable, *, batch_size: int, threads: int, title: str
) -> Logits:
    """Score in float32, adverts of like length together."""
    import torch

    from adverts.inputs.encoding import AdvertEncoder
    from adverts.inputs.pixels import CHECKED
    from adverts.training.batching import token_budget_batches
    from adverts.training.dataset import AdvertBatches, prefetch

    if threads:
        torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder = AdvertEncoder(checkpoint.input_spec, checkpoint.tokenizer, CHECKED)
    adverts = AdvertBatches(table, encoder, (), modality_dropout=0.0, seed=0)
    plan = token_budget_batches(
        adverts.lengths(), None, tokens_per_batch=sys.maxsize, max_adverts=batch_size
    )
    logits = _empty(checkpoint.label_schema, len(table))
    module = checkpoint.module.to(device)
    with torch.inference_mode(), _bar(len(table), title) as bar:
        for rows, batch in zip(plan, prefetch(map(adverts.batch, plan)), strict=True):
            feeds = {name: values.to(device) for name, values in batch.feeds.items()}
            for name, values_BK in module(feeds).items():
                logits[name][list(rows)] = values_BK.float().cpu().numpy()
            bar.update(len(rows))
    return logits


def _bundle_logits(
    classifier: Classifier, table: AdvertTable, *, batch_size: int, title: str
) -> Logits:
    logits = _empty(classifier.manifest.label_schema, len(table))
    with _bar(len(table), title) as bar:
        for rows in _windows(table, batch_size * _WINDOW_BATCHES):
            scores = classifier.score([table.advert(row) for row in rows], batch_size=batch_size)
            _refuse_unread(table, rows, scores.errors)
            for name, values in scores.logits.items():
                logits[name][rows] = values
            bar.update(len(rows))
    return logits


def _windows(table: AdvertTable, size: int) -> Iterator[list[int]]:
    """Rows of adverts of about the same length of text."""
    lengths = [
        len(text) + len(read or "") for text, read in zip(table.texts, table.ocr_texts, strict=True)
    ]
    rows = sorted(range(len(table)), key=lengths.__getitem__)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _refuse_unread(table: AdvertTable, rows: list[int], errors: Iterable[str | None]) -> None:
    unread = [(row, error) for row, error in zip(rows, errors, strict=True) if error]
    if unread:
        row, error = unread[0]
        raise InputError(
            f"the bundle cannot read {len(unread)} of {len(rows)} adverts, first "
            f"{table.ids[row]}: {error}; prepare the dataset again"
        )


def _bar(total: int, title: str) -> tqdm[NoReturn]:
    return tqdm(total=total, desc=title, unit=" adverts", disable=None, leave=False)


def _empty(schema: LabelSchema, count: int) -> dict[str, NDArray[np.float32]]:
    return {
        task.name: np.full((count, task.num_logits), np.nan, np.float32) for task in schema.tasks
    }


def _selection(facts: Mapping[str, object]) -> Selection:
    value, step = facts.get("value"), facts.get("step")
    return Selection(
        split=_text(facts, "split") or "",
        metric=_text(facts, "metric") or "",
        value=float(value) if isinstance(value, int | float) else float("nan"),
        step=step if isinstance(step, int) else 0,
    )


def _text(facts: Mapping[str, object], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None


def _texts(facts: Mapping[str, object], name: str) -> list[str]:
    values = facts.get(name)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
