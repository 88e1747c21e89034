"""One session for many threads, for adverts one by one, and for a process that was forked."""

import multiprocessing
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from adverts.runtime import Classifier, Limits

TEXTS = ["ferry", "boat sale sale sale sale sale sale", "", "room news", "unheard words only"] * 6

QUIET = """
import sys
touched = []
def hook(event, details):
    if event == "open" and isinstance(details[1], str) and set(details[1]) & set("wax+"):
        touched.append(details[0])
    if event.split(".")[0] in ("socket", "subprocess") or event == "pickle.find_class":
        touched.append(event)
sys.addaudithook(hook)
from adverts.runtime import Classifier
responses = Classifier.load(sys.argv[1], threads=2).predict(texts=["boat"] * 9, attributions=True)
assert len(responses[8].attributions) == 1
heavy = {"torch", "transformers", "mlflow", "pandas", "onnx"} & set(sys.modules)
sys.exit(f"{touched} {heavy}" if touched or heavy else 0)
"""

FORKED = """
import multiprocessing, os, sys
from adverts.runtime import Classifier
classifier = Classifier.load(sys.argv[1], threads=2)
before = classifier.predict(texts=["boat", "ferry", "room"])
def again():
    os._exit(0 if classifier.predict(texts=["boat", "ferry", "room"]) == before else 1)
child = multiprocessing.get_context("fork").Process(target=again)
child.start()
assert classifier.predict(texts=["boat", "ferry", "room"]) == before
child.join(60)
sys.exit(child.exitcode)
"""


@pytest.fixture(params=["padded", "alone"])
def classifier(handmade, request) -> Classifier:
    handmade.rewrite(batching=request.param)
    return Classifier.load(handmade.folder, threads=3)


def probabilities(responses):
    return [response.probabilities for response in responses]


def run_here(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60
    )


def test_a_model_that_runs_alone_gives_each_advert_the_bits_that_it_has_alone(handmade):
    handmade.rewrite(batching="alone")
    for threads in (1, 3):
        classifier = Classifier.load(handmade.folder, threads=threads)
        together = classifier.predict(texts=TEXTS, batch_size=7)
        alone = [classifier.predict(texts=[text])[0] for text in TEXTS]
        assert probabilities(together) == probabilities(alone)


def test_a_model_that_runs_alone_never_sees_padding_or_neighbours(handmade, monkeypatch):
    handmade.rewrite(batching="alone")
    classifier = Classifier.load(handmade.folder, threads=2)
    shapes = []
    run = classifier._scorer._engine.run

    def watched(feeds, outputs):
        shapes.append((feeds["input_ids"].shape[0], bool(feeds["attention_mask"].all())))
        return run(feeds, outputs)

    monkeypatch.setattr(classifier._scorer._engine, "run", watched)
    classifier.predict(texts=TEXTS)
    assert shapes == [(1, True)] * len(TEXTS)


def test_threads_that_share_a_classifier_get_what_one_alone_gets(classifier, grey_picture):
    images = [grey_picture(i * 7) if i % 3 == 0 else None for i in range(len(TEXTS))]
    images[4], texts = b"no picture", [*TEXTS[:-1], 7]
    columns = {"texts": texts, "images": images, "ocr": [""] * len(TEXTS)}
    wanted = classifier.predict(**columns)
    start = threading.Barrier(8)

    def ask(_):
        start.wait()
        return [classifier.predict(**columns) for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(ask, range(8)):
            assert found == [wanted] * 3


def test_a_forked_process_scores_what_its_parent_does(handmade):
    handmade.rewrite(batching="alone")
    found = run_here(FORKED, handmade.folder)
    assert (found.returncode, found.stderr) == (0, "")


def score(folder):
    return probabilities(Classifier.load(folder, threads=2).predict(texts=TEXTS))


@pytest.mark.slow
def test_a_spawned_process_scores(handmade):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(score, [handmade.folder]) == score(handmade.folder)


def test_loading_and_scoring_write_nothing_call_nobody_and_need_no_torch(handmade):
    handmade.rewrite(batching="alone")
    found = run_here(QUIET, handmade.folder)
    assert (found.returncode, found.stderr) == (0, "")


def test_adverts_that_the_time_did_not_reach_say_so(handmade, monkeypatch):
    now = iter(range(1000))
    monkeypatch.setattr("adverts.runtime.predict.deadline.time.monotonic", lambda: next(now))
    classifier = Classifier.load(handmade.folder, threads=1, limits=Limits(max_seconds=1))
    found = classifier.predict(texts=["boat"] * 9, batch_size=1)
    assert {response.error and response.error.code for response in found} == {"out_of_time"}
    assert {response.review_band for response in found} == {"abstain"}


def test_time_that_is_over_midway_keeps_what_was_scored(handmade, monkeypatch):
    handmade.rewrite(batching="alone")
    now = iter(range(1000))
    monkeypatch.setattr("adverts.runtime.predict.deadline.time.monotonic", lambda: next(now))
    classifier = Classifier.load(handmade.folder, threads=1, limits=Limits(max_seconds=7))
    found = classifier.predict(texts=["boat"] * 4)
    codes = [response.error and response.error.code for response in found]
    assert codes == [None, None, "out_of_time", "out_of_time"]


@pytest.mark.parametrize("batching", ["padded", "alone"])
def test_an_advert_whose_masking_takes_all_the_time_fails_alone(handmade, monkeypatch, batching):
    handmade.rewrite(batching=batching)
    clock = [0.0]
    monkeypatch.setattr("adverts.runtime.predict.deadline.time.monotonic", lambda: clock[0])
    classifier = Classifier.load(handmade.folder, threads=1, limits=Limits(max_seconds=5))
    masked, tokens = type(classifier.encoder).masked, type(classifier.encoder)._tokens

    def slow(self, advert):
        clock[0] += len(advert.text) / 1_000
        return masked(self, advert)

    def never_of_the_long_one(self, parts):
        assert not any("ferry" in part for part in parts)
        return tokens(self, parts)

    monkeypatch.setattr(type(classifier.encoder), "masked", slow)
    monkeypatch.setattr(type(classifier.encoder), "_tokens", never_of_the_long_one)
    found = classifier.predict(texts=["boat", "ferry " * 900, "boat news", "sale"])
    codes = [response.error and response.error.code for response in found]
    assert codes == [None, "out_of_time", None, None]


def test_an_advert_that_cannot_be_masked_fails_alone(classifier, monkeypatch):
    masked = type(classifier.encoder).masked

    def failing(self, advert):
        if "room" in advert.text:
            raise RuntimeError("words of the advert")
        return masked(self, advert)

    monkeypatch.setattr(type(classifier.encoder), "masked", failing)
    good, bad = classifier.predict(texts=["boat", "room"])
    assert (good.error, bad.error.code) == (None, "model_failed")
    assert "words of" not in bad.error.message


def test_an_advert_whose_language_cannot_be_told_fails_alone(classifier, monkeypatch):
    tell = classifier._responder.tell

    def failing(advert, masked, *, tag):
        if "room" in advert.text:
            raise RuntimeError("words of the advert")
        return tell(advert, masked, tag=tag)

    monkeypatch.setattr(classifier._responder, "tell", failing)
    good, bad = classifier.predict(texts=["boat", "room"])
    assert (good.error, bad.error.code) == (None, "model_failed")
    assert "words of" not in bad.error.message


def test_an_advert_whose_letters_cannot_be_told_fails_alone(classifier, monkeypatch):
    def failing(masked):
        if "room" in masked[0]:
            raise RuntimeError("words of the advert")

    monkeypatch.setattr(classifier._responder, "_lacking", failing)
    good, bad = classifier.predict(texts=["boat", "room"])
    assert (good.error, bad.error.code) == (None, "model_failed")
    assert "words of" not in bad.error.message


def test_an_error_of_the_model_is_one_of_its_advert_alone(classifier, monkeypatch):
    run = classifier._scorer._engine.run

    def fragile(feeds, outputs):
        if (feeds["input_ids"] == 6).any():  # room
            raise RuntimeError("words of the advert")
        return run(feeds, outputs)

    monkeypatch.setattr(classifier._scorer._engine, "run", fragile)
    good, bad, other = classifier.predict(texts=["boat", "room", "ferry"])
    assert bad.error.code == "model_failed"
    assert "words of" not in bad.error.message
    assert good.error is other.error is None


def test_a_score_that_is_no_number_is_for_a_person(classifier, monkeypatch):
    run = classifier._scorer._engine.run

    def broken(feeds, outputs):
        found = run(feeds, outputs)
        for values in found:
            values[(feeds["input_ids"] == 6).any(axis=1)] = float("nan")
        return found

    monkeypatch.setattr(classifier._scorer._engine, "run", broken)
    good, bad = classifier.predict(texts=["boat", "room"])
    assert (bad.error.code, bad.review_band) == ("model_failed", "abstain")
    assert good.error is None
