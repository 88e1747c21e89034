"""Train AutoGluon MultiModal on one dataset with the project's encoder and score the test adverts.

    python automm.py ENCODER FOLDER NAME OUT.jsonl [SECONDS]

``FOLDER`` holds what ``rows.py`` wrote. Training has an hour, or SECONDS; the validation split is
the tuning data, which stops training and picks among checkpoints. The rest is AutoGluon's default
preset.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from autogluon.multimodal import MultiModalPredictor

PACKAGES = ("autogluon.multimodal", "torch", "transformers", "lightning")
SECONDS = 3600
PROCESSOR = {"env.num_gpus": 0, "env.num_workers": 0, "env.num_workers_inference": 0}


def used() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def main(arguments: list[str]) -> None:
    """Train, score, and write the probabilities and the seconds."""
    encoder, folder, name, path, *limit = arguments
    limit_s = int(limit[0]) if limit else SECONDS
    tables = {
        split: pd.read_json(
            Path(folder) / "rows" / f"{name}-{split}.jsonl", lines=True, dtype={"id": str}
        )
        for split in ("train", "validation", "test")
    }
    choice = {"model.hf_text.checkpoint_name": str(Path(encoder).resolve())} | PROCESSOR
    with tempfile.TemporaryDirectory() as saved:
        wall, cpu = time.perf_counter(), used()
        predictor = MultiModalPredictor(label="label", problem_type="binary", path=f"{saved}/model")
        predictor.fit(
            tables["train"][["text", "label"]],
            tuning_data=tables["validation"][["text", "label"]],
            time_limit=limit_s,
            column_types={"text": "text"},
            hyperparameters=choice,
        )
        wall, cpu = time.perf_counter() - wall, used() - cpu
        start = time.perf_counter()
        p_N = predictor.predict_proba(tables["test"][["text"]])[1]
        seconds = time.perf_counter() - start
    out = Path(path)
    with out.open("w", encoding="utf-8") as file:
        for advert, p in zip(tables["test"]["id"], p_N, strict=True):
            file.write(json.dumps({"id": advert, "p": float(p)}) + "\n")
    record = {
        "train_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "score_s": round(seconds, 1),
        "versions": {"python": platform.python_version()}
        | {package: importlib.metadata.version(package) for package in PACKAGES},
        "settings": {"time_limit": limit_s, "eval_metric": str(predictor.eval_metric)}
        | {"preset": "default", "rows": len(tables["train"]), "tuning": len(tables["validation"])}
        | PROCESSOR,
    }
    text = json.dumps(record, indent=1)
    out.with_suffix(".time.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
