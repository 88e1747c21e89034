"""Adverts that leave early: which ones do, what they are told, and that nothing else changes."""

import dataclasses
import json

import numpy as np
import onnx
import onnx.parser
import pytest
from jsonschema import Draft202012Validator

from adverts.advert import ReadQuality
from adverts.errors import IntegrityError
from adverts.inputs.hashing import hashed_features
from adverts.inputs.spec import HashSpec
from adverts.ocr.partial_reader import ABSTAINED
from adverts.ocr.protocol import OcrLine, OcrResult
from adverts.runtime import Classifier
from adverts.runtime.predict.requests import Request
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.early_exit import ExitLimit, ExitRule
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.runtime.stream.json_lines import answer_object, respond, schema_text

HASHING = HashSpec(1 << 14, (1, 1), (9, 9))
CLEAR, UNSURE = "news", "ferry"  # by the n-grams: clearly negative, and not
WORDS = 10
GRAPH = """
<ir_version: 10, opset_import: ["" : 18]>
both (int64[B,T] input_ids, int64[B,T] attention_mask, bool[B] text_present,
      uint8[B,I,3,8,8] pixel_values, bool[B,I] image_mask,
      int64[B,F] feature_ids, float[B,F] feature_counts)
  => (float[B,2] logits_refer, float[B,3] logits_signals,
      float[B,2] network_refer, float[B,3] network_signals,
      float[B,2] ngrams_refer, float[B,3] ngrams_signals)
<int64[1] last = {-1}, int64[1] first = {1}, float half = {0.5}, int64[2] widths = {2, 3}>
{
  mask = Cast<to=1>(attention_mask)
  mask3 = Unsqueeze(mask, last)
  words = Gather(table, input_ids)
  kept = Mul(words, mask3)
  network = ReduceSum<keepdims=0>(kept, first)
  weights = Gather(features, feature_ids)
  counts3 = Unsqueeze(feature_counts, last)
  weighed = Mul(weights, counts3)
  ngrams = ReduceSum<keepdims=0>(weighed, first)
  sum = Add(network, ngrams)
  mean = Mul(sum, half)
  logits_refer, logits_signals = Split<axis=1>(mean, widths)
  network_refer, network_signals = Split<axis=1>(network, widths)
  ngrams_refer, ngrams_signals = Split<axis=1>(ngrams, widths)
}
"""
RULE = ExitRule(
    max_loss=0.01,
    confidence=0.95,
    limits=(ExitLimit("refer", "yes", -2.0, 700, 2, 0.009),),
    languages=("en", "unknown"),
    scripts=("Latn",),
    modalities=("text", "text+image", "image"),
    evidence="train, out of fold",
)
RECALL = Thresholds((Threshold("refer", "yes", "recall", 0.95, 0.3),))


def model():
    proto = onnx.parser.parse_model(GRAPH)
    names = [value.name for value in proto.graph.output]
    for value in proto.graph.output:
        value.name = value.name.replace("_", ".", 1)
    for node in proto.graph.node:
        node.output[:] = [one.replace("_", ".", 1) if one in names else one for one in node.output]
    table = np.random.default_rng(0).normal(0, 1, (WORDS, 5)).astype(np.float32)
    features = np.zeros((HASHING.num_features, 5), np.float32)
    for word, odds in ((CLEAR, -4.0), (UNSURE, 1.0)):
        (word_id,), _ = hashed_features(word, HASHING)
        features[word_id, 1] = odds
    proto.graph.initializer.append(onnx.numpy_helper.from_array(table, "table"))
    proto.graph.initializer.append(onnx.numpy_helper.from_array(features, "features"))
    return proto


@pytest.fixture
def write(handmade):
    """Write the bundle with some rule, thresholds, facts and coverage, and open it."""
    spec = dataclasses.replace(handmade.manifest.input_spec, hashing=HASHING)
    (handmade.folder / "model.onnx").write_bytes(model().SerializeToString())

    def call(rule=RULE, *, thresholds=RECALL, dangers=(), slices=(), batching="padded"):
        rules = DecisionRules(thresholds=thresholds, early_exit=rule)
        for name, text in rules.files().items():
            (handmade.folder / name).write_text(text)
        (handmade.folder / "labels.json").write_text(LabelFacts((), dangers).to_json())
        if slices:
            (handmade.folder / "coverage.json").write_text(Coverage(tuple(slices)).to_json())
        handmade.rewrite(input_spec=dataclasses.asdict(spec), batching=batching)
        return Classifier.load(handmade.folder, threads=1)

    return call


def exited(classifier, *texts, **columns):
    columns.setdefault("languages", ["en"] * len(texts))
    return [one.exited for one in classifier.predict(texts=texts, **columns)]


@pytest.fixture
def runs(monkeypatch):
    """Every batch that the whole model ran on, as its number of adverts."""
    from adverts.runtime.predict.engine import ModelRunner

    seen, run = [], ModelRunner.run

    def counted(self, feeds, outputs):
        seen.append(len(feeds["input_ids"]))
        return run(self, feeds, outputs)

    monkeypatch.setattr(ModelRunner, "run", counted)
    return seen


@pytest.mark.parametrize("batching", ["padded", "alone"])
def test_a_clear_negative_leaves_and_the_network_does_not_run_on_it(write, runs, batching):
    classifier = write(batching=batching)
    assert exited(classifier, CLEAR, UNSURE, CLEAR, CLEAR) == [True, False, True, True]
    assert sum(runs) == 1


def test_an_advert_that_left_has_the_probabilities_of_its_ngrams_and_the_band_below(write):
    (answer,) = write().predict(texts=[CLEAR], languages=["en"])
    assert answer.probabilities["refer"]["yes"] == pytest.approx(1 / (1 + np.exp(4.0)), rel=1e-5)
    assert (answer.review_band, answer.routes) == ("below", ("no_action",))
    assert "left early" in answer.reason
    assert answer.language.tag == "en"


def test_an_advert_that_stays_is_answered_as_without_an_exit(write):
    texts = [UNSURE, CLEAR, f"{UNSURE} {UNSURE} {UNSURE} {CLEAR} room", "boat"]
    with_exit = write().predict(texts=texts, languages=["en"] * 4)
    without = write().predict(texts=texts, languages=["en"] * 4, early_exit=False)
    assert [one.exited for one in with_exit] == [False, True, False, False]
    assert not any(one.exited for one in without)
    for here, there in zip(with_exit, without, strict=True):
        if not here.exited:
            assert here.probabilities["refer"]["yes"] == pytest.approx(
                there.probabilities["refer"]["yes"], abs=1e-6
            )


@pytest.mark.parametrize("batch_size", [1, 2, 4, 64])
def test_an_answer_does_not_depend_on_its_neighbours(write, batch_size):
    classifier = write()
    texts = [[CLEAR, UNSURE, "boat sale", f"{CLEAR} room"][i % 4] for i in range(300)]
    together = classifier.predict(texts=texts, languages=["en"] * 300, batch_size=batch_size)
    for row in range(4):
        (alone,) = classifier.predict(texts=[texts[row]], languages=["en"])
        for one in together[row::4]:
            assert (one.exited, one.review_band) == (alone.exited, alone.review_band)
            if alone.exited:
                assert one.probabilities == alone.probabilities
            assert one.probabilities["refer"]["yes"] == pytest.approx(
                alone.probabilities["refer"]["yes"], abs=1e-6
            )


def test_an_unseen_script_or_language_never_leaves(write):
    classifier = write()
    assert exited(classifier, CLEAR, languages=["fr"]) == [False]
    assert exited(classifier, CLEAR, languages=["en-GB"]) == [True]
    assert exited(classifier, f"{CLEAR} объявление о переезде", languages=["en"]) == [False]
    assert exited(classifier, f"{CLEAR} 12345", languages=["en"]) == [True]


def test_a_picture_without_readable_text_never_leaves(write, grey_picture):
    classifier, picture = write(), grey_picture(40)
    assert exited(classifier, CLEAR, images=[picture], ocr=[""]) == [False]
    assert exited(classifier, "", images=[picture], ocr=[" "]) == [False]
    assert exited(classifier, CLEAR, ocr=[""]) == [False]
    assert exited(classifier, CLEAR, images=[picture], ocr=[CLEAR]) == [True]
    assert exited(classifier, "", images=[picture], ocr=[CLEAR]) == [True]


def test_a_picture_that_was_not_read_or_only_in_part_has_its_error(write, grey_picture):
    classifier, picture = write(), grey_picture(40)
    box = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    partly = OcrResult(
        (OcrLine(CLEAR, box, 0.5, "fake"), OcrLine("", box, 0.5, ABSTAINED)),
        16,
        16,
        ReadQuality(0.0, 0.0, 0.0, 2, 1),
    )
    for ocr in (None, [partly]):
        (answer,) = classifier.predict(texts=[CLEAR], images=[picture], ocr=ocr, languages=["en"])
        assert answer.error.code == "pictures_not_read"
        assert not answer.exited


def test_an_empty_advert_never_leaves(write):
    answers = write().predict(texts=["", " ", "\n"], languages=["en"] * 3)
    assert not any(one.exited for one in answers)
    assert {one.review_band for one in answers} == {"abstain"}


def test_with_signs_of_danger_nothing_leaves_without_a_promise_for_each(write):
    told = dataclasses.replace(RECALL, safeguarding=("flag",))
    assert exited(write(dangers=("flag",)), CLEAR) == [False]
    assert exited(write(thresholds=told), CLEAR) == [False]
    lacking = ExitLimit("signals", "flag", None, 12, lack="287 more are missing")
    rule = dataclasses.replace(RULE, limits=(*RULE.limits, lacking))
    assert exited(write(rule, dangers=("flag",)), CLEAR) == [False]


def test_a_danger_with_a_promise_must_be_under_its_own_limit_and_unreported(write):
    def rule(value):
        return dataclasses.replace(
            RULE, limits=(*RULE.limits, ExitLimit("signals", "flag", value, 400, 0, 0.007))
        )

    calm = dataclasses.replace(
        RECALL,
        thresholds=(*RECALL.thresholds, Threshold("signals", "flag", "recall", 0.9, 0.6)),
    )
    # the n-grams give the sign log-odds of 0: a probability of 0.5
    assert exited(write(rule(0.5), thresholds=calm, dangers=("flag",)), CLEAR) == [True]
    assert exited(write(rule(0.0), thresholds=calm, dangers=("flag",)), CLEAR) == [False]
    assert exited(write(rule(0.5), dangers=("flag",)), CLEAR) == [False]  # reported from 0.1


@pytest.mark.parametrize(
    ("status", "wanted"), [("supported", True), ("experimental", False), ("abstain", False)]
)
def test_after_a_gate_only_what_it_found_fit_leaves(write, status, wanted):
    part = CoveredSlice("en", "Latn", "text", status, "judged")
    assert exited(write(slices=[part]), CLEAR) == [wanted]
    assert exited(write(slices=[part]), CLEAR, languages=["und"]) == [False]


def test_without_a_recall_threshold_nothing_leaves(write):
    lack = Threshold("refer", "yes", "recall", 0.95, None, lack="too few")
    assert exited(write(thresholds=Thresholds((lack,))), CLEAR) == [False]
    assert exited(write(thresholds=Thresholds()), CLEAR) == [False]


def test_an_advert_over_the_recall_threshold_by_its_ngrams_never_leaves(write):
    low = Thresholds((Threshold("refer", "yes", "recall", 0.95, 0.01),))
    (answer,) = write(thresholds=low).predict(texts=[CLEAR], languages=["en"])
    assert not answer.exited  # its n-grams alone say 0.018


def test_a_rule_that_lacks_evidence_lets_nothing_leave(write):
    limit = ExitLimit("refer", "yes", None, 190, lack="109 more are missing")
    classifier = write(dataclasses.replace(RULE, limits=(limit,)))
    assert not classifier.may_leave_early
    assert exited(classifier, CLEAR) == [False]


def test_a_bundle_without_a_rule_lets_nothing_leave(write):
    assert exited(write(rule=None), CLEAR) == [False]


def test_a_rule_of_another_model_is_refused(write, handmade):
    limit = ExitLimit("other", "yes", -2.0, 700)
    with pytest.raises(IntegrityError, match="does not have"):
        write(dataclasses.replace(RULE, limits=(limit,)))
    write()
    handmade.rewrite(input_spec=dataclasses.asdict(handmade.manifest.input_spec))
    with pytest.raises(IntegrityError, match="n-grams"):
        Classifier.load(handmade.folder)


def test_an_unlisted_or_changed_rule_is_refused(write, handmade):
    write()
    (handmade.folder / "early_exit.json").write_text(
        dataclasses.replace(RULE, max_loss=0.5).to_json()
    )
    with pytest.raises(IntegrityError, match="early_exit.json"):
        Classifier.load(handmade.folder)


def test_the_rule_is_part_of_the_identity(write):
    with_rule = write().manifest.identity()
    assert write(dataclasses.replace(RULE, max_loss=0.02)).manifest.identity() != with_rule


def test_a_failing_identifier_is_an_error_and_no_exit(write, monkeypatch):
    from adverts.runtime.predict.logits_to_responses import Responder

    def fail(*_, **__):
        raise RuntimeError("told")

    classifier = write()
    monkeypatch.setattr(Responder, "tell", fail)
    (answer,) = classifier.predict(texts=[CLEAR])
    assert (answer.exited, answer.error.code) == (False, "model_failed")


def test_scores_for_proofs_and_reports_are_those_of_the_whole_model(write):
    from adverts.advert import Advert

    scores = write().score([Advert("a", CLEAR)])
    assert scores.exited == [False]
    assert np.isfinite(scores.branches["network"]["refer"]).all()


def test_attributions_of_an_advert_that_left_explain_its_ngrams(write):
    (answer,) = write().predict(texts=[f"{CLEAR} boat"], languages=["en"], attributions=True)
    assert answer.exited
    changes = {one.text.strip(): one.change for one in answer.attributions}
    assert changes[CLEAR] == pytest.approx(-4.0, abs=1e-4)
    assert changes["boat"] == pytest.approx(0.0, abs=1e-4)


def test_the_answer_says_that_it_left_and_fits_the_schema(write):
    classifier = write()
    validator = Draft202012Validator(json.loads(schema_text("response")))
    requests = [Request(id=str(i), text=text, lang="en") for i, text in enumerate([CLEAR, UNSURE])]
    objects = [
        answer_object(one, id="a") for one in respond(classifier, [*requests, Request(id="b")])
    ]
    for one in objects:
        validator.validate(one)
    assert [one["exited"] for one in objects] == [True, False, False]
