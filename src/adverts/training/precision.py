"""The number format that a device trains in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch

Precision = Literal["fp32", "bf16"]
Wanted = Literal["auto", "fp32", "bf16"]

_CPU_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "bf16")
"""Of x86-64, and the last of ARM; any one of them is enough."""


def choose_precision(wanted: Wanted, device: torch.device) -> Precision:
    """Return ``wanted``, or for ``auto`` the format that ``device`` is good at.

    ``auto`` is bf16 where the device computes it itself, else fp32: torch emulates bf16 elsewhere,
    many times slower than fp32. A device that is neither a CPU nor CUDA trains in fp32.
    """
    if wanted != "auto":
        return wanted
    return "bf16" if _computes_bf16(device) else "fp32"


def _computes_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and any(_cpu_facts().get(name) for name in _CPU_INSTRUCTIONS)


def _cpu_facts() -> Mapping[str, object]:
    """Return what this CPU can do, by name; nothing from a torch too old to tell."""
    tell = getattr(torch.cpu, "get_capabilities", None)
    facts: Mapping[str, object] = tell() if tell else {}
    return facts
