"""Measure every arm on the test adverts of trained runs; finished arms are skipped.

    python experiments/0016-int8-schemes/measure.py WORK NAME=RUN,PREPARED ...

``WORK`` keeps one JSON for each set and arm; all of them together become ``results.json``. The
threshold is the lowest at which fp32 reaches a precision of 0.9 on validation. Times are of one
thread, of the exported model and of the arm in turn.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnx
from arms import arms
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from sklearn.metrics import average_precision_score, precision_recall_curve

from adverts.advert import Advert
from adverts.bundle.export.onnx_export import export_onnx
from adverts.bundle.papers.manifest_facts import image_limits
from adverts.data.dataset.prepared import open_prepared
from adverts.files.file_hash import ask_git
from adverts.inputs.encoding import AdvertEncoder, Feeds, collate
from adverts.training.runs.checkpoint import find_checkpoint, read_checkpoint
from adverts.work.cpu_session import cpu_session

CALIBRATION, TIMED, ROUNDS, THREADS = 256, 60, 3, 1
METRICS = {
    "average_precision": "average precision",
    "recall": "recall at the threshold",
    "flips": "decisions flipped",
    "largest_probability": "largest change of a probability",
    "rms_logit": "change of a logit, rms",
    "megabytes": "MB",
    "times_as_fast": "times as fast",
}


def main(work: Path, *sets: str) -> None:
    """Measure what is missing, and write what is there."""
    measured = []
    for one in sets:
        name, _, places = one.partition("=")
        run, prepared = map(Path, places.split(","))
        measured += [
            {
                "name": f"{name}, {arm}",
                "values": {metric: [found[metric]] for metric in METRICS},
                "intervals": {},
            }
            for arm, found in measure(run, prepared, work / name).items()
        ]
    results = {
        "commit": ask_git("rev-parse", "HEAD"),
        "metrics": METRICS,
        "arms": measured,
        "comparisons": [],
    }
    text = json.dumps(results, indent=1) + "\n"
    Path(__file__).with_name("results.json").write_text(text, encoding="utf-8")


def measure(run: Path, prepared: Path, work: Path) -> dict[str, dict[str, float]]:
    """Return what each arm does to one run, and print it."""
    checkpoint, dataset = read_checkpoint(find_checkpoint(run)), open_prepared(prepared)
    encoder = AdvertEncoder(
        checkpoint.record.input_spec, checkpoint.tokenizer, image_limits(dataset.manifest)
    )
    (task,) = checkpoint.record.label_schema.tasks
    yes = task.labels.index(task.positive)

    def read(split: str) -> tuple[list[Feeds], NDArray[np.bool_]]:
        table = dataset.split(split)
        adverts = [Advert(table.ids[i], table.texts[i]) for i in range(len(table))]
        feeds = [collate([encoder.encode(advert)], encoder.spec) for advert in adverts]
        return feeds, table.targets[task.name][:, yes] > 0.5

    work.mkdir(parents=True, exist_ok=True)
    path = work / "exported.onnx"
    if not path.exists():
        export_onnx(checkpoint.module, path, spec=encoder.spec, tasks=[task.name], opset=18)
    exported = cpu_session(str(path), THREADS)
    validation, truth = read("validation")
    threshold = lowest_threshold(truth, positive(run_all(exported, validation)))
    test, truth = read("test")
    expected = run_all(exported, test)
    train = read("train")[0]
    chosen = np.linspace(0, len(train) - 1, min(CALIBRATION, len(train))).astype(int)
    measured = {}
    for name, make in arms().items():
        result = work / f"{name}.json"
        if not result.exists():
            content = make(onnx.load(path), [train[i] for i in chosen])
            session = cpu_session(content, THREADS)
            found = compare(run_all(session, test), expected, truth, threshold=threshold)
            found |= {"megabytes": len(content) / 1e6, **race(exported, session, test)}
            result.write_text(json.dumps(found), encoding="utf-8")
        measured[name] = json.loads(result.read_text(encoding="utf-8"))
        print(name, measured[name], flush=True)
    return measured


def run_all(session: InferenceSession, adverts: list[Feeds]) -> NDArray[np.float64]:
    """Return the logits of adverts, each run alone."""
    return np.concatenate([session.run(None, given(session, one))[0] for one in adverts]).astype(
        np.float64
    )


def given(session: InferenceSession, feeds: Feeds) -> Feeds:
    """Return the feeds that a model reads."""
    names = {one.name for one in session.get_inputs()}
    return {name: value for name, value in feeds.items() if name in names}


def lowest_threshold(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """Return the lowest score at which precision is 0.9; 0.5 where it never is."""
    precision, _, thresholds = precision_recall_curve(truth, scores)
    enough = thresholds[precision[:-1] >= 0.9]
    return float(enough.min()) if len(enough) else 0.5


def compare(
    found: NDArray[np.float64],
    expected: NDArray[np.float64],
    truth: NDArray[np.bool_],
    *,
    threshold: float,
) -> dict[str, float]:
    """Return how far answers are from fp32's, and what that costs."""
    before, after = positive(expected), positive(found)
    return {
        "rms_logit": float(np.sqrt(((found - expected) ** 2).mean())),
        "largest_probability": float(np.abs(after - before).max()),
        "average_precision": float(average_precision_score(truth, after)),
        "recall": float((after[truth] >= threshold).mean()),
        "flips": float(((after >= threshold) != (before >= threshold)).sum()),
        "adverts": float(len(truth)),
        "positives": float(truth.sum()),
    }


def race(
    exported: InferenceSession, session: InferenceSession, test: list[Feeds]
) -> dict[str, float]:
    """Run both models in turn on each advert; the best of some rounds counts."""
    adverts = [given(exported, one) for one in test[:TIMED]]
    seconds = np.full((2, len(adverts)), np.inf)
    for _ in range(ROUNDS):
        for i, feeds in enumerate(adverts):
            for k, one in enumerate((exported, session)):
                start = time.perf_counter()
                one.run(None, feeds)
                seconds[k, i] = min(seconds[k, i], time.perf_counter() - start)
    exported_ms, ours_ms = seconds.mean(axis=1) * 1e3
    return {"milliseconds": float(ours_ms), "times_as_fast": float(exported_ms / ours_ms)}


def positive(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of the last label of two."""
    return np.asarray(1 / (1 + np.exp(logits[:, 0] - logits[:, 1])))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
