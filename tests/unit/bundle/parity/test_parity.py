"""Plants the mistakes that exports are known for, and sees each refused."""

import json
import shutil

import numpy as np
import onnx
import pytest
import torch

from adverts.advert import Advert, Task
from adverts.bundle.export.seen_adverts import count_seen
from adverts.bundle.parity import judge_precision
from adverts.bundle.parity.bundle_agreement import ask_checkpoint, compare
from adverts.bundle.parity.checkpoint_reference import CheckpointReference
from adverts.bundle.parity.differences import flipped, flips, gap_to_cut
from adverts.bundle.parity.judge_precision import judge_bundle, require_passed
from adverts.bundle.parity.proof_adverts import ProofAdverts, truth_of
from adverts.errors import InputError, IntegrityError, ParityError
from adverts.files.file_hash import file_sha256
from adverts.inputs.encoding import AdvertEncoder, collate
from adverts.runtime import Classifier
from adverts.runtime.rules.thresholds import Threshold, Thresholds


class Planted:
    """A copy of a good bundle that tests spoil, and the checkpoint that it must agree with."""

    def __init__(self, folder, tiny):
        self.folder = folder
        self.checkpoint = tiny.checkpoint("fusion")
        limits = Classifier.load(folder).manifest.image_limits
        encoder = AdvertEncoder(
            self.checkpoint.record.input_spec, self.checkpoint.tokenizer, limits
        )
        schema = self.checkpoint.record.label_schema
        self.reference = CheckpointReference(self.checkpoint.module, encoder, schema, tiny.rules)
        self.requirement = tiny.requirement
        self.adverts = ProofAdverts(
            tiny.dataset.split("validation"), self.checkpoint.record.input_spec
        )

    def manifest(self, change):
        path = self.folder / "manifest.json"
        raw = json.loads(path.read_text())
        change(raw)
        for name in raw["files"]:
            raw["files"][name] = file_sha256(self.folder / name)
        path.write_text(json.dumps(raw))

    def graph(self, change):
        model = onnx.load(self.folder / "model.onnx")
        change(model.graph)
        onnx.save(model, self.folder / "model.onnx")
        self.manifest(lambda _: None)

    def logits(self):
        feeds = [collate([one], self.reference.encoder.spec) for one in self.encoded()]
        said = [
            self.checkpoint.module({name: torch.from_numpy(value) for name, value in one.items()})
            for one in feeds
        ]
        return {name: torch.cat([one[name] for one in said]).detach().numpy() for name in said[0]}

    def encoded(self):
        count = len(self.adverts.rows)
        return [self.reference.encoder.encode(one) for one in self.adverts.read(range(count))]

    def judge(self, known=None):
        classifier = Classifier.load(self.folder, threads=1)
        expected = ask_checkpoint(self.reference, self.adverts, known=known)
        schema, thresholds = self.reference.schema, self.reference.rules.thresholds
        truth = truth_of(self.adverts, schema, thresholds, self.checkpoint.record.input_spec.inputs)
        return judge_bundle("fp32", classifier, expected, truth, requirement=self.requirement)

    def prove(self):
        trial, _ = self.judge()
        require_passed(trial)
        return trial


@pytest.fixture
def planted(fusion, tiny, tmp_path) -> Planted:
    folder = tmp_path / "planted"
    shutil.copytree(fusion.folder, folder)
    return Planted(folder, tiny)


def rewire(graph, old: str, new: str, nodes: list[onnx.NodeProto]) -> None:
    """Let every node that reads ``old`` read ``new``, which ``nodes`` compute."""
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
    place = max((i + 1 for i, node in enumerate(graph.node) if old in node.output), default=0)
    for offset, node in enumerate(nodes):
        graph.node.insert(place + offset, node)


def test_a_good_bundle_passes(planted):
    assert planted.prove().max_difference < 1e-5


def test_fp32_of_a_large_split_is_compared_on_drawn_adverts_and_those_nearest_to_a_cut(
    planted, monkeypatch
):
    whole, served = planted.judge()
    known = planted.logits()
    monkeypatch.setattr(judge_precision, "FIRST", 5)
    monkeypatch.setattr(judge_precision, "_NEAREST", 3)
    trial, facts = planted.judge(known)
    extremes = planted.adverts.num_extremes
    assert (whole.drawn, whole.compared) == (None, len(planted.adverts))
    assert trial.drawn == 5
    assert 5 + extremes <= trial.compared <= 8 + extremes
    assert trial.passed
    assert trial.may_differ == pytest.approx(1 - 0.05**0.2)
    assert facts == {row: pytest.approx(one, abs=1e-5) for row, one in served.items()}
    assert planted.judge()[0].drawn is None  # nothing is known of those that are left out


def test_known_logits_that_a_sample_refutes_leave_no_advert_out(planted, monkeypatch):
    known = {name: values + 1 for name, values in planted.logits().items()}
    monkeypatch.setattr(judge_precision, "FIRST", 5)
    assert planted.judge(known)[0].drawn is None


def test_an_advert_that_is_nearest_to_a_threshold_is_compared_wherever_it_stands(
    planted, monkeypatch
):
    known, asked = planted.logits(), []
    monkeypatch.setattr(judge_precision, "FIRST", 5)
    monkeypatch.setattr(judge_precision, "_NEAREST", 1)
    usual = judge_precision.compare

    def compare(expected, *args, places, **named):
        asked.append((expected, places))
        return usual(expected, *args, places=places, **named)

    monkeypatch.setattr(judge_precision, "compare", compare)
    planted.judge(known)
    [(expected, places)] = asked
    count = len(planted.adverts.rows)
    chosen = [place for place in places if 5 <= place < count]
    tasks, rules = planted.reference.schema.tasks, planted.reference.rules
    said = {name: values[:count] for name, values in expected.probabilities.items()}
    gaps = gap_to_cut(tasks, said, rules.thresholds)
    assert set(chosen) <= {int(gaps.argmin())}
    assert gaps.argmin() in places


def test_swapped_label_names_are_refused(planted):
    def swap(raw):
        raw["label_schema"]["tasks"][0]["labels"].reverse()

    planted.manifest(swap)
    with pytest.raises(ParityError, match="tasks or labels of the bundle, or their order, differ"):
        planted.prove()


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("calibration.json", lambda raw: raw["tasks"][0].update(temperature=2.0001), "calibration"),
        ("thresholds.json", lambda raw: raw["thresholds"][0].update(value=0.62), "thresholds"),
        ("thresholds.json", lambda raw: raw["safeguarding"].clear(), "thresholds"),
        ("labels.json", lambda raw: raw["safeguarding"].append("boat"), "groups or routes"),
    ],
)
def test_one_changed_number_or_name_of_the_rules_is_refused(planted, file, change, told):
    path = planted.folder / file
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))
    with pytest.raises(IntegrityError, match=f"{file} is not the file that was exported"):
        Classifier.load(planted.folder)
    planted.manifest(lambda _: None)  # with an honest hash
    with pytest.raises(ParityError, match=told):
        planted.prove()


def test_swapped_outputs_are_refused(planted):
    def swap(graph):
        for tensor in graph.initializer:
            if tensor.name.endswith(("heads.0.weight", "heads.0.bias")):
                values = onnx.numpy_helper.to_array(tensor)[::-1].copy()
                tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))

    planted.graph(swap)
    with pytest.raises(ParityError, match="differ from the checkpoint's by up to"):
        planted.prove()


@pytest.mark.parametrize(("key", "value"), [("prefix", "query: "), ("pad_id", 1)])
def test_another_prefix_or_padding_id_is_refused(planted, key, value):
    planted.manifest(lambda raw: raw["input_spec"]["tokens"].update({key: value}))
    with pytest.raises(ParityError, match="make a different input_ids"):
        planted.prove()


def test_a_shorter_limit_of_tokens_is_refused(planted):
    planted.manifest(lambda raw: raw["input_spec"]["tokens"].update({"max_tokens": 12}))
    with pytest.raises(ParityError, match="make a different"):
        planted.prove()


def test_another_tokenizer_is_refused(planted):
    path = planted.folder / "tokenizer.json"
    raw = json.loads(path.read_text())
    vocabulary = raw["model"]["vocab"]
    vocabulary["boat"], vocabulary["ferry"] = vocabulary["ferry"], vocabulary["boat"]
    path.write_text(json.dumps(raw))
    planted.manifest(lambda _: None)
    with pytest.raises(ParityError, match="make a different input_ids"):
        planted.prove()


def test_an_unmasked_padding_token_is_refused(planted):
    def unmask(graph):
        one = onnx.helper.make_tensor("one", onnx.TensorProto.INT64, [1], [1])
        none = onnx.helper.make_node("Sub", ["attention_mask", "attention_mask"], ["none"])
        ones = onnx.helper.make_node("Add", ["none", "one"], ["ones"])
        rewire(graph, "attention_mask", "ones", [])
        graph.initializer.append(one)
        graph.node.insert(0, none)
        graph.node.insert(1, ones)

    planted.graph(unmask)
    with pytest.raises(ParityError, match="differ from the checkpoint's by up to"):
        planted.prove()


def test_pixels_normalised_twice_are_refused(planted):
    def again(graph):
        (last,) = (node for node in graph.node if any("std_311" in n for n in node.input))
        (mean,) = (n for node in graph.node for n in node.input if "mean_311" in n)
        (std,) = (n for n in last.input if "std_311" in n)
        once, twice = last.output[0], "twice"
        nodes = [
            onnx.helper.make_node("Sub", [once, mean], ["centred"]),
            onnx.helper.make_node("Div", ["centred", std], [twice]),
        ]
        rewire(graph, once, twice, [])
        place = list(graph.node).index(last) + 1
        nodes[0].input[0] = once
        for offset, node in enumerate(nodes):
            graph.node.insert(place + offset, node)

    planted.graph(again)
    with pytest.raises(ParityError, match="differ from the checkpoint's by up to"):
        planted.prove()


def test_pixels_of_another_size_are_refused(planted):
    planted.manifest(lambda raw: raw["input_spec"]["image"].update({"image_px": 31}))
    with pytest.raises(IntegrityError, match="takes pictures of .32, 32. pixels, .* says 31"):
        planted.prove()


def test_weights_that_are_not_numbers_are_refused(planted):
    def poison(graph):
        tensor = next(t for t in graph.initializer if t.name.endswith("heads.0.bias"))
        values = np.full_like(onnx.numpy_helper.to_array(tensor), np.nan)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))

    planted.graph(poison)
    with pytest.raises(ParityError, match="not numbers"):
        planted.prove()


def test_a_model_in_which_neighbours_matter_disagrees_with_itself_alone(planted):
    def mix(graph):
        output = "logits.refer"
        producer = next(node for node in graph.node if output in node.output)
        producer.output[:] = ["own"]
        axes = onnx.numpy_helper.from_array(np.array([0]), "first_axis")
        graph.initializer.append(axes)
        graph.node.append(
            onnx.helper.make_node("ReduceMean", ["own", "first_axis"], ["all"], keepdims=1)
        )
        graph.node.append(onnx.helper.make_node("Sub", ["own", "all"], ["apart"]))
        graph.node.append(onnx.helper.make_node("Add", ["apart", "all"], ["same"]))
        graph.node.append(onnx.helper.make_node("Add", ["same", "apart"], [output]))

    planted.graph(mix)  # alone, an advert is its own mean and nothing changes
    with pytest.raises(ParityError, match="differ from the checkpoint's by up to"):
        planted.prove()


def test_an_advert_that_cannot_be_read_is_named_without_its_content(planted, monkeypatch):
    bad = Advert("advert-9", "secretword", (b"no",))
    monkeypatch.setattr(ProofAdverts, "read", lambda *_: [bad])
    with pytest.raises(InputError, match="advert 'advert-9': not a picture") as caught:
        planted.prove()
    assert "secretword" not in str(caught.value)


def test_a_flip_counts_only_where_the_reference_decides():
    single = Task("t", "single", ("a", "b"))
    expected = np.array([[0.4, 0.6], [0.5, 0.5], [0.50001, 0.49999]])
    found = np.array([[0.6, 0.4], [0.4999, 0.5001], [0.49999, 0.50001]])
    multi = Task("t", "multi", ("a", "b"))
    for task in (single, multi):
        told = flips(task, expected, found, Thresholds(), tie=5e-6)
        assert told.tolist() == [True, False, True]
        told = flips(task, expected, found, Thresholds(), tie=2e-5)
        assert told.tolist() == [True, False, False]


def test_a_decision_on_a_threshold_is_a_tie_and_is_counted():
    task = Task("t", "multi", ("a", "b"))
    shipped = Thresholds((Threshold("t", "b", "recall", 0.9, 0.3),))
    expected = {"t": np.array([[0.1, 0.30005], [0.1, 0.3002], [0.1, 0.29995], [0.6, 0.30005]])}
    found = {"t": np.array([[0.1, 0.29995], [0.1, 0.2999], [0.1, 0.2998], [0.4, 0.29995]])}
    told = flipped([task], expected, found, shipped, tie=1e-4)
    assert told.clear.tolist() == [False, True, False, True]
    assert told.ties.tolist() == [True, False, False, False]


def test_a_flip_counts_at_every_shipped_threshold_and_at_no_missing_one():
    single = Task("t", "single", ("a", "b"))
    shipped = Thresholds(
        (
            Threshold("t", "b", "precision", 0.9, 0.8, language="fa"),
            Threshold("t", "b", "recall", 0.9, None, lack="too few"),
            Threshold("other", "b", "recall", 0.9, 0.3),
        )
    )
    expected = np.array([[0.2001, 0.7999], [0.2, 0.8], [0.19, 0.81], [0.701, 0.299]])
    found = np.array([[0.1999, 0.8001], [0.2001, 0.7999], [0.18, 0.82], [0.699, 0.301]])
    assert flips(single, expected, found, shipped, tie=1e-6).tolist() == [True, False, False, False]


def test_a_flip_of_an_ordered_label_is_that_of_reaching_its_level():
    ordinal = Task("t", "ordinal", ("0", "1", "2"))
    shipped = Thresholds((Threshold("t", "1", "recall", 0.9, 0.5),))
    expected = np.array([[0.4999, 0.1, 0.4001], [0.3, 0.45, 0.25]])
    found = np.array([[0.5001, 0.1, 0.3999], [0.3, 0.51, 0.19]])
    assert flips(ordinal, expected, found, shipped, tie=1e-6).tolist() == [True, False]


def test_a_proof_holds_every_advert_of_the_split_and_lacks_each_part_of_some(tiny):
    table = tiny.dataset.split("validation")
    adverts = ProofAdverts(table, tiny.checkpoint("fusion").record.input_spec)
    read = adverts.read(range(len(adverts)))
    assert [advert.id for advert in read] == adverts.ids
    assert sorted(adverts.ids[: len(table)]) == sorted(table.ids)
    assert adverts.ids == ProofAdverts(table, tiny.checkpoint("fusion").record.input_spec).ids
    by_id = {advert.id: advert for advert in read}
    assert by_id["empty"].text == ""
    assert len(by_id["several images"].images) > 1
    assert any(not a.text and a.images for a in read)
    assert any(a.text and not a.images for a in read)
    assert [place for window in adverts.windows() for place in window] == list(range(len(read)))


def test_one_validation_advert_is_enough(tiny):
    table = tiny.dataset.split("validation").select([0])
    assert len(ProofAdverts(table, tiny.checkpoint("text").record.input_spec)) > 1


def test_known_logits_are_believed_only_as_far_as_a_sample_agrees(planted):
    fresh = ask_checkpoint(planted.reference, planted.adverts).probabilities
    calls = []
    module = planted.reference.module
    logits = {}

    def counting(_, inputs, output):
        calls.append(len(next(iter(inputs[0].values()))))

    handle = module.register_forward_hook(counting)
    encoder = planted.reference.encoder
    encoded = [encoder.encode(one) for one in planted.adverts.read(range(len(planted.adverts)))]
    with torch.inference_mode():
        alone = [
            module({n: torch.from_numpy(v) for n, v in collate([one], encoder.spec).items()})
            for one in encoded[: len(planted.adverts.rows)]
        ]
    for name in alone[0]:
        logits[name] = np.concatenate([one[name].numpy() for one in alone])
    calls.clear()
    said = ask_checkpoint(planted.reference, planted.adverts, known=logits).probabilities
    few = sum(calls)
    assert all(np.allclose(said[name], fresh[name], atol=1e-6) for name in fresh)
    calls.clear()
    moved = {name: values + np.arange(values.shape[1]) * 0.1 for name, values in logits.items()}
    moved = {name: values.astype(np.float32) for name, values in moved.items()}
    said = ask_checkpoint(planted.reference, planted.adverts, known=moved).probabilities
    assert sum(calls) > few
    assert all(np.allclose(said[name], fresh[name], atol=1e-6) for name in fresh)
    handle.remove()


def test_facts_of_a_proof_are_those_that_a_service_finds(planted):
    classifier = Classifier.load(planted.folder, threads=1)
    expected = ask_checkpoint(planted.reference, planted.adverts)
    facts = compare(expected, classifier, tie=1e-4).facts
    table = planted.adverts.table
    assert facts.keys() == set(range(len(table)))
    assert count_seen(classifier, table, facts) == count_seen(classifier, table)
