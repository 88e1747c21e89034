"""Train tf-idf, the frozen model and fine-tuned ones on draws of public sets; keep what each says.

Usage: ``python experiments/0043-auto/run.py /folder/of/sets runs/0043 gambling:2000:0 …``

Each ``SET:ADVERTS:DRAW`` is one draw. Its folder in the second argument then holds the prepared
dataset, a run for each way, and the predictions of each on validation and test; what is there
already is not done again. ``WAYS`` are ``tfidf``, ``frozen``, and ``fineK``: fine-tuning with the
first ``K`` layers frozen.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

WAYS = os.environ.get("WAYS", "tfidf,frozen,fine0,fine8").split(",")
VALIDATION, TEST = 0.15, 2_500  # of the training adverts; at most
POSITIVE = {"gambling": "promotion", "vispam": "spam", "tubespam": "spam", "sms": "spam"}
Row = dict[str, str]


def rows_of(folder: Path, name: str) -> tuple[list[Row], list[Row]]:
    """Return the rows to learn from and those to judge on; the second are empty if made."""
    files = {"gambling": "comments", "vispam": "reviews", "tubespam": "comments", "sms": "legacy"}
    of = "sms_shift" if name == "sms" else name
    with (folder / of / f"{files[name]}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if name in ("gambling", "sms"):
        return rows, []
    return (
        [row for row in rows if row["split"] == "train"],
        [row for row in rows if row["split"] != "train"],
    )


def draw(folder: Path, name: str, adverts: int, seed: int, to: Path) -> None:
    """Write one draw as a CSV with its split."""
    rng = np.random.default_rng([seed, adverts])
    known, judged = rows_of(folder, name)
    known = [known[i] for i in rng.permutation(len(known))]
    held = max(100, int(adverts * VALIDATION))
    if not judged:
        known, judged = known[: adverts + held], known[adverts + held :]
    judged = [judged[i] for i in rng.permutation(len(judged))[:TEST]]
    if len(known) < adverts + held:
        held = len(known) - adverts
    splits = {"validation": known[:held], "train": known[held : held + adverts], "test": judged}
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text", "label", "split"))
        for split, rows in splits.items():
            writer.writerows((row["id"], row["text"], row["label"], split) for row in rows)


def adverts(log: Path, *arguments: str) -> float:
    """Run one of our commands; return its seconds."""
    began = time.monotonic()
    with log.open("a") as file:
        done = subprocess.run(
            [sys.executable, "-m", f"adverts.{arguments[0]}", *arguments[1:]],
            check=False,
            stdout=file,
            stderr=file,
        )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: status {done.returncode}, see {log}")
    return time.monotonic() - began


def settings(way: str) -> list[str]:
    """Return the overrides of a way to train."""
    if way == "tfidf":
        return ["model=tfidf"]
    if way == "frozen":
        return ["model=text", "trainer.method=frozen"]
    frozen = way.removeprefix("fine")
    return ["model=text", "trainer.method=fine_tune", f"model.encoder.freeze_layers={frozen}"]


def main() -> None:
    """Train and judge each way on each draw."""
    folder, work = Path(sys.argv[1]), Path(sys.argv[2])
    for one in sys.argv[3:]:
        name, size, seed = one.split(":")
        own = work / one.replace(":", "-")
        own.mkdir(parents=True, exist_ok=True)
        prepared, log = own / "prepared", own / "log.txt"
        if not prepared.exists():
            draw(folder, name, int(size), int(seed), own / "rows.csv")
            adverts(
                log,
                "prepare",
                "data=csv",
                f"data.name={name}",
                f"data.root={own}",
                "data.source.paths=[rows.csv]",
                "data.columns.id=id",
                "data.columns.text=text",
                "data.columns.split=split",
                "data.split.kind=given",
                "data.split.leakage=drop",
                "data.tasks.column=label",
                f"data.tasks.positive={POSITIVE[name]}",
                f"prepared={prepared}",
            )
        for way in WAYS:
            if (own / way / "test").exists():
                continue
            seconds = adverts(
                log,
                "train",
                *settings(way),
                f"prepared={prepared}",
                f"run_dir={own / way}",
                "tracking=none",
                "trainer.threads=1",
            )
            for split in ("validation", "test"):
                adverts(
                    log,
                    "evaluate",
                    f"candidate={own / way}",
                    f"prepared={prepared}",
                    f"split={split}",
                    f"run_dir={own / way / split}",
                    f"ledger={own / 'ledger'}",
                    "tracking=none",
                )
            with (work / "seconds.jsonl").open("a") as file:
                told = {"draw": one, "way": way, "seconds": round(seconds, 1)}
                print(json.dumps(told), file=file)


if __name__ == "__main__":
    main()
