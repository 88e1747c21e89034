"""What a bundle needs of a machine, and what the machine is."""

from __future__ import annotations

import platform
import re
from importlib import metadata

from adverts.errors import IntegrityError
from adverts.runtime.manifest_fields import Facts

_RULE = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)")


def onnxruntime_version() -> str:
    """Return the version of onnxruntime that is installed, under any of its names."""
    for name in ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    import onnxruntime

    return str(onnxruntime.__version__)


def instructions() -> str:
    """Return the kind of processor, e.g. ``x86_64``."""
    return platform.machine()


def in_range(version: str, wanted: str) -> bool:
    """Is a version within a range such as ``>=1.20,<2``? Only numbers are compared.

    Raises:
        IntegrityError: The range is not of this form.
    """
    return all(_holds(version, rule.strip()) for rule in wanted.split(","))


def range_of(runs_on: Facts) -> str:
    """Return the range of onnxruntime that a bundle runs on.

    Raises:
        IntegrityError: The manifest tells none.
    """
    wanted = runs_on.get("onnxruntime")
    if not isinstance(wanted, str):
        raise IntegrityError(
            f"runs_on.onnxruntime is {wanted!r}, wanted a range such as '>=1.20'; export again"
        )
    return wanted


def _holds(version: str, rule: str) -> bool:
    match = _RULE.fullmatch(rule)
    if match is None:
        raise IntegrityError(f"runs_on.onnxruntime has the rule {rule!r}, wanted e.g. '>=1.20'")
    found, bound = _numbers(version), _numbers(match[2])
    width = max(len(found), len(bound))
    found += (0,) * (width - len(found))
    bound += (0,) * (width - len(bound))
    match match[1]:
        case ">=":
            return found >= bound
        case "<=":
            return found <= bound
        case ">":
            return found > bound
        case "<":
            return found < bound
        case "==":
            return found == bound
        case _:
            return found != bound


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
