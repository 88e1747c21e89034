"""Dropout for training on a CPU, at half the cost of torch's dropout.

On a CPU torch draws one Bernoulli number for each value, which takes a fifth of a training step of
a small encoder. Here, 64 random bits of the same generator decide four values, 16 bits each.

Shape suffixes: ``B`` adverts, ``H`` attention heads, ``T`` tokens, ``D`` features of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import eager_mask

ATTENTION = "adverts_quick_dropout"
# encoders whose "eager" attention is exactly the formula of `attention`
PLAIN = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra"})
_VALUES_PER_DRAW = 4
_LEVELS = 1 << 16


def drop(x: Tensor, p: float) -> Tensor:
    """Set values of ``x`` to zero with probability ``p`` and scale the others by ``1 / (1 - p)``.

    The probability is rounded to 1/65,536. The numbers come from torch's generator for the device
    of ``x``, so a seed decides which values are dropped.

    Args:
        x: Floating-point tensor of any shape; it is not changed.
        p: Probability in [0, 1).
    """
    if p == 0:
        return x
    draws = torch.empty(-(-x.numel() // _VALUES_PER_DRAW), dtype=torch.int64, device=x.device)
    bits = draws.random_(-(1 << 63), None).view(torch.int16)[: x.numel()].view(x.shape)
    kept = bits >= round(p * _LEVELS) - _LEVELS // 2
    return x * kept.to(x.dtype).mul_(1 / (1 - p))


class QuickDropout(nn.Module):
    """:func:`drop` as a module; it does nothing in evaluation mode.

    Args:
        p: Probability in [0, 1).
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` after dropout, with the same shape and dtype."""
        return drop(x, self.p) if self.training else x


def attention(  # noqa: PLR0917 - the signature that transformers calls
    module: nn.Module,
    query_BHTD: Tensor,
    key_BHTD: Tensor,
    value_BHTD: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: object,
) -> tuple[Tensor, Tensor]:
    """Compute attention as transformers' "eager" does, but with :func:`drop` on the weights.

    Returns:
        The attended values ``(B, T, H, D)`` and the weights ``(B, H, T, T)``.

    Source: Vaswani et al. (2017), Attention Is All You Need, eq. 1.
    """
    scale = query_BHTD.shape[-1] ** -0.5 if scaling is None else scaling
    score_BHTT = query_BHTD @ key_BHTD.transpose(2, 3) * scale
    if attention_mask is not None:
        score_BHTT = score_BHTT + attention_mask
    weight_BHTT = score_BHTT.softmax(dim=-1)
    weight_BHTT = drop(weight_BHTT, dropout if module.training else 0.0)
    return (weight_BHTT @ value_BHTD).transpose(1, 2).contiguous(), weight_BHTT


def quicken(model: PreTrainedModel) -> None:
    """Replace the dropout of a transformer, in place, by the faster one for training on a CPU.

    Weights, their names and the results in evaluation mode do not change. Attention that may differ
    from the plain formula keeps torch's dropout.
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Dropout) and 0 < child.p < 1:
                setattr(parent, name, QuickDropout(child.p).train(child.training))
    if model.config.model_type in PLAIN:
        AttentionInterface.register(ATTENTION, attention)
        AttentionMaskInterface.register(ATTENTION, eager_mask)
        model.set_attn_implementation(ATTENTION)
