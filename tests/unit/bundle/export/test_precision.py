"""Which precision ships: int8 that loses nothing that counts, else fp32, and the record of both."""

from dataclasses import replace

import numpy as np
import onnx
import pytest

import adverts.bundle.export.prove
from adverts.bundle.export import write
from adverts.bundle.export.draft import Draft
from adverts.bundle.papers.precision_table import trial_lines
from adverts.bundle.parity import judge_precision
from adverts.bundle.parity.bundle_agreement import served
from adverts.bundle.parity.parity_record import PrecisionRecord
from adverts.bundle.quantise import SCHEMES
from adverts.errors import InputError, ParityError
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.predict.score_adverts import AdvertScorer
from adverts.runtime.stream.examples import replay_examples

UNREADABLE = -1
WHOLE = next(one for one in SCHEMES if one.weights == "fp32")


def moved(model, scale):
    """A model whose matrix is a little off: what rounding weights does."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    rng = np.random.default_rng(0)
    for tensor in copy.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim == 2:
            off = values + scale * rng.standard_normal(values.shape).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(off, tensor.name))
    return copy


@pytest.fixture(scope="module")
def traced(tiny):
    """The tiny tf-idf model, traced once: that takes seconds."""
    return write._traced(tiny.checkpoint("tfidf"), tiny.requirement)


@pytest.fixture
def export(tiny, traced, tmp_path, monkeypatch):
    """Export the tiny tf-idf model with schemes that move its weights by so much."""

    def call(*scales, folder="b", batching="padded", signing_key=None, **wanted):
        names = [f"s{i}" for i in range(len(scales))]
        by_name = dict(zip(names, scales, strict=True))
        schemes = [replace(SCHEMES[0], name=name, batching=batching) for name in names]
        monkeypatch.setattr(adverts.bundle.export.prove, "SCHEMES", (*schemes, WHOLE))

        def quantise(model, scheme, calibration):
            if scheme is WHOLE:
                return model
            assert list(calibration), "schemes see adverts of the train split"
            if by_name[scheme.name] is None:
                raise InputError("fp32 is all there is")
            if by_name[scheme.name] == UNREADABLE:
                return onnx.ModelProto()
            return moved(model, by_name[scheme.name])

        monkeypatch.setattr(adverts.bundle.export.prove, "quantise", quantise)
        monkeypatch.setattr(write, "_traced", lambda *_: traced)
        requirement = tiny.requirement.model_copy(update={"precision": "int8", **wanted})
        return write.write_bundle(
            tmp_path / folder,
            tiny.checkpoint("tfidf"),
            tiny.dataset,
            rules=tiny.rules,
            requirement=requirement,
            signing_key=signing_key,
        )

    return call


def verdicts(record):
    return {one.scheme: one.passed for one in record.trials}


def test_the_first_scheme_that_keeps_the_decisions_ships(export):
    written = export(3.0, 1e-5, 0.0, batching="alone")
    assert verdicts(written.record) == {"fp32": True, "s0": False, "s1": True}
    manifest = open_bundle(written.folder).manifest
    assert (manifest.precision, manifest.batching) == ("int8", "alone")
    assert manifest.parity["scheme"] == "s1"
    assert manifest.parity["max_probability_difference"] > 0
    assert replay_examples(Classifier.load(written.folder)).max_difference < 1e-5


def test_fp32_ships_where_every_scheme_loses_too_much_and_the_record_says_what(export):
    written = export(3.0, None)
    assert written.record.shipped == "fp32"
    assert open_bundle(written.folder).manifest.precision == "fp32"
    lost, unmade = written.record.trials[1:]
    assert "decisions kept of all adverts changes by -" in lost.reasons[0]
    assert unmade.reasons == ("fp32 is all there is",)
    stored = (written.folder / "parity.json").read_text(encoding="utf-8")
    assert PrecisionRecord.from_json(stored).to_json() == stored
    assert "advert-" not in stored


def test_fp32_ships_where_a_scheme_makes_what_does_not_load(export):
    written = export(UNREADABLE)
    assert written.record.shipped == "fp32"
    assert "is not a model of a bundle" in written.record.trials[1].reasons[0]


def test_a_card_and_a_terminal_tell_what_was_tried_and_what_was_lost(export):
    written = export(3.0, 1e-5)
    card, terminal = (
        (written.folder / "README.md").read_text(),
        "\n".join(trial_lines(written.record)),
    )
    assert "What ships is `s1`" in card
    assert "- `s0` is refused: decisions kept of all adverts" in card
    for words in ("largest difference", "s0", "refused", "fp32"):
        assert words in terminal


def test_the_same_checkpoint_gives_the_same_bytes_in_int8(export):
    first, second = export(1e-5, folder="a"), export(1e-5, folder="b")
    for file in first.folder.iterdir():
        assert file.read_bytes() == (second.folder / file.name).read_bytes(), file.name


def test_a_file_that_changes_after_the_proof_is_refused(export, tmp_path, monkeypatch):
    finish = Draft.finish

    def spoiled(self, folder, *given, **named):
        path = folder / "thresholds.json"
        path.write_text(path.read_text().replace("0.61", "0.62"))
        finish(self, folder, *given, **named)

    monkeypatch.setattr(Draft, "finish", spoiled)
    with pytest.raises(ParityError, match=r"thresholds\.json changed after the proof"):
        export(None)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_cannot_be_signed_is_not_there_at_all(export, tmp_path):
    with pytest.raises(InputError, match="signing_key="):
        export(signing_key=tmp_path / "lost.pem")
    assert list(tmp_path.iterdir()) == []


def one_weight(folder):
    model = onnx.load(folder / "model.onnx")
    tensor = next(one for one in model.graph.initializer if one.name.endswith("bias"))
    values = onnx.numpy_helper.to_array(tensor).copy()
    values[np.unravel_index(np.abs(values).argmax(), values.shape)] *= -1
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    onnx.save(model, folder / "model.onnx")


def text(file, old, new):
    def change(folder):
        path = folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("corrupt", "told"),
    [
        (one_weight, "differ from the checkpoint's by up to|decisions flipped"),
        (
            text("thresholds.json", "0.61", "0.62"),
            "the thresholds in the bundle differ from the chosen ones",
        ),
        (
            text("calibration.json", "2.0", "2.1"),
            "the calibration in the bundle differs from the fitted one",
        ),
    ],
)
def test_what_was_written_wrong_is_refused_and_nothing_is_left(
    export, tmp_path, monkeypatch, corrupt, told
):
    from adverts.bundle.export import draft

    listing = draft._listing

    def spoiled(folder, manifest):
        corrupt(folder)
        return listing(folder, manifest)

    monkeypatch.setattr(draft, "_listing", spoiled)
    with pytest.raises(ParityError, match=told):
        export()
    assert list(tmp_path.iterdir()) == []


def test_labels_that_were_written_in_another_order_are_refused(export, tmp_path, monkeypatch):
    from adverts.bundle.export import draft

    manifest = draft.draft_manifest

    def swapped(checkpoint, dataset, inputs):
        made = manifest(checkpoint, dataset, inputs)
        first, *rest = made.label_schema.tasks
        other = replace(first, labels=first.labels[::-1])
        return replace(made, label_schema=replace(made.label_schema, tasks=(other, *rest)))

    monkeypatch.setattr(draft, "draft_manifest", swapped)
    with pytest.raises(ParityError, match="or their order, differ"):
        export()
    assert list(tmp_path.iterdir()) == []


def test_a_score_that_depends_on_its_neighbours_is_refused(export, tiny, monkeypatch):
    from adverts.bundle.parity.batch_neighbours import try_neighbours
    from adverts.bundle.parity.proof_adverts import ProofAdverts

    classifier = Classifier.load(export(None).folder, threads=1)
    adverts = ProofAdverts(tiny.dataset.split("validation"), classifier.manifest.input_spec)
    said = served(classifier, adverts.read(range(len(adverts))))
    assert try_neighbours(classifier, adverts, said, tie=1e-4).flipped == 0
    real = AdvertScorer._run

    def mixed(self, encoded, groups):
        found = real(self, encoded, groups)
        return {
            group: {name: values + len(encoded) / 20 for name, values in logits.items()}
            for group, logits in found.items()
        }

    monkeypatch.setattr(AdvertScorer, "_run", mixed)
    assert try_neighbours(classifier, adverts, said, tie=1e-4).max_difference > 1e-3


def test_a_score_on_a_threshold_that_moves_by_its_last_bits_is_a_tie(export, tiny, monkeypatch):
    from adverts.bundle.parity import batch_neighbours
    from adverts.bundle.parity.batch_neighbours import BATCH, try_neighbours
    from adverts.bundle.parity.proof_adverts import ProofAdverts

    classifier = Classifier.load(export(None).folder, threads=1)
    adverts = ProofAdverts(tiny.dataset.split("validation"), classifier.manifest.input_spec)
    (threshold, *_) = classifier.rules.thresholds.thresholds
    task = next(one for one in classifier.tasks if one.name == threshold.task)
    real, start, moved = batch_neighbours.served, 0.0, 5e-6

    def on_the_threshold(classifier, chosen, *, batch_size=1):
        said = dict(real(classifier, chosen, batch_size=batch_size))
        score = threshold.value + start - (moved if batch_size == BATCH else 0.0)
        said[task.name] = np.full((len(chosen), task.num_labels), 1 - score)
        said[task.name][:, task.labels.index(threshold.label)] = score
        return said

    def said():
        return on_the_threshold(classifier, adverts.read(range(len(adverts))))

    monkeypatch.setattr(batch_neighbours, "served", on_the_threshold)
    found = try_neighbours(classifier, adverts, said(), tie=1e-4)
    assert (found.flipped, found.ties) == (0, found.adverts)
    moved = -5e-4
    assert try_neighbours(classifier, adverts, said(), tie=1e-4).ties == 0, "nothing fell below it"
    start, moved = 2e-4, 5e-4
    found = try_neighbours(classifier, adverts, said(), tie=1e-4)
    assert (found.flipped, found.ties) == (found.adverts, 0)


def test_a_scheme_whose_loss_is_clear_is_refused_on_the_first_adverts(export, monkeypatch):
    monkeypatch.setattr(judge_precision, "FIRST", 9)
    asked = []
    whole = judge_precision.compare

    def compared(expected, classifier, progress, *, places, tie):
        asked.append(classifier.manifest.precision)
        return whole(expected, classifier, progress, places=places, tie=tie)

    monkeypatch.setattr(judge_precision, "compare", compared)
    written = export(3.0, 1e-5, batching="alone")
    assert asked == ["fp32", "int8"], "the refused scheme was not run on the whole split"
    _, refused, shipped = written.record.trials
    assert "on the first 9 adverts, which settle it, " in refused.reasons[0]
    assert (refused.neighbour_adverts, shipped.passed) == (None, True)
    assert all(one.high < -one.allowed for one in refused.changes if one.verdict == "lower")
    stored = (written.folder / "parity.json").read_text(encoding="utf-8")
    assert PrecisionRecord.from_json(stored).to_json() == stored
