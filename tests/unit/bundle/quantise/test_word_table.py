import numpy as np
from onnx import TensorProto, helper, numpy_helper

from adverts.bundle.quantise.graph import Graph
from adverts.bundle.quantise.rounding import smoothing_factors
from adverts.bundle.quantise.word_table import exact_blocks, pack, shrink_word_table
from adverts.work.cpu_session import cpu_session

IDS = np.array([[0, 6, 3], [5, 5, 1]])


def table_on_grid():
    rng = np.random.default_rng(0)
    codes = rng.integers(-8, 8, (7, 4, 32))
    codes[..., 0] = -8
    scales = rng.normal(size=(7, 4, 1)).astype(np.float16).astype(np.float32)
    table = (codes * scales).astype(np.float32)
    table[2, 1] = 0
    return table.reshape(7, 128)


def model_of(table, *, read_again=False):
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["y"], axis=0)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    if read_again:
        nodes.append(helper.make_node("Identity", ["table"], ["z"]))
        outputs.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, None))
    held = [numpy_helper.from_array(table, "table")]
    graph = helper.make_graph(nodes, "g", [ids], outputs, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def read(graph):
    session = cpu_session(graph.finish().SerializeToString(), 1)
    return session.run(["y"], {"input_ids": IDS})[0]


def test_a_table_that_was_published_in_4_bits_comes_back_to_the_last_bit():
    table = table_on_grid()
    graph = Graph(model_of(table))
    assert shrink_word_table(graph, lossy=False)
    np.testing.assert_array_equal(read(graph), table[IDS])
    assert graph.finish().ByteSize() < table.nbytes / 2


def test_a_table_beside_the_grid_takes_8_bits_a_number_and_errs_by_half_a_step():
    table = np.random.default_rng(1).normal(size=(7, 128)).astype(np.float32)
    graph = Graph(model_of(table))
    assert shrink_word_table(graph, lossy=True)
    step = np.abs(table).max(axis=1, keepdims=True) / 127
    assert (np.abs(read(graph) - table[IDS]) <= step[IDS] * 0.501).all()


def test_a_table_beside_the_grid_stays_where_nothing_may_be_lost():
    table = table_on_grid()
    table[4, 77] += 1e-6
    graph = Graph(model_of(table))
    assert not shrink_word_table(graph, lossy=False)
    np.testing.assert_array_equal(read(graph), table[IDS])


def test_a_table_that_is_read_for_something_else_is_left_alone():
    graph = Graph(model_of(table_on_grid(), read_again=True))
    assert not shrink_word_table(graph, lossy=True)


def test_rows_of_zeros_are_exact_in_both_ways():
    zeros = np.zeros((7, 128), np.float32)
    assert exact_blocks(zeros) is not None
    narrow = np.zeros((7, 16), np.float32)
    graph = Graph(model_of(narrow))
    assert shrink_word_table(graph, lossy=True)
    np.testing.assert_array_equal(read(graph), narrow[IDS])


def test_two_codes_share_a_byte_the_left_half_of_a_row_in_its_low_bits():
    codes = np.array([[-8, 7, 0, -1]], np.int8)
    np.testing.assert_array_equal(pack(codes), [[0 | 8 << 4, 15 | 7 << 4]])


def test_smoothing_factors_are_powers_of_two_that_leave_twice_the_median():
    largest = np.array([1.0, 1.0, 2.0, 64.0, 0.0], np.float32)
    np.testing.assert_array_equal(smoothing_factors(largest), [1, 1, 1, 32, 1])


def test_features_that_are_never_active_are_not_smoothed():
    np.testing.assert_array_equal(smoothing_factors(np.zeros(3, np.float32)), [1, 1, 1])
