"""Count what the gate says of models that were trained again with another seed.

python experiments/0014-gate-power/retrained.py "NAME=runs/one/*/gate.json" …
"""

from __future__ import annotations

import glob
import json
import sys
from pathlib import Path

from scipy.stats import binomtest

VERDICTS = {"failed": "failed", "could not judge": "could_not_judge", "passed": "passed"}
FIGURES = {"finds_as_much": "recall", "ranks_as_well": "ranking"}


def arm(name: str, records: list[dict]) -> dict:
    counts = {key: sum(one["verdict"] == said for one in records) for said, key in VERDICTS.items()}
    values = {"n": [len(records)], **{k: [v / len(records)] for k, v in counts.items()}}
    intervals = {}
    for key, count in counts.items():
        exact = binomtest(count, len(records)).proportion_ci(0.95)
        intervals[key] = [exact.low, exact.high]
    for condition, key in FIGURES.items():
        values[key] = [
            result["measured"]["value"]
            for one in records
            for result in one["results"]
            if result["name"] == condition and result["measured"]
        ]
    return {"name": name, "values": values, "intervals": intervals}


def main(arguments: list[str]) -> None:
    arms = []
    for argument in arguments:
        name, _, pattern = argument.partition("=")
        records = [json.loads(Path(path).read_text("utf-8")) for path in sorted(glob.glob(pattern))]
        arms.append(arm(name, records))
        commit = records[0]["created_by"]
    record = {
        "commit": commit,
        "metrics": {
            "n": "pairs",
            **{key: said for said, key in VERDICTS.items()},
            "recall": "difference in recall at precision 0.9",
            "ranking": "difference in average precision",
        },
        "arms": arms,
        "comparisons": [],
        "caption": (
            "Each model against the one of the seed before it; exact 95 % intervals; mean ± "
            "standard deviation of the differences. Commands: experiments/0014-gate-power."
        ),
    }
    path = Path(__file__).parent / "retrained.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
