"""The short page that tells a person what a bundle is, from its manifest alone."""

from __future__ import annotations

from collections.abc import Iterator

from adverts.runtime.decision_rules import DecisionRules
from adverts.runtime.manifest import BundleManifest
from adverts.runtime.thresholds import Threshold


def write_card(manifest: BundleManifest, rules: DecisionRules, gate: str | None = None) -> str:
    """Return the card as Markdown; it holds no advert and nothing of this machine.

    Args:
        manifest: Of the bundle.
        rules: Its calibration and thresholds.
        gate: What a gate found, in a sentence; None before the bundle was promoted.
    """
    lines = [*_lines(manifest), *_thresholds(rules)]
    if gate is not None:
        lines += ["", gate]
    return (
        "\n".join([*lines, "", "Check it with `python -m adverts.runtime FOLDER --verify`."]) + "\n"
    )


def _lines(manifest: BundleManifest) -> Iterator[str]:
    dataset, selected = manifest.dataset, manifest.training["selected_on"]
    yield f"# {manifest.name}, trained on {dataset['name']}"
    yield ""
    yield "A classifier of adverts for `adverts.runtime`. Its probabilities order a queue that"
    yield "people review; they are no finding about an advert or a person."
    yield ""
    yield "| fact | value |"
    yield "|---|---|"
    for name, value in _facts(manifest):
        yield f"| {name} | {value} |"
    yield ""
    yield "| task | kind | labels |"
    yield "|---|---|---|"
    for task in manifest.label_schema.tasks:
        headline = " (headline)" if task.name == manifest.label_schema.headline else ""
        yield f"| {task.name}{headline} | {task.kind} | {', '.join(task.labels)} |"
    yield ""
    if isinstance(selected, dict):
        yield f"Its checkpoint was chosen on the split `{selected['split']}` by"
        yield f"{selected['metric']} = {selected['value']:.4f}: no figure on that split says how"
        yield "good it is. Figures with intervals come from `adverts evaluate`."


def _thresholds(rules: DecisionRules) -> Iterator[str]:
    found = rules.thresholds
    yield ""
    if not found.thresholds:
        yield "It ships no threshold: its probabilities order adverts and decide nothing."
        return
    yield f"Thresholds were chosen on the split `{found.split}`; each promise holds with"
    yield f"confidence {found.confidence:g} where its condition does."
    yield ""
    yield "| label | language | promise | from probability |"
    yield "|---|---|---|---|"
    for one in found.thresholds:
        value = f"none: {one.lack}" if one.value is None else f"{one.value:.4f}"
        value += f" ({one.caution})" if one.caution else ""
        label = f"{one.task}: {one.label}"
        yield f"| {label} | {one.language or 'all'} | {_promise(one)} | {value} |"


def _promise(one: Threshold) -> str:
    told = f"{one.purpose} ≥ {one.promised:g}"
    if one.operating_prevalence is not None:
        told += f" where {one.operating_prevalence:.2%} of adverts have the label"
    return told


def _facts(manifest: BundleManifest) -> Iterator[tuple[str, object]]:
    spec = manifest.input_spec
    yield "reads", ", ".join(spec.inputs)
    if spec.tokens is not None:
        yield "longest text", f"{spec.tokens.max_tokens} tokens"
    if manifest.ocr is not None:
        yield "text in pictures was read by", f"{manifest.ocr['engine']} {manifest.ocr['version']}"
    yield "precision", manifest.precision
    yield "masking, folding rules", f"{spec.masking_version}, {spec.folding_version}"
    yield "data hash", f"`{manifest.dataset['data_hash']}`"
    for name in ("provenance", "licence", "sensitivity"):
        yield f"data: {name}", manifest.dataset[name]
    yield "commit of the training code", manifest.training["commit"] or "not known"
    for weights in manifest.weights:
        yield "started from", f"{weights['weights']}, licence: {weights['licence']}"
    yield (
        "agrees with its checkpoint",
        f"within {manifest.parity['max_probability_difference']} in probability, no decision "
        f"flipped, on {manifest.parity['adverts']} adverts in batches of "
        f"{manifest.parity['batch_sizes']}",
    )
