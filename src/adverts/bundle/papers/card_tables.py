"""The tables of a model card, row by row, as escaped Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adverts.bundle.papers.bundle_facts import Judgement
from adverts.evaluation.report.pages import escaped
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.rules.calibration import Calibration
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.thresholds import Threshold, Thresholds

__all__ = ["bullets", "escaped", "section", "table"]
Rows = Iterator[tuple[object, ...]]
_RUNS_ON = {
    "instructions": "processor that it was proved on",
    "onnxruntime": "ONNX Runtime",
    "onnxruntime_proved": "ONNX Runtime that it was proved on",
}
PROMOTED_ALTHOUGH = "promoted_although"
"""Key in ``training`` of a manifest: why a bundle was promoted that would be refused."""
_EXCEPTIONS = {
    "replaced_champion": "it was held against no champion, and replaces one",
    "accepted_changed_gate": "its gate is not known to be the shipped one of that name",
}
_TERMS = ("provenance", "licence", "sensitivity")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table, line by line, and an empty line after it."""
    yield _row(head)
    yield "|" + "---|" * len(head)
    for one in rows:
        yield _row(one)
    yield ""


def bullets(sentences: Iterable[str]) -> Iterator[str]:
    """Yield a list, and an empty line after it."""
    for one in sentences:
        yield f"* {one}"
    yield ""


def section(title: str, level: int = 2) -> Iterator[str]:
    """Yield a heading and an empty line."""
    yield f"{'#' * level} {escaped(title)}"
    yield ""


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(escaped(str(one)) for one in cells)} |"


def details(manifest: BundleManifest) -> Rows:
    """Yield facts about the model and the machines that it runs on."""
    yield "identity", f"`{manifest.identity()}`"
    if manifest.derived_from is not None:
        yield "made from the bundle", f"`{manifest.derived_from}`"
    yield "for", manifest.audience
    yield "schema of the bundle", manifest.schema_version
    yield "number format of the weights", manifest.precision
    yield "adverts are scored", "one by one" if manifest.batching == "alone" else "in batches"
    yield "ONNX operator set", manifest.opset
    for name, value in sorted(manifest.runs_on.items()):
        yield _RUNS_ON.get(name, name.replace("_", " ")), value
    yield "release of adverts that wrote it", manifest.created_by.get("adverts", "not known")
    if manifest.audience == "internal":
        yield "commit of the training code", manifest.training.get("commit") or "not known"


def inputs(manifest: BundleManifest) -> Rows:
    """Yield the inputs that the model reads, and the rules for reading them."""
    spec = manifest.input_spec
    yield "reads", ", ".join(spec.inputs)
    if spec.tokens is not None:
        yield "longest text", f"{spec.tokens.max_tokens} tokens"
    if manifest.scripts is not None:
        yield "knows the letters of", f"{', '.join(manifest.scripts)}; others are for a person"
    if spec.image is not None:
        yield "pictures are seen as", f"{spec.image.image_px} × {spec.image.image_px} pixels"
    if manifest.ocr is not None:
        yield "text in pictures was read by", f"{manifest.ocr['engine']} {manifest.ocr['version']}"
    yield "masking, folding rules", f"{spec.masking_version}, {spec.folding_version}"
    identifier = manifest.language_identifier
    if identifier is not None:
        told = f"{identifier.get('package')} {identifier.get('version')}"
        yield "languages that nobody tells are told by", told


def tasks(manifest: BundleManifest) -> Rows:
    """Yield the tasks, in the order of the outputs."""
    for task in manifest.label_schema.tasks:
        headline = " (headline)" if task.name == manifest.label_schema.headline else ""
        yield f"{task.name}{headline}", task.kind, ", ".join(task.labels)


def classes(labels: LabelFacts) -> Rows:
    """Yield what a service may do with each class."""
    for one in labels.classes:
        yield one.label, one.group, ", ".join(one.routes) or "none"


def training_data(manifest: BundleManifest) -> Rows:
    """Yield name, hash and terms of the training data."""
    yield "name", manifest.dataset["name"]
    yield "data hash", f"`{manifest.dataset['data_hash']}`"
    for name in _TERMS:
        yield name, manifest.dataset[name]


def weights(manifest: BundleManifest) -> Rows:
    """Yield the weights that training started from."""
    for one in manifest.weights:
        yield one["weights"], one["licence"]
    if not manifest.weights:
        yield "none", "it was trained from nothing"


def calibrations(calibration: Calibration) -> Rows:
    """Yield how the probabilities of each task were calibrated."""
    for one in calibration.tasks:
        share = one.operating_prevalence
        holds = "shares of labels as fitted" if share is None else f"a share of {share:.2%}"
        yield one.task, one.method, holds


def thresholds(found: Thresholds) -> Rows:
    """Yield each threshold with its condition."""
    for one in found.thresholds:
        value = f"none: {one.lack}" if one.value is None else f"{one.value:.4f}"
        value += f" ({one.caution})" if one.caution else ""
        yield f"{one.task}: {one.label}", one.language or "all", promise(one), value


def promise(one: Threshold) -> str:
    """Return in words what a threshold promises, and at which prevalence."""
    told = f"{one.purpose} ≥ {one.promised:g}"
    if one.operating_prevalence is not None:
        told += f" where {one.operating_prevalence:.2%} of adverts have the label"
    return told


def exceptions(manifest: BundleManifest) -> Rows:
    """Yield each rule that would refuse the promotion, and why the bundle was promoted anyway."""
    found = manifest.training.get(PROMOTED_ALTHOUGH)
    for name, why in found.items() if isinstance(found, dict) else ():
        yield _EXCEPTIONS.get(name, name), why


def figures(judged: Judgement) -> Rows:
    """Yield the figures that a gate measured."""
    for one in judged.figures:
        known = one.low is not None and one.high is not None
        interval = f"{one.low:.3f} to {one.high:.3f}" if known else "none"
        yield one.name, one.scope, f"{one.value:.3f}", interval


def coverage(found: Coverage) -> Rows:
    """Yield the slices that a gate judged, with status and reason."""
    for one in found.slices:
        yield one.language, one.script, one.modality, one.status, one.reason


def agreement(manifest: BundleManifest) -> Rows:
    """Yield what was proved when the bundle was written."""
    parity = manifest.parity
    yield "ships as", manifest.precision
    names = {"adverts": "adverts compared", "max_probability_difference": "probabilities within"}
    for name, value in sorted(parity.items()):
        yield names.get(name, name.replace("_", " ")), _words(value)


def packages(manifest: BundleManifest) -> Rows:
    """Yield the packages that a service needs to run the model."""
    for one in manifest.packages:
        yield one["name"], one["version"], one["licence"]


def _words(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
