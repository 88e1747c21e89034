"""Judge the decided label of models that learn from few positives, over draws from one dataset.

Usage::

    python experiments/0022-few-positives/draws.py prepared/gambling results.json 20

Each draw deals whole clusters: 150 positive ones and their share of the others to train, 10 and
their share to validation, the rest to test. Features are computed once for all adverts. Test labels
choose nothing. Models "before" are decided as in the release before this one: a map of calibration
is chosen and fitted on validation. The others are calibrated out of fold over train and validation.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score, log_loss

from adverts.advert import LabelSchema
from adverts.arrays import Bools, Floats, Ints
from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.decisions.calibration_choice import choose_map
from adverts.evaluation.truth import Judged
from adverts.files.file_hash import producing_commit
from adverts.models.build_model import build_model
from adverts.models.built_model import BuiltModel
from adverts.models.ngram_branch import NgramBranch
from adverts.models.tfidf import Features, logits_of
from adverts.runtime.rules.probabilities import mapped_probabilities, probabilities
from adverts.training.branch_lines import Labels, Logits, calibrated_mean, calibrated_ngrams
from adverts.training.building.build_run import (
    build_encoder,
    build_loss,
    build_schema,
    build_settled,
)
from adverts.training.dataset import AdvertBatches
from adverts.training.fit_frozen import network_logits
from adverts.training.fit_ngrams import NgramFit, fit_branch, folds_of, ngram_features
from adverts.training.frozen import PartFeatures, fit_heads, part_features
from adverts.training.processes import start_processes

TRAIN, VALIDATION = 150, 10
RESAMPLES = 5_000
SHOWN = {"macro_f1": "macro-F1", "average_precision": "average precision", "log_loss": "log loss"}
LEAST = 1e-6  # probabilities are cut here for the log loss


@dataclass(frozen=True)
class World:
    """All adverts of the dataset, with everything that no label changes."""

    config: TrainConfig
    schema: LabelSchema
    table: AdvertTable
    model: BuiltModel
    batches: AdvertBatches
    features: PartFeatures
    ngrams: list[Features]

    @property
    def positive(self) -> Bools:
        task = self.schema.task(self.schema.headline)
        return np.asarray(self.table.targets[task.name][:, task.positive_index] > 0.5)


def opened(prepared: Path) -> World:
    given = [f"prepared={prepared}", "model=text", "trainer=frozen", "run_dir=unused"]
    config = compose("train", TrainConfig, given)
    dataset = open_prepared(prepared)
    schema = build_schema(config.loss, dataset.schema)
    table = dataset.split("all")
    known = ~np.isnan(table.targets[schema.headline]).all(axis=1)
    table = table.select(np.flatnonzero(known))
    processes = start_processes("cpu", 1)
    config = build_settled(config, processes.device, (table, table))
    torch.manual_seed(0)
    model = build_model(config.model, schema.tasks)
    batches = AdvertBatches(table, build_encoder(model), schema.tasks, modality_dropout=0.0, seed=0)
    features = part_features(
        model.module,
        batches,
        title="features",
        tokens_per_batch=config.trainer.tokens_per_batch,
        max_adverts=config.trainer.max_adverts_per_batch,
        autocast_dtype=None,
        processes=processes,
    )
    ngrams = ngram_features(table, model.input_spec)
    return World(config, schema, table, model, batches, features, ngrams)


def dealt(clusters: list[str], positive: Bools, seed: int) -> list[Ints]:
    """Return the rows of train, validation and test: whole clusters."""
    rng = np.random.default_rng(seed)
    names, of = np.unique(np.array(clusters), return_inverse=True)
    holds = np.bincount(of, positive) > 0
    part = np.empty(len(names), dtype=int)
    for kind in (True, False):
        own = rng.permutation(np.flatnonzero(holds == kind))
        share = 1.0 if kind else len(own) / holds.sum()
        ends = share * np.array([TRAIN, TRAIN + VALIDATION])
        part[own] = np.searchsorted(ends, np.arange(len(own)), side="right")
    return [np.flatnonzero(part[of] == number) for number in range(3)]


def part_of(features: PartFeatures, rows: Ints) -> PartFeatures:
    return PartFeatures(
        raw=[x[rows] for x in features.raw],
        present=[x[rows] for x in features.present],
        quality=None,
    )


def said(world: World, train: Ints, held_out: Ints, test: Ints) -> dict[str, Floats]:
    """Return the probabilities of each model for the test adverts."""
    task, module = world.schema.task(world.schema.headline), world.model.module
    tables = [world.table.select(rows) for rows in (train, held_out)]
    loss = build_loss(world.config.loss, world.schema.tasks, tables[0])
    part = part_of(world.features, train)
    part.standardise(module)
    targets = {name: x[train] for name, x in world.batches.targets.items()}
    fold_of = folds_of(tables[0], world.schema.tasks)
    heads = fit_heads(module, part.fused(module), targets, fold_of, loss)
    rows, count = np.concatenate([held_out, test]), len(held_out)
    later = network_logits(module, part_of(world.features, rows))[task.name]
    network = {task.name: np.concatenate([heads.out_of_fold[task.name], later[:count]])}

    branch, labels, settings = module.ngrams, Labels.of(*tables), world.config.model.ngrams
    assert isinstance(branch, NgramBranch)
    fit = NgramFit(
        world.schema.tasks, 1 << settings.num_features_log2, settings.inverse_regularisation, 0
    )
    texts = [world.ngrams[row] for row in (*train, *held_out)]
    unseen = fit_branch(branch, texts, labels, fit, fold_of)
    has = np.ones(len(texts), bool)
    calibrated_mean(branch, world.schema.tasks, network, unseen, has, labels=labels)
    raw = logits_of(branch.linear, [world.ngrams[row] for row in rows])[task.name]
    both = branch.calibrated(*({task.name: torch.from_numpy(x)} for x in (later, raw)))
    mean = branch.mean(both, torch.ones(len(rows), dtype=torch.bool))[task.name].numpy()

    def as_before(logits_NK: Floats) -> Floats:
        judged = Judged(task, world.positive[held_out].astype(np.int64), np.arange(count))
        names = [world.table.clusters[row] for row in held_out]
        chosen = choose_map(judged, logits_NK[:count].astype(np.float64), names, seed=0)
        return mapped_probabilities(task, logits_NK[count:].astype(np.float64), chosen)

    alone: Logits = calibrated_ngrams(branch, {task.name: raw[count:]})
    found = {
        "tf-idf, before": as_before(raw),
        "network, before": as_before(later),
        "tf-idf": probabilities(task, alone[task.name]),
        "network": probabilities(task, both["network"][task.name].numpy()[count:]),
        "mean of both": probabilities(task, mean[count:]),
    }
    return {name: p_NL[:, task.positive_index] for name, p_NL in found.items()}


def figures(truth: Bools, p_N: Floats) -> dict[str, float]:
    return {
        "macro_f1": float(f1_score(truth, p_N >= 0.5, average="macro")),
        "average_precision": float(average_precision_score(truth, p_N)),
        "log_loss": float(log_loss(truth, np.clip(p_N, LEAST, 1 - LEAST))),
    }


def record(found: list[dict[str, dict[str, float]]], data_hash: str) -> dict[str, object]:
    """Return what a table shows: means over draws, and paired differences of the mean of both."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(found), (RESAMPLES, len(found)))
    values = {
        name: {key: np.array([one[name][key] for one in found]) for key in SHOWN}
        for name in found[0]
    }
    comparisons = []
    for name in list(values)[:-1]:
        for key in SHOWN:
            gaps = values["mean of both"][key] - values[name][key]
            low, high = np.quantile(gaps[drawn].mean(axis=1), [0.025, 0.975])
            ends = {"difference": float(gaps.mean()), "low": float(low), "high": float(high)}
            comparisons.append({"name": f"mean of both − {name}", "metric": key, **ends})
    return {
        "commit": producing_commit(),
        "data_hash": data_hash,
        "metrics": SHOWN,
        "arms": [
            {"name": name, "values": {key: x.tolist() for key, x in by_key.items()}}
            for name, by_key in values.items()
        ],
        "comparisons": comparisons,
        "caption": (
            f"{len(found)} draws: {TRAIN} positive clusters and their share of the others to "
            f"train, {VALIDATION} to validation, the rest judged at 0.5; mean ± standard deviation "
            "over draws, 95 % intervals of paired differences over draws. Command: "
            "experiments/0022-few-positives."
        ),
    }


def main(prepared: str, results: str, draws: str) -> None:
    world, found = opened(Path(prepared)), []
    for seed in range(int(draws)):
        parts = dealt(world.table.clusters, world.positive, seed)
        one = {
            name: figures(world.positive[parts[2]], p) for name, p in said(world, *parts).items()
        }
        found.append(one)
        shown = {name: round(values["macro_f1"], 3) for name, values in one.items()}
        print(seed, [len(rows) for rows in parts], shown, flush=True)
    data_hash = open_prepared(Path(prepared)).data_hash
    text = json.dumps(record(found, data_hash), indent=1, ensure_ascii=False)
    Path(results).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
