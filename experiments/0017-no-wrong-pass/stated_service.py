"""How often gate=release passes an equal model, and fails a worse one, with a stated prevalence.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/stated_service.py --processes 2

5 % are positive in service, 25 % in the set of 2,000 positives and 12,000 negatives. A set that
others have looked at asks for more of a model. Where nothing is stated, no model may pass.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gate_worlds import Arm, World, planted, simulate

EQUAL = World(
    "equal", 1000, own=0.05, negative_clusters=8, skill=4.5, prevalence=0.05, earlier_looks=0
)
PASSES, SELDOM, NEVER = "at least 80 % pass", "at most 5 % pass", "none passes"
CAUGHT = "finds_as_much fails; of the 600 draws together, the lower exact bound is at least 0.75"


def arms() -> Sequence[Arm]:
    """Return equal models after 0, 5 and 20 looks, worse ones, once and tried, and silent ones."""
    first = replace(EQUAL, skill=3.1, negative_clusters=4)  # as in power.py
    looked = [
        Arm(replace(EQUAL, name=f"equal, {looks} looks", earlier_looks=looks), 300, 100, PASSES)
        for looks in (0, 5, 20)
    ]
    worse = [
        Arm(planted(replace(first, name="weaker, stated"), "weaker", 0.5), 300, 200, CAUGHT),
        Arm(planted(replace(first, name="blind spot, stated"), "blind", 0.1), 300, 200, CAUGHT),
    ]
    tried = [
        Arm(replace(one.world, name=f"{one.world.name}, one of 20", tries=20), 300, 60, SELDOM)
        for one in worse
    ]
    silent = replace(EQUAL, name="equal, nothing stated", prevalence=None)
    fooled = replace(silent, name="half a percent fooled, nothing stated", fooled=0.005)
    never = [Arm(silent, 300, 60, NEVER), Arm(fooled, 300, 60, NEVER)]
    return [*looked, *worse, *never, *tried]


if __name__ == "__main__":
    part = Path(__file__).parent / "parts" / "stated_service.json"
    sys.exit(simulate(arms, str(part), __doc__))
