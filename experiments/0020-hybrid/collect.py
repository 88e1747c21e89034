"""Put the branches of several reports, and tf-idf beside them, into one table.

    python experiments/0020-hybrid/collect.py NAME=runs/NAME=runs/NAME/report …

The first folder is that of the training, whose seconds are shown.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FIGURE = "average_precision"
SHOWN = {FIGURE: "average precision", "macro_f1": "macro-F1"}
MODELS = {"text": "mean of both", "tf-idf": "tf-idf"}
BRANCHES = {"network": "network alone", "ngrams": "n-gram branch alone"}


def arm(name: str, figures: dict) -> dict:
    return {
        "name": name,
        "values": {key: [one["value"]] for key, one in figures.items()},
        "intervals": {key: [one["low"], one["high"]] for key, one in figures.items()},
    }


def compared(name: str, metric: str, one: dict) -> dict:
    ends = {end: one[end] for end in ("low", "high")}
    return {"name": name, "metric": metric, "difference": one["value"], **ends}


def main(arguments: list[str]) -> None:
    arms, comparisons, hashes, commit = [], [], {}, ""
    for argument in arguments:
        name, run, folder = argument.split("=")
        report = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
        task = report["evaluation"]["reviewed"]["tasks"][0]
        for model in task["models"]:
            if model["model"] in MODELS:
                shown = {key: model["figures"][key] for key in SHOWN}
                arms.append(arm(f"{name}, {MODELS[model['model']]}", shown))
        outcome = json.loads((Path(run) / "run.json").read_text(encoding="utf-8"))["outcome"]
        first = next(one for one in arms if one["name"] == f"{name}, {MODELS['text']}")
        first["values"] |= {"n": [task["evidence"]["adverts"]], "seconds": [outcome["seconds"]]}
        for branch in report["branches"]:
            arms.append(arm(f"{name}, {BRANCHES[branch['branch']]}", {FIGURE: branch["alone"]}))
        comparisons += [
            compared(f"{name}, mean − tf-idf", one["figure"], one["difference"])
            for one in task["comparisons"]
            if one["reference"] == "tf-idf" and one["figure"] in SHOWN
        ]
        network = next(one for one in report["branches"] if one["branch"] == "network")
        comparisons.append(compared(f"{name}, mean − network", FIGURE, network["ahead"]))
        hashes[name], commit = report["origin"]["data_hash"], report["origin"]["commit"]
    record = {
        "commit": commit,
        "data_hashes": hashes,
        "metrics": {"n": "adverts", **SHOWN, "seconds": "train, s"},
        "arms": arms,
        "comparisons": comparisons,
        "caption": (
            "Test adverts; heads fitted on frozen features, which needs no seed; 95 % intervals "
            "and paired differences over clusters; two CPU cores. Commands: "
            "experiments/0020-hybrid."
        ),
    }
    path = Path(__file__).parent / "results.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
