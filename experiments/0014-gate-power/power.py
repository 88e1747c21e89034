"""How often the gate `release` catches a planted drop, and how often it fails an equal model.

    PYTHONPATH=experiments python experiments/0014-gate-power/power.py --draws 300 --equal-draws 600

Two models score fresh adverts of known populations. A score is a normal value, a positive's raised
by 3.1 so that recall at precision 0.9 is 0.90; half of its variance within a label is shared by the
adverts of a cluster. Both models share most of it; the rest is each model's own, as after training
again with another seed. A drop is planted in the candidate so that its recall at precision 0.9, on
a million adverts, is lower by 0.03. The gate judges each draw with the real code.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from gate_worlds import World, planted, shipped, verdict_of
from scipy.stats import beta

from adverts.evaluation.gate.gate_record import GateRecord
from adverts.files.file_hash import producing_commit

RECALL = "finds_as_much"


def arm(world: World, records: Sequence[GateRecord]) -> dict[str, object]:
    """Return a row of the record: shares of the verdicts, and what the set could see."""
    count = len(records)
    shares = {
        name: sum(one.verdict == verdict for one in records)
        for name, verdict in (
            ("failed", "failed"),
            ("could_not_judge", "could not judge"),
            ("passed", "passed"),
        )
    }
    shares["caught"] = sum(
        any(one.name == RECALL and one.outcome == "failed" for one in record.results)
        for record in records
    )
    visible = [
        one.smallest_visible
        for record in records
        for one in record.results
        if one.name == RECALL and one.smallest_visible is not None
    ]
    values = {name: [found / count] for name, found in shares.items()}
    intervals = {name: _exact(found, count) for name, found in shares.items()}
    return {
        "name": world.name,
        "values": {"n": [count], **values, "visible": [statistics.fmean(visible)]},
        "intervals": intervals,
    }


def _exact(found: int, count: int) -> list[float]:
    """Return the exact binomial 95 % interval."""
    low = beta.ppf(0.025, found, count - found + 1) if found else 0.0
    high = beta.ppf(0.975, found + 1, count - found) if found < count else 1.0
    return [float(low), float(high)]


def worlds() -> Iterator[World]:
    """Yield every arm; drops are planted in two ways, then shown to smaller sets."""
    equal = World("equal, little noise", 1000, own=0.05)
    weaker = planted(replace(equal, name="weaker, little noise"), "weaker", 0.5)
    yield equal
    yield weaker
    yield planted(replace(equal, name="blind spot, little noise"), "blind", 0.1)
    for clusters in (500, 250, 120):
        name = f"weaker, little noise, {2 * clusters} positives"
        yield replace(weaker, name=name, positive_clusters=clusters)
    yield World("equal, little noise, 500 positives", 250, own=0.05)
    equal = World("equal, much noise", 1000, own=0.15)
    yield equal
    yield planted(replace(equal, name="weaker, much noise"), "weaker", 0.5)
    yield planted(replace(equal, name="blind spot, much noise"), "blind", 0.1)


def main() -> int:
    """Simulate and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--equal-draws", type=int, default=600)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="", help="arms whose name holds this")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    options = parser.parse_args()
    gate, arms = shipped("release"), []
    with ProcessPoolExecutor(options.processes) as pool:
        for world in worlds():
            if options.only not in world.name:
                continue
            draws = options.equal_draws if world.name.startswith("equal") else options.draws
            judge_draw = partial(verdict_of, world, gate, options.resamples)
            arms.append(arm(world, list(pool.map(judge_draw, range(draws)))))
            record = _record(arms, options)
            options.out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def _record(arms: Sequence[Mapping[str, object]], options: argparse.Namespace) -> dict[str, object]:
    return {
        "commit": producing_commit(),
        "metrics": {
            "n": "draws",
            "caught": "recall failed",
            "failed": "failed",
            "could_not_judge": "could not judge",
            "passed": "passed",
            "visible": "smallest visible drop",
        },
        "arms": list(arms),
        "comparisons": [],
        "caption": (
            f"`python experiments/0014-gate-power/power.py --draws {options.draws} --equal-draws "
            f"{options.equal_draws} --resamples {options.resamples}`; 2,000 positives in 1,000 "
            "clusters and 6,000 negatives in 4,000 unless told otherwise; exact 95 % intervals."
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
