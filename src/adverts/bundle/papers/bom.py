"""The bill of materials of a bundle: CycloneDX 1.6, with the model, its data and its packages."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from adverts.bundle.papers.bundle_facts import (
    LIMITS,
    NOT_FOR,
    RISKS,
    USERS,
    USES,
    BundleFacts,
    promise,
)
from adverts.bundle.papers.manifest_facts import NOT_STATED, RELEASE
from adverts.bundle.papers.sharing_terms import licence_id
from adverts.runtime.rules.thresholds import Threshold

Json = dict[str, object]
_FORMATS = {
    "text": "text: caption, contacts masked",
    "ocr": "text: what was read from pictures, contacts masked",
    "image": "image: any that Pillow opens",
}
_NAMESPACE = uuid.UUID("8d8f1c5e-5a1d-5c67-9a0b-6f5b6c1d7e42")  # for bills of materials
_SHA256 = re.compile("[0-9a-f]{64}")
_MODEL = "model"


def model_card(told: BundleFacts, dataset_ref: str) -> Json:
    """Return the model card of a bundle as CycloneDX JSON values.

    Args:
        told: Facts of the bundle.
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


def _family(told: BundleFacts) -> str:
    spec = told.manifest.input_spec
    parts = ["transformer"] if spec.tokens is not None else []
    parts += ["convolutional network"] if spec.image is not None else []
    parts += ["tf-idf and logistic regression"] if spec.hashing is not None else []
    return " and ".join(parts)


def _of_gate(told: BundleFacts) -> Iterator[Json]:
    judged = told.judgement
    for one in judged.figures if judged is not None else ():
        assert judged is not None
        yield _metric(one.name, one.value, f"{one.scope}, split {judged.split}", one.low, one.high)


def _of_thresholds(told: BundleFacts) -> Iterator[Json]:
    """Yield the figures of each label at its threshold on validation, with the promised bound."""
    for one in told.rules.thresholds.thresholds:
        place = _place(told, one)
        if one.recall is not None:
            yield _metric("recall", one.recall, place, one.recall_low, None)
        if one.false_positive_rate is not None:
            high = one.false_positive_rate_high
            yield _metric("false-positive rate", one.false_positive_rate, place, None, high)


def _place(told: BundleFacts, one: Threshold) -> str:
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


def bom_json(told: BundleFacts) -> str:
    """Return the bill of materials as JSON; it lists each file that the manifest lists."""
    body = _body(told)
    serial = uuid.uuid5(_NAMESPACE, json.dumps(body, sort_keys=True, allow_nan=False))
    whole = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **body,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _body(told: BundleFacts) -> Json:
    manifest = told.manifest
    release = manifest.created_by.get(RELEASE, "not known")
    files = [_file(name, sha256) for name, sha256 in sorted(manifest.files.items())]
    parts = [
        _dataset(manifest.dataset),
        *(_weights(one) for one in manifest.weights),
        *(_package(one) for one in manifest.packages),
    ]
    return {
        "metadata": {
            "lifecycles": [{"phase": "post-build"}],
            "tools": {"components": [{"type": "application", "name": RELEASE, "version": release}]},
            "component": _model(told, files),
        },
        "components": parts,
        "dependencies": _dependencies(told, [str(one["bom-ref"]) for one in (*files, *parts)]),
    }


def _model(told: BundleFacts, files: list[Json]) -> Json:
    manifest = told.manifest
    return {
        "type": "machine-learning-model",
        "bom-ref": _MODEL,
        "name": manifest.name,
        "version": manifest.identity(),
        "description": "A classifier of adverts that orders a queue for people.",
        "components": files,
        "modelCard": model_card(told, _dataset_ref(manifest.dataset)),
        "properties": _properties(
            ("audience", manifest.audience),
            ("derived_from", manifest.derived_from),
            ("schema_version", manifest.schema_version),
            ("precision", manifest.precision),
            ("batching", manifest.batching),
            ("opset", manifest.opset),
            *((name, value) for name, value in sorted(manifest.runs_on.items())),
            *((f"threshold: {one.task}: {one.label}", promise(one)) for one in _shipped(told)),
        ),
    }


def _shipped(told: BundleFacts) -> list[Threshold]:
    return [one for one in told.rules.thresholds.thresholds if one.value is not None]


def _file(name: str, sha256: str) -> Json:
    return {
        "type": "file",
        "bom-ref": f"file:{name}",
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
    }


def _dataset(facts: Mapping[str, object]) -> Json:
    name, data_hash = str(facts["name"]), str(facts["data_hash"])
    sources = facts.get("sources")
    told = [("provenance", facts["provenance"])]
    told += [("source", one) for one in sources] if isinstance(sources, list | tuple) else []
    found: Json = {
        "type": "data",
        "bom-ref": _dataset_ref(facts),
        "name": name,
        "version": data_hash,
        "licenses": _licences(facts["licence"]),
        "data": [
            {
                "type": "dataset",
                "name": name,
                "classification": str(facts["sensitivity"]),
                "contents": {"properties": _properties(*told)},
            }
        ],
    }
    if _SHA256.fullmatch(data_hash):
        found["hashes"] = [{"alg": "SHA-256", "content": data_hash}]
    return found


def _dataset_ref(facts: Mapping[str, object]) -> str:
    return f"data:{facts['name']}"


def _weights(facts: Mapping[str, object]) -> Json:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"weights:{facts['weights']}",
        "name": str(facts["weights"]),
        "description": "Pretrained weights that training started from.",
        "licenses": _licences(facts["licence"]),
    }


def _package(facts: Mapping[str, object]) -> Json:
    name, version = str(facts["name"]), str(facts["version"])
    found: Json = {
        "type": "library",
        "bom-ref": _package_ref(name),
        "name": name,
        "version": version,
        "purl": f"pkg:{'generic' if name == RELEASE else 'pypi'}/{name}@{quote(version)}",
    }
    if facts["licence"] != NOT_STATED:
        found["licenses"] = _licences(facts["licence"])
    return found


def _package_ref(name: str) -> str:
    return f"package:{name}"


def _licences(stated: object) -> list[Json]:
    """Return a licence by name, since the stated one need not be an SPDX identifier."""
    return [{"license": {"name": licence_id(stated)}}]


def _dependencies(told: BundleFacts, refs: list[str]) -> list[Json]:
    """Return all dependencies: the model needs its files, data, weights and ``adverts``."""
    packages = {str(one["name"]): one.get("requires", ()) for one in told.manifest.packages}
    beneath = {_package_ref(name) for name in packages if name != RELEASE}
    found: list[Json] = [
        {"ref": _MODEL, "dependsOn": sorted(one for one in refs if one not in beneath)}
    ]
    for name, needs in sorted(packages.items()):
        wanted = sorted(map(str, needs)) if isinstance(needs, list | tuple) else []
        found.append({"ref": _package_ref(name), "dependsOn": list(map(_package_ref, wanted))})
    return found


def _properties(*told: tuple[str, object]) -> list[Json]:
    return [
        {"name": f"adverts:{name}", "value": str(value)}
        for name, value in told
        if value is not None
    ]
