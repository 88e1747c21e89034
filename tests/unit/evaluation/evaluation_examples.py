"""Made-up predictions and targets of every kind of task, for the tests of this folder."""

from functools import cache

import numpy as np

from adverts.advert import Task
from adverts.evaluation.figures.planned_figures import EvaluationSettings
from adverts.evaluation.predictions.model_facts import Origin, Selection
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.summarise import summarise

REFER = Task("refer", "single", ("no", "yes"), "yes")
COARSE = Task("coarse", "single", ("offer", "recruit", "benign"))
SIGNALS = Task("signals", "multi", ("price", "boat", "never"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))
TASKS = (COARSE, REFER, SIGNALS, RISK)
SETTINGS = EvaluationSettings(precision=0.8, resamples=200, seed=0, min_positive_clusters=10)


def targets(n=240):
    rng = np.random.default_rng(0)
    positive = rng.random(n) < 0.4
    signals = (rng.random((n, 3)) < [0.5, 0.3, 0.0]).astype(np.float32)
    signals[::7, 0] = np.nan
    refer = np.stack([~positive, positive], axis=1).astype(np.float32)
    refer[::20] = np.nan
    return {
        "refer": refer,
        "coarse": np.eye(3, dtype=np.float32)[rng.integers(0, 3, n)],
        "signals": signals,
        "risk": np.eye(4, dtype=np.float32)[rng.integers(0, 4, n)],
    }


def predictions(n=240, *, skill=2.0, seed=1, tasks=TASKS, model="text", **changes):
    """Return scores that are right more often the larger ``skill`` is."""
    rng = np.random.default_rng(seed)
    context = np.random.default_rng(2)
    said = {
        task.name: _said(task, skill * np.nan_to_num(targets(n)[task.name]), rng) for task in tasks
    }
    columns = {
        "ids": [f"advert-{i:04d}" for i in range(n)],
        "clusters": [f"cluster-{i}" for i in context.integers(0, 2 * n // 3, n)],
        "langs": context.choice(["en", "fr", "ps"], n, p=[0.6, 0.37, 0.03]).tolist(),
        "identified_langs": np.random.default_rng(4).choice(["en", "fr", None], n).tolist(),
        "scripts": ["Latn"] * n,
        "modalities": context.choice(["text", "image"], n).tolist(),
        "readings": np.random.default_rng(3).choice(["low", "high"], n).tolist(),
        "platforms": np.random.default_rng(5).choice(["forum", "video"], n).tolist(),
        "weeks": np.random.default_rng(6).choice(["2026-W01", "2026-W09"], n).tolist(),
        "characters": np.random.default_rng(7).integers(0, 400, n).tolist(),
        "splits": ["test"] * n,
        "reviewed": np.ones(n, dtype=bool),
        "seen": context.random(n) < 0.2,
        "seen_known": np.ones(n, dtype=bool),
    }
    changes = {"logits": {}, **changes}
    return Predictions(
        tasks=tasks,
        probabilities=said,
        model=model,
        data_hash="ab" * 32,
        **{**columns, **changes},
    )


def _said(task, evidence, rng):
    scores = evidence + rng.normal(size=evidence.shape)
    if task.kind == "multi":
        return 1 / (1 + np.exp(-scores))
    weights = np.exp(scores)
    return weights / weights.sum(axis=1, keepdims=True)


def evaluation(*, reference=True, said=None, wanted=None, settings=SETTINGS, **changes):
    said = predictions() if said is None else said
    others = {"tf-idf": predictions(skill=0.8, seed=9, model="tfidf")} if reference else {}
    return summarise(
        said,
        targets() if wanted is None else wanted,
        name="text",
        headline="refer",
        settings=settings,
        references=others,
        **changes,
    )


@cache
def plain_evaluation():
    """Return the evaluation that nothing is changed in, made once."""
    return evaluation()


def origin(**changes):
    facts = {
        "kind": "checkpoint",
        "place": "runs/train/x",
        "dataset": "tubespam",
        "data_hash": "ab" * 32,
        "trained_on": "tubespam, data abababababab",
        "split": "test",
        "selection": Selection("validation", "average_precision", 0.91, 120),
        "refusal": None,
        "notes": ("No tf-idf baseline stands beside it.",),
        "command": "adverts evaluate candidate=runs/train/x prepared=prepared/x split=test",
        "created": "2026-01-02T03:04:05+00:00",
        "commit": "c0ffee",
        "machine": "x86_64 Linux",
        "created_by": "adverts 0.1.0",
    }
    return Origin(**{**facts, **changes})
