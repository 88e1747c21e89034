"""Training takes the number format that the device computes itself."""

import pytest
import torch

from adverts.training.processes import choose_precision

CPU, CUDA = torch.device("cpu"), torch.device("cuda", 0)


def able(monkeypatch, **facts):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: facts, raising=False)


@pytest.mark.parametrize("instruction", ["amx_bf16", "avx512_bf16", "bf16"])
def test_a_cpu_that_computes_bf16_trains_in_it(monkeypatch, instruction):
    able(monkeypatch, avx2=True, **{instruction: True})
    assert choose_precision("auto", CPU) == "bf16"


def test_a_cpu_that_would_emulate_bf16_trains_in_fp32(monkeypatch):
    able(monkeypatch, avx2=True, avx512_f=True, amx_bf16=False, avx512_bf16=False)
    assert choose_precision("auto", CPU) == "fp32"


def test_a_torch_that_cannot_tell_trains_in_fp32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert choose_precision("auto", CPU) == "fp32"


@pytest.mark.parametrize(("native", "chosen"), [(True, "bf16"), (False, "fp32")])
def test_a_gpu_is_asked_without_its_emulation(monkeypatch, native, chosen):
    asked = []
    able(monkeypatch, amx_bf16=not native)  # what the host's CPU can do does not matter
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda **kind: asked.append(kind) or native
    )
    assert choose_precision("auto", CUDA) == chosen
    assert asked == [{"including_emulation": False}]


def test_a_device_that_we_do_not_know_trains_in_fp32(monkeypatch):
    able(monkeypatch, bf16=True)
    assert choose_precision("auto", torch.device("mps")) == "fp32"


@pytest.mark.parametrize("wanted", ["fp32", "bf16"])
@pytest.mark.parametrize("able_to", [True, False])
def test_what_is_asked_for_is_taken(monkeypatch, wanted, able_to):
    able(monkeypatch, amx_bf16=able_to)
    assert choose_precision(wanted, CPU) == wanted


def test_this_cpu_is_judged_as_its_kernel_describes_it():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = set(file.read().split())
    native = bool(flags & {"amx_bf16", "avx512_bf16"})
    assert choose_precision("auto", CPU) == ("bf16" if native else "fp32")
