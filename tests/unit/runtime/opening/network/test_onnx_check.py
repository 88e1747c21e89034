import re

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from adverts.errors import IntegrityError
from adverts.runtime.opening.network.onnx_check import MAX_ELEMENTS, check_model

SLOW = settings(max_examples=20_000, deadline=None)
QUICK = settings(max_examples=150, deadline=None)


def graph_of(*nodes, initializers=(), outputs=None):
    return helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["B", 2])],
        outputs or [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        list(initializers),
    )


def model_of(*nodes, initializers=(), opsets=None, **more):
    graph = graph_of(*nodes, initializers=initializers, **more)
    return helper.make_model(graph, opset_imports=opsets or [helper.make_opsetid("", 18)])


def ints(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def external(name="w"):
    tensor = numpy_helper.from_array(np.ones(2, np.float32), name)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../weights"
    return tensor


def identity():
    return helper.make_node("Sigmoid", ["x"], ["y"])


def refused(model):
    data = model if isinstance(model, bytes) else model.SerializeToString()
    with pytest.raises(IntegrityError, match=r"^model\.onnx is not a model of a bundle: ") as error:
        check_model(data)
    return str(error.value)


NUMBERS = [
    TensorProto.FLOAT,
    TensorProto.UINT8,
    TensorProto.INT8,
    TensorProto.UINT16,
    TensorProto.INT16,
    TensorProto.INT32,
    TensorProto.INT64,
    TensorProto.BOOL,
    TensorProto.FLOAT16,
    TensorProto.DOUBLE,
    TensorProto.UINT32,
    TensorProto.UINT64,
    TensorProto.BFLOAT16,
    TensorProto.UINT4,
    TensorProto.INT4,
]


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("dims", [(), (0,), (3,), (2, 3)])
@pytest.mark.parametrize("raw", [True, False])
def test_tensors_that_the_package_onnx_writes_are_accepted(kind, dims, raw):
    values = np.ones(dims)
    if raw:
        plain = values.astype(helper.tensor_dtype_to_np_dtype(kind))
        tensor = numpy_helper.from_array(plain, "w")
    else:
        tensor = helper.make_tensor("w", kind, dims, values.flatten().tolist())
    assert tensor.data_type == kind
    check_model(model_of(identity(), initializers=[tensor]).SerializeToString())


@pytest.mark.parametrize("kind", NUMBERS)
def test_tensors_with_other_dims_than_data_are_refused(kind):
    tensor = helper.make_tensor("w", kind, (2, 2), [1] * 4)
    tensor.dims[0] = 3
    assert "tensor 'w' has dims [3, 2]" in refused(model_of(identity(), initializers=[tensor]))


@pytest.mark.parametrize("dims", [[-1, -4], [2**40, 2**40], [2**62, 4], [1] * 17])
def test_dims_that_no_data_can_have_are_refused(dims):
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "w")
    tensor.ClearField("dims")
    tensor.dims.extend(dims)
    assert "tensor 'w' has dims" in refused(model_of(identity(), initializers=[tensor]))


def test_data_in_another_file_is_refused():
    model = model_of(identity(), initializers=[numpy_helper.from_array(np.ones(2, np.float32))])
    check_model(model.SerializeToString())
    found = refused(model_of(identity(), initializers=[external()]))
    assert "tensor 'w' keeps its data in another file" in found


def nested():
    inner = helper.make_graph([identity()], "inner", [], [])
    return helper.make_node("Sigmoid", ["x"], ["y"], then_branch=inner)


def with_tensor():
    return helper.make_node("Sigmoid", ["x"], ["y"], value=ints("w", 1))


@pytest.mark.parametrize(("make", "told"), [(nested, "it holds g"), (with_tensor, "it holds t")])
def test_graphs_and_tensors_inside_of_operators_are_refused(make, told):
    assert told in refused(model_of(make()))


def test_data_in_the_memory_of_the_process_is_refused():
    tensor = external()
    tensor.external_data[0].value = "*/_ORT_MEM_ADDR_/*"
    tensor.data_location = TensorProto.DEFAULT
    assert "another file" in refused(model_of(identity(), initializers=[tensor]))


def test_what_could_hide_tensors_is_refused():
    sparse = model_of(identity())
    sparse.graph.sparse_initializer.add().dims.append(2**40)
    training = model_of(identity())
    training.training_info.add().algorithm.initializer.append(external())
    functions = model_of(identity())
    functions.functions.add().name = "f"
    attribute = model_of(identity())
    attribute.graph.node[0].attribute.add().sparse_tensor.dims.append(2**40)
    assert "sparse_initializer" in refused(sparse)
    assert "training_info" in refused(training)
    assert "functions" in refused(functions)
    assert "sparse_tensor" in refused(attribute)


def test_operators_of_strangers_are_refused():
    foreign = helper.make_node("Sigmoid", ["x"], ["y"], domain="org.example")
    assert "domain 'org.example'" in refused(model_of(foreign))
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("org.example", 1)]
    assert "an operator set" in refused(model_of(identity(), opsets=opsets))


@pytest.mark.parametrize(
    "operator",
    [
        *("Loop", "Scan", "If", "Identity", "Constant", "RandomNormal", "EPContext"),
        *("CenterCropPad", "ConvTranspose", "MaxUnpool", "TfIdfVectorizer", "ConstantOfShape"),
        *("Tile", "OneHot", "Pad", "Resize", "Upsample", "HannWindow", "NonZero", "Einsum"),
    ],
)
def test_operators_that_no_exporter_writes_are_refused(operator):
    found = refused(model_of(helper.make_node(operator, ["x"], ["y"])))
    assert f"it holds the operator '{operator}'" in found
    assert "adds it to the list in onnx_operators.py" in found


def test_an_attribute_of_another_use_is_refused():
    node = helper.make_node("Sigmoid", ["x"], ["y"], output_shape=[2**30])
    assert "Sigmoid has the attribute 'output_shape'" in refused(model_of(node))


BOMBS = {
    "Expand": ([("Expand", ["x", "n"], ["y"])], [ints("n", 2**40, 1, 1)]),
    "a shape of more than 512 bytes": (
        [("Expand", ["x", "n"], ["y"])],
        [ints("n", *[1] * 70, 2**20, 2**10, 1)],
    ),
    "Range": (
        [("Range", ["a", "b", "c"], ["y"])],
        [
            numpy_helper.from_array(np.array(one, np.int64), name)
            for name, one in (("a", 0), ("b", 2**40), ("c", 1))
        ],
    ),
    "doubling": (
        [("Concat", ["x", "x"], ["v0"])]
        + [("Concat", [f"v{i}", f"v{i}"], [f"v{i + 1}"]) for i in range(40)],
        [],
    ),
    "every pair": (
        [("Add", ["w", "t"], ["u"]), ("Sigmoid", ["u"], ["y"])],
        [
            numpy_helper.from_array(np.ones((20_000, 1), np.float32), "w"),
            numpy_helper.from_array(np.ones((1, 20_000), np.float32), "t"),
        ],
    ),
    "a size of a size": (
        [("Shape", ["x"], ["s"]), ("Mul", ["s", "n"], ["t"]), ("Expand", ["w", "t"], ["y"])],
        [ints("n", 1, 2**30), numpy_helper.from_array(np.ones((1, 1), np.float32), "w")],
    ),
    "padding": (
        [("Unsqueeze", ["x", "n"], ["v"]), ("Conv", ["v", "w"], ["y"])],
        [ints("n", 0, 1), numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "w")],
    ),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_graph_that_asks_for_absurd_memory_or_time_is_refused(what):
    nodes, tensors = BOMBS[what]
    made = []
    for operator, inputs, outputs in nodes:
        more = {"axis": 0} if operator == "Concat" else {}
        more |= {"pads": [90_000] * 4} if operator == "Conv" else {}
        made.append(helper.make_node(operator, inputs, outputs, **more))
    found = refused(model_of(*made, initializers=tensors))
    assert re.search("(bytes|operations), the limit is|depends on more than the sizes", found)


@pytest.mark.parametrize("more", [{}, {"pads": [0] * 4}, {"auto_pad": "SAME_UPPER"}])
def test_a_small_convolution_is_accepted_however_its_pads_are_given(more):
    nodes = [
        helper.make_node("Unsqueeze", ["x", "n"], ["v"]),
        helper.make_node("Conv", ["v", "w"], ["y"], **more),
    ]
    weight = numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "w")
    check_model(model_of(*nodes, initializers=[ints("n", 0, 1), weight]).SerializeToString())


def test_many_large_steps_one_after_the_other_are_refused():
    tall = numpy_helper.from_array(np.ones((30_000, 2), np.float32), "t")
    wide = numpy_helper.from_array(np.ones((2, 2_000), np.float32), "w")
    nodes = [helper.make_node("Gemm", ["t", "w"], ["v0"])]
    nodes += [helper.make_node("Tanh", [f"v{i}"], [f"v{i + 1}"]) for i in range(200)]
    assert "bytes, the limit is" in refused(model_of(*nodes, initializers=[tall, wide]))


def test_more_operations_than_any_of_ours_take_are_refused():
    tensors = [
        numpy_helper.from_array(np.ones((3_000, 2), np.float32), "t"),
        numpy_helper.from_array(np.ones((2, 2_000), np.float32), "w"),
        numpy_helper.from_array(np.ones((2, 1), np.float32), "sum"),
    ]
    nodes = [
        helper.make_node("Gemm", ["x", "sum"], ["one_for_each"]),
        helper.make_node("Unsqueeze", ["one_for_each", "n"], ["u"]),
        helper.make_node("Gemm", ["t", "w"], ["p"]),
        helper.make_node("Mul", ["u", "p"], ["v0"]),
        *(helper.make_node("Tanh", [f"v{i}"], [f"v{i + 1}"]) for i in range(600)),
    ]
    model = model_of(*nodes, initializers=[*tensors, ints("n", 2)])
    assert "operations, the limit is" in refused(model)
    check_model(model_of(*nodes[:60], initializers=[*tensors, ints("n", 2)]).SerializeToString())


def test_more_operators_than_any_of_ours_are_refused():
    nodes = [helper.make_node("Tanh", [f"v{i}"], [f"v{i + 1}"]) for i in range(5_001)]
    assert "it has 5001 operators, wanted at most 5000" in refused(model_of(*nodes))


def test_a_size_that_depends_on_the_content_of_an_advert_is_refused():
    cast = helper.make_node("Cast", ["x"], ["n"], to=TensorProto.INT64)
    flat = helper.make_node("Reshape", ["n", "one"], ["m"])
    node = helper.make_node("Expand", ["x", "m"], ["y"])
    model = model_of(cast, flat, node, initializers=[ints("one", -1)])
    assert "depends on more than the sizes of its inputs" in refused(model)


def test_an_output_that_is_declared_too_large_is_refused():
    wide = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["B", MAX_ELEMENTS + 1])
    assert "value 'y' has" in refused(model_of(identity(), outputs=[wide]))


def test_two_tensors_of_one_name_are_refused():
    twins = [ints("w", 1), ints("w", 2)]
    assert "have the same name" in refused(model_of(identity(), initializers=twins))


def test_the_own_format_of_onnxruntime_is_refused_even_inside_a_model():
    data = model_of(identity()).SerializeToString()
    producer = b"\x12\x08zzORTMzz"  # field 2, which says who made the model
    assert "own format" in refused(producer + data)
    assert "own format" in refused(b"\x20\x00\x00\x00ORTM" + bytes(60))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "it has no graph"),
        (b"\xff" * 11, "64 bits"),
        (b"\x80", "cut off"),
        (b"\x3a\xff\xff\xff\xff\x7f", "cut off"),
        (b"\x3b\x3c", "wire type 3"),
        (b"\xf8\x07\x01", "unknown field"),
    ],
)
def test_what_is_no_model_is_refused(data, told):
    assert told in refused(data)


def test_the_rows_of_the_table_are_found():
    table = numpy_helper.from_array(np.ones((7, 2), np.float32), "table")
    node = helper.make_node("Gather", ["table", "x"], ["y"])
    data = model_of(node, initializers=[table]).SerializeToString()
    assert check_model(data).rows == {"x": 7}


def test_every_cut_of_a_model_is_refused_or_is_a_whole_model():
    data = sample()
    for size in range(len(data)):
        accepted_only_if_whole(data[:size])
    refused(data + b"\x00")
    refused(data + data)


def test_packed_numbers_that_are_cut_off_are_refused():
    assert "cut off" in refused(b"\x3a\x09\x0a\x07\x2a\x05\x0a\x00\x42\x01\xff")
    assert "cut off" in refused(b"\x3a\x09\x0a\x07\x2a\x05\x0a\x00\x3a\x01\x07")


def sample():
    table = numpy_helper.from_array(np.ones((7, 2), np.float32), "table")
    nodes = [
        helper.make_node("Gather", ["table", "x"], ["z"], axis=0),
        helper.make_node("Expand", ["z", "n"], ["y"]),
    ]
    return model_of(*nodes, initializers=[table, ints("n", 1, 2)]).SerializeToString()


def accepted_only_if_whole(data):
    """Whatever is accepted, the package onnx reads too, and finds every tensor's data inside."""
    try:
        check_model(data)
    except IntegrityError:
        return
    model = onnx.ModelProto.FromString(data)
    assert all(tensor.data_location == 0 for tensor in model.graph.initializer)
    assert all(not tensor.external_data for tensor in model.graph.initializer)
    for tensor in model.graph.initializer:
        numpy_helper.to_array(tensor)


@st.composite
def damaged(draw):
    data = bytearray(sample())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["flip", "cut", "grow"])):
            case "flip":
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place : place + draw(st.integers(0, 9))]
            case _:
                data[place:place] = draw(st.binary(max_size=9))
        if not data:
            break
    return bytes(data)


@QUICK
@given(damaged())
def test_a_damaged_model_is_refused_or_read_alike_by_the_package_onnx(data):
    accepted_only_if_whole(data)


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read_alike_by_the_package_onnx(data):
    accepted_only_if_whole(data)


@pytest.mark.slow
@SLOW
@given(damaged())
def test_many_damaged_models_are_refused_or_read_alike(data):
    accepted_only_if_whole(data)


def test_an_operator_that_makes_nothing_is_refused_by_name():
    assert "Sigmoid has no output" in refused(model_of(helper.make_node("Sigmoid", ["y"], [])))


@pytest.mark.parametrize(
    ("node", "told"),
    [
        (
            helper.make_node("Split", ["x"], ["y"], num_outputs=2, axis=1),
            "a different number of parts",
        ),
        (helper.make_node("Split", ["x"], ["y"], num_outputs=2**30), "num_outputs=1073741824"),
        (helper.make_node("Softmax", ["x"], ["y"], axis=-(2**40)), "axis=1099511627776"),
        (helper.make_node("Transpose", ["x"], ["y"], perm=[0, 2**31]), "perm=2147483648"),
    ],
)
def test_a_number_of_an_attribute_is_not_larger_than_any_of_ours(node, told):
    assert told in refused(model_of(node))
