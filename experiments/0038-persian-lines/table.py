"""Write ``results.json`` from the counts that ``measure.py`` wrote for the judged half.

python experiments/0038-persian-lines/table.py before.jsonl after.jsonl
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from measure import rates

_NAMES = {"fa": "Persian", "ar": "Arabic", "ckb": "Sorani", "ps": "Pashto"}
_METRICS = {
    "cer": "character error",
    "plain cer": "letters alike, no half-spaces",
    "lost": "characters lost",
    "out of order": "mixed lines out of order",
    "contacts": "addresses and phones exact",
    "digit form": "digits of the true form",
    "half-space recall": "half-spaces found",
    "half-space precision": "right of those",
}
_CAPTION = (
    "Judged half: lines with Persian, Arabic and European digits, fonts and sentences of its own; "
    "before and after on the same pictures. Commands: "
    "experiments/0038-persian-lines."
)


def main() -> None:
    """Read the counts, write the record."""
    arms = []
    for path in map(Path, sys.argv[1:]):
        raw = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
        counts = {name: Counter(raw["counts"][name]) for name in _NAMES if name in raw["counts"]}
        groups = {_NAMES[name]: total for name, total in counts.items()}
        groups["all"] = sum(counts.values(), Counter())
        for name, total in groups.items():
            values = {metric: [value] for metric, value in rates(total).items()}
            arms.append({"name": f"{name}, {raw['reader']}", "values": values})
    arms.sort(key=lambda arm: arm["name"].split(",")[0])
    record = {"metrics": _METRICS, "arms": arms, "comparisons": [], "caption": _CAPTION}
    path = Path(__file__).with_name("results.json")
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
