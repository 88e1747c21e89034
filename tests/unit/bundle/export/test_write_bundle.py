import json
import shutil

import numpy as np
import onnx
import pytest
import torch

from adverts.advert import ReadQuality
from adverts.bundle.export.write import write_bundle
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.errors import InputError, ParityError
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.encoding import AdvertEncoder, collate
from adverts.ocr.protocol import OcrLine, OcrResult
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.predict.advert_facts import facts_of
from adverts.runtime.rules.seen_facts import FACT_NAMES, seen_names, seen_numbers
from adverts.runtime.stream.examples import replay_examples

FUSION_FILES = {
    "README.md",
    "bom.cdx.json",
    "calibration.json",
    "examples.json",
    "labels.json",
    "manifest.json",
    "model.onnx",
    "parity.json",
    "seen.json",
    "thresholds.json",
    "tokenizer.json",
}


def proof(tiny, **wanted):
    return {"rules": tiny.rules, "requirement": tiny.requirement.model_copy(update=wanted)}


@pytest.mark.parametrize(
    "kind",
    [
        "tfidf",
        *(
            pytest.param(kind, marks=pytest.mark.slow)
            for kind in ("text", "ocr_image", "image", "hybrid", "concatenated")
        ),
    ],
)
def test_every_kind_of_model_exports_and_agrees_with_its_checkpoint(tiny, kind, tmp_path):
    written = write_bundle(
        tmp_path / kind,
        tiny.checkpoint(kind),
        tiny.dataset,
        **proof(tiny),
    )
    assert written.record.trial.max_difference < 1e-5
    assert written.spread > 0.01
    classifier = Classifier.load(tmp_path / kind)
    assert replay_examples(classifier).examples >= 12
    assert (classifier.manifest.ocr is None) == (kind in {"text", "image"})


@pytest.mark.slow
def test_a_bundle_tells_the_calibrated_logits_of_its_branches(tiny, tmp_path):
    checkpoint = tiny.checkpoint("hybrid")
    write_bundle(tmp_path / "b", checkpoint, tiny.dataset, **proof(tiny))
    lines = checkpoint.module.ngrams.lines_of("mean")
    classifier = Classifier.load(tmp_path / "b")
    assert classifier.manifest.input_spec.branches == ("network", "ngrams")
    said = tiny.dataset.split("validation")
    adverts = [
        said.advert(row) for row in range(len(said)) if said.ocr_texts[row] or said.texts[row]
    ]
    scores, first = classifier.score(adverts), 0
    for task, logits in scores.logits.items():
        both = (scores.branches["network"][task] + scores.branches["ngrams"][task]) / 2
        here = slice(first, first := first + logits.shape[1])
        both = both * lines.slopes_K[here].numpy() + lines.offsets_K[here].numpy()
        np.testing.assert_allclose(logits, both, atol=1e-5)
        assert np.abs(scores.branches["network"][task] - both).max() > 0.1


ENGLISH_WEIGHTS_BYTES = 15_143_997  # the smaller of EasyOCR's two files


@pytest.mark.slow
def test_an_operator_set_that_the_exporter_cannot_write_is_refused(tiny, tmp_path):
    with pytest.raises(InputError, match=r"bundle\.opset=99: the exporter writes opset 18"):
        write_bundle(
            tmp_path / "b",
            tiny.checkpoint("tfidf"),
            tiny.dataset,
            **proof(tiny, opset=99),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_holds_its_files_and_nothing_else(fusion):
    files = {file.name: file.stat().st_size for file in fusion.folder.iterdir()}
    assert set(files) == FUSION_FILES
    assert fusion.num_bytes == sum(files.values())


def test_the_proof_covers_every_validation_advert_short_long_and_extreme_ones(fusion, tiny):
    record, validation = fusion.record, len(tiny.dataset.split("validation"))
    assert record.shortest <= 3
    assert record.longest == 16  # max_tokens: some were truncated
    assert record.adverts - record.extremes == validation
    assert record.extremes >= 12
    assert fusion.spread > 0.01


def test_the_manifest_tells_where_the_model_comes_from(fusion, tiny):
    manifest = open_bundle(fusion.folder).manifest
    assert manifest.label_schema == tiny.dataset.schema
    assert manifest.dataset["data_hash"] == tiny.dataset.data_hash
    assert (manifest.dataset["licence"], manifest.dataset["sensitivity"]) == (
        "CC0-1.0",
        "synthetic",
    )
    assert manifest.ocr == tiny.dataset.manifest.made.ocr
    assert manifest.ocr["weights"] == {"recogniser": "ab"}
    assert manifest.ocr["parameters"] == {"languages": "en", "canvas_px": 640}
    assert manifest.training["commit"] == "c" * 40
    assert manifest.training["selected_on"]["split"] == "validation"
    assert [facts["weights"] for facts in manifest.weights] == [
        "path:tiny",
        "package:efficientnet-lite0",
    ]
    assert manifest.created_by["onnxruntime"]


@pytest.mark.slow
def test_the_same_checkpoint_gives_the_same_bytes(fusion, tiny, tmp_path):
    again = write_bundle(
        tmp_path / "elsewhere" / "again",
        tiny.checkpoint("fusion"),
        tiny.dataset,
        **proof(tiny),
    )
    for name in FUSION_FILES:
        assert (again.folder / name).read_bytes() == (fusion.folder / name).read_bytes(), name
    assert again.manifest_sha256 == fusion.manifest_sha256


def test_nothing_in_the_graph_tells_of_this_machine(fusion):
    model = onnx.load(fusion.folder / "model.onnx")
    assert list(strings(model))
    assert not [text for text in strings(model) if "/" in text or "\\" in text]
    assert b"site-packages" not in (fusion.folder / "model.onnx").read_bytes()


def strings(message):
    """Every string in a protobuf message, at any depth; weights are bytes, not strings."""
    for field, value in message.ListFields():
        for part in value if field.is_repeated else (value,):
            if isinstance(part, str):
                yield part
            elif field.message_type is not None:
                yield from strings(part)


def test_nothing_else_in_the_bundle_tells_of_this_machine(fusion, tmp_path):
    for name in ("README.md", "manifest.json", "examples.json"):
        text = (fusion.folder / name).read_text()
        assert "/home" not in text
        assert str(tmp_path.parent) not in text


def test_no_advert_of_the_dataset_is_in_the_bundle(fusion, tiny):
    table = tiny.dataset.split("all")
    text = "".join((fusion.folder / n).read_text() for n in FUSION_FILES if n != "model.onnx")
    assert not any(advert_text in text for advert_text in table.texts if len(advert_text) > 20)
    assert not any(f'"{name}"' in text for name in table.ids)


def test_batch_length_and_images_are_free(fusion):
    model = onnx.load(fusion.folder / "model.onnx", load_external_data=False)
    shapes = {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in model.graph.input
    }
    assert shapes["input_ids"] == ["batch", "tokens"]
    assert shapes["pixel_values"] == ["batch", "images", 3, 32, 32]


def test_the_model_names_its_outputs_by_task_in_order_of_the_schema(fusion):
    model = onnx.load(fusion.folder / "model.onnx", load_external_data=False)
    names = [value.name for value in model.graph.output]
    assert names == ["logits.refer", "logits.signals", "logits.risk"]


def test_examples_hold_no_contact_and_the_empty_advert(fusion):
    examples = json.loads((fusion.folder / "examples.json").read_text())["examples"]
    texts = [example["text"] for example in examples]
    assert len(examples) >= 12
    assert "" in texts
    assert [mask_contacts(text) for text in texts] == texts


def test_a_taken_folder_is_refused_and_stays(tiny, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(InputError, match="is taken"):
        write_bundle(
            tmp_path,
            tiny.checkpoint("text"),
            tiny.dataset,
            **proof(tiny),
        )
    assert (tmp_path / "mine").read_text() == "kept"


def test_another_dataset_is_refused(tiny, tmp_path):
    checkpoint = tiny.checkpoint("text", data_hash="1" * 64)
    with pytest.raises(InputError, match="was trained on data 111111111111"):
        write_bundle(tmp_path / "b", checkpoint, tiny.dataset, **proof(tiny))
    assert not (tmp_path / "b").exists()


def test_a_dataset_of_test_adverts_alone_is_refused(tiny, tmp_path):
    row = PreparedRow(id="a", split="test", cluster="a", text="boat")
    other = write_prepared(tmp_path / "p", [row], name="x", schema=tiny.dataset.schema)
    checkpoint = tiny.checkpoint("text", data_hash=other.data_hash)
    with pytest.raises(InputError, match="neither validation nor training adverts"):
        write_bundle(tmp_path / "b", checkpoint, other, **proof(tiny))


def test_failed_parity_leaves_nothing_on_disk(tiny, tmp_path, monkeypatch):
    checkpoint = tiny.checkpoint("tfidf")
    original = type(checkpoint.module).forward

    def drifts(self, feeds):
        logits = original(self, feeds)
        if torch.compiler.is_exporting():
            return {name: value + 0.01 for name, value in logits.items()}
        return logits

    monkeypatch.setattr(type(checkpoint.module), "forward", drifts)
    with pytest.raises(ParityError, match="differ from the checkpoint's by up to"):
        write_bundle(tmp_path / "b", checkpoint, tiny.dataset, **proof(tiny))
    assert list(tmp_path.iterdir()) == []


def test_too_little_disk_is_said_before_anything_is_written(tiny, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(InputError, match="are free"):
        write_bundle(
            tmp_path / "b",
            tiny.checkpoint("text"),
            tiny.dataset,
            **proof(tiny),
        )
    assert list(tmp_path.iterdir()) == []


def test_the_runtime_answers_what_torch_answers(fusion, tiny):
    checkpoint = tiny.checkpoint("fusion")
    classifier = Classifier.load(fusion.folder)
    encoder = AdvertEncoder(
        checkpoint.record.input_spec, checkpoint.tokenizer, classifier.manifest.image_limits
    )
    table = tiny.dataset.split("train")
    adverts = [table.advert(i) for i in range(len(table))]
    feeds = collate([encoder.encode(advert) for advert in adverts], checkpoint.record.input_spec)
    with torch.inference_mode():
        logits = checkpoint.module({name: torch.from_numpy(v) for name, v in feeds.items()})
    predictions = classifier.predict(
        texts=table.texts,
        images=[table.images(i) for i in range(len(table))],
        ocr=table.ocr_texts,
        qualities=table.ocr_qualities,
    )
    expected = torch.softmax(logits["refer"] / 2.0, dim=1).numpy()  # the fitted temperature
    found = np.array([list(one.probabilities["refer"].values()) for one in predictions])
    assert found == pytest.approx(expected, abs=1e-5)


def test_how_well_pictures_could_be_read_changes_the_answer_as_it_did_in_training(fusion):
    classifier = Classifier.load(fusion.folder)
    box = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    lines = (OcrLine("ferry", box, 0.75, "fake"), OcrLine("", box, 0.0, "fake", row=1))
    told = ReadQuality(0.75, 16.0, 0.5, lines=2, unread_lines=1)
    page = OcrResult(lines, 48, 40, told)
    result, text, untold = classifier.predict(
        texts=["boat"] * 3, ocr=[page, "ferry", "ferry"], qualities=[None, told, None]
    )
    assert result.probabilities["refer"] == pytest.approx(text.probabilities["refer"])
    assert result.probabilities["refer"] != pytest.approx(untold.probabilities["refer"], abs=0.01)


def test_a_bundle_pins_the_weights_of_its_reader_and_holds_none(fusion):
    manifest = open_bundle(fusion.folder).manifest
    assert {file.name for file in fusion.folder.iterdir()} == FUSION_FILES
    assert manifest.ocr["weights"] == {"recogniser": "ab"}
    assert not set(manifest.ocr["weights"].values()) & set(manifest.files.values())
    assert fusion.num_bytes < 2_000_000 < ENGLISH_WEIGHTS_BYTES


def test_a_bundle_tells_what_the_validation_adverts_were_like_but_none_of_them(fusion, tiny):
    table = tiny.dataset.split("validation")
    seen = open_bundle(fusion.folder).seen
    assert seen.split == "validation"
    assert seen.adverts == len(table)
    assert seen.effective <= len(set(table.clusters)) + 0.1
    facts = {one.name: one for one in seen.facts}
    assert set(facts) == set(FACT_NAMES)
    for one in seen.facts:
        assert sum(one.counts.values()) == len(table)
        assert min(one.counts.values()) >= 5
    assert facts["modality"] == seen_names("modality", table.modalities())
    text = (fusion.folder / "seen.json").read_text(encoding="utf-8")
    assert not any(advert and advert in text for advert in table.texts if len(advert) > 8)
    assert not any(name in text for name in table.ids if len(name) > 3)


def test_in_service_the_adverts_judged_on_have_the_facts_of_the_bundle(fusion, tiny):
    classifier, table = Classifier.load(fusion.folder), tiny.dataset.split("validation")
    tell = facts_of(classifier)
    answers = classifier.predict(
        texts=table.texts,
        images=[table.images(row) for row in range(len(table))],
        ocr=[
            text or "" if has else None
            for text, has in zip(table.ocr_texts, table.has_image, strict=True)
        ],
        qualities=table.ocr_qualities,
        languages=table.langs,
        readings=True,
    )
    told = [
        tell(one, one.reading, modality)
        for one, modality in zip(answers, table.modalities(), strict=True)
    ]
    effective = classifier.seen.effective
    for fact in classifier.seen.facts:
        values = [one[fact.name] for one in told]
        again = (
            seen_numbers(fact.name, values, effective=effective)
            if fact.is_number
            else seen_names(fact.name, values)
        )
        assert again == fact


def test_what_was_read_is_kept_only_where_it_is_asked_for(fusion):
    classifier = Classifier.load(fusion.folder)
    [plain], [kept] = (classifier.predict(texts=["boat"], readings=one) for one in (False, True))
    assert plain.reading is None
    assert kept.reading.masked == ("boat", None)
    assert "boat" not in repr(kept.reading)
