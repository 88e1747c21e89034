"""Simulate streams, refit on each, choose the early exit, and measure what it really loses.

Usage::

    python experiments/0023-early-exit/promise.py draws=1000 processes=1 out=draws.jsonl

Each draw is a new stream: campaigns with words of their own, a second view for the network, and
some positives that look like others. Both branches are fitted on its training adverts, out of fold
as ``adverts train`` does it, and on all of them; the recall threshold is chosen on validation; the
exit on both. The true loss is that of the refitted model on 4,000 fresh positive clusters. A draw
that was made is not made again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from adverts.advert import LabelSchema, Task
from adverts.candidates.choose_exit import choose_exit
from adverts.candidates.exit_evidence import ExitEvidence
from adverts.config import DecisionsConfig
from adverts.data.splits.split_clusters import fold_clusters
from adverts.evaluation.decisions.threshold_search import ThresholdSearch
from adverts.models import tfidf
from adverts.models.ngram_branch import NgramBranch
from adverts.models.tfidf import HashedLinear, logits_of
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.early_exit import label_odds
from adverts.runtime.rules.probabilities import probabilities
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.training.branch_lines import (
    Labels,
    calibrated_mean,
    calibrated_ngrams,
    mean_logits,
)
from adverts.training.fit_ngrams import NgramFit, fit_branch

TASK = Task("refer", "single", ("no", "yes"), "yes")
SCHEMA = LabelSchema("drawn", (TASK,), "refer")
NUM_FEATURES, WORDS, VIEW, FOLDS, FRESH = 1 << 12, 2_000, 6, 5, 4_000


@dataclass(frozen=True)
class World:
    """One kind of stream: clusters with a positive in training and validation, and the promise."""

    name: str
    positives: tuple[int, int]
    others: tuple[int, int]
    max_loss: float
    hidden: float  # share of positives whose words say little
    recall: float = 0.8


WORLDS = (
    World("5 %, few hidden", (120, 40), (400, 130), 0.05, 0.05),
    World("5 %, many hidden", (120, 40), (400, 130), 0.05, 0.25),
    World("2 %, as many as sms_shift", (145, 55), (600, 200), 0.02, 0.05),
)


@dataclass(frozen=True)
class Stream:
    """Adverts: hashed words, the network's view, label and cluster of each."""

    features: list[tuple[np.ndarray, np.ndarray]]
    view: np.ndarray
    positive: np.ndarray
    clusters: list[str]

    def targets(self) -> dict[str, np.ndarray]:
        """Return the targets as training has them."""
        return {"refer": np.stack([~self.positive, self.positive], axis=1).astype(np.float32)}

    def rows(self, rows: np.ndarray) -> Stream:
        """Return some adverts."""
        return Stream(
            [self.features[row] for row in rows.tolist()],
            self.view[rows],
            self.positive[rows],
            [self.clusters[row] for row in rows.tolist()],
        )


def draw_stream(
    random: np.random.Generator,
    world: World,
    topics: np.ndarray,
    counts: tuple[int, int],
    name: str,
) -> Stream:
    """Draw clusters of one to five near-copies; ``counts``: positive clusters, and others."""
    common = 1.0 / (1 + np.arange(WORDS))
    total, longest = sum(counts), 20
    is_positive = np.arange(total) < counts[0]
    hidden = is_positive & (random.random(total) < world.hidden)
    share = np.where(is_positive, np.where(hidden, 0.1, 0.45), 0.0)
    own = random.random((total, longest)) < share[:, None]
    usual = random.choice(WORDS, (total, longest), p=common / common.sum())
    words = np.where(own, random.choice(topics, (total, longest)), usual)
    words[np.arange(longest) >= random.integers(6, longest, total)[:, None]] = -1
    centre = random.normal(0, 1, (total, VIEW))
    centre[:, 0] += 1.6 * is_positive
    of = np.repeat(np.arange(total), np.minimum(5, random.geometric(0.7, total)))
    copies = np.sort(np.where(random.random((len(of), longest)) < 0.85, words[of], -1), axis=1)
    copies[:, 1:][copies[:, 1:] == copies[:, :-1]] = -1
    ids = [row[row >= 0].astype(np.int32) for row in copies]
    return Stream(
        [(one, np.ones(len(one), np.float32)) for one in ids],
        centre[of] + random.normal(0, 0.3, (len(of), VIEW)),
        is_positive[of],
        [f"{name} {number}" for number in of.tolist()],
    )


def value_matrix(
    model: HashedLinear, features: Sequence[tuple[np.ndarray, np.ndarray]]
) -> csr_matrix:
    """Return what ``HashedLinear.values`` gives for each advert, all at once, for many fits."""
    sizes = [len(ids) for ids, _ in features]
    rows, ids = np.repeat(np.arange(len(features)), sizes), np.concatenate([i for i, _ in features])
    raw = (1 + np.log(np.concatenate([counts for _, counts in features]))) * model.idf.numpy()[ids]
    half = 2 * rows + (ids >= model.num_features // 2)
    norm = np.sqrt(np.bincount(half, raw.astype(np.float64) ** 2, minlength=2 * len(features)))
    ends = np.cumsum([0, *sizes])
    shape = (len(features), model.num_features)
    return csr_matrix((raw / np.maximum(norm[half], 1e-12), ids, ends), shape=shape)


def network_logits(fitted_on: Stream, judged: Stream) -> np.ndarray:
    """Return the uncalibrated logits of the network's stand-in, ``(N, 2)``."""
    fitted = LogisticRegression(C=1.0).fit(fitted_on.view, fitted_on.positive)
    odds = fitted.decision_function(judged.view)
    return np.stack([-odds / 2, odds / 2], axis=1).astype(np.float32)


def one_draw(world: World, seed: int) -> dict[str, object]:
    """Return the limit of one draw and what it loses of fresh positive clusters."""
    random = np.random.default_rng([seed, WORLDS.index(world)])
    topics = random.choice(np.arange(100, WORDS), 120, replace=False)
    splits = zip(world.positives, world.others, strict=True)
    train, held_out = (
        draw_stream(random, world, topics, counts, name)
        for counts, name in zip(splits, ("train", "validation"), strict=True)
    )
    strata = [("yes",) if one else ("no",) for one in train.positive]
    fold_of = fold_clusters(train.clusters, strata, folds=FOLDS, seed=0)
    targets = {"refer": np.concatenate([train.targets()["refer"], held_out.targets()["refer"]])}
    both = [*train.clusters, *held_out.clusters]
    labels = Labels(targets, both, len(train.clusters), learnt=frozenset(train.clusters))
    branch = NgramBranch((TASK,), NUM_FEATURES)
    settings = NgramFit((TASK,), NUM_FEATURES, 10.0, 0)
    ngrams = fit_branch(branch, [*train.features, *held_out.features], labels, settings, fold_of)
    network = np.zeros((len(both), 2), np.float32)
    for fold in range(FOLDS):
        inside = np.flatnonzero(fold_of == fold)
        network[inside] = network_logits(
            train.rows(np.flatnonzero(fold_of != fold)), train.rows(inside)
        )
    network[len(train.clusters) :] = network_logits(train, held_out)
    present = np.ones(len(both), bool)
    mean = calibrated_mean(branch, (TASK,), {"refer": network}, ngrams, present, labels=labels)
    alone = calibrated_ngrams(branch, ngrams)
    thresholds = Thresholds(
        (recall_threshold(world, mean["refer"][len(train.clusters) :], held_out),)
    )
    evidence = ExitEvidence(
        mean,
        alone,
        targets,
        both,
        ["en"] * len(both),
        ["Latn"] * len(both),
        ["text"] * len(both),
        present,
    )
    rule = choose_exit(
        SCHEMA,
        evidence,
        DecisionRules(thresholds=thresholds),
        decisions(world),
        max_loss=world.max_loss,
        out_of_fold=True,
    )
    limit = rule.limits[0]
    found: dict[str, object] = {"world": world.name, "seed": seed, "clusters": limit.clusters}
    if limit.value is None:
        return {**found, "limit": None, "loss": 0.0, "left": 0.0}
    fresh = draw_stream(random, world, topics, (FRESH, 500), "fresh")
    said, odds = served(branch, train, fresh)
    reaches = fresh.positive & (said >= (thresholds.thresholds[0].value or 0.0))
    under = odds < limit.value
    names = np.array(fresh.clusters)
    reached, lost = set(names[reaches]), set(names[reaches & under])
    left = float(under[~fresh.positive].mean())
    return {**found, "limit": limit.value, "loss": len(lost) / len(reached), "left": left}


def recall_threshold(world: World, mean: np.ndarray, held_out: Stream) -> Threshold:
    """Return the recall threshold that validation chooses."""
    said = probabilities(TASK, mean)[:, 1]
    asked = Threshold("refer", "yes", "recall", world.recall, None, lack="none keeps it")
    found = ThresholdSearch(said, held_out.positive, held_out.clusters, 0.95).keeping(asked)
    return found or asked


def served(branch: NgramBranch, train: Stream, fresh: Stream) -> tuple[np.ndarray, np.ndarray]:
    """Return probability and odds of the n-grams of fresh adverts, by the refitted model."""
    ngrams = logits_of(branch.linear, fresh.features)
    network = {"refer": network_logits(train, fresh)}
    mean = mean_logits(branch, network, ngrams, np.ones(len(fresh.clusters), bool))
    alone = calibrated_ngrams(branch, ngrams)
    return probabilities(TASK, mean["refer"])[:, 1], label_odds(TASK, alone["refer"], "yes")


def decisions(world: World) -> DecisionsConfig:
    """Return the settings of the promise."""
    return DecisionsConfig(
        operating_prevalence=None,
        precision=0.9,
        recall=world.recall,
        confidence=0.95,
        models_compared=1,
        seed=0,
    )


def drawn(job: tuple[int, int]) -> dict[str, object]:
    """Make one draw in a process of its own."""
    torch.set_num_threads(1)
    tfidf._value_matrix = value_matrix  # type: ignore[assignment]
    return one_draw(WORLDS[job[0]], job[1])


def table(found: Sequence[dict[str, object]]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield (
        "| stream | draws | with a limit | promise kept | median loss | 95 % of losses under | "
        "others that leave |"
    )
    yield "|---|---|---|---|---|---|---|"
    for world in WORLDS:
        mine = [one for one in found if one["world"] == world.name]
        if not mine:
            continue
        loss = np.array([one["loss"] for one in mine], float)
        kept = int((loss <= world.max_loss).sum())
        shipped = sum(one["limit"] is not None for one in mine)
        left = np.mean([one["left"] for one in mine])
        yield (
            f"| {world.name} | {len(mine):,} | {shipped:,} | {kept:,} | {np.median(loss):.2%} | "
            f"{np.quantile(loss, 0.95):.2%} | {left:.1%} |"
        )


def main() -> None:
    """Make the draws that are missing and print the table."""
    given = dict(one.split("=", 1) for one in sys.argv[1:])
    path, count = Path(given.get("out", "draws.jsonl")), int(given.get("draws", 1000))
    found = [json.loads(line) for line in path.open()] if path.exists() else []
    done = {(one["world"], one["seed"]) for one in found}
    jobs = [
        (place, seed)
        for place, world in enumerate(WORLDS)
        for seed in range(count)
        if (world.name, seed) not in done
    ]
    with path.open("a") as file, ProcessPoolExecutor(int(given.get("processes", 1))) as pool:
        for one in pool.map(drawn, jobs):
            found.append(one)
            file.write(json.dumps(one) + "\n")
            file.flush()
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
