"""The packages that a service runs a bundle with, read from what is installed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def runtime_packages() -> tuple[Facts, ...]:
    """Return ``adverts`` without extras and all that it brings, by name.

    Each has ``name``, ``version``, ``licence`` as its authors state it, and ``requires``: the names
    of those that it needs itself.
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
    """Return the names of what ``adverts`` itself needs, in alphabetical order."""
    needed = {one.name for one in _requirements(metadata.distribution(RELEASE))}
    return tuple(sorted(needed, key=str.lower))


def onnxruntime_range() -> str:
    """Return the versions of ONNX Runtime that this release allows, e.g. ``>=1.20``."""
    needed = _requirements(metadata.distribution(RELEASE))
    return next(str(one.specifier) for one in needed if one.name == "onnxruntime")


def stated_licence(about: metadata.PackageMetadata) -> str:
    """Return the licence that a package states: its expression, else its classifier, else a name.

    ``not stated`` where it states none, or only a long text.
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
    """Yield what a package needs here, without extras."""
    texts: Sequence[str] = distribution.requires or []
    for one in map(Requirement, texts):
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield one
