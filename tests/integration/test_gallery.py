"""The restricted gallery, through the whole verb: for its owner alone, on no way out."""

import base64
import io
import json
import random
import re
import shutil
import stat

import pytest
from PIL import Image

from adverts.advert import LabelSchema, ReadQuality, Task
from adverts.compose import compose
from adverts.config import EvaluateConfig, TrainConfig
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.errors import InputError
from adverts.evaluate import evaluate
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.tracking import MemoryTracker
from adverts.train import train


def composed(verb, schema, *overrides):
    return compose(verb, schema, [*map(str, overrides), "tracking=none"])


SPEC = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"canvas_px": 640})
SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
LINES = ("call 01632 960123", "leaves on monday")


def picture(number):
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), (240, 120, number)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Adverts with a word that decides; of the last ones every fifth has the wrong label."""
    rng = random.Random(0)
    rows = []
    for i in range(240):
        positive = rng.random() < 0.5
        wrong = i >= 180 and i % 5 == 0
        rows.append(
            PreparedRow(
                id=f"a{i}",
                split="train" if i < 120 else "validation" if i < 180 else "test",
                cluster=f"c{i}",
                text=f"<PHONE> {'boat' if positive else 'ferry'} number{i % 7}",
                lang="en",
                images=(StoredImage(picture(i)),) if i >= 180 else (),
                ocr_text="<PHONE> leaves" if i >= 180 else None,
                ocr_engine=SPEC.key if i >= 180 else None,
                targets={"refer": (0.0, 1.0) if positive != wrong else (1.0, 0.0)},
            )
        )
    folder = tmp_path_factory.mktemp("prepared") / "tiny"
    write_prepared(folder, rows, name="tiny", schema=SCHEMA, made=Making(ocr=SPEC.facts))
    return folder


@pytest.fixture(scope="module")
def run(prepared, tmp_path_factory):
    """A tf-idf of the words."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    train(
        composed("train", TrainConfig, "model=tfidf", f"prepared={prepared}", f"run_dir={folder}")
    )
    return folder


def keep_readings(folder, prepared):
    """Fill the cache with what was read on the pictures: two lines, one with a contact."""
    cache, table = OcrCache(folder), open_prepared(prepared).split("test")
    boxes = [((8, top), (72, top), (72, top + 18), (8, top + 18)) for top in (6, 34)]
    lines = tuple(OcrLine(text, box, 0.9, "fake") for text, box in zip(LINES, boxes, strict=True))
    result = OcrResult(lines, 80, 60, ReadQuality(0.9, 18.0, 0.5, lines=2, unread_lines=0))
    for row in range(len(table)):
        cache.keep(sha256_of(table.images(row)[0]), SPEC.key, result)


@pytest.fixture
def judge(run, prepared, tmp_path):
    """Evaluate the run on the test split, unless told otherwise."""

    def call(*overrides):
        return evaluate(
            composed(
                "evaluate",
                EvaluateConfig,
                f"candidate={run}",
                f"prepared={prepared}",
                f"run_dir={tmp_path / 'report'}",
                f"ocr.cache={tmp_path / 'ocr'}",
                "bootstrap_resamples=100",
                *overrides,
            )
        )

    return call


@pytest.fixture
def outside_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def test_the_gallery_of_errors_is_the_owners_alone_and_reports_name_no_advert(judge, outside_ci):
    done = judge("report=restricted")
    place = done.folder / "restricted"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert [path.name for path in place.iterdir()] == ["errors.html"]
    assert stat.S_IMODE((place / "errors.html").stat().st_mode) == 0o600
    page = (place / "errors.html").read_text()
    shown = re.findall(r"<h3><code>(a\d+)</code></h3>", page)
    assert sorted(shown) == sorted(f"a{i}" for i in range(180, 240, 5))
    assert "ferry" in page
    for name in ("report.html", "report.md", "report.json", "results.json"):
        assert "ferry" not in (done.folder / name).read_text()


def test_the_word_that_decides_is_the_one_that_pushes_most(judge, outside_ci):
    page = (judge("report=restricted").folder / "restricted" / "errors.html").read_text()
    alarms = page.partition('id="false-alarm"')[2].partition("</section>")[0]
    misses = page.partition('id="miss"')[2].partition("</section>")[0]
    assert set(re.findall(r"Raises “yes”: <bdi>(\w+)</bdi>", alarms)) == {"boat"}
    assert set(re.findall(r"Lowers it: <bdi>(\w+)</bdi>", misses)) == {"ferry"}


def pictures(page):
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(one))).convert("L") for one in found]


def test_pictures_are_blurred_with_contacts_covered(judge, prepared, tmp_path, outside_ci):
    keep_readings(tmp_path / "ocr", prepared)
    page = (judge("report=restricted").folder / "restricted" / "errors.html").read_text()
    (first, *_) = pictures(page)
    assert first.size == (320, 240)
    assert first.getpixel((160, 60)) < 25
    assert first.getpixel((160, 172)) > 100
    assert "those with a contact covered" in page
    assert "01632" not in page


def test_pictures_that_no_cache_knows_are_shown_without_lines_and_it_is_said(judge, outside_ci):
    page = (judge("report=restricted").folder / "restricted" / "errors.html").read_text()
    assert len(pictures(page)) == 12
    assert min(pictures(page)[0].tobytes()) > 100
    assert "Some pictures are shown without their lines of text" in page


def test_an_open_report_after_a_restricted_one_leaves_no_gallery(judge, outside_ci):
    assert (judge("report=restricted").folder / "restricted").is_dir()
    assert not (judge().folder / "restricted").exists()


def test_ci_is_refused_the_gallery_before_anything_is_scored(judge, monkeypatch, tmp_path):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(
        InputError, match="report=restricted writes a page that shows adverts, and CI=true"
    ):
        judge("report=restricted")
    assert not (tmp_path / "report").exists()
    assert judge().report is not None


def test_a_tracker_is_never_given_the_gallery(judge, run, tmp_path, monkeypatch, outside_ci):
    known = shutil.copytree(run, tmp_path / "known")
    record = known / "checkpoints" / "best" / "checkpoint.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "mlflow_run_id": "run-1"}))
    tracker = MemoryTracker()
    monkeypatch.setattr("adverts.tracking.open_tracker", lambda *_, **__: tracker)
    judge(f"candidate={known}", "tracking.kind=mlflow", "report=restricted")
    sent = [path for path, _ in tracker.logged_artifacts]
    pages = {"report.html", "report.md", "report.json"}
    pictures = {"precision_recall.png", "reliability.png", "confusion.png"}
    assert {path.name for path in sent} == pages | pictures
    assert not any("restricted" in str(path) for path in sent)


def test_an_earlier_report_shows_its_errors_and_says_why_no_word_is_marked(
    judge, tmp_path, outside_ci
):
    first = judge()
    done = judge(f"candidate={first.folder}", f"run_dir={tmp_path / 'again'}", "report=restricted")
    page = (done.folder / "restricted" / "errors.html").read_text()
    assert page.count("<article") == 12
    assert "No word is marked: that takes the model, not its stored predictions." in page
    assert "Raises “yes”" not in page
