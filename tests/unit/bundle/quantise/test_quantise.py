from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from unit.bundle.quantise.conftest import feeds, run

from adverts.bundle.quantise import SCHEMES, fuse, quantise
from adverts.bundle.quantise.calibration import Ranges, observe
from adverts.bundle.quantise.graph import Graph
from adverts.bundle.quantise.matmuls import quantise_products
from adverts.bundle.quantise.schemes import FP32, MIXED, ROW
from adverts.cpu_session import cpu_session
from adverts.errors import InputError

INT8 = [one for one in SCHEMES if one.weights == "int8"]
SMOOTH = replace(MIXED, name="smooth", by_row=(), smoothing=0.5)
STATIC = replace(SMOOTH, name="static", scales="static")
CALIBRATION = [feeds(tokens) for tokens in (3, 5, 8)]


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


def by_hand(values, weights):
    """Scale each token to 127 steps and each column to 63, round, multiply, scale back."""
    step = np.abs(values).max(axis=-1, keepdims=True) / 127
    width = np.abs(weights).max(axis=0) / 63
    return (np.rint(values / step) @ np.rint(weights / width)) * step * width


@pytest.mark.parametrize("scheme", INT8, ids=lambda one: one.name)
def test_every_shipped_int8_scheme_answers_nearly_the_same(exported, scheme):
    model = exported("text")
    small = quantise(model, scheme, CALIBRATION)
    given = feeds(9)
    assert np.abs(run(small, given) - run(model, given)).max() < 0.5
    assert operators(small)["MatMulInteger"] > 0


@pytest.mark.parametrize("scheme", [SMOOTH, STATIC], ids=lambda one: one.name)
def test_schemes_that_see_adverts_answer_nearly_the_same(exported, scheme):
    model = exported("text")
    given = CALIBRATION[1]
    assert np.abs(run(quantise(model, scheme, CALIBRATION), given) - run(model, given)).max() < 0.5


def test_a_scale_for_each_token_is_what_numpy_makes_of_it():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 4)).astype(np.float32)
    values = (rng.normal(size=(2, 5, 3)) * [[[1.0]], [[100.0]]]).astype(np.float32)
    graph = Graph(product(weights))
    quantise_products(graph, ROW, Ranges())
    found = run_all(graph.finish(), values)
    np.testing.assert_allclose(found, by_hand(values, weights), rtol=1e-4, atol=1e-4)


def test_a_neighbour_never_moves_a_token_that_has_a_scale_of_its_own():
    rng = np.random.default_rng(1)
    graph = Graph(product(rng.normal(size=(3, 4)).astype(np.float32)))
    quantise_products(graph, ROW, Ranges())
    model, values = graph.finish(), rng.normal(size=(2, 5, 3)).astype(np.float32)
    values[1] *= 1000
    np.testing.assert_array_equal(run_all(model, values)[:1], run_all(model, values[:1]))


def test_weights_keep_to_seven_bits_so_that_every_processor_adds_them_alike():
    weights = np.random.default_rng(2).normal(size=(3, 4)).astype(np.float32)
    graph = Graph(product(weights))
    quantise_products(graph, MIXED, Ranges())
    codes = graph.constant("y.codes")
    assert np.abs(codes).max() == 63


def test_the_fp32_scheme_gives_the_same_answers_with_fewer_operators(exported):
    model = exported("text")
    small = quantise(model, FP32, [])
    assert np.abs(run(small, feeds(7)) - run(model, feeds(7))).max() < 1e-5
    assert len(small.graph.node) < len(model.graph.node)


def test_fusing_joins_a_gelu_and_changes_nothing_else(exported):
    before, after = operators(exported("text")), operators(fuse(exported("text")))
    assert after["Gelu"] == before["Erf"] == 1
    assert after["Erf"] == 0
    assert after["MatMul"] == before["MatMul"]


def test_pictures_heads_and_fusion_stay_in_32_bits(exported):
    model = exported("fusion")
    small = quantise(model, ROW, CALIBRATION)
    assert operators(small)["Conv"] == operators(model)["Conv"] > 0
    assert operators(small)["Gemm"] == operators(model)["Gemm"]
    assert operators(small)["MatMulInteger"] == 6
    assert np.abs(run(small, feeds(6)) - run(model, feeds(6))).max() < 0.2


def test_kinds_that_a_scheme_keeps_stay_products_in_32_bits(exported):
    kept = quantise(exported("text"), replace(ROW, keep=("square",)), [])
    assert operators(kept)["MatMulInteger"] == 2


@pytest.mark.parametrize("kind", ["tfidf", "image"])
def test_a_model_without_a_text_encoder_says_that_fp32_is_all_there_is(exported, kind):
    with pytest.raises(InputError, match="fp32 is all there is"):
        quantise(exported(kind), ROW, [])
    assert quantise(exported(kind), FP32, []).graph.output


@pytest.mark.parametrize("scheme", [*SCHEMES, SMOOTH], ids=lambda one: one.name)
def test_the_same_model_gives_the_same_bytes_and_is_left_alone(exported, scheme):
    model = exported("text")
    before = model.SerializeToString(deterministic=True)
    first = quantise(model, scheme, CALIBRATION).SerializeToString(deterministic=True)
    assert first == quantise(model, scheme, CALIBRATION).SerializeToString(deterministic=True)
    assert model.SerializeToString(deterministic=True) == before


def test_smoothing_without_adverts_says_what_is_missing(exported):
    with pytest.raises(InputError, match="no advert to calibrate on"):
        quantise(exported("text"), SMOOTH, [])


def test_ranges_cover_every_advert_that_was_seen():
    weights = np.eye(3, dtype=np.float32)
    seen = [{"input_ids": np.full((1, 1, 3), value, np.float32)} for value in (2, -5, 1)]
    ranges = observe(product(weights), ["y"], seen)
    assert ranges.bounds("y", None) == (-5, 2)
    np.testing.assert_array_equal(ranges.largest("y"), [5, 5, 5])


def test_schemes_have_names_of_their_own_and_end_in_fp32():
    assert len({one.name for one in SCHEMES}) == len(SCHEMES)
    assert SCHEMES[-1] is FP32
    assert {one.batching for one in INT8} == {"alone"}
