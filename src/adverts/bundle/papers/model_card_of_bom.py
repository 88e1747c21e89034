"""The model card inside a bill of materials, in the words of CycloneDX 1.6."""

from __future__ import annotations

from collections.abc import Iterator

from adverts.bundle.papers.bundle_facts import Told
from adverts.bundle.papers.purpose import LIMITS, NOT_FOR, RISKS, USERS, USES
from adverts.runtime.rules.thresholds import Threshold

Json = dict[str, object]
_FORMATS = {
    "text": "text: caption, contacts masked",
    "ocr": "text: what was read from pictures, contacts masked",
    "image": "image: any that Pillow opens",
}


def model_card(told: Told, dataset_ref: str) -> Json:
    """Return the card.

    Args:
        told: Of the bundle.
        dataset_ref: ``bom-ref`` of its training data.
    """
    manifest = told.manifest
    tasks = ", ".join(f"{task.name} ({task.kind})" for task in manifest.label_schema.tasks)
    card: Json = {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": f"classification of adverts: {tasks}",
            "architectureFamily": _family(told),
            "modelArchitecture": manifest.name,
            "datasets": [{"ref": dataset_ref}],
            "inputs": [{"format": _FORMATS[name]} for name in manifest.input_spec.inputs],
            "outputs": [
                {"format": f"probabilities of {task.name}: {', '.join(task.labels)}"}
                for task in manifest.label_schema.tasks
            ],
        },
        "considerations": {
            "users": list(USERS),
            "useCases": list(USES),
            "technicalLimitations": [*LIMITS, *(f"Not {one}." for one in NOT_FOR)],
            "ethicalConsiderations": [
                {"name": one.name, "mitigationStrategy": one.mitigation} for one in RISKS
            ],
        },
    }
    metrics = [*_of_gate(told), *_of_thresholds(told)]
    if metrics:
        card["quantitativeAnalysis"] = {"performanceMetrics": metrics}
    return card


def _family(told: Told) -> str:
    spec = told.manifest.input_spec
    if spec.hashing is not None:
        return "tf-idf and logistic regression"
    parts = ["transformer"] if spec.tokens is not None else []
    parts += ["convolutional network"] if spec.image is not None else []
    return " and ".join(parts)


def _of_gate(told: Told) -> Iterator[Json]:
    judged = told.judgement
    for one in judged.figures if judged is not None else ():
        assert judged is not None
        yield _metric(one.name, one.value, f"{one.scope}, split {judged.split}", one.low, one.high)


def _of_thresholds(told: Told) -> Iterator[Json]:
    """Yield how a label did on validation at its threshold, with the bound that was promised."""
    for one in told.rules.thresholds.thresholds:
        place = _place(told, one)
        if one.recall is not None:
            yield _metric("recall", one.recall, place, one.recall_low, None)
        if one.false_positive_rate is not None:
            high = one.false_positive_rate_high
            yield _metric("false-positive rate", one.false_positive_rate, place, None, high)


def _place(told: Told, one: Threshold) -> str:
    language = one.language or "all languages"
    split = told.rules.thresholds.split
    return f"{one.task}: {one.label}, {language}, at its {one.purpose} threshold, split {split}"


def _metric(name: str, value: float, place: str, low: float | None, high: float | None) -> Json:
    bounds = (("lowerBound", low), ("upperBound", high))
    found: Json = {"type": name, "value": f"{value:.6g}", "slice": place}
    interval = {end: f"{bound:.6g}" for end, bound in bounds if bound is not None}
    if interval:
        found["confidenceInterval"] = interval
    return found
