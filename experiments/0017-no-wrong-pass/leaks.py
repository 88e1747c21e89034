"""Does the leak check of the gate ever say 0 where a link to training or validation exists?

    python experiments/0017-no-wrong-pass/leaks.py --draws 1000 --processes 2 --out part.json

Three worlds of short fictional adverts:

* *met later*: 250 adverts of clusters are split, then joined by groups that reach over train and
  test, and prepared again with the record of the first time, as the verb ``prepare`` does.
* *drifting*: campaigns in which each advert is the one before it with another word, so that the
  guard against chains refuses links; split here, once by clusters (as before) and once by
  families (as now).
* *clean*: adverts that share nothing.

The oracle compares all pairs of adverts: exact Jaccard similarity of their letter groups, and equal
groups. The check is the gate's own: ``_overlap`` on the stored dataset. *As before* is the rule
that compared names of clusters.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import numpy as np
from numpy.typing import NDArray
from planted import drifting_texts, exact_similarity, original_text

from adverts.advert import LabelSchema, Split, Task
from adverts.candidates.candidate import Candidate
from adverts.clusters.find_clusters import Clustering, find_clusters
from adverts.clusters.links import Traits
from adverts.clusters.near_text import MIN_SHINGLES, required_similarity
from adverts.config import EvaluateConfig
from adverts.config.data import MadeSplit
from adverts.data.dataset.cluster_evidence import LINKS, write_links
from adverts.data.dataset.prepared import PreparedDataset, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.data.dataset.split_assignments import ASSIGNMENTS, Assignment, write_assignments
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.splits.assign_splits import Dealt, deal
from adverts.data.splits.split_clusters import split_made
from adverts.evaluation.predictions.model_facts import DatasetName
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.files.file_hash import producing_commit
from adverts.judging.gate_verdict import _overlap
from adverts.judging.judge import EvaluationJob

Bools = NDArray[np.bool_]
SCHEMA = LabelSchema("demo", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
SPLIT = MadeSplit(kind="made", validation_fraction=0.2, test_fraction=0.2, seed=0)


@dataclass(frozen=True, slots=True)
class World:
    """Adverts as a source gives them."""

    texts: Sequence[str]
    groups: Sequence[str | None]

    @property
    def ids(self) -> list[str]:
        """Names of the adverts."""
        return [f"{row:06}" for row in range(len(self.texts))]

    def clustering(self) -> Clustering:
        """Return their clusters."""
        named = zip(self.ids, self.texts, self.groups, strict=True)
        return find_clusters([Traits(name, text, group=group) for name, text, group in named])


@dataclass(frozen=True, slots=True)
class Draw:
    """What one draw shows, in adverts of test.

    Attributes:
        test: All of them.
        linked: Those that the oracle links to train or validation.
        said: Those that the gate sets aside or counts; None where it cannot judge.
        judged_linked: Judged adverts that the oracle links: wrongly taken for new.
        by_names: Those that share the name of a cluster with train: as before.
        largest: Share of all adverts that the largest family holds.
    """

    test: int
    linked: int
    said: int | None
    judged_linked: int
    by_names: int
    largest: float


def oracle(world: World, splits: Sequence[Split | None]) -> Bools:
    """Tell which adverts of test have a copy, near-duplicate or group in train or validation."""
    similarity, sizes = exact_similarity(world.texts)
    near = (similarity >= required_similarity(sizes)) & (sizes >= MIN_SHINGLES)
    near |= similarity == 1
    groups = np.array([group or f"none {row}" for row, group in enumerate(world.groups)])
    near |= groups[:, None] == groups[None, :]
    earlier = np.array([split in ("train", "validation") for split in splits])
    in_test = np.array([split == "test" for split in splits])
    return np.asarray(near[:, earlier].any(axis=1) & in_test)


def prepared(folder: Path, world: World, found: Clustering, dealt: Dealt) -> PreparedDataset:
    """Write the dataset as the verb ``prepare`` does."""
    ids = world.ids
    rows = [
        PreparedRow(id=name, split=split, cluster=cluster, text=text)
        for name, split, cluster, text in zip(
            ids, dealt.splits, dealt.clusters, world.texts, strict=True
        )
        if split is not None
    ]
    files = {
        LINKS: lambda path: write_links(path, found.links, found.refused, ids=ids),
        ASSIGNMENTS: lambda path: write_assignments(
            path, ids, dealt.clusters, dealt.places, families=dealt.families, gone={}
        ),
    }
    return write_prepared(folder, rows, name="demo", schema=SCHEMA, side_files=files)


def judged(world: World, found: Clustering, dealt: Dealt) -> Draw:
    """Ask the gate, and hold it against the oracle."""
    linked = oracle(world, dealt.splits)
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepared(Path(folder) / "data", world, found, dealt)
        table = dataset.split("test")
        job = EvaluationJob(
            cast(EvaluateConfig, SimpleNamespace(split="test")), dataset, table, _model(dataset)
        )
        reviewed = cast(Predictions, SimpleNamespace(reviewed=np.ones(len(table), bool)))
        overlap, aside = _overlap(job, reviewed), job.set_aside
    place = {name: row for row, name in enumerate(world.ids)}
    truth = linked[[place[name] for name in table.ids]]
    trained = {
        cluster
        for cluster, split in zip(dealt.clusters, dealt.splits, strict=True)
        if split == "train"
    }
    families = np.unique(np.array(dealt.families), return_counts=True)[1]
    return Draw(
        test=len(table),
        linked=int(truth.sum()),
        said=None if overlap.shared is None else overlap.shared + overlap.set_aside,
        judged_linked=int((truth & ~aside).sum()),
        by_names=sum(cluster in trained for cluster in table.clusters),
        largest=float(families.max() / len(world.texts)),
    )


def _model(dataset: PreparedDataset) -> Candidate:
    name = DatasetName("demo", dataset.data_hash, frozenset())
    return cast(
        Candidate,
        SimpleNamespace(trained_on=name, inputs=("text",), schema=SCHEMA, kind="checkpoint"),
    )


def _dealt(world: World, found: Clustering, recorded: dict[str, Assignment] | None = None) -> Dealt:
    rows = cast(
        Sequence[MappedRow],
        [SimpleNamespace(id=name, split=None, context={}) for name in world.ids],
    )
    strata = [("",)] * len(world.texts)
    return deal(SPLIT, rows, found, strata, recorded=recorded or {})


def met_later(seed: int) -> Draw:
    """Prepare clusters, then again with groups that join some of train with some of test."""
    draw = random.Random(seed)
    texts = [original_text(draw, "en") for _ in range(160)]
    texts += [f"{text} now" for text in texts[:90]]
    first = World(texts, [None] * len(texts))
    dealt = _dealt(first, first.clustering())
    record = {
        name: Assignment(place, cluster)
        for name, place, cluster in zip(first.ids, dealt.places, dealt.clusters, strict=True)
    }
    rows = {
        split: draw.sample([row for row, one in enumerate(dealt.splits) if one == split], k=20)
        for split in ("train", "test")
    }
    groups: list[str | None] = [None] * len(texts)
    for number in range(draw.randint(1, 20)):
        for split in ("train", "test"):
            groups[rows[split][number]] = f"group {number}"
    second = World(texts, groups)
    found = second.clustering()
    return judged(second, found, _dealt(second, found, record))


def drifting(seed: int, *, by_family: bool = True) -> Draw:
    """Split campaigns that drift, by clusters or by families."""
    texts = drifting_texts(6, 80, seed=seed)
    world = World(texts, [None] * len(texts))
    found = world.clustering()
    dealt = _dealt(world, found)
    if not by_family:
        splits = split_made(
            found.names,
            [("",)] * len(texts),
            validation_fraction=SPLIT.validation_fraction,
            test_fraction=SPLIT.test_fraction,
            seed=SPLIT.seed,
        )
        dealt = Dealt(dealt.clusters, dealt.families, tuple(splits), 0)
    return judged(world, found, dealt)


def clean(seed: int) -> Draw:
    """Split adverts that share nothing."""
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghijklmnoprstuvwz", k=7)) for _ in range(14 * 250)]
    texts = [" ".join(words[14 * row : 14 * row + 14]) for row in range(250)]
    world = World(texts, [None] * len(texts))
    found = world.clustering()
    return judged(world, found, _dealt(world, found))


WORLDS = {
    "met later": met_later,
    "drifting, split by clusters": partial(drifting, by_family=False),
    "drifting, split by families": drifting,
    "clean": clean,
}


def summary(draws: Sequence[Draw]) -> dict[str, float]:
    """Return what all draws of a world show together."""
    test, leaks = sum(one.test for one in draws), [one for one in draws if one.linked]
    return {
        "draws": len(draws),
        "draws_with_a_link": len(leaks),
        "check_says_0": sum(one.said == 0 for one in leaks),
        "check_by_names_says_0": sum(one.by_names == 0 for one in leaks),
        "draws_that_judge_a_linked_advert": sum(one.judged_linked > 0 for one in draws),
        "linked_share_of_test": sum(one.linked for one in draws) / test,
        "judged_linked_share_of_test": sum(one.judged_linked for one in draws) / test,
        "set_aside_share_of_test": sum(one.said or 0 for one in draws) / test,
        "cannot_judge": sum(one.said is None for one in draws),
        "false_alarms": sum(one.said != 0 for one in draws if not one.linked),
        "largest_family_share": max(one.largest for one in draws),
    }


def main() -> None:
    """Print one line for each world, and write all draws down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    parts = {}
    for name, world in WORLDS.items():
        with ProcessPoolExecutor(options.processes) as pool:
            draws = list(pool.map(world, range(options.draws), chunksize=5))
        found = summary(draws)
        told = ", ".join(f"{key} {value:.4g}" for key, value in found.items())
        print(f"{name}: {told}", flush=True)
        parts[name] = {"summary": found, "draws": [asdict(one) for one in draws]}
    made = {"commit": producing_commit(), "seeds": [0, options.draws], "worlds": parts}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
