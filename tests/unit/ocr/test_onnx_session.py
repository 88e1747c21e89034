import numpy as np
import pytest

from adverts.errors import IntegrityError
from adverts.ocr.onnx_session import open_session

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture
def network(tmp_path):
    """Adds one, then doubles."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("Add", ["x", "one"], ["sum"]),
            helper.make_node("Add", ["sum", "sum"], ["y"]),
        ],
        "two steps",
        [helper.make_tensor_value_info("x", kind, ["n"])],
        [helper.make_tensor_value_info("y", kind, ["n"])],
        [helper.make_tensor("one", kind, [1], [1.0])],
    )
    path = tmp_path / "network.onnx"
    opset = [helper.make_opsetid("", 13)]
    path.write_bytes(helper.make_model(graph, opset_imports=opset).SerializeToString())
    return path


def test_a_value_inside_becomes_the_last_output(network):
    session = open_session(network, 1, also="sum")
    y, inside = session.run(None, {"x": np.array([3.0], np.float32)})
    assert (y.item(), inside.item()) == (8.0, 4.0)


def test_without_it_the_network_is_as_it_was(network):
    assert len(open_session(network, 1).get_outputs()) == 1


@pytest.mark.parametrize("also", ["no such value", None])
def test_another_network_is_told_in_one_line(network, also):
    if also is None:
        network.write_bytes(b"damaged")
    with pytest.raises(
        IntegrityError, match=r"network.onnx cannot be opened .*; reinstall"
    ) as told:
        open_session(network, 1, also=also)
    assert "\n" not in str(told.value)


def test_a_network_that_is_gone_is_told(tmp_path):
    with pytest.raises(IntegrityError, match="gone.onnx cannot be opened"):
        open_session(tmp_path / "gone.onnx", 1)
