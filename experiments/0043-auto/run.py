"""Train each way on draws of public sets, and keep what each says of the test adverts.

Usage: ``WAYS=frozen,upper_layers,fine_tune python experiments/0043-auto/run.py FOLDER_OF_SETS
runs/0043 gambling:2000:0 …``

Each ``SET:ADVERTS:DRAW`` is one draw: adverts to learn from, a validation beside them, at most
2,500 test adverts. A fourth part, ``rareN``, keeps N positives in validation and ten times as many
in training; ``cipher`` swaps letters, as of a language that the encoder cannot know. The second
argument then holds a file for each draw and way, with the log-odds of the model and of its n-grams
alone, which are tf-idf; what is there already is not done again.
"""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import numpy as np

from adverts.candidates.checkpoint_logits import checkpoint_logits
from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.data.dataset.prepared import open_prepared
from adverts.train import train
from adverts.training.runs.checkpoint import read_checkpoint

WAYS = os.environ.get("WAYS", "frozen,upper_layers,fine_tune").split(",")
VALIDATION, TEST = 0.15, 2_500  # of the training adverts; at most
POSITIVE = {"gambling": "promotion", "vispam": "spam", "tubespam": "spam", "sms": "spam"}
FILES = {
    "gambling": "gambling/comments.csv",
    "vispam": "vispam/reviews.csv",
    "tubespam": "tubespam/comments.csv",
    "sms": "sms_shift/legacy.csv",
}
Row = dict[str, str]


def rows_of(folder: Path, name: str) -> tuple[list[Row], list[Row]]:
    """Return the rows to learn from and those to judge on; the second are empty if made."""
    with (folder / FILES[name]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if name in ("gambling", "sms"):
        return rows, []
    return (
        [row for row in rows if row["split"] == "train"],
        [row for row in rows if row["split"] != "train"],
    )


def drawn(folder: Path, name: str, adverts: int, seed: int) -> dict[str, list[Row]]:
    """Return the rows of each split of one draw."""
    rng = np.random.default_rng([seed, adverts])
    known, judged = rows_of(folder, name)
    known = [known[i] for i in rng.permutation(len(known))]
    held = max(100, int(adverts * VALIDATION))
    if not judged:
        known, judged = known[: adverts + held], known[adverts + held :]
    judged = [judged[i] for i in rng.permutation(len(judged))[:TEST]]
    held = min(held, len(known) - adverts)
    return {"validation": known[:held], "train": known[held : held + adverts], "test": judged}


def thinned(splits: dict[str, list[Row]], positive: str, kept: int, seed: int) -> None:
    """Keep a number of positives in validation, and ten times as many in training."""
    rng = np.random.default_rng([seed, 77])
    for split, most in (("train", 10 * kept), ("validation", kept)):
        found = [row for row in splits[split] if row["label"] == positive]
        left = [found[i] for i in rng.permutation(len(found))[:most]]
        splits[split] = left + [row for row in splits[split] if row["label"] != positive]


def enciphered(text: str) -> str:
    """Return a text with its letters swapped, vowels for vowels, without accents."""
    rng = random.Random("cipher")
    table: dict[int, str] = {}
    for letters in ("aeiouy", "bcdfghjklmnpqrstvwxz"):
        table |= str.maketrans(letters, "".join(rng.sample(letters, len(letters))))
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[^\W\d_]+", lambda found: found[0].lower().translate(table), plain)


def prepared(folder: Path, own: Path, one: str) -> Path:
    """Prepare the adverts of a draw, once."""
    name, size, seed, *variant = one.split(":")
    place = own / "prepared"
    if place.exists():
        return place
    own.mkdir(parents=True, exist_ok=True)
    splits = drawn(folder, name, int(size), int(seed))
    for kind in variant:
        if kind.startswith("rare"):
            thinned(splits, POSITIVE[name], int(kind.removeprefix("rare")), int(seed))
        else:
            for row in (row for rows in splits.values() for row in rows):
                row["text"] = enciphered(row["text"])
    with (own / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text", "label", "split"))
        for split, rows in splits.items():
            writer.writerows((row["id"], row["text"], row["label"], split) for row in rows)
    settings = {
        "data": "csv",
        "data.name": name,
        "data.root": own,
        "data.source.paths": "[rows.csv]",
        "data.columns.id": "id",
        "data.columns.text": "text",
        "data.columns.split": "split",
        "data.split.kind": "given",
        "data.split.leakage": "drop",
        "data.tasks.column": "label",
        "data.tasks.positive": POSITIVE[name],
        "prepared": place,
    }
    words = [f"{key}={value}" for key, value in settings.items()]
    subprocess.run([sys.executable, "-m", "adverts.prepare", *words], check=True)
    return place


def main() -> None:
    """Train and judge each way on each draw."""
    folder, work = Path(sys.argv[1]), Path(sys.argv[2])
    for one in sys.argv[3:]:
        own = work / one.replace(":", "-")
        place = prepared(folder, own, one)
        test = open_prepared(place).split("test")
        for way in WAYS:
            kept = own / f"{way}.npz"
            if kept.exists():
                continue
            shutil.rmtree(own / way, ignore_errors=True)  # of a killed run
            words = [f"prepared={place}", f"run_dir={own / way}", "model=text", "baseline=false"]
            words += ["tracking=none", "trainer.threads=1", f"trainer.method={way}"]
            run, record = train(compose("train", TrainConfig, words))
            assert record.outcome is not None
            began = time.monotonic()
            checkpoint = read_checkpoint(run.path)
            said = checkpoint_logits(checkpoint, test, threads=1, title="judge")
            task = checkpoint.record.label_schema.task(checkpoint.record.label_schema.headline)
            positive = task.positive_index
            assert positive is not None
            np.savez(
                kept,
                truth=test.targets[task.name][:, positive] > 0.5,
                clusters=np.array(test.clusters),
                train=record.outcome.train_adverts,
                seconds=record.outcome.seconds,
                judged=time.monotonic() - began,
                **{
                    name: logits[task.name][:, positive] - logits[task.name][:, 1 - positive]
                    for name, logits in {"mean": said.logits, **said.branches}.items()
                },
            )
            for path in run.path.rglob("*.safetensors"):
                path.unlink()  # half a gigabyte each


if __name__ == "__main__":
    main()
