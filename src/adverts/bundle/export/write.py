"""Write a bundle that has passed its proof, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnx
from tokenizers import Tokenizer

from adverts.bundle.export.draft import Draft
from adverts.bundle.export.exportable import proof_split, require_exportable
from adverts.bundle.export.onnx_export import export_onnx, num_bytes
from adverts.bundle.export.prove import Proofs, calibration_feeds
from adverts.bundle.export.served_inputs import ServedInputs, inputs_of, readable_in, texts_read
from adverts.bundle.export.vocabulary import trim_table
from adverts.bundle.papers.manifest_facts import image_limits
from adverts.bundle.papers.write_papers import sign_bundle
from adverts.bundle.parity.bundle_agreement import ask_checkpoint
from adverts.bundle.parity.checkpoint_reference import CheckpointReference, Logits
from adverts.bundle.parity.parity_record import PrecisionRecord
from adverts.bundle.parity.proof_adverts import ProofAdverts
from adverts.config import BundleConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError
from adverts.files.file_hash import file_sha256
from adverts.files.staging import require_disk, staging
from adverts.inputs.encoding import AdvertEncoder
from adverts.runtime.manifest import MANIFEST_NAME, MODEL_NAME
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.early_exit import ExitRule
from adverts.training.runs.checkpoint import Checkpoint
from adverts.work.progress import Progress, no_progress

_MARGIN_BYTES = 50_000_000
_COPIES = 2  # fp32, and the scheme that is tried


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle on disk, its size, and what its proof found.

    Attributes:
        folder: Folder of the bundle.
        num_bytes: Size of all its files together.
        record: Record of every precision that was tried.
        spread: Largest standard deviation of a probability over the adverts. If it is tiny, the
            model gives every advert the same answer and agreement means little.
        manifest_sha256: sha256 of the manifest.
        early_exit: When adverts leave early, or what is missing; None where that was not asked for.
    """

    folder: Path
    num_bytes: int
    record: PrecisionRecord
    spread: float
    manifest_sha256: str
    early_exit: ExitRule | None = None


def write_bundle(
    folder: Path,
    checkpoint: Checkpoint,
    dataset: PreparedDataset,
    *,
    rules: DecisionRules,
    requirement: BundleConfig,
    known: Logits | None = None,
    signing_key: Path | None = None,
    progress: Progress = no_progress,
    replace: bool = False,
) -> WrittenBundle:
    """Export a checkpoint, prove it on validation adverts, and put the bundle at ``folder``.

    Without validation adverts, training adverts prove it. fp32 must agree with the checkpoint. If
    int8 is asked for, the first scheme that loses no more than is allowed ships; otherwise fp32
    does. The same checkpoint gives the same bytes.

    Args:
        folder: Folder of the bundle; must be new or empty, unless ``replace``.
        checkpoint: The checkpoint to export.
        dataset: The prepared dataset that it was trained on.
        rules: Calibration and thresholds, fitted on the validation adverts of ``dataset``.
        requirement: What must be proved.
        known: Logits of the validation adverts by the checkpoint, ``(N, K)`` by task, in the order
            of the dataset; None: they are computed.
        signing_key: Path of the private key that signs the bundle; None: it is not signed.
        progress: Shows how far the proof is.
        replace: Whether a bundle at ``folder`` may be replaced.

    Raises:
        ParityError: The export does not agree with the checkpoint; nothing is left.
        InputError: The folder is taken, the dataset is another one or has no adverts for the proof,
            the disk is too full, the architecture cannot be exported, or the key does not exist.
    """
    folder = folder.resolve()
    require_exportable(folder, checkpoint.record, dataset.path, dataset.manifest, replace=replace)
    require_disk(folder, _COPIES * num_bytes(checkpoint.module) + _MARGIN_BYTES)
    limits = image_limits(dataset.manifest)
    encoder = AdvertEncoder(checkpoint.record.input_spec, checkpoint.tokenizer, limits)
    reference = CheckpointReference(
        checkpoint.module, encoder, checkpoint.record.label_schema, rules
    )
    table = dataset.split(proof_split(dataset.manifest))
    inputs, rows = _inputs(checkpoint, table, frozenset(requirement.scripts))
    draft = Draft(checkpoint, reference, dataset.manifest, inputs, requirement)
    with staging(folder, marker=MODEL_NAME) as partial:
        adverts = ProofAdverts(table.select(rows), checkpoint.record.input_spec)
        order = np.asarray(rows)[adverts.rows]
        expected = ask_checkpoint(
            reference,
            adverts,
            kept_ids=inputs.kept_ids,
            known=None if known is None else {name: x_NK[order] for name, x_NK in known.items()},
            progress=progress,
        )
        model = _traced(checkpoint, requirement)
        if inputs.kept_ids is not None:
            model = trim_table(model, inputs.kept_ids.tolist())
        feeds = cache(lambda: calibration_feeds(dataset, _served_encoder(inputs, encoder, draft)))
        left_out = len(table) - len(rows)
        proofs = Proofs(partial, draft, expected, left_out=left_out, progress=progress)
        proofs.run(model, feeds)
        shipped = proofs.ship()
        if signing_key is not None:
            sign_bundle(shipped, signing_key)
        for file in shipped.iterdir():
            file.rename(partial / file.name)
        shipped.rmdir()
    return WrittenBundle(
        folder=folder,
        num_bytes=sum(file.stat().st_size for file in folder.iterdir()),
        record=proofs.record(),
        spread=expected.spread,
        manifest_sha256=file_sha256(folder / MANIFEST_NAME),
        early_exit=rules.early_exit,
    )


def _traced(checkpoint: Checkpoint, requirement: BundleConfig) -> onnx.ModelProto:
    """Return the model as torch exports it."""
    tasks = [task.name for task in checkpoint.record.label_schema.tasks]
    spec = checkpoint.record.input_spec
    return export_onnx(checkpoint.module, spec=spec, tasks=tasks, opset=requirement.opset)


def _inputs(
    checkpoint: Checkpoint, table: AdvertTable, scripts: frozenset[str]
) -> tuple[ServedInputs, list[int]]:
    """Return the inputs of the bundle, and the rows of the split whose letters it knows."""
    if not scripts:
        return inputs_of(checkpoint, scripts), list(range(len(table)))
    texts = texts_read(table, checkpoint.record.input_spec)
    inputs = inputs_of(checkpoint, scripts, [part for parts in texts for part in parts])
    rows = readable_in(texts, checkpoint, scripts)
    if not rows:
        raise InputError(
            f"no advert of the split {table.splits[0]} is written only in "
            f"{', '.join(sorted(scripts))}, so nothing proves a trimmed vocabulary; name other "
            "bundle.scripts"
        )
    return inputs, rows


def _served_encoder(inputs: ServedInputs, encoder: AdvertEncoder, draft: Draft) -> AdvertEncoder:
    """Return the encoder for the bundle's model."""
    if inputs.kept_ids is None or inputs.tokenizer_json is None:
        return encoder
    tokenizer = Tokenizer.from_str(inputs.tokenizer_json)
    return AdvertEncoder(inputs.spec, tokenizer, image_limits(draft.dataset))
