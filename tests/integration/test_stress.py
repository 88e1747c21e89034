"""Disguises through the whole verb: captions, pictures that are read again, and what is lacking."""

import dataclasses
import io
import random

import pytest
from composing import load
from PIL import Image

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.candidates import checkpoint_logits
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.evaluate import evaluate
from adverts.judging.stress import frozen_threshold
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.train import train

SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
SPEC = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"canvas_px": 640})
SUITE = (
    "robustness=quick",
    "robustness.text=[leet,emoji,transliteration]",
    "robustness.image=[recolour]",
    "robustness.draws=3",
    "robustness.adverts=120",
    "robustness.strengths=[heavy]",
)


class FakeReader:
    """Reads a dark picture as a boat and a light one as a ferry."""

    spec = SPEC

    def read(self, image):
        word = "boat" if image.mean() < 128 else "ferry"
        line = OcrLine(word, ((0.0, 0.0),) * 4, 0.9, "fake")
        quality = ReadQuality(0.9, 20.0, 0.5, lines=1, unread_lines=0)
        return OcrResult((line,), image.shape[1], image.shape[0], quality)


def picture(positive, number):
    grey = 40 if positive else 200
    image = Image.new("RGB", (24, 30), (grey, grey, grey))
    image.putpixel((number % 24, number // 24), (128, 128, 128))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def prepared(folder, *, spec=SPEC):
    """240 adverts: of a caption and a picture, both of which tell the label."""
    draw = random.Random(0)
    rows = []
    for i in range(240):
        positive = draw.random() < 0.5
        words = draw.choices(["harbour", "sunny", "<PHONE>", "weekend"], k=4)
        read = "boat" if positive else "ferry"
        rows.append(
            PreparedRow(
                id=f"a{i}",
                split="train" if i < 100 else "validation" if i < 120 else "test",
                cluster=f"c{i}",
                text=" ".join(["boat" if positive else "ferry", *words]),
                lang="en",
                images=(StoredImage(picture(positive, i)),),
                ocr_text=read,
                ocr_engine=spec.key,
                targets={"refer": (0.0, 1.0) if positive else (1.0, 0.0)},
            )
        )
    write_prepared(folder, rows, name="tiny", schema=SCHEMA, made=Making(ocr=spec.facts))
    return folder


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("stress") / "data")


@pytest.fixture(scope="module")
def runs(dataset, tmp_path_factory):
    """tf-idf of captions, and of what pictures say."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("text", "ocr"):
        config = load(
            "train",
            "model=tfidf",
            f"model.inputs=[{name}]",
            f"prepared={dataset}",
            f"run_dir={folder / name}",
            "tracking=none",
        )
        train(config)
    return folder


def suite(run, data, folder, *overrides):
    """Evaluate a run under disguise."""
    config = load(
        "evaluate",
        f"candidate={run}",
        f"prepared={data}",
        f"run_dir={folder / 'report'}",
        f"ocr.cache={folder / 'ocr'}",
        "ocr.workers=0",
        "bootstrap_resamples=100",
        "tracking=none",
        *SUITE,
        *overrides,
    )
    return evaluate(config).report.robustness


def by_name(found):
    return {one.name: one for one in found.perturbed}


@pytest.fixture(scope="module")
def of_captions(runs, dataset, tmp_path_factory):
    """What disguises do to the model of captions."""
    return suite(runs / "text", dataset, tmp_path_factory.mktemp("captions"))


@pytest.fixture
def reader(monkeypatch):
    """What ``ocr=easyocr`` builds."""
    monkeypatch.setattr(
        "adverts.judging.stress.build_reader",
        lambda config: FakeReader() if config.engine.kind == "easyocr" else None,
    )


def test_without_a_suite_nothing_is_disguised(runs, dataset, tmp_path):
    assert suite(runs / "text", dataset, tmp_path, "robustness.adverts=0") is None


def test_what_replaces_the_word_that_tells_costs_what_it_tells(of_captions):
    assert (of_captions.task, of_captions.label, of_captions.adverts) == ("refer", "yes", 120)
    emoji = by_name(of_captions)["emoji"]  # every boat and ferry, so that nothing is left to tell
    assert (emoji.adverts, emoji.unchanged) == (120, 0)
    assert emoji.recall_kept.value == pytest.approx(emoji.false_positives_gained.value, abs=0.15)


def test_digits_for_letters_cost_a_real_model_recall_and_the_worst_draw_no_less(of_captions):
    leet = by_name(of_captions)["leet"]
    assert leet.draws == 3
    assert leet.worst_recall_kept.value <= leet.recall_kept.value < 1


def test_what_cannot_change_a_text_is_counted_and_judges_nothing(of_captions):
    spelt = by_name(of_captions)["transliteration"]
    assert (spelt.adverts, spelt.unchanged) == (0, 120)
    assert spelt.lack == "it can change none of 120 adverts"
    assert not spelt.applies


def test_the_same_seed_finds_the_same_whatever_stands_in_a_batch(
    of_captions, runs, dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr(checkpoint_logits, "_BATCH", 7)
    assert suite(runs / "text", dataset, tmp_path) == of_captions


def test_a_set_without_evidence_says_what_it_lacks(runs, dataset, tmp_path):
    found = suite(runs / "text", dataset, tmp_path, "robustness.adverts=1")
    assert by_name(found)["leet"].lack.endswith("wanted 10")


def test_what_a_model_does_not_read_is_not_tried(of_captions, runs, dataset, tmp_path):
    assert by_name(of_captions)["recolour"].lack == "the model reads no pictures"
    assert not by_name(of_captions)["recolour"].applies
    of_pictures = by_name(suite(runs / "ocr", dataset, tmp_path))
    assert of_pictures["leet"].lack == "the model reads no captions"
    assert not of_pictures["leet"].applies
    assert "add ocr=auto" in of_pictures["recolour"].lack
    assert of_pictures["recolour"].applies


def test_pictures_are_read_again_in_disguise_and_nothing_of_it_is_kept(
    reader, runs, dataset, tmp_path
):
    found = by_name(
        suite(runs / "ocr", dataset, tmp_path, "ocr=easyocr", "robustness.strengths=[heavy]")
    )["recolour"]
    assert found.lack is None
    assert found.adverts + found.unchanged == 120  # the hue of grey changes nothing
    # Of hue, contrast and the negative, the last turns dark to light, and a boat to a ferry.
    assert found.recall_kept.value == pytest.approx(2 / 3, abs=0.15)
    assert found.worst_recall_kept.value == pytest.approx((2 / 3) ** 3, abs=0.15)
    assert not (tmp_path / "ocr").exists()


def test_pictures_that_another_reader_has_read_are_not_tried(reader, runs, tmp_path):
    other = prepared(tmp_path / "other", spec=dataclasses.replace(SPEC, engine_version="2"))
    found = suite(runs / "ocr", other, tmp_path, "ocr=easyocr")
    assert "by another reader" in by_name(found)["recolour"].lack


def threshold(purpose, value):
    return Threshold("refer", "yes", purpose, 0.9, value)


@pytest.mark.parametrize(
    ("thresholds", "value", "told"),
    [
        ([threshold("precision", 0.8), threshold("recall", 0.2)], 0.2, "promises recall 0.9"),
        ([threshold("precision", 0.8), threshold("recall", None)], 0.8, "promises precision 0.9"),
        ([], 0.5, "no threshold is shipped"),
    ],
)
def test_disguises_are_counted_at_the_threshold_of_high_recall_where_there_is_one(
    thresholds, value, told
):
    rules = DecisionRules(thresholds=Thresholds(tuple(thresholds)))
    found = frozen_threshold(rules, "refer", "yes")
    assert found[0] == value
    assert found[1].startswith(told)
