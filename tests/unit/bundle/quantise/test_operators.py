"""What our exporters write is what a bundle may hold, and every size is foreseen as it comes."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from transformers import MPNetConfig, XLMRobertaConfig
from unit.bundle.quantise.conftest import feeds
from unit.bundle.quantise.test_word_table import IDS, model_of, table_on_grid

from adverts.bundle.export.onnx_export import export_onnx, require_servable
from adverts.bundle.quantise.apply_schemes import FP32, INT8, quantise
from adverts.bundle.quantise.graph import Graph
from adverts.bundle.quantise.word_table import shrink_word_table
from adverts.errors import InputError
from adverts.inputs.spec import HashSpec, ImageSpec, InputSpec, TokenSpec
from adverts.models.build_model import rebuild
from adverts.models.encoder import config_values
from adverts.runtime.opening.network.onnx_costs import constants_of, made_by
from adverts.runtime.opening.network.onnx_operators import OPERATORS
from adverts.runtime.opening.network.onnx_rules import RULES
from adverts.runtime.opening.network.onnx_values import Value, size
from adverts.runtime.opening.network.onnx_wire import parse_model
from adverts.work.cpu_session import cpu_session

pytestmark = pytest.mark.timeout(1_200)  # a dozen exports, one after the other
SPEC = InputSpec(
    ("text", "ocr", "image"), TokenSpec(16, "", 0), HashSpec(1024, (1, 2), (2, 4)), ImageSpec(32),
    True, 1, 1,
)  # fmt: skip
SMALL = {
    "vocab_size": 14,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 24,
    "pad_token_id": 1,
}
KINDS = ("text", "ocr_image", "fusion", "image", "tfidf", "hybrid", "concatenated")


def schemes(model, kind):
    yield "traced", model
    yield "fp32", quantise(model, FP32, [])
    if kind not in ("image", "tfidf"):
        yield "int8", quantise(model, INT8, [feeds(n) for n in (1, 3, 7)])


def small_table():
    graph = Graph(model_of(table_on_grid()))
    shrink_word_table(graph, lossy=False)
    return graph.finish()


@pytest.fixture(scope="module")
def written(exported, tiny):
    """Every kind of model that an exporter writes, by name."""
    found = {
        f"{kind} {name}": model for kind in KINDS for name, model in schemes(exported(kind), kind)
    }
    for pooling in ("attention", "first"):
        checkpoint = tiny.checkpoint("text", pooling=pooling)
        found[f"text {pooling}"] = written_of(checkpoint, checkpoint.module)
    checkpoint = tiny.checkpoint("text")
    for made in (XLMRobertaConfig, MPNetConfig):
        encoder = replace(checkpoint.record.model_spec.encoder, config=config_values(made(**SMALL)))
        module = rebuild(replace(checkpoint.record.model_spec, encoder=encoder), initialise=True)
        found[made.__name__] = written_of(checkpoint, module.eval())
    checkpoint = tiny.checkpoint("image")
    tower = replace(checkpoint.record.model_spec.tower, architecture="test_resnet", features=96)
    module = rebuild(replace(checkpoint.record.model_spec, tower=tower), initialise=True)
    found["a residual network"] = written_of(checkpoint, module.eval())
    return found | {"a word table in 4 bits": small_table()}


def written_of(checkpoint, module):
    tasks = [task.name for task in checkpoint.record.label_schema.tasks]
    return export_onnx(module, spec=checkpoint.record.input_spec, tasks=tasks, opset=18)


@pytest.mark.slow
def test_whatever_an_exporter_writes_may_be_shipped(written):
    for model in written.values():
        require_servable(model.SerializeToString(), SPEC)


@pytest.mark.slow
def test_every_operator_that_is_allowed_is_written_by_an_exporter(written):
    used = {(node.domain, node.op_type) for model in written.values() for node in model.graph.node}
    assert set(OPERATORS) == used
    assert set(OPERATORS) == set(RULES)


def sized(model, given):
    """Return the shape of each value as it is foreseen, and as ONNX Runtime makes it."""
    graph = parse_model(model.SerializeToString()).messages("graph")[0]
    values = constants_of(graph) | {
        name: Value(tuple(map(size, one.shape)), one.itemsize) for name, one in given.items()
    }
    foreseen = {}
    for node in graph.messages("node"):
        made, _, _ = made_by(node, values)
        values |= made
        foreseen |= {name: tuple(int(one[0]) for one in v.shape) for name, v in made.items()}
    whole = onnx.ModelProto.FromString(model.SerializeToString())
    del whole.graph.output[:]
    for name in foreseen:
        whole.graph.output.add().name = name
    session = cpu_session(whole.SerializeToString(), 1)
    names = {one.name for one in session.get_inputs()}
    found = session.run(None, {name: one for name, one in given.items() if name in names})
    return foreseen, {name: one.shape for name, one in zip(foreseen, found, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize(("tokens", "adverts", "images"), [(1, 1, 1), (7, 3, 2), (16, 2, 5)])
def test_every_size_is_foreseen_as_onnxruntime_makes_it(written, tokens, adverts, images):
    given = feeds(tokens, adverts) | {
        "pixel_values": np.zeros((adverts, images, 3, 32, 32), np.uint8),
        "image_mask": np.ones((adverts, images), bool),
        "feature_ids": np.zeros((adverts, tokens), np.int64),
        "feature_counts": np.ones((adverts, tokens), np.float32),
    }
    for name, model in written.items():
        some = {"input_ids": IDS} if "4 bits" in name else given
        foreseen, found = sized(model, some)
        assert foreseen == found, name


def test_an_operator_of_a_new_exporter_fails_its_export_and_says_where_it_belongs():
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    node = helper.make_node("TopK", ["input_ids", "k"], ["y", "z"])
    held = [numpy_helper.from_array(np.array([1], np.int64), "k")]
    outputs = [helper.make_tensor_value_info("y", TensorProto.INT64, None)]
    model = helper.make_model(
        helper.make_graph([node], "g", [ids], outputs, held),
        opset_imports=[helper.make_opsetid("", 18)],
    )
    with pytest.raises(InputError, match="'TopK'") as error:
        require_servable(model.SerializeToString(), SPEC)
    assert "adds it to the list in onnx_operators.py" in str(error.value)
