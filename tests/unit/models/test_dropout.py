"""Quick dropout drops as often as it says, and changes nothing else of an encoder."""

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from adverts.models.dropout import ATTENTION, QuickDropout, drop, quicken


def bert(dropout: float = 0.1) -> BertModel:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        attn_implementation="eager",
    )
    return BertModel(config, add_pooling_layer=False)


def run(model: nn.Module) -> torch.Tensor:
    ids = torch.tensor([[3, 4, 5, 6, 7], [8, 9, 0, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    return model(input_ids=ids, attention_mask=mask).last_hidden_state


@pytest.mark.parametrize("p", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_values_are_dropped_by_chance_p_and_scaled(p, dtype):
    torch.manual_seed(1)
    dropped = drop(torch.ones(400_001, dtype=dtype), p)
    kept = dropped != 0
    sigma = (p * (1 - p) / len(kept)) ** 0.5
    assert abs(1 - kept.float().mean().item() - p) < 4 * sigma + 1 / 65536
    assert dropped[kept].float() == pytest.approx(1 / (1 - p), rel=4e-3)


def test_every_place_of_a_draw_is_dropped_equally_often():
    torch.manual_seed(2)
    dropped = (drop(torch.ones(400_000), 0.25) == 0).view(-1, 4).float()
    assert dropped.mean(dim=0).tolist() == pytest.approx([0.25] * 4, abs=0.01)
    assert torch.corrcoef(dropped.T).fill_diagonal_(0).abs().max() < 0.02


def test_the_gradient_passes_where_the_value_did():
    torch.manual_seed(3)
    x = torch.randn(5, 7, requires_grad=True)
    y = drop(x, 0.4)
    y.sum().backward()
    assert torch.equal(x.grad != 0, y != 0)
    assert torch.equal(x.grad[y != 0], torch.full_like(x.grad[y != 0], 1 / 0.6))


def test_a_seed_decides_what_is_dropped():
    draws = []
    for seed in (4, 4, 5):
        torch.manual_seed(seed)
        draws.append(drop(torch.ones(1000), 0.5))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (2, 0, 4)])
def test_any_shape_is_kept(shape):
    assert drop(torch.ones(shape), 0.5).shape == shape


def test_nothing_is_dropped_in_evaluation_mode_or_by_chance_zero():
    x = torch.randn(100)
    assert torch.equal(QuickDropout(0.9).eval()(x), x)
    assert torch.equal(drop(x, 0.0), x)


def test_a_quickened_encoder_computes_what_it_did():
    model = bert().eval()
    before, names = run(model), list(model.state_dict())
    quicken(model)
    assert torch.equal(run(model), before)
    assert list(model.state_dict()) == names


def test_without_dropout_training_mode_gives_the_same_gradients():
    gradients = []
    for quick in (False, True):
        model = bert(dropout=0.0).train()
        if quick:
            quicken(model)
        run(model).square().sum().backward()
        gradients.append([p.grad for p in model.parameters() if p.grad is not None])
    assert len(gradients[0]) > 30
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_hidden_values_and_attention_weights_are_dropped_by_us_alone(monkeypatch):
    model = bert().train()
    quicken(model)
    assert model.config._attn_implementation == ATTENTION
    monkeypatch.setattr(nn.functional, "dropout", lambda *_, **__: pytest.fail("torch's dropout"))
    torch.manual_seed(0)
    first = run(model)
    assert not torch.equal(first, run(model))


def test_attention_that_may_be_more_than_the_formula_stays():
    config = DistilBertConfig(vocab_size=50, dim=32, n_layers=1, n_heads=4, hidden_dim=64)
    model = DistilBertModel(config)
    before = model.config._attn_implementation
    quicken(model)
    assert model.config._attn_implementation == before
    assert any(isinstance(module, QuickDropout) for module in model.modules())
