"""The part of a model that some outputs need gives equal values, and reads nothing else."""

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest

from adverts.runtime.opening.network.onnx_path import path_to

GRAPH = """
<ir_version: 10, opset_import: ["" : 18]>
both (float[B,2] dear, int64[B,F] ids) => (float[B,2] mean, float[B,2] cheap)
<int64[1] first = {1}, float half = {0.5}>
{
  heavy = Exp(dear)
  rows = Gather(table, ids)
  cheap = ReduceSum<keepdims=0>(rows, first)
  sum = Add(heavy, cheap)
  mean = Mul(sum, half)
}
"""
IDS = np.array([[0, 2, 2]])


@pytest.fixture
def model():
    proto = onnx.parser.parse_model(GRAPH)
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    proto.graph.initializer.append(onnx.numpy_helper.from_array(table, "table"))
    proto.graph.value_info.append(
        onnx.helper.make_tensor_value_info("heavy", onnx.TensorProto.FLOAT, ["B", 2])
    )
    return proto.SerializeToString()


def test_the_part_gives_equal_values_and_needs_no_other_input(model):
    part = path_to(model, ["cheap"])
    whole = onnxruntime.InferenceSession(model).run(
        ["cheap"], {"dear": np.zeros((1, 2), np.float32), "ids": IDS}
    )
    session = onnxruntime.InferenceSession(part)
    assert [one.name for one in session.get_inputs()] == ["ids"]
    assert [one.name for one in session.get_outputs()] == ["cheap"]
    assert session.run(None, {"ids": IDS})[0].tolist() == whole[0].tolist() == [[8.0, 11.0]]


def test_the_part_is_a_valid_model_without_what_is_not_needed(model):
    part = onnx.load_from_string(path_to(model, ["cheap"]))
    onnx.checker.check_model(part)
    assert [node.op_type for node in part.graph.node] == ["Gather", "ReduceSum"]
    assert {one.name for one in part.graph.initializer} == {"first", "table"}
    assert not part.graph.value_info


def test_the_whole_model_is_its_own_path(model):
    part = onnx.load_from_string(path_to(model, ["mean", "cheap"]))
    assert len(part.graph.node) == 5


def test_an_output_that_the_model_lacks_is_refused(model):
    with pytest.raises(ValueError, match="other"):
        path_to(model, ["cheap", "other"])


def test_a_model_that_is_cut_off_is_refused(model):
    with pytest.raises(ValueError, match="cut off"):
        path_to(model[:-3], ["cheap"])
