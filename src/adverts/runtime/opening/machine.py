"""What a bundle needs from a machine, and the onnxruntime and processor of this machine."""

from __future__ import annotations

import ctypes
import platform
import re
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

from adverts.errors import IntegrityError
from adverts.runtime.manifest_fields import Facts

_CPU_INFO = Path("/proc/cpuinfo")
_LINUX: Mapping[str, str] = {
    "avx2": "avx2",
    "avx_vnni": "avx_vnni",
    "avx512_vnni": "avx512_vnni",
    "amx_int8": "amx_int8",
    "asimddp": "neon_dotprod",
    "i8mm": "neon_i8mm",
}
_MACOS: Mapping[str, str] = {
    "hw.optional.avx2_0": "avx2",
    "hw.optional.arm.FEAT_DotProd": "neon_dotprod",
    "hw.optional.arm.FEAT_I8MM": "neon_i8mm",
}
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
    """Return the kind of processor and its instructions for products of 8 bits: ``x86_64 avx2``.

    ONNX Runtime uses those that are there, so the last bits of scores may differ between machines
    that differ in them. They are known on Linux and macOS; on other systems only the kind is.
    """
    names = _MACOS if platform.system() == "Darwin" else _LINUX
    found = _macos_instructions() if platform.system() == "Darwin" else _linux_instructions()
    return " ".join([platform.machine(), *(name for key, name in names.items() if key in found)])


def _linux_instructions() -> set[str]:
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    told = (line.partition(":") for line in lines)
    flags = [value for name, _, value in told if name.strip().lower() in {"flags", "features"}]
    return set(flags[0].split()) if flags else set()


def _macos_instructions() -> set[str]:
    ask = getattr(ctypes.CDLL(None), "sysctlbyname", None)
    return set() if ask is None else {name for name in _MACOS if _is_on(ask, name)}


def _is_on(ask: Callable[..., int], name: str) -> bool:
    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    failed = ask(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0)
    return failed == 0 and value.value != 0


def in_range(version: str, wanted: str) -> bool:
    """Return whether a version is in a range such as ``>=1.20,<2``; only numbers are compared.

    Raises:
        IntegrityError: The range is not of this form.
    """
    return all(_holds(version, rule.strip()) for rule in wanted.split(","))


def range_of(runs_on: Facts) -> str:
    """Return the range of onnxruntime that a bundle runs on.

    Raises:
        IntegrityError: The manifest gives no range.
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
