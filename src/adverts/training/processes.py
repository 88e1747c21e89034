"""The processes of a run: device, number format, share of each batch, sum of gradients."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from adverts.errors import InputError, MissingExtraError
from adverts.training.run_process import RunProcess, all_present
from adverts.work.cpu_session import available_cores

Precision = Literal["fp32", "bf16"]
Wanted = Literal["auto", "fp32", "bf16"]

_AUTOCAST: Mapping[Precision, torch.dtype | None] = {"fp32": None, "bf16": torch.bfloat16}
_CPU_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "bf16")
"""CPU features that compute bf16: of x86-64, and the last one of ARM. One of them is enough."""


def choose_precision(wanted: Wanted, device: torch.device) -> Precision:
    """Return ``wanted``, or for ``auto`` the format that suits ``device``.

    ``auto`` is bf16 if the device computes it in hardware, otherwise fp32. Elsewhere torch emulates
    bf16, many times slower than fp32. A device that is neither a CPU nor CUDA uses fp32.
    """
    if wanted != "auto":
        return wanted
    return "bf16" if _computes_bf16(device) else "fp32"


def autocast_dtype(wanted: Wanted, device: torch.device) -> torch.dtype | None:
    """Return the dtype of matrix products in the format for ``device``; None for fp32."""
    return _AUTOCAST[choose_precision(wanted, device)]


def _computes_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and any(_cpu_facts().get(name) for name in _CPU_INSTRUCTIONS)


def _cpu_facts() -> Mapping[str, object]:
    """Map the name of each feature to its value for this CPU; empty if torch is too old."""
    tell = getattr(torch.cpu, "get_capabilities", None)
    facts: Mapping[str, object] = tell() if tell else {}
    return facts


@dataclass(frozen=True, slots=True)
class Processes(RunProcess):
    """A process that computes with torch.

    Attributes:
        device: Device on which this process computes.
    """

    device: torch.device

    def sum_gradients(self, parameters: Sequence[nn.Parameter], loss: Tensor) -> Tensor:
        """Replace gradients by their sum over all processes, and return the summed loss.

        All values are sent in one message. A parameter without a gradient in any process keeps
        none, so the optimiser skips it as in a single process.
        """
        if self.count == 1:
            return loss
        has_P = torch.tensor([p.grad is not None for p in parameters], device=loss.device)
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([part.float().flatten() for part in parts] + [has_P, loss.reshape(1)])
        with all_present():
            torch.distributed.all_reduce(flat)
        sizes = [p.numel() for p in parameters]
        *summed, has_P, total_1 = torch.split(flat, [*sizes, len(sizes), 1])
        for parameter, gradient, has in zip(parameters, summed, has_P.tolist(), strict=True):
            parameter.grad = gradient.view_as(parameter) if has else None
        return total_1.squeeze(0)


def start_processes(device: str, threads: int) -> Processes:
    """Join the processes that ``torchrun`` started, or start as the only process.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Threads of torch; 0 divides all cores among the processes of this machine.

    Raises:
        InputError: ``device`` is ``cuda``, but torch finds no CUDA device.
        MissingExtraError: ``accelerate`` is not installed.
    """
    try:
        from accelerate import PartialState
    except ImportError as error:
        raise MissingExtraError("accelerate", "train") from error
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("trainer.device=cuda, but torch finds no CUDA device; use auto or cpu")
    state = PartialState(cpu=device == "cpu")
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    torch.set_num_threads(threads or max(1, available_cores() // local))
    torch.set_flush_denormal(True)  # denormal numbers are up to 100 times slower on a CPU
    return Processes(state.process_index, state.num_processes, state.device)


def seed_step(seed: int, step: int, process: int) -> None:
    """Seed torch for one step, so that dropout depends only on ``(seed, step, process)``.

    A resumed run thus draws the same numbers as an uninterrupted run, and a checkpoint needs no
    generator state.
    """
    words = np.random.SeedSequence([seed, step, process]).generate_state(1, np.uint64)
    chosen = int(words[0] >> np.uint64(1))
    if torch.accelerator.is_available():
        torch.manual_seed(chosen)
    else:  # manual_seed would also note, with a stack of calls, a seed for a GPU to come
        torch.default_generator.manual_seed(chosen)
