"""Two tiny ONNX networks in the place of EasyOCR's: dark cells are text, every line says "7"."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CLASSES = 97
SAID = 8  # the class of "7"
DARK, LIGHT = -2.0, 2.2


def _graph(nodes, feed, result, weights):
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(feed, TensorProto.FLOAT, [None] * 4)],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def tiny_detector():
    """Maps: text is 1 where a cell of 2 x 2 pixels is black, 0 where white; nothing is a link."""
    weight = np.zeros((2, 3, 2, 2), np.float32)
    weight[0] = -1 / 12 / (LIGHT - DARK)
    bias = np.array([LIGHT / (LIGHT - DARK), 0], np.float32)
    node = helper.make_node("Conv", ["canvas", "weight", "bias"], ["maps"], strides=[2, 2])
    return _graph([node], "canvas", "maps", {"weight": weight, "bias": bias})


def tiny_recogniser():
    """Every step is sure of one class, whatever it is shown."""
    weight = np.zeros((CLASSES, 1, 64, 4), np.float32)
    bias = np.zeros(CLASSES, np.float32)
    bias[SAID] = 20
    nodes = [
        helper.make_node("Conv", ["lines", "weight", "bias"], ["columns"], strides=[64, 4]),
        helper.make_node("Squeeze", ["columns", "height"], ["classes"]),
        helper.make_node("Transpose", ["classes"], ["steps"], perm=[0, 2, 1]),
        helper.make_node("Softmax", ["steps"], ["probabilities"], axis=2),
    ]
    weights = {"weight": weight, "bias": bias, "height": np.array([2], np.int64)}
    return _graph(nodes, "lines", "probabilities", weights)
