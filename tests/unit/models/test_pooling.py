"""Token features become one vector; padding never counts."""

import pytest
import torch

from adverts.models.pooling import AttentionPooling, build_pooling, masked_mean

NAMES = ["mean", "attention", "first"]


def test_masked_mean_of_a_case_worked_by_hand():
    x_BTD = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [100.0, 100.0]]])
    mask_BT = torch.tensor([[True, True, False]])
    assert masked_mean(x_BTD, mask_BT).tolist() == [[2.0, 4.0]]


@pytest.mark.parametrize("name", NAMES)
def test_padding_never_changes_the_result(name):
    torch.manual_seed(0)
    pooling, x_BTD = build_pooling(name, 4), torch.randn(2, 3, 4)
    if name == "attention":
        torch.nn.init.normal_(pooling.query)
    padded = torch.cat([x_BTD, torch.full((2, 2, 4), 1e6)], dim=1)
    mask_BT = torch.tensor([[True] * 3 + [False] * 2] * 2)
    torch.testing.assert_close(
        pooling(padded, mask_BT), pooling(x_BTD, torch.ones(2, 3, dtype=torch.bool))
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_advert_of_padding_alone_gives_zeros_and_finite_gradients(name):
    pooling, x_BTD = build_pooling(name, 4), torch.randn(1, 3, 4, requires_grad=True)
    pooled = pooling(x_BTD, torch.zeros(1, 3, dtype=torch.bool))
    pooled.sum().backward()
    assert pooled.tolist() == [[0.0] * 4]
    assert torch.isfinite(x_BTD.grad).all()


def test_attention_starts_as_the_mean():
    x_BTD, mask_BT = torch.randn(2, 5, 4), torch.tensor([[True] * 5, [True] * 2 + [False] * 3])
    torch.testing.assert_close(AttentionPooling(4)(x_BTD, mask_BT), masked_mean(x_BTD, mask_BT))


def test_first_takes_the_first_token():
    x_BTD = torch.randn(2, 3, 4)
    pooled = build_pooling("first", 4)(x_BTD, torch.ones(2, 3, dtype=torch.bool))
    assert torch.equal(pooled, x_BTD[:, 0])
