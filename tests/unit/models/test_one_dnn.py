"""Linear layers that oneDNN computes, against those of torch."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from adverts.models.one_dnn import OneDnnLinear, use_one_dnn

SHAPES = [(5, 7), (2, 3, 7), (7,), (1, 7), (0, 7)]


def both(*, bias=True, dtype=torch.float32):
    """Return a layer as torch computes it, and the same one as oneDNN does."""
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(7, 4, bias=bias, dtype=dtype))
    ours = copy.deepcopy(plain)
    use_one_dnn(ours)
    assert type(plain[0]) is nn.Linear
    assert type(ours[0]) is OneDnnLinear
    return plain, ours


def gradients(layer, x):
    """Return the output and the gradients of input and parameters, for one loss."""
    x = x.clone().requires_grad_()
    out = layer(x)
    (out * torch.arange(out.numel(), dtype=x.dtype).reshape(out.shape)).sum().backward()
    return [out, x.grad, *(parameter.grad for parameter in layer.parameters())]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_outputs_and_gradients_are_those_of_torch(shape, bias):
    x = torch.randn(shape)
    plain, ours = both(bias=bias)
    for wanted, found in zip(gradients(plain, x), gradients(ours, x), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)
    with torch.inference_mode():
        torch.testing.assert_close(ours(x), plain(x), rtol=1e-5, atol=1e-5)


def test_a_view_of_other_strides_is_multiplied_as_what_it_shows():
    plain, ours = both()
    x = torch.randn(7, 5, 3).permute(2, 1, 0)
    for wanted, found in zip(gradients(plain, x), gradients(ours, x), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("frozen", ["weight", "bias"])
def test_what_is_frozen_gets_no_gradient_and_the_rest_does(frozen):
    plain, ours = both()
    for layer in (plain, ours):
        getattr(layer[0], frozen).requires_grad_(False)
    found = dict(
        zip(("out", "x", "weight", "bias"), gradients(ours, torch.ones(3, 7)), strict=True)
    )
    wanted = gradients(plain, torch.ones(3, 7))
    assert found[frozen] is None
    for ours_, theirs in zip(found.values(), wanted, strict=True):
        if ours_ is not None or theirs is not None:
            torch.testing.assert_close(ours_, theirs, rtol=1e-5, atol=1e-5)


def test_an_input_without_gradient_stays_without():
    _, ours = both()
    x = torch.ones(3, 7)
    ours(x).sum().backward()
    assert x.grad is None
    assert ours[0].weight.grad.tolist() == [[3.0] * 7] * 4


def test_oneDNN_is_asked_and_only_for_float32_outside_autocast(monkeypatch):  # noqa: N802
    asked = []
    monkeypatch.setattr(
        "adverts.models.one_dnn._linear",
        lambda x, weight, bias: asked.append(x.dtype) or functional.linear(x, weight, bias),
    )
    both()[1](torch.ones(2, 7))
    assert asked == [torch.float32]
    both(dtype=torch.float64)[1](torch.ones(2, 7, dtype=torch.float64))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert both()[1](torch.ones(2, 7)).dtype == torch.bfloat16
    assert asked == [torch.float32]


def test_an_exported_layer_is_an_operator_that_every_runtime_has():
    _, ours = both()
    program = torch.export.export(ours.eval(), (torch.ones(2, 7),))
    called = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    assert called == {"aten.linear.default"}


def test_a_layer_of_another_kind_is_left_alone():
    class Doubled(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    model = nn.Sequential(Doubled(7, 4))
    use_one_dnn(model)
    assert type(model[0]) is Doubled


def test_stored_weights_keep_their_names():
    plain, ours = both()
    assert list(ours.state_dict()) == list(plain.state_dict())
    again = copy.deepcopy(ours)
    assert type(again[0]) is OneDnnLinear
