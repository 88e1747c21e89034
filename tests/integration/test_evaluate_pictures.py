"""The verb on pictures: what was read before, what is read now, and what nobody has read."""

import dataclasses
import io
import random
import shutil

import numpy as np
import pytest
from PIL import Image

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.compose import compose
from adverts.config import EvaluateConfig, TrainConfig
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.errors import InputError
from adverts.evaluate import evaluate
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.train import train

SPEC = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"canvas_px": 640})
SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
QUALITY = ReadQuality(0.9, 20.0, 0.5, 1, 0)
WORDS = {False: "ferry", True: "boat"}
ANOTHER = "read by another reader"


class FakeReader:
    """Reads a light picture as one word and a dark one as the other."""

    def __init__(self, spec=SPEC):
        self.spec, self.calls = spec, 0

    def read(self, image):
        self.calls += 1
        word = WORDS[bool(image.mean() < 128)]
        line = OcrLine(f"{word} @demo_fictional_07", ((0.0, 0.0),) * 4, 0.9, "fake")
        quality = ReadQuality(0.9, 20.0, 0.5, lines=1, unread_lines=0)
        return OcrResult((line,), image.shape[1], image.shape[0], quality)


def picture(positive, number):
    grey = 40 if positive else 200
    pixels = np.full((24, 30, 3), grey, np.uint8)
    pixels[number % 24, number // 24] = 128
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def prepared(folder, *, read, spec=SPEC, seed=0, failed=()):
    """120 pictures; ``read``: somebody has read them, but for those that ``failed``."""
    rng = random.Random(seed)
    rows = []
    for i in range(120):
        positive = rng.random() < 0.5
        known = read and i not in failed
        rows.append(
            PreparedRow(
                id=f"a{i}",
                split="train" if i < 60 else "validation" if i < 90 else "test",
                cluster=f"c{i}",
                images=(StoredImage(picture(positive, i + 200 * seed)),),
                ocr_text=f"{WORDS[positive]} <HANDLE>" if known else None,
                ocr_quality=QUALITY if known else None,
                ocr_engine=spec.key if known else None,
                targets={"refer": (0.0, 1.0) if positive else (1.0, 0.0)},
            )
        )
    made = Making(ocr=spec.facts if read else None)
    write_prepared(folder, rows, name=folder.name, schema=SCHEMA, made=made)
    return folder


def composed(verb, schema, *overrides):
    return compose(verb, schema, [*map(str, overrides), "tracking=none"])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A tf-idf of the text of pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    known = prepared(folder / "known", read=True)
    place = folder / "run"
    train(
        composed(
            "train",
            TrainConfig,
            "model=tfidf",
            "model.inputs=[ocr]",
            f"prepared={known}",
            f"run_dir={place}",
        )
    )
    return place


@pytest.fixture
def judge(run, tmp_path):
    """Evaluate the run on a dataset."""

    def call(dataset, *overrides):
        shutil.rmtree(tmp_path / "report", ignore_errors=True)  # of other adverts
        return evaluate(
            composed(
                "evaluate",
                EvaluateConfig,
                f"candidate={run}",
                f"prepared={dataset}",
                f"run_dir={tmp_path / 'report'}",
                f"ocr.cache={tmp_path / 'ocr'}",
                "bootstrap_resamples=100",
                *overrides,
            )
        )

    return call


@pytest.fixture
def reader(monkeypatch):
    """What ``ocr=easyocr`` builds."""
    fake = FakeReader()
    monkeypatch.setattr(
        "adverts.judging.judge.build_reader",
        lambda config: fake if config.engine.kind == "easyocr" else None,
    )
    return fake


def test_pictures_that_another_reader_has_read_are_said_to_be(judge, tmp_path):
    other = dataclasses.replace(SPEC, engine_version="2")
    same, another = (
        judge(prepared(tmp_path / name, read=True, spec=spec, seed=1))
        for name, spec in (("same", SPEC), ("another", other))
    )
    assert ANOTHER not in " ".join(same.report.origin.notes)
    assert ANOTHER in " ".join(another.report.origin.notes)


def test_pictures_that_nobody_has_read_are_refused_without_a_reader(judge, reader, tmp_path):
    with pytest.raises(
        InputError, match="30 adverts have pictures whose text was not read"
    ) as told:
        judge(prepared(tmp_path / "unread", read=False, seed=1))
    assert "add ocr=auto" in str(told.value)
    assert not (tmp_path / "report").exists()
    assert reader.calls == 0


def test_pictures_are_read_now_masked_and_never_twice(judge, reader, tmp_path):
    unread = prepared(tmp_path / "unread", read=False, seed=1)
    done = judge(unread, "ocr=easyocr", "ocr.workers=0")
    again = judge(unread, "ocr=easyocr", "ocr.workers=0")
    before = judge(prepared(tmp_path / "read", read=True, seed=1))
    assert reader.calls == 30
    for other in (again, before):
        np.testing.assert_array_equal(
            done.predictions.logits["refer"], other.predictions.logits["refer"]
        )
    notes = " ".join(done.report.origin.notes)
    assert "The pictures of 30 adverts were read for this evaluation." in notes
    assert ANOTHER not in notes
    assert done.report.evaluation.reviewed.tasks[0].models[0].figures["macro_f1"].value == 1.0


def test_pictures_that_another_reader_reads_now_are_said_to_be(judge, reader, tmp_path):
    reader.spec = dataclasses.replace(SPEC, engine_version="2")
    unread = prepared(tmp_path / "unread", read=False, seed=1)
    done = judge(unread, "ocr=easyocr", "ocr.workers=0")
    assert ANOTHER in " ".join(done.report.origin.notes)


def test_folders_of_this_machine_stay_out_of_the_report(judge, reader, tmp_path):
    unread = prepared(tmp_path / "unread", read=False, seed=1)
    own = tmp_path / "my-networks"
    done = judge(unread, "ocr=easyocr", "ocr.workers=0", f"ocr.engine.folder={own}")
    assert "ocr=easyocr" in done.report.origin.command
    assert "my-networks" not in done.report.origin.command


def test_a_picture_that_prepare_could_not_read_does_not_end_an_evaluation(judge, tmp_path):
    done = judge(prepared(tmp_path / "some", read=True, seed=1, failed={100, 101}))
    assert len(done.predictions) == 30
    assert "A picture of 2 adverts could not be read" in " ".join(done.report.origin.notes)
