"""What evidence alone joins in the worlds for tuning, and how far its probabilities can be trusted.

No judgement of a person is read, and campaigns are the plain connected components of the edges that
join. Usage, with worlds that ``worlds.py SEED --out FOLDER/SEED`` wrote::

    python experiments/0029-campaigns/linker.py FOLDER
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from judging import judge
from ranges import TUNING_SEEDS
from worlds import Reassigned, World

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.bank_tables import ENTRANTS
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges
from adverts_findings.campaigns.evidence.drafts import components
from adverts_findings.campaigns.evidence.finding import find_edges
from adverts_findings.campaigns.evidence.model import EvidenceModel
from adverts_findings.campaigns.evidence.weighing import uncalibrated, weigh
from adverts_findings.campaigns.rules import LinkingRules

BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Entered:
    """What enters linking of a world: adverts of group V, without their truth.

    Attributes:
        table: Their columns.
        templates: Their near-duplicates.
        rows: Their rows in the world.
    """

    table: pa.Table
    templates: list[str]
    rows: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """What evidence makes of a world.

    Attributes:
        edges: The edges.
        probability: Probability of each, uncalibrated.
        same: Whether both of its adverts are of one source.
        campaigns: Campaign of each advert of the world; None where it did not enter.
        listed: Number of values that join nothing.
        seconds: Seconds for finding and for weighing.
    """

    edges: Edges
    probability: Floats
    same: Bools
    campaigns: list[int | None]
    listed: int
    seconds: tuple[float, float]


def read_world(folder: Path) -> World:
    """Return a world that ``worlds.py`` wrote."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return World(
        pq.read_table(folder / "adverts.parquet"),
        truth["copycats"],
        tuple(Reassigned(**one) for one in truth["reassigned"]),
        truth["helpline"],
        tuple(truth["poisoned"]),
    )


def enter(world: World) -> Entered:
    """Return the adverts that people judged group V."""
    rows = np.flatnonzero(pc.equal(world.visible["group"], "V").to_numpy())
    seen = world.visible.take(rows)
    known = {"source": "scores/made-up", "judged_by": "review"}
    columns = [
        seen[field.name].cast(field.type)
        if field.name in seen.column_names
        else pa.array([known.get(field.name)] * len(seen), field.type)
        for field in ENTRANTS
    ]
    return Entered(pa.table(columns, schema=ENTRANTS), seen["cluster"].to_pylist(), rows)


def link(world: World, rules: LinkingRules) -> Linked:
    """Return what evidence makes of a world."""
    entered = enter(world)
    began = time.perf_counter()
    found = find_edges(entered.table, entered.templates, rules)
    between = time.perf_counter()
    weight, _ = weigh(found.edges, EvidenceModel())
    seconds = between - began, time.perf_counter() - between
    edges = found.edges
    joins = edges.of_status("joins")
    groups = components(edges.first[joins], edges.second[joins], len(entered.rows))
    campaigns: list[int | None] = [None] * len(world.adverts)
    for row, group in zip(entered.rows.tolist(), groups.tolist(), strict=True):
        campaigns[row] = group
    truth = np.array(world.adverts["truth_source"].take(entered.rows).to_pylist())
    same = truth[edges.first] == truth[edges.second]
    return Linked(edges, uncalibrated(weight), same, campaigns, len(found.listed), seconds)


def calibration_error(probability: Floats, same: Bools) -> float:
    """Return the expected calibration error in bins of equal width."""
    bins = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, probability - same, minlength=BINS)
    return float(np.abs(gaps).sum() / max(len(same), 1))


def by_status(linked: list[Linked]) -> Iterator[str]:
    """Yield a line for each kind and status of edges."""
    kind = np.concatenate([one.edges.kind for one in linked])
    status = np.concatenate([one.edges.status for one in linked])
    probability = np.concatenate([one.probability for one in linked])
    same = np.concatenate([one.same for one in linked])
    pairs = Counter(zip(kind.tolist(), status.tolist(), strict=True))
    for (of, into), count in sorted(pairs.items()):
        which = (kind == of) & (status == into)
        yield (
            f"{EDGE_KINDS[of]:12} {EDGE_STATUSES[into]:9} {count:7,} edges {count / len(kind):7.2%}"
            f"  said {probability[which].mean():.3f}  true {same[which].mean():.3f}"
        )
    doubted = status != EDGE_STATUSES.index("joins")
    error = calibration_error(probability, same)
    doubtful = calibration_error(probability[doubted], same[doubted])
    yield f"calibration error {error:.3f} of all edges, {doubtful:.3f} of those that do not join"


def main() -> None:
    """Print the figures of the worlds for tuning."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--silent-weeks", type=float, default=LinkingRules().silent_weeks)
    options = parser.parse_args()
    rules = LinkingRules(silent_weeks=options.silent_weeks)
    linked = []
    for seed in TUNING_SEEDS:
        world = read_world(options.folder / str(seed))
        one = link(world, rules)
        figures = judge(world, one.campaigns)
        print(
            f"{seed}: pairs {figures.pair_precision:.3f} {figures.pair_recall:.3f}, "
            f"B-cubed F1 {figures.b_cubed_f1:.3f}, largest {figures.largest:.2f}, "
            f"reassigned {figures.reassigned_joined:.2f}, copycats {figures.copycats_joined:.2f}, "
            f"background {figures.background_joined:.4f}, listed {one.listed}, "
            f"{len(one.edges):,} edges in {one.seconds[0]:.1f} s, weighed in {one.seconds[1]:.1f} s"
        )
        linked.append(one)
    print("\n".join(by_status(linked)))
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB")


if __name__ == "__main__":
    main()
