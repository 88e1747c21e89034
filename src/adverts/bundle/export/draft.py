"""Write the files of a bundle in one precision, and finish the bundle that ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from adverts.bundle.export.fictional_examples import examples_json
from adverts.bundle.export.onnx_export import require_servable
from adverts.bundle.export.seen_adverts import count_seen
from adverts.bundle.export.served_inputs import ServedInputs
from adverts.bundle.papers.manifest_facts import (
    dataset_facts,
    image_limits,
    ocr_facts,
    package_versions,
    runs_on,
    runtime_packages,
    training_facts,
    weights_facts,
)
from adverts.bundle.papers.write_papers import write_papers
from adverts.bundle.parity.bundle_agreement import BATCH_SIZES
from adverts.bundle.parity.checkpoint_reference import CheckpointReference
from adverts.bundle.parity.parity_record import PrecisionRecord, Trial
from adverts.config import BundleConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.data.mapping.taxonomy import label_facts
from adverts.errors import ParityError
from adverts.files.file_hash import file_sha256
from adverts.inputs.letters.language import identifier_facts
from adverts.runtime.manifest import (
    EXAMPLES_NAME,
    MANIFEST_NAME,
    MODEL_NAME,
    PARITY_NAME,
    SEEN_NAME,
    TOKENIZER_NAME,
    Batching,
    BundleManifest,
    Precision,
)
from adverts.runtime.predict.advert_facts import Facts
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.stream.examples import replay_examples
from adverts.training.runs.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Draft:
    """Facts that are the same for every precision of one checkpoint.

    Attributes:
        checkpoint: The checkpoint that is exported.
        reference: The same checkpoint, as the reference that the export must agree with.
        dataset: Manifest of the training data.
        inputs: How an advert becomes inputs of the bundle.
        requirement: What must be proved.
    """

    checkpoint: Checkpoint
    reference: CheckpointReference
    dataset: DatasetManifest
    inputs: ServedInputs
    requirement: BundleConfig

    def write(
        self, folder: Path, model: onnx.ModelProto, precision: Precision, batching: Batching
    ) -> BundleManifest:
        """Write every file that affects the answers of the bundle; equal models give equal bytes.

        Raises:
            InputError: No service would open such a model.
        """
        data = model.SerializeToString(deterministic=True)
        require_servable(data, self.inputs.spec)
        folder.mkdir()
        (folder / MODEL_NAME).write_bytes(data)
        told = {LABELS_NAME: label_facts(self.checkpoint.record.label_schema).to_json()}
        if self.inputs.tokenizer_json is not None:
            told[TOKENIZER_NAME] = self.inputs.tokenizer_json
        for name, text in (told | dict(self.reference.rules.files())).items():
            (folder / name).write_text(text, encoding="utf-8")
        manifest = replace(
            draft_manifest(self.checkpoint, self.dataset, self.inputs),
            precision=precision,
            batching=batching,
            opset=self.requirement.opset,
        )
        return _listing(folder, manifest)

    def finish(
        self,
        folder: Path,
        proved: BundleManifest,
        record: PrecisionRecord,
        table: AdvertTable,
        facts: Mapping[int, Facts],
        *,
        classifier: Classifier,
    ) -> None:
        """Add the record, the examples, facts of the adverts of the proof, and the papers.

        Args:
            folder: Folder of the bundle that ships.
            proved: Its manifest at the proof.
            record: Record of every precision that was tried.
            table: Adverts of the proof.
            facts: Facts of these adverts, by row, as the whole model of the bundle serves them.
            classifier: The bundle as it was proved.

        Raises:
            ParityError: A file changed since the proof, or a replay of the examples fails.
        """
        _require_as_proved(folder, proved)
        examples = examples_json(classifier, tolerance=self._tolerance(record))
        (folder / EXAMPLES_NAME).write_text(examples, encoding="utf-8")
        seen = count_seen(classifier, table, None if classifier.may_leave_early else facts)
        if seen is not None:
            (folder / SEEN_NAME).write_text(seen.to_json(), encoding="utf-8")
        (folder / PARITY_NAME).write_text(record.to_json(), encoding="utf-8")
        manifest = replace(proved, parity=_summary(record, self.requirement))
        write_papers(folder, manifest)
        _require_as_proved(folder, proved)
        replay_examples(Classifier.load(folder))

    def _tolerance(self, record: PrecisionRecord) -> float:
        """Return how far a replayed probability may be from that of the proved bundle."""
        if record.trial.precision == "fp32":
            return self.requirement.max_probability_difference
        return self.requirement.max_neighbour_difference


def draft_manifest(
    checkpoint: Checkpoint, dataset: DatasetManifest, inputs: ServedInputs
) -> BundleManifest:
    """Return what a manifest says of a checkpoint that is not exported: no file and no proof."""
    return BundleManifest(
        name=checkpoint.record.model_spec.name,
        files={},
        label_schema=checkpoint.record.label_schema,
        input_spec=inputs.spec,
        image_limits=image_limits(dataset),
        precision="fp32",
        batching="padded",
        opset=0,
        runs_on=runs_on(),
        ocr=ocr_facts(checkpoint, dataset),
        dataset=dataset_facts(dataset),
        training=training_facts(checkpoint),
        weights=weights_facts(checkpoint.record.model_spec),
        parity={},
        created_by=package_versions(),
        packages=runtime_packages(),
        language_identifier=identifier_facts(),
        scripts=inputs.scripts,
    )


def _require_as_proved(folder: Path, proved: BundleManifest) -> None:
    changed = [
        name for name, sha256 in proved.files.items() if file_sha256(folder / name) != sha256
    ]
    if changed:
        raise ParityError(f"{', '.join(changed)} changed after the proof; export again")


def _listing(folder: Path, manifest: BundleManifest) -> BundleManifest:
    """Write the manifest with the hash of every other file."""
    files = [file for file in sorted(folder.iterdir()) if file.name != MANIFEST_NAME]
    manifest = replace(manifest, files={file.name: file_sha256(file) for file in files})
    (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def _summary(record: PrecisionRecord, requirement: BundleConfig) -> dict[str, object]:
    """Return the summary of a proof for the manifest; ``parity.json`` holds the rest.

    ``max_probability_difference`` is the allowed difference for fp32, the measured one for int8.
    """
    trial: Trial = record.trial
    proved = requirement.max_probability_difference
    if trial.precision == "int8":
        proved = float(f"{trial.max_difference or 0.0:.3g}")
    return {
        "scheme": record.shipped,
        "max_probability_difference": proved,
        "flipped": trial.flipped,
        "adverts": record.adverts if trial.compared is None else trial.compared,
        "batch_sizes": list(BATCH_SIZES) if trial.batching == "padded" else [1],
        "max_neighbour_difference": requirement.max_neighbour_difference,
        "tried": [one.scheme for one in record.trials],
    }
