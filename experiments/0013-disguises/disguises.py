"""Put the robustness of several reports side by side: ``results.json`` (heavy) and ``light.json``.

Usage::

    python experiments/0013-disguises/disguises.py runs/0013
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

ARMS = {  # folder of the report, and what a column is called
    "tfidf-full": "tf-idf, comments",
    "minilm-full": "MiniLM, comments",
    "nine-full": "tf-idf, nine languages",
}
KEPT, WORST, GAINED = "recall_kept", "worst_recall_kept", "false_positives_gained"
SHOWN = {KEPT: "recall kept", GAINED: "false positives gained"}
CAPTION = (
    "{strength} disguises, three draws, seed 0; 300 adverts of each test split, half of them "
    "positive, threshold 0.5. Recall of the disguised adverts over recall of the same as they are; "
    "share of harmless ones flagged only in disguise; 95 % intervals over clusters. –: fewer than "
    "ten clusters that the disguise changes. Commands: experiments/0013-disguises."
)


def main(runs: Path) -> None:
    """Write both records."""
    reports = {arm: json.loads((runs / arm / "report.json").read_text()) for arm in ARMS}
    for strength, name in (("heavy", "results"), ("light", "light")):
        text = json.dumps(record(reports, strength), indent=1, ensure_ascii=False)
        (Path(__file__).parent / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def record(reports: dict[str, dict], strength: str) -> dict[str, object]:
    """Return what ``results.json`` holds for one strength."""
    first = reports["tfidf-full"]["robustness"]["perturbed"]
    names = [one["name"] for one in first if one["kind"] == "text" and one["strength"] == strength]
    return {
        "commit": sorted({report["origin"]["commit"] for report in reports.values()}),
        "datasets": {
            ARMS[arm]: [report["origin"]["dataset"], report["origin"]["data_hash"]]
            for arm, report in reports.items()
        },
        "machine": f"{platform.machine()}, 1 thread",
        "seed": 0,
        "metrics": {
            f"{figure}.{arm}": f"{column}: {title}"
            for figure, title in SHOWN.items()
            for arm, column in ARMS.items()
        },
        "arms": [row(name, strength, reports) for name in names],
        "comparisons": [],
        "caption": CAPTION.format(strength=strength.capitalize()),
    }


def row(name: str, strength: str, reports: dict[str, dict]) -> dict[str, object]:
    """Return the figures of one disguise for every model; also those that no table shows."""
    values, intervals, changed = {}, {}, {}
    for arm, report in reports.items():
        found = next(
            one
            for one in report["robustness"]["perturbed"]
            if (one["name"], one["strength"]) == (name, strength)
        )
        changed[ARMS[arm]] = [found["adverts"], found["unchanged"]]
        for figure in (KEPT, WORST, GAINED):
            measured = found[figure]
            if measured["value"] is not None:
                values[f"{figure}.{arm}"] = [measured["value"]]
                if measured["low"] is not None:
                    intervals[f"{figure}.{arm}"] = [measured["low"], measured["high"]]
    return {
        "name": name.replace("_", " "),
        "values": values,
        "intervals": intervals,
        "changed, unchanged": changed,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
