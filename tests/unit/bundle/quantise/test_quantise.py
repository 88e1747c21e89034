from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from unit.bundle.quantise.conftest import feeds, run

from adverts.bundle.quantise import SCHEMES, fuse, quantise
from adverts.bundle.quantise.activation_ranges import Activations, Observed, observe
from adverts.bundle.quantise.apply_schemes import FP32, INT8
from adverts.bundle.quantise.graph import Graph
from adverts.bundle.quantise.matmuls import quantise_products
from adverts.bundle.quantise.rounding import round_weights, smoothing_factors
from adverts.errors import InputError
from adverts.work.cpu_session import cpu_session

SMALL = [one for one in SCHEMES if one.weights == "int8"]
CALIBRATION = [feeds(tokens) for tokens in (3, 5, 8, 9)]


def operators(model):
    return Counter(node.op_type for node in model.graph.node)


def product(weights):
    value = helper.make_tensor_value_info("input_ids", TensorProto.FLOAT, [None, None, 3])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    node = helper.make_node("MatMul", ["input_ids", "w"], ["y"])
    graph = helper.make_graph(
        [node], "g", [value], [answer], [numpy_helper.from_array(weights, "w")]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def run_all(model, values):
    return cpu_session(model.SerializeToString(), 1).run(None, {"input_ids": values})[0]


def by_hand(values, weights, seen, steps):
    """Divide outliers by a power of two, cut to steps, round, multiply, scale back."""
    largest = np.abs(seen).max(axis=(0, 1))
    factors = 2 ** np.ceil(np.log2(np.maximum(largest / (2 * np.median(largest)), 1)))
    values, weights, seen = values / factors, weights * factors[:, None], seen / factors
    low, high = min(seen.min(), 0), max(seen.max(), 0)
    step = (high - low) / steps
    zero = np.rint(-low / step)
    codes = np.clip(np.rint(values / step) + zero, 0, 255) - zero
    width = np.abs(weights).max(axis=0) / 127
    rows = seen.reshape(-1, seen.shape[-1])
    rounded = round_weights(weights, width, rows.T @ rows, largest=127)
    return (codes @ rounded) * step * width


def quantised_product(weights, seen):
    graph = Graph(product(weights))
    activations = Activations.of(weights.shape[0])
    activations.add(seen)
    activations.settle()
    quantise_products(graph, Observed({"input_ids": activations}))
    return graph


@pytest.mark.parametrize("scheme", SMALL, ids=lambda one: one.name)
def test_every_int8_scheme_answers_nearly_the_same(exported, scheme):
    model = exported("text")
    given = feeds(9)
    difference = run(quantise(model, scheme, CALIBRATION), given) - run(model, given)
    assert np.abs(difference).max() < 0.05 * np.abs(run(model, given)).max()


def test_a_product_in_integers_is_what_numpy_makes_of_it():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 4)).astype(np.float32)
    seen = (rng.normal(size=(1, 20, 3)) * [1, 30, 1]).astype(np.float32)
    values = (rng.normal(size=(2, 5, 3)) * [1, 60, 2]).astype(np.float32)
    values = np.clip(
        values, seen.min(axis=(0, 1)), seen.max(axis=(0, 1))
    )  # beyond, sums may be cut
    graph = quantised_product(weights, seen)
    scale = graph.scalar("input_ids.scale")
    factors = 1 / graph.constant("input_ids.inverse")
    steps = round(float(np.ptp(np.append((seen / factors).ravel(), 0)) / scale))
    found = run_all(graph.finish(), values)
    np.testing.assert_allclose(found, by_hand(values, weights, seen, steps), rtol=1e-4, atol=1e-4)
    assert 127 <= steps <= 255


def test_a_neighbour_never_moves_a_token():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(2, 5, 3)).astype(np.float32)
    model = quantised_product(rng.normal(size=(3, 4)).astype(np.float32), values).finish()
    values[1] *= 1000
    np.testing.assert_array_equal(run_all(model, values)[:1], run_all(model, values[:1]))


def test_only_features_that_stick_out_are_smoothed_and_by_powers_of_two():
    found = smoothing_factors(np.array([1, 1, 1, 2, 2.5, 9], np.float32))
    np.testing.assert_array_equal(found, [1, 1, 1, 1, 1, 4])
    np.testing.assert_array_equal(smoothing_factors(np.zeros(3, np.float32)), [1, 1, 1])


def test_the_fp32_scheme_gives_the_same_answers_with_fewer_operators(exported):
    model = exported("text")
    small = quantise(model, FP32, [])
    assert np.abs(run(small, feeds(7)) - run(model, feeds(7))).max() < 1e-5
    assert len(small.graph.node) < len(model.graph.node)


def test_fusing_joins_attention_and_gelu_and_changes_no_answer(exported):
    model = exported("text")
    fused = fuse(model)
    before, after = operators(model), operators(fused)
    assert after["BiasGelu"] == before["Erf"] == after["MultiHeadAttention"] == 1
    assert after["Erf"] == after["Softmax"] == 0
    given = feeds(7, adverts=3)
    given["attention_mask"][1, 4:] = 0
    np.testing.assert_allclose(run(fused, given), run(model, given), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("operator", ["Softmax", "Erf"])
def test_what_does_not_match_is_left_as_it_is(exported, operator):
    model = onnx.ModelProto()
    model.CopyFrom(exported("text"))
    node = next(one for one in model.graph.node if one.op_type == operator)
    inner = next(one for one in model.graph.node if node.input[0] in one.output)
    model.graph.output.append(helper.make_tensor_value_info(node.output[0], 1, None))
    model.graph.output.append(helper.make_tensor_value_info(inner.output[0], 1, None))
    before, after = operators(model), operators(fuse(model))
    assert after[operator] == before[operator] == 1


@pytest.mark.slow
def test_pictures_heads_and_fusion_stay_in_32_bits(exported):
    model = exported("fusion")
    small = quantise(model, INT8, CALIBRATION)
    assert operators(small)["Conv"] == operators(model)["Conv"] > 0
    assert operators(small)["Gemm"] == operators(model)["Gemm"]
    assert operators(small)["MatMulIntegerToFloat"] == 3
    assert operators(small)["QAttention"] == 1
    difference = run(small, feeds(9)) - run(model, feeds(9))
    assert np.abs(difference).max() < 0.05 * np.abs(run(model, feeds(9))).max()


def test_an_int8_model_joins_products_biases_and_attention(exported):
    found = operators(quantise(exported("text"), INT8, CALIBRATION))
    assert (found["QAttention"], found["MatMulIntegerToFloat"], found["Gelu"]) == (1, 3, 1)
    assert found["BiasGelu"] == found["MultiHeadAttention"] == found["MatMul"] == 0


def test_attention_that_hides_something_keeps_its_mask(exported):
    padded = feeds(9)
    padded["attention_mask"][0, 5:] = 0
    kept = quantise(exported("text"), INT8, [*CALIBRATION, padded])
    assert operators(kept)["MultiHeadAttention"] == 1
    difference = run(kept, padded) - run(exported("text"), padded)
    assert np.abs(difference).max() < 0.05 * np.abs(run(exported("text"), padded)).max()


@pytest.mark.parametrize("kind", ["tfidf", pytest.param("image", marks=pytest.mark.slow)])
def test_a_model_without_a_text_encoder_says_that_fp32_is_all_there_is(exported, kind):
    with pytest.raises(InputError, match="bundle.precision=fp32 leaves this attempt out"):
        quantise(exported(kind), INT8, [])
    assert quantise(exported(kind), FP32, []).graph.output


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda one: one.name)
def test_the_same_model_gives_the_same_bytes_and_is_left_alone(exported, scheme):
    model = exported("text")
    before = model.SerializeToString(deterministic=True)
    first = quantise(model, scheme, CALIBRATION).SerializeToString(deterministic=True)
    assert first == quantise(model, scheme, CALIBRATION).SerializeToString(deterministic=True)
    assert model.SerializeToString(deterministic=True) == before


def test_int8_without_adverts_says_what_is_missing(exported):
    with pytest.raises(InputError, match="no advert to calibrate on"):
        quantise(exported("text"), INT8, [])


def test_activations_cover_every_advert_that_was_seen(monkeypatch):
    monkeypatch.setattr("adverts.bundle.quantise.activation_ranges._ROWS_TOGETHER", 4)
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(9, 3)).astype(np.float32)
    seen = [{"input_ids": rows[None, i : i + 3]} for i in (0, 3, 6)]
    found = observe(product(np.eye(3, dtype=np.float32)), ["y"], seen).activations["y"]
    np.testing.assert_array_equal(found.low_I, rows.min(axis=0))
    np.testing.assert_array_equal(found.largest(), np.abs(rows).max(axis=0))
    np.testing.assert_allclose(found.products_II, rows.T @ rows, rtol=1e-5)


def test_what_was_ever_other_than_zero_is_not_zero():
    seen = [{"input_ids": np.full((1, 1, 3), value, np.float32)} for value in (0, 0, 1)]
    model = product(np.eye(3, dtype=np.float32))
    assert observe(model, ["y"], seen[:2], perhaps_zero=["y"]).zeros == {"y"}
    assert observe(model, ["y"], seen, perhaps_zero=["y"]).zeros == frozenset()


def test_schemes_have_names_of_their_own_and_end_in_fp32():
    assert len({one.name for one in SCHEMES}) == len(SCHEMES)
    assert SCHEMES[-1] is FP32
    assert {one.batching for one in SMALL} == {"alone"}
