"""Score each comment by a model that never saw its cluster, as a unit's model would score a stream.

Usage::

    python experiments/0028-rehearsal/scores.py prepared/gambling runs/0028/scores.npz

``known``: five folds of whole clusters of near-duplicates, so the model knows the brands. ``new``:
each brand of ``experiments/0007-brands`` is in one fold, and the model was fitted and calibrated
without a thought of that. Each fold is scored by tf-idf fitted on the other four and calibrated on
inner folds of these, just as ``train`` does; error rates and a threshold come from the same inner
folds. The file holds numbers alone and stays outside of git.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints
from adverts.compose import compose
from adverts.config import TfidfConfig, TrainConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.data.splits.split_clusters import fold_clusters
from adverts.inputs.letters.folding import fold
from adverts.models.build_model import build_model
from adverts.models.ngram_branch import NgramBranch
from adverts.models.tfidf import Features, logits_of
from adverts.runtime.rules.probabilities import probabilities
from adverts.training.branch_lines import Labels, calibrated_ngrams
from adverts.training.fit_ngrams import NgramFit, fit_branch, ngram_features

sys.path.insert(0, str(Path(__file__).parents[1] / "0007-brands"))
from brands import brand_of, brands  # noqa: E402

FOLDS = 5
HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """All comments, with everything that no fold changes."""

    table: AdvertTable
    task: Task
    features: list[Features]
    settings: NgramFit
    positive: Bools


def opened(prepared: Path) -> World:
    """Read the dataset and hash its n-grams once."""
    given = [f"prepared={prepared}", "model=tfidf", "run_dir=unused"]
    model = compose("train", TrainConfig, given).model
    assert isinstance(model, TfidfConfig)
    table = open_prepared(prepared).split("all")
    task = table.schema.task(table.schema.headline)
    spec = build_model(model, (task,)).input_spec
    settings = NgramFit((task,), 1 << model.num_features_log2, model.inverse_regularisation, 0)
    positive = table.targets[task.name][:, task.positive_index] > HALF
    return World(table, task, ngram_features(table, spec), settings, positive)


def held_by_brand(world: World) -> list[str]:
    """Return what is never divided: the brand of a cluster if a promotion names one, or itself."""
    texts = [fold(text) for text in world.table.texts]
    both = list(zip(texts, world.positive.tolist(), strict=True))
    names = brands([t for t, yes in both if yes], [t for t, yes in both if not yes])
    of = {
        cluster: brand
        for cluster, (text, yes) in zip(world.table.clusters, both, strict=True)
        if yes and (brand := brand_of(text, names))
    }
    return [of.get(cluster, cluster) for cluster in world.table.clusters]


def folds(held: Sequence[str], positive: Bools) -> Ints:
    """Return the fold of each comment: what is held together in one, promotions evenly spread."""
    return fold_clusters(held, [(str(yes),) for yes in positive], folds=FOLDS, seed=0)


def scored(world: World, fold_of: Ints) -> dict[str, Floats]:
    """Return each comment's probability, and what the other folds say of its fold's model."""
    found = {
        name: np.zeros(len(fold_of))
        for name in ("probability", "threshold", "hits_half", "alarms_half", "hits", "alarms")
    }
    for number in range(FOLDS):
        inside, others = np.flatnonzero(fold_of == number), np.flatnonzero(fold_of != number)
        branch, unseen = fitted(world, others)
        raw = logits_of(branch.linear, [world.features[row] for row in inside])
        found["probability"][inside] = positives(world, branch, raw)
        said, true = positives(world, branch, unseen), world.positive[others]
        threshold = best_threshold(said, true)
        found["threshold"][inside] = threshold
        for name, cut in (("_half", HALF), ("", threshold)):
            found[f"hits{name}"][inside] = (said[true] >= cut).mean()
            found[f"alarms{name}"][inside] = (said[~true] >= cut).mean()
    return found


def fitted(world: World, rows: Ints) -> tuple[NgramBranch, dict[str, np.ndarray]]:
    """Return n-grams fitted and calibrated on some comments, and their logits out of fold."""
    table = world.table.select(rows)
    branch = NgramBranch(world.settings.tasks, world.settings.num_features)
    labels = Labels(table.targets, table.clusters, len(rows))
    inner = folds(table.clusters, world.positive[rows])
    features = [world.features[row] for row in rows]
    return branch, dict(fit_branch(branch, features, labels, world.settings, inner))


def positives(world: World, branch: NgramBranch, logits: dict[str, np.ndarray]) -> Floats:
    """Return the calibrated probability of the positive label from uncalibrated logits."""
    task = world.task
    return probabilities(task, calibrated_ngrams(branch, logits)[task.name])[:, task.positive_index]


def best_threshold(said: Floats, true: Bools) -> float:
    """Return the probability from which on the F1 of flags is best."""
    order = np.argsort(-said, kind="stable")
    hits = np.cumsum(true[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + true.sum())
    return float(said[order][int(f1.argmax())])


def main(prepared: str, out: str) -> None:
    """Score the comments in both ways and write the numbers."""
    world = opened(Path(prepared))
    cluster = np.unique(world.table.clusters, return_inverse=True)[1]
    arrays: dict[str, np.ndarray] = {"positive": world.positive, "cluster": cluster}
    for kind, held in (("known", world.table.clusters), ("new", held_by_brand(world))):
        fold_of = folds(held, world.positive)
        arrays |= {f"{kind}_{name}": x for name, x in scored(world, fold_of).items()}
        print(f"{kind}: {len(set(held)):,} brands or clusters in {FOLDS} folds", flush=True)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, data_hash=open_prepared(Path(prepared)).data_hash, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
