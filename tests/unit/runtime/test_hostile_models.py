"""A model or a tokenizer that fails while it runs: one advert is lost, never those beside it."""

import base64
import json
import struct

import numpy as np
import onnx
import onnx.parser
import pytest

from adverts.errors import IntegrityError
from adverts.runtime import Classifier, Limits
from adverts.runtime.predict import logits_to_responses

pytestmark = pytest.mark.promise

BOAT, SALE = 5, 8
HEAD = """
<ir_version: 10, opset_import: ["" : 18]>
hostile (int64[B,T] input_ids) => (float[B,2] logits_refer, float[B,3] logits_signals)
"""
# each row of a table is asked for by the number of tokens of the advert
BY_LENGTH = """
<int64[1] zero = {{0}}, int64[1] one = {{1}}, float[{rows},2] two = {{{two}}},
 float[{rows},3] three = {{{three}}}, int64[1] wide2 = {{2}}, int64[1] wide3 = {{3}}>
{{
  shape = Shape(input_ids)
  adverts = Gather<axis=0>(shape, zero)
  tokens = Gather<axis=0>(shape, one)
  refer = Gather<axis=0>(two, tokens)
  signals = Gather<axis=0>(three, tokens)
  shape2 = Concat<axis=0>(adverts, wide2)
  shape3 = Concat<axis=0>(adverts, wide3)
  logits_refer = Expand(refer, shape2)
  logits_signals = Expand(signals, shape3)
}}
"""
ONE_FOR_ALL = """
<float[1,1] number = {3.0}>
{
  logits_refer = Sigmoid(number)
  logits_signals = Sigmoid(number)
}
"""
RESHAPED = """
<int64[2] six = {6, 2}, int64[2] nine = {6, 3}>
{
  numbers = Cast<to=1>(input_ids)
  logits_refer = Reshape(numbers, six)
  logits_signals = Reshape(numbers, nine)
}
"""


def by_length(rows):
    two, three = (", ".join(["1.5"] * (rows * width)) for width in (2, 3))
    return BY_LENGTH.format(rows=rows, two=two, three=three)


@pytest.fixture(params=["padded", "alone"])
def classifier(handmade, request):
    handmade.rewrite(batching=request.param)
    return Classifier.load(handmade.folder, threads=2)


@pytest.fixture(params=["padded", "alone"])
def load(handmade, request):
    def write(body):
        proto = onnx.parser.parse_model(HEAD + body)
        for node in proto.graph.node:  # the text form forbids dots in names
            node.output[:] = [name.replace("logits_", "logits.") for name in node.output]
        for value in proto.graph.output:
            value.name = value.name.replace("logits_", "logits.")
        (handmade.folder / "model.onnx").write_bytes(proto.SerializeToString())
        handmade.rewrite(batching=request.param)
        return Classifier.load(handmade.folder, threads=2)

    return write


def codes(responses):
    return [response.error and response.error.code for response in responses]


def test_an_index_beyond_a_table_is_an_error_of_its_advert_alone(load):
    found = load(by_length(5)).predict(texts=["boat", "ferry sale", "boat sale news room", ""])
    assert codes(found) == [None, None, "model_failed", None]
    assert found[2].review_band == "abstain"


def test_a_shape_that_does_not_fit_is_an_error_and_no_traceback(load):
    assert codes(load(RESHAPED).predict(texts=["boat", ""])) == ["model_failed"] * 2


def test_one_number_for_all_adverts_is_no_score_of_any(load):
    found = load(ONE_FOR_ALL).predict(texts=["boat", "ferry"])
    assert codes(found) == ["model_failed"] * 2


@pytest.mark.parametrize("raises", [True, False])
def test_a_text_that_fails_without_one_of_its_parts_fails_alone(classifier, monkeypatch, raises):
    run = classifier._scorer._engine.run

    def fragile(feeds, outputs):
        ids = feeds["input_ids"]
        bad = (ids == SALE).any(axis=1) & ~(ids == BOAT).any(axis=1)
        if raises and bad.any():
            raise RuntimeError("words of the advert")
        found = run(feeds, outputs)
        for values in found:
            values[bad] = float("nan")
        return found

    monkeypatch.setattr(classifier._scorer._engine, "run", fragile)
    found = classifier.predict(texts=["boat", "boat sale", ""], attributions=True)
    assert codes(found) == [None, "model_failed", None]
    assert "words of" not in found[1].error.message


def test_parts_that_the_time_did_not_reach_are_an_error(handmade, monkeypatch):
    now = iter(range(1000))
    monkeypatch.setattr("adverts.runtime.predict.deadline.time.monotonic", lambda: next(now))
    classifier = Classifier.load(handmade.folder, threads=1, limits=Limits(max_seconds=7))
    found = classifier.predict(texts=["boat", "ferry"], attributions=True)
    assert codes(found) == [None, "out_of_time"]


def test_a_part_is_asked_for_with_few_others(handmade, monkeypatch):
    spec = json.loads(handmade.manifest.to_json())["input_spec"]
    spec["tokens"]["max_tokens"] = 64
    handmade.rewrite(input_spec=spec)
    classifier = Classifier.load(handmade.folder, threads=1)
    run, sizes = classifier._scorer._engine.run, []

    def counted(feeds, outputs):
        sizes.append(len(feeds["input_ids"]))
        return run(feeds, outputs)

    words = " ".join(["boat", "ferry"] * 16)
    monkeypatch.setattr(classifier._scorer._engine, "run", counted)
    [found] = classifier.predict(texts=[words], attributions=True)
    assert len(found.attributions) == 32
    assert (sum(sizes), max(sizes)) == (1 + 33, 16)


def test_a_calibration_that_gives_no_number_is_an_error_of_its_adverts(handmade, monkeypatch):
    def overflows(task, logits, calibration):
        return np.full((len(logits), len(task.labels)), np.nan)

    classifier = Classifier.load(handmade.folder, threads=1)
    monkeypatch.setattr(logits_to_responses, "calibrated_probabilities", overflows)
    assert codes(classifier.predict(texts=["boat", "news"])) == ["model_failed"] * 2


def test_a_tokenizer_that_panics_loses_its_advert_alone(classifier, monkeypatch):
    class PanicError(BaseException):  # as the library's own is no Exception
        pass

    def panics(text, pair=None):
        if "boat" in text:
            raise PanicError("words of the advert")
        return encode(text, pair)

    encode = classifier.encoder._tokenizer.encode
    made = type("Made", (), {"encode": staticmethod(panics)})()
    monkeypatch.setattr(classifier.encoder, "_tokenizer", made)
    found = classifier.predict(texts=["boat", "", "ferry"])
    assert codes(found) == ["model_failed", None, None]
    assert "words of" not in found[0].error.message


def test_a_map_of_characters_that_leads_out_of_itself_is_refused(handmade):
    words = [0x80000000 | i for i in range(256)]
    table = struct.pack("<257I", 1024, *words) + b"abc"
    path = handmade.folder / "tokenizer.json"
    raw = json.loads(path.read_text())
    raw["normalizer"] = {
        "type": "Precompiled",
        "precompiled_charsmap": base64.b64encode(table).decode(),
    }
    path.write_text(json.dumps(raw))
    handmade.rewrite()
    with pytest.raises(IntegrityError, match="precompiled_charsmap points outside itself"):
        Classifier.load(handmade.folder, threads=2)
