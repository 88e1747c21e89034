"""Judge `adverts link` on made-up worlds, alone and after 200 pairs were judged.

Usage::

    python experiments/0029-campaigns/judge_linker.py tuning     # linker_tuning.json
    python experiments/0029-campaigns/judge_linker.py judged     # linker.json

Who judges knows the truth. The pairs are those of a sheet that the verb would write.
"""

from __future__ import annotations

import argparse
import datetime
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
from baselines import Visible, rules_and_templates
from judging import NAMES, Figures, judge
from linker import calibration_error, enter
from ranges import ADVERTS, JUDGED_SEEDS, TUNING_SEEDS
from worlds import World, make_world

from adverts.files.file_hash import producing_commit
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.build import Circumstances, Made, make_build
from adverts_findings.campaigns.edges import EDGE_KINDS, edge_name
from adverts_findings.campaigns.entering.gather import Gathered
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.judgements.which_to_judge import which_to_judge
from adverts_findings.campaigns.rules import LinkingRules
from adverts_findings.campaigns.tables.stored_edges import stored_edges

HERE = Path(__file__).parent
PAIRS = 200
AT = datetime.datetime(2032, 1, 1, tzinfo=datetime.UTC)
METRICS = {
    **NAMES,
    "error": "calibration error of edges",
    "doubtful": "… of those that do not join",
    "seconds": "seconds of a build",
}
Values = dict[str, float | None]


def build(
    entrants: pa.Table, judgements: Sequence[Judgement], before: Mapping[str, pa.Table]
) -> Made:
    """Return a build of adverts that are in the order of their ids."""
    nobody = [TABLES[name].empty_table() for name in ("candidates", "restricted", "barred")]
    candidates, restricted, forbidden = nobody
    gathered = Gathered(
        entrants, candidates, "made-up", len(entrants), 0, 0, 0, restricted, forbidden
    )
    return make_build(
        gathered, judgements, LinkingRules(), Circumstances({}, {}, "0029", AT), before=before
    )


def judged_pairs(made: Made, source: Mapping[str, str]) -> list[Judgement]:
    """Return what somebody who knows the truth says of a sheet of pairs."""
    stored = stored_edges(made.tables)
    ids = made.tables["adverts"]["id"].to_pylist()
    drawn = which_to_judge(
        stored.edges, roots=stored.roots, bridges=stored.bridges, judged=(), budget=PAIRS, seed=0
    )
    found = []
    for one in drawn:
        first = ids[int(stored.edges.first[one.edge])]
        second = ids[int(stored.edges.second[one.edge])]
        kind = EDGE_KINDS[int(stored.edges.kind[one.edge])]
        found.append(
            Judgement(
                said="same" if source[first] == source[second] else "different",
                first=first,
                second=second,
                anchors=((first, second),),
                by="who knows",
                at=AT.isoformat(),
                why="",
                drawn=one.drawn,
                chance=one.chance,
                edge=edge_name(kind, stored.edges.value[one.edge], first, second),
            )
        )
    return found


def figures(world: World, made: Made, source: Mapping[str, str], seconds: float) -> Values:
    """Return all figures of a build."""
    adverts, edges = made.tables["adverts"], made.tables["edges"]
    campaign = dict(zip(adverts["id"].to_pylist(), adverts["campaign"].to_pylist(), strict=True))
    ends = {
        name: (one, other)
        for name, one, other in zip(
            *(edges[column].to_pylist() for column in ("edge", "first", "second")), strict=True
        )
    }
    bridges = [ends[one] for one in made.tables["bridges"]["edge"].to_pylist()]
    campaigns = [campaign.get(one) for one in world.adverts["id"].to_pylist()]
    judged: Figures = judge(world, campaigns, bridges)
    probability = np.array(edges["probability"].to_pylist(), np.float64)
    known = ~np.isnan(probability) & (np.array(edges["kind"].to_pylist()) != "judged")
    same = np.array([source[one] == source[other] for one, other in ends.values()], np.bool_)
    doubted = known & (np.array(edges["status"].to_pylist()) != "joins")
    return {
        **asdict(judged),
        "error": calibration_error(probability[known], same[known]),
        "doubtful": calibration_error(probability[doubted], same[doubted]),
        "seconds": seconds,
    }


def main() -> None:
    """Judge the linker on the worlds of some seeds, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", choices=("tuning", "judged"))
    parser.add_argument("--adverts", type=int, default=ADVERTS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    judged = options.seeds == "judged"
    found: dict[str, list[Values]] = defaultdict(list)
    copycats, worlds = 0, JUDGED_SEEDS if judged else TUNING_SEEDS
    for seed in worlds:
        world = make_world(seed, options.adverts)
        copycats += len(world.copycats)
        source = dict(
            zip(*(world.adverts[name].to_pylist() for name in ("id", "truth_source")), strict=True)
        )
        seen = Visible(world)
        for weeks in (26, 12):
            name = f"rules, and lone adverts by template, silent for {weeks} weeks"
            campaigns = rules_and_templates(seen, silence=datetime.timedelta(weeks=weeks))
            found[name].append(asdict(judge(world, campaigns)))
        entrants = enter(world).table.sort_by("id")
        began = time.perf_counter()
        first = build(entrants, (), {})
        between = time.perf_counter()
        found["adverts link, nobody judged"].append(figures(world, first, source, between - began))
        second = build(entrants, judged_pairs(first, source), first.tables)
        found[f"adverts link, {PAIRS} pairs judged"].append(
            figures(world, second, source, time.perf_counter() - between)
        )
        print(f"seed {seed}: {json.dumps(found[f'adverts link, {PAIRS} pairs judged'][-1])}",
              file=sys.stderr)  # fmt: skip
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    arms = [
        {
            "name": name,
            "values": {
                key: [round(one[key], 4) for one in several if one.get(key) is not None]
                for key in METRICS
            },
        }
        for name, several in found.items()
    ]
    caption = (
        f"{len(worlds)} worlds ({options.seeds} seeds) of {options.adverts:,} adverts, "
        f"mean ± standard deviation; {copycats} copycats in all. Builds in one thread, at most "
        f"{gigabytes:.1f} GB with the world. "
        f"`python experiments/0029-campaigns/judge_linker.py {options.seeds}`"
    )
    record = {"metrics": METRICS, "arms": arms, "comparisons": [], "caption": caption}
    out = options.out or HERE / ("linker.json" if judged else "linker_tuning.json")
    text = json.dumps({**record, "commit": producing_commit()}, ensure_ascii=False, indent=1)
    out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
