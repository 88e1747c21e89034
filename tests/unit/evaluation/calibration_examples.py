"""Adverts of every kind of task: labels are drawn from logits, which are then made wrong."""

from dataclasses import replace

import numpy as np
from evaluation_examples import TASKS, predictions
from scipy.special import expit, softmax

from adverts.evaluation.decisions.calibrate import fit_calibration
from adverts.runtime.rules.calibration import UNCALIBRATED
from adverts.runtime.rules.probabilities import calibrated_probabilities

N = 1_200


def drawn(n=N, *, scale=1.0, prior=0.0, seed=0):
    """Logits of every task, and labels drawn from them; then the logits are made wrong."""
    rng = np.random.default_rng(seed)
    logits = {task.name: rng.normal(size=(n, task.num_logits), scale=2) for task in TASKS}
    logits["refer"][:, 1] += prior
    logits["risk"] = logits["risk"][:, :1] - np.arange(3)
    draw = rng.random((n, 1))
    kinds = (draw > np.cumsum(softmax(logits["coarse"], axis=1), axis=1)[:, :2]).sum(axis=1)
    chance = expit(logits["refer"][:, 1] - logits["refer"][:, 0])
    levels = (rng.random((n, 1)) < expit(logits["risk"])).sum(axis=1)
    targets = {
        "coarse": np.eye(3)[kinds],
        "refer": np.eye(2)[(rng.random(n) < chance).astype(int)],
        "signals": rng.random((n, 3)) < expit(logits["signals"]),
        "risk": np.eye(4)[levels],
    }
    said = predictions(
        n,
        tasks=(),
        splits=["validation"] * n,
        clusters=[f"c{i}" for i in range(n)],
        seen=np.zeros(n, dtype=bool),
    )
    wrong = {name: scale * values for name, values in logits.items()}
    kept = {name: values.astype(np.float32) for name, values in targets.items()}
    return _with_logits(said, wrong), kept


def _with_logits(said, logits):
    probabilities = {
        task.name: calibrated_probabilities(task, logits[task.name], UNCALIBRATED) for task in TASKS
    }
    return replace(said, tasks=TASKS, logits=logits, probabilities=probabilities)


def fit(said, targets, *, prevalence=None, seed=0, **others):
    return fit_calibration(said, targets, prevalence=prevalence, seed=seed, **others)
