"""Train SetFit on one draw of few labels and score the test adverts.

    python few_labels.py ENCODER FOLDER NAME A_CLASS DRAW OUT.jsonl

``FOLDER`` holds what ``rows.py`` wrote. All that changes what is learned is SetFit's default.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
import time
from pathlib import Path

from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments

PACKAGES = ("setfit", "sentence-transformers", "torch", "transformers", "scikit-learn", "datasets")


def read_rows(path: Path) -> list[dict]:
    """Return the rows of one split."""
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def train(encoder: str, rows: list[dict]) -> tuple[SetFitModel, TrainingArguments]:
    """Return the model that was trained on these rows, and its settings."""
    model = SetFitModel.from_pretrained(encoder)
    settings = TrainingArguments(save_strategy="no", report_to="none")
    columns = {key: [row[key] for row in rows] for key in ("text", "label")}
    Trainer(model=model, args=settings, train_dataset=Dataset.from_dict(columns)).train()
    return model, settings


def main(arguments: list[str]) -> None:
    """Train, score, and write the probabilities and the seconds."""
    encoder, folder, name, a_class, number, path = arguments
    draws = json.loads((Path(folder) / "draws.json").read_text(encoding="utf-8"))
    rows = {row["id"]: row for row in read_rows(Path(folder) / "rows" / f"{name}-train.jsonl")}
    test = read_rows(Path(folder) / "rows" / f"{name}-test.jsonl")
    wall, cpu = time.perf_counter(), time.process_time()
    model, settings = train(encoder, [rows[i] for i in draws[name][a_class][number]])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    start = time.perf_counter()
    p_N2 = model.predict_proba([row["text"] for row in test], as_numpy=True)
    seconds = time.perf_counter() - start
    positive = list(model.model_head.classes_).index(1)
    out = Path(path)
    with out.open("w", encoding="utf-8") as file:
        for row, p_2 in zip(test, p_N2, strict=True):
            file.write(json.dumps({"id": row["id"], "p": float(p_2[positive])}) + "\n")
    record = {
        "train_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "score_s": round(seconds, 1),
        "versions": {"python": platform.python_version()}
        | {package: importlib.metadata.version(package) for package in PACKAGES},
        "settings": {
            "num_epochs": settings.num_epochs,
            "batch_size": settings.batch_size,
            "body_learning_rate": settings.body_learning_rate,
            "sampling_strategy": settings.sampling_strategy,
            "seed": settings.seed,
            "rows": len(draws[name][a_class][number]),
        },
    }
    text = json.dumps(record, indent=1)
    out.with_suffix(".time.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
