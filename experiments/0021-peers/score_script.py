"""Score the test adverts with the model that the Hugging Face script saved.

    python score_script.py MODEL rows/NAME-test.jsonl OUT.jsonl

The script itself writes labels, not probabilities. ``OUT.time.json``, written by ``measure.py``,
gets the seconds of scoring, the versions and the settings.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

BATCH = 64
LONGEST = 128
PACKAGES = ("torch", "transformers", "tokenizers", "datasets", "accelerate", "evaluate")
SETTINGS = ("num_train_epochs", "learning_rate", "per_device_train_batch_size", "seed")


@torch.inference_mode()
def score(folder: str, texts: list[str]) -> list[float]:
    """Return the probability of the positive label of each text."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = [0.0] * len(texts)
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        batch = tokenizer(
            [texts[i] for i in rows],
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
        )
        p_B2 = model(**batch).logits.double().softmax(dim=1)
        for i, p in zip(rows, p_B2[:, 1].tolist(), strict=True):
            found[i] = p
    return found


def main(arguments: list[str]) -> None:
    """Score, write the probabilities, and complete the record of time."""
    folder, rows_path, out = arguments[0], Path(arguments[1]), Path(arguments[2])
    rows = [json.loads(line) for line in rows_path.open(encoding="utf-8")]
    start = time.perf_counter()
    found = score(folder, [row["text"] for row in rows])
    seconds = round(time.perf_counter() - start, 1)
    with out.open("w", encoding="utf-8") as file:
        for row, p in zip(rows, found, strict=True):
            file.write(json.dumps({"id": row["id"], "p": p}) + "\n")
    told = torch.load(Path(folder) / "training_args.bin", weights_only=False).to_dict()
    result = json.loads((Path(folder) / "train_results.json").read_text(encoding="utf-8"))
    path = out.with_suffix(".time.json")
    record = json.loads(path.read_text(encoding="utf-8")) | {
        "steps_only_s": round(result["train_runtime"], 1),
        "score_s": seconds,
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in PACKAGES},
        "settings": {name: told[name] for name in SETTINGS}
        | {"max_seq_length": LONGEST, "pad_to_max_length": False, "rows": result["train_samples"]},
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
