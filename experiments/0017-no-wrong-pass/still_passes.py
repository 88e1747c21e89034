"""How often gate=release passes a candidate that is as good as its champion.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/still_passes.py --processes 1

Without a stated prevalence the worlds, seeds and resamples are those of experiment 0014, so that
its `power.py --only "equal" --equal-draws 300 --resamples 200` on the commit before gives the
number to be held against.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from gate_worlds import Arm, World, simulate

AT_LEAST = "at least 80 % pass"
AS_BEFORE = "not fewer than on the commit before"


def arms() -> Sequence[Arm]:
    """Return equal models with and without a stated prevalence."""
    rare = {"skill": 4.5, "prevalence": 0.005}
    return [
        Arm(World("equal, little noise", 1000, own=0.05), 300, 200, AT_LEAST),
        Arm(World("equal, much noise", 1000, own=0.15), 300, 200, AS_BEFORE),
        Arm(
            World(
                "0.5 % in service: 2,000 positives, 36,000 negatives in 24,000 clusters",
                1000,
                own=0.05,
                negative_clusters=24,
                **rare,
            ),
            300,
            100,
            AT_LEAST,
        ),
        Arm(
            World(
                "5 % in service: 2,000 positives, 12,000 negatives in 8,000 clusters",
                1000,
                own=0.05,
                negative_clusters=8,
                skill=4.5,
                prevalence=0.05,
            ),
            300,
            100,
            AT_LEAST,
        ),
    ]


if __name__ == "__main__":
    part = Path(__file__).parent / "parts" / "still_passes.json"
    sys.exit(simulate(arms, str(part), __doc__))
