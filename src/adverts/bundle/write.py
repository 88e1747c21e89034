"""Write a bundle that has proved itself, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adverts.advert import Advert
from adverts.bundle.card import write_card
from adverts.bundle.examples import examples_json
from adverts.bundle.facts import (
    dataset_facts,
    image_limits,
    label_facts,
    ocr_facts,
    package_versions,
    runs_on,
    training_facts,
    weights_facts,
)
from adverts.bundle.onnx_export import export_onnx, num_bytes
from adverts.bundle.parity import BATCH_SIZES, Parity, prove_parity
from adverts.bundle.proof_adverts import proof_adverts
from adverts.bundle.reference import Progress, Reference, no_progress
from adverts.data.manifest import DatasetManifest
from adverts.data.prepared import PreparedDataset
from adverts.data.staging import require_disk, staging
from adverts.errors import InputError
from adverts.file_hash import file_sha256
from adverts.inputs.encoding import AdvertEncoder
from adverts.runtime.classifier import Classifier
from adverts.runtime.decision_rules import DecisionRules, read_rules
from adverts.runtime.examples import replay_examples
from adverts.runtime.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.manifest import (
    CARD_NAME,
    EXAMPLES_NAME,
    MANIFEST_NAME,
    MODEL_NAME,
    TOKENIZER_NAME,
    BundleManifest,
)
from adverts.training.checkpoint import Checkpoint

_MARGIN_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a bundle must prove, and how it is written.

    Attributes:
        max_probability_difference: Allowed between checkpoint and bundle.
        parity_adverts: Real adverts that are compared at the most.
        opset: ONNX operator set.
    """

    max_probability_difference: float
    parity_adverts: int
    opset: int


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A bundle on disk, its size, and what its proof found."""

    folder: Path
    num_bytes: int
    parity: Parity
    manifest_sha256: str


def write_bundle(
    folder: Path,
    checkpoint: Checkpoint,
    dataset: PreparedDataset,
    *,
    rules: DecisionRules,
    requirement: Requirement,
    progress: Progress = no_progress,
) -> WrittenBundle:
    """Export a checkpoint, prove it on validation adverts, and let it appear at ``folder``.

    The same checkpoint gives the same bytes.

    Args:
        folder: New or empty.
        checkpoint: What is exported.
        dataset: The prepared dataset that it was trained on.
        rules: Calibration and thresholds, fitted on its validation adverts.
        requirement: What must be proved.
        progress: Shows how far the proof is.

    Raises:
        ParityError: The export does not compute what the checkpoint computes; nothing is left.
        InputError: The folder is taken, the dataset is another one or has no validation adverts,
            the disk is too full, or the architecture cannot be exported.
    """
    require_exportable(folder, checkpoint, dataset)
    adverts = proof_adverts(
        dataset.split("validation"), checkpoint.input_spec, most=requirement.parity_adverts
    )
    limits = image_limits(dataset.manifest)
    encoder = AdvertEncoder(checkpoint.input_spec, checkpoint.tokenizer, limits)
    reference = Reference(checkpoint.module, encoder, checkpoint.label_schema, rules)
    require_disk(folder, num_bytes(checkpoint.module) + _MARGIN_BYTES)
    with staging(folder, marker=MODEL_NAME) as partial:
        work = partial / "bundle"  # a bundle holds its own files alone
        work.mkdir()
        _write_files(work, checkpoint, reference, requirement)
        _manifest(work, checkpoint, dataset.manifest, requirement, adverts)
        _write_examples(work, requirement)
        manifest = _manifest(work, checkpoint, dataset.manifest, requirement, adverts)
        parity = _prove(work, reference, adverts, requirement, progress)
        for file in work.iterdir():
            file.rename(partial / file.name)
        work.rmdir()
    names = [*manifest.files, MANIFEST_NAME]
    return WrittenBundle(
        folder=folder,
        num_bytes=sum((folder / name).stat().st_size for name in names),
        parity=parity,
        manifest_sha256=file_sha256(folder / MANIFEST_NAME),
    )


def require_exportable(folder: Path, checkpoint: Checkpoint, dataset: PreparedDataset) -> None:
    """Refuse what cannot become a bundle, before any work is done.

    Raises:
        InputError: The folder is taken, the dataset is another one than the checkpoint was trained
            on, or it has no validation adverts.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is taken; give bundle_dir a new folder")
    if checkpoint.data_hash != dataset.data_hash:
        raise InputError(
            f"the checkpoint was trained on data {checkpoint.data_hash[:12]} "
            f"({checkpoint.dataset_name}), {dataset.path} is {dataset.data_hash[:12]}; give "
            "prepared= the dataset it was trained on"
        )
    if "validation" not in dataset.manifest.counts:
        raise InputError(
            f"{dataset.path} has no validation adverts, which must prove that the bundle is right"
        )


def _write_files(
    work: Path, checkpoint: Checkpoint, reference: Reference, requirement: Requirement
) -> None:
    tasks = [task.name for task in checkpoint.label_schema.tasks]
    export_onnx(
        checkpoint.module,
        work / MODEL_NAME,
        spec=checkpoint.input_spec,
        tasks=tasks,
        opset=requirement.opset,
    )
    if checkpoint.tokenizer_json is not None:
        (work / TOKENIZER_NAME).write_text(checkpoint.tokenizer_json, encoding="utf-8")
    told = {LABELS_NAME: label_facts(checkpoint.label_schema).to_json()}
    for name, text in (told | dict(reference.rules.files())).items():
        (work / name).write_text(text, encoding="utf-8")


def _write_examples(work: Path, requirement: Requirement) -> None:
    """Write what the bundle says of the examples; it needs a manifest, and then another."""
    classifier = Classifier.load(work, threads=1)
    examples = examples_json(classifier, tolerance=requirement.max_probability_difference)
    (work / EXAMPLES_NAME).write_text(examples, encoding="utf-8")


def _manifest(
    work: Path,
    checkpoint: Checkpoint,
    dataset: DatasetManifest,
    requirement: Requirement,
    adverts: Sequence[Advert],
) -> BundleManifest:
    """Write the card and the manifest of what lies in ``work``."""
    manifest = BundleManifest(
        name=checkpoint.model_spec.name,
        files={},
        label_schema=checkpoint.label_schema,
        input_spec=checkpoint.input_spec,
        image_limits=image_limits(dataset),
        precision="fp32",
        batching="padded",
        opset=requirement.opset,
        runs_on=runs_on(),
        ocr=ocr_facts(checkpoint, dataset),
        dataset=dataset_facts(dataset),
        training=training_facts(checkpoint),
        weights=weights_facts(checkpoint.model_spec),
        parity={
            "max_probability_difference": requirement.max_probability_difference,
            "adverts": len(adverts),
            "batch_sizes": list(BATCH_SIZES),
        },
        created_by=package_versions(),
    )
    (work / CARD_NAME).write_text(write_card(manifest, read_rules(work)), encoding="utf-8")
    names = {file.name for file in work.iterdir()} - {MANIFEST_NAME}
    hashes = {name: file_sha256(work / name) for name in sorted(names)}
    manifest = replace(manifest, files=hashes)
    (work / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _prove(
    work: Path,
    reference: Reference,
    adverts: Sequence[Advert],
    requirement: Requirement,
    progress: Progress,
) -> Parity:
    classifier = Classifier.load(work)
    parity = prove_parity(
        reference,
        classifier,
        adverts,
        max_difference=requirement.max_probability_difference,
        progress=progress,
    )
    replay_examples(classifier)
    return parity
