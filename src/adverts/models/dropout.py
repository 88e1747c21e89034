"""Dropout that costs a CPU half of what torch's does, for training.

On a CPU torch draws one Bernoulli number for each value, a fifth of a training step of a small
encoder. Here 64 random bits of the same generator decide over four values, 16 bits each.

Shape suffixes: ``B`` adverts, ``H`` attention heads, ``T`` tokens, ``D`` features of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import eager_mask

ATTENTION = "adverts_quick_dropout"
# encoders whose "eager" attention is the formula of `attention` and nothing else
PLAIN = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra"})
_VALUES_PER_DRAW = 4
_LEVELS = 1 << 16


def drop(x: Tensor, p: float) -> Tensor:
    """Return ``x`` with values set to zero by chance ``p``, the others scaled by ``1 / (1 - p)``.

    The chance is rounded to 1/65,536. Draws from torch's generator of the device of ``x``, so a
    seed decides what is dropped.

    Args:
        x: Any shape, floating point.
        p: In [0, 1).
    """
    if p == 0:
        return x
    draws = torch.empty(-(-x.numel() // _VALUES_PER_DRAW), dtype=torch.int64, device=x.device)
    bits = draws.random_(-(1 << 63), None).view(torch.int16)[: x.numel()].view(x.shape)
    kept = bits >= round(p * _LEVELS) - _LEVELS // 2
    return x * kept.to(x.dtype).mul_(1 / (1 - p))


class QuickDropout(nn.Module):
    """:func:`drop` as a module; does nothing in evaluation mode.

    Args:
        p: In [0, 1).
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape and dtype of ``x``."""
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
    """Attend as transformers' "eager" does, but for how the weights are dropped.

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
    """Let a transformer that is to be trained on a CPU drop quickly, in place.

    Weights, their names and what the model computes in evaluation mode stay as they are. Where
    attention may be more than the plain formula, it stays, and with it torch's dropout there.
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Dropout) and 0 < child.p < 1:
                setattr(parent, name, QuickDropout(child.p).train(child.training))
    if model.config.model_type in PLAIN:
        AttentionInterface.register(ATTENTION, attention)
        AttentionMaskInterface.register(ATTENTION, eager_mask)
        model.set_attn_implementation(ATTENTION)
