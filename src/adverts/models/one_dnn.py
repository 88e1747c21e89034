"""Linear layers that oneDNN computes on a CPU.

torch hands them to MKL, which leaves half of an AMD processor's vector units unused: there oneDNN
takes half of the time, in both directions, and elsewhere as long. ``experiments/0044-one-dnn`` has
the measurements.

Shape suffixes: ``I`` inputs, ``O`` outputs; leading dimensions are any.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.autograd.function import BackwardCFunction, once_differentiable


def use_one_dnn(model: nn.Module) -> None:
    """Let oneDNN compute the linear layers of a model on a CPU.

    The layers keep their parameters, names and hooks. A result differs from that of MKL by
    roundings of float32.
    """
    if not torch.backends.mkldnn.is_available():
        return
    for module in model.modules():
        if type(module) is nn.Linear:  # not a subclass, which may compute something else
            module.__class__ = OneDnnLinear


class OneDnnLinear(nn.Linear):
    """A linear layer of float32 that oneDNN computes on a CPU."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the signature of nn.Linear
        """Return ``(…, O)`` of inputs ``(…, I)``."""
        if not _is_plain(input) or self.weight.dtype != torch.float32:
            return super().forward(input)
        product = _Product.apply(input, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return cast("Tensor", product)


def _is_plain(x: Tensor) -> bool:
    """Return whether a tensor is computed with now, in float32 on a CPU, and not traced."""
    return (
        type(x) is Tensor
        and x.device.type == "cpu"
        and x.dtype == torch.float32
        and x.numel() > 0
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: BackwardCFunction, x: Tensor, weight_OI: Tensor, bias_O: Tensor | None
    ) -> Tensor:
        of_weight = cast("tuple[bool, ...]", ctx.needs_input_grad)[1]
        kept = x if of_weight else None
        ctx.save_for_backward(kept, weight_OI)  # type: ignore[arg-type]  # it takes None, too
        return _linear(x, weight_OI, bias_O)

    @staticmethod
    @once_differentiable
    def backward(
        ctx: BackwardCFunction, grad: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight_OI = cast("tuple[Tensor | None, Tensor]", ctx.saved_tensors)
        of_x, _, of_bias = cast("tuple[bool, bool, bool]", ctx.needs_input_grad)
        grad_NO = grad.reshape(-1, grad.shape[-1])
        return (
            _linear(grad, weight_OI.t(), None) if of_x else None,
            None if x is None else _linear(grad_NO.t(), x.reshape(-1, x.shape[-1]).t(), None),
            grad_NO.sum(dim=0) if of_bias else None,
        )


def _linear(x: Tensor, weight_OI: Tensor, bias_O: Tensor | None) -> Tensor:
    product = torch.ops.mkldnn._linear_pointwise(x, weight_OI, bias_O, "none", [], "")  # noqa: SLF001
    return cast("Tensor", product)
