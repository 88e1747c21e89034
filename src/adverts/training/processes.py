"""The processes of one run: devices, number formats, shares of a batch, sums of gradients."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from adverts.errors import InputError, MissingExtraError
from adverts.work.cpu_session import available_cores

Precision = Literal["fp32", "bf16"]
Wanted = Literal["auto", "fp32", "bf16"]

_CPU_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "bf16")
"""Of x86-64, and the last of ARM; any one of them is enough."""
T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among those of the run.

    Every batch is shared out by rows, so that the plan, and with it the trained model, is the same
    for any number of processes.

    Attributes:
        index: From 0; process 0 writes files and talks to the tracker.
        count: Processes in the run.
        device: Where this process computes.
    """

    index: int
    count: int
    device: torch.device

    @property
    def is_main(self) -> bool:
        """Does this process write files and talk to the tracker?"""
        return self.index == 0

    def share(self, rows: Sequence[int]) -> Sequence[int]:
        """Return this process's rows of a batch; possibly none."""
        return rows[self.index :: self.count] if self.count > 1 else rows

    def same(self, make: Callable[[], T]) -> T:
        """Return in every process what ``make`` returns in process 0, the only one to call it."""
        if self.count == 1:
            return make()
        from accelerate.utils import broadcast_object_list

        values: list[T] = broadcast_object_list([make() if self.is_main else None])
        return values[0]

    def gather(self, value: T) -> list[T]:
        """Return the values of all processes, in order, in every process."""
        if self.count == 1:
            return [value]
        from accelerate.utils import gather_object

        values: list[T] = gather_object([value])
        return values

    def sum_gradients(self, parameters: Sequence[nn.Parameter], loss: Tensor) -> Tensor:
        """Replace gradients by their sum over all processes; returns the summed loss.

        One flat message. A parameter that no process has a gradient for keeps none, so that the
        optimiser leaves it alone as it would in a single process.
        """
        if self.count == 1:
            return loss
        has_P = torch.tensor([p.grad is not None for p in parameters], device=loss.device)
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([part.float().flatten() for part in parts] + [has_P, loss.reshape(1)])
        torch.distributed.all_reduce(flat)
        sizes = [p.numel() for p in parameters]
        *summed, has_P, total_1 = torch.split(flat, [*sizes, len(sizes), 1])
        for parameter, gradient, has in zip(parameters, summed, has_P.tolist(), strict=True):
            parameter.grad = gradient.view_as(parameter) if has else None
        return total_1.squeeze(0)


def start_processes(device: str, threads: int) -> Processes:
    """Join the processes that ``torchrun`` started, or be the only one.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        threads: Of torch; 0 shares every core among the processes of this machine.

    Raises:
        InputError: ``cuda`` is asked for and there is none.
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
    torch.set_flush_denormal(True)  # denormal numbers cost a CPU up to a hundredfold
    return Processes(state.process_index, state.num_processes, state.device)


def seed_step(seed: int, step: int, process: int) -> None:
    """Seed torch for one step: dropout is a function of ``(seed, step, process)``.

    So a resumed run draws what an uninterrupted one draws, whatever happened in between, and a
    checkpoint holds no generator state.
    """
    words = np.random.SeedSequence([seed, step, process]).generate_state(1, np.uint64)
    torch.manual_seed(int(words[0] >> np.uint64(1)))
