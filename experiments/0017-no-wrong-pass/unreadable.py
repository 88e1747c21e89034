"""How often gate=release passes a candidate that cannot read half of the adverts.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/unreadable.py --processes 1

The champion reads captions and pictures, the candidate captions alone, and half of the posts are
pictures only. Of what both read, the candidate is as good as the champion.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gate_worlds import Arm, World, simulate

MOST = "at most 5 % pass"


def arms() -> Sequence[Arm]:
    """Return worlds in which the champion alone reads a half, or 3 %, of the adverts."""
    half = World("half of the adverts unreadable", 1000, own=0.05, unreadable=0.5)
    few = replace(half, name="half unreadable, 500 positives", positive_clusters=250)
    return [
        Arm(half, 1000, 60, MOST),
        Arm(replace(half, name="3 % unreadable", unreadable=0.03), 1000, 60, MOST),
        Arm(few, 1000, 60, MOST),
    ]


if __name__ == "__main__":
    part = Path(__file__).parent / "parts" / "unreadable.json"
    sys.exit(simulate(arms, str(part), __doc__))
