"""Put the figures of several reports into one table of arms.

    python experiments/0015-public-sets/collect.py SECONDS.json NAME=runs/NAME/report …

``SECONDS.json`` holds, by name, how long the report took without inference. ``RECORD`` in the
environment names the folder of a later record of the same sets, and ``MODEL`` what was judged.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

SHOWN = {
    "average_precision": "average precision",
    "recall_at_precision": "recall at precision 0.9",
    "macro_f1": "macro-F1",
    "calibration_error": "calibration error",
}
MODELS = {"text": "default", "tf-idf": "tf-idf"}


def arm(name: str, task: dict, model: dict) -> dict:
    figures = {key: model["figures"][key] for key in SHOWN if key in model["figures"]}
    return {
        "name": f"{name}, {MODELS[model['model']]}",
        "values": {
            "n": [task["evidence"]["adverts"]],
            **{key: [one["value"]] for key, one in figures.items()},
        },
        "intervals": {
            key: [one["low"], one["high"]] for key, one in figures.items() if one["low"] is not None
        },
    }


def comparisons(name: str, task: dict) -> list[dict]:
    return [
        {
            "name": f"{name}, default − tf-idf",
            "metric": one["figure"],
            "difference": one["difference"]["value"],
            "low": one["difference"]["low"],
            "high": one["difference"]["high"],
        }
        for one in task["comparisons"]
        if one["reference"] == "tf-idf"
        and one["figure"] in SHOWN
        and one["difference"]["low"] is not None
    ]


def main(arguments: list[str]) -> None:
    written = Path(os.environ.get("RECORD", Path(__file__).parent))
    model = os.environ.get("MODEL", "the mean of a network on frozen features and of n-grams")
    seconds = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    arms, differences, hashes = [], [], {}
    for argument in arguments[1:]:
        name, _, folder = argument.partition("=")
        report = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
        task = report["evaluation"]["reviewed"]["tasks"][0]
        found = [arm(name, task, model) for model in task["models"] if model["model"] in MODELS]
        found[0]["values"]["seconds"] = [seconds[name]]
        arms += found
        differences += comparisons(name, task)
        hashes[name] = report["origin"]["data_hash"]
        commit = report["origin"]["commit"]
    record = {
        "commit": commit,
        "data_hashes": hashes,
        "metrics": {"n": "adverts", **SHOWN, "seconds": "report, s"},
        "arms": arms,
        "comparisons": differences,
        "caption": (
            f"Test adverts; {model}, one core; 95 % "
            "intervals and paired differences over clusters; seconds of the whole report without "
            f"inference, 2,000 resamples. Commands: experiments/{written.name}."
        ),
    }
    path = written / "results.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
