"""How often gate=release catches a drop of three points of recall at precision 0.9.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/power.py --processes 1

The worlds of experiment 0014 with 2,000 positives and little noise, planted in both of its ways.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gate_worlds import Arm, World, planted, simulate

CAUGHT = "finds_as_much fails; of the 600 draws together, the lower exact bound is at least 0.75"


def arms() -> Sequence[Arm]:
    """Return 300 draws of each way to be worse."""
    equal = World("equal", 1000, own=0.05)
    return [
        Arm(planted(replace(equal, name="weaker"), "weaker", 0.5), 300, 200, CAUGHT),
        Arm(planted(replace(equal, name="blind spot"), "blind", 0.1), 300, 200, CAUGHT),
    ]


if __name__ == "__main__":
    part = Path(__file__).parent / "parts" / "power.json"
    sys.exit(simulate(arms, str(part), __doc__))
