"""The bill of materials of a bundle: CycloneDX 1.6, with the model, its data and its packages.

The same bundle gives the same bytes: there is no time in it, and its serial number is made from its
content.

Source: ECMA-424, CycloneDX Bill of Materials Specification, version 1.6.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from urllib.parse import quote

from adverts.bundle.papers.bundle_facts import Told
from adverts.bundle.papers.card_tables import promise
from adverts.bundle.papers.model_card_of_bom import model_card
from adverts.bundle.papers.packages import NOT_STATED, RELEASE
from adverts.bundle.papers.sharing_terms import licence_id
from adverts.runtime.rules.thresholds import Threshold

Json = dict[str, object]
_NAMESPACE = uuid.UUID("8d8f1c5e-5a1d-5c67-9a0b-6f5b6c1d7e42")  # of bills of materials of bundles
_SHA256 = re.compile("[0-9a-f]{64}")
_MODEL = "model"


def bom_json(told: Told) -> str:
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


def _body(told: Told) -> Json:
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


def _model(told: Told, files: list[Json]) -> Json:
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


def _shipped(told: Told) -> list[Threshold]:
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
    """Return a licence by name: what is stated need not be an identifier of SPDX."""
    return [{"license": {"name": licence_id(stated)}}]


def _dependencies(told: Told, refs: list[str]) -> list[Json]:
    """Return what needs what: the model its files, data, weights and ``adverts``."""
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
