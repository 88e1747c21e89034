"""A folder to work in as the pages do: made-up adverts as labelled files, and a shell."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from documents import ROOT

from adverts.data.synthetic.corpus import write_corpus

VIOLATING = {"offer_crossing", "offer_documents_status", "recruit_facilitator", "supply_equipment"}
JUDGED = """
adverts() {
  command adverts "$@" || case "$1 $?" in "evaluate 1"|"evaluate 3") ;; *) return 1 ;; esac
}
"""
"""What a gate says of a hundred adverts is not tested: 1 and 3 are verdicts, not faults."""


def write_files(folder: Path) -> None:
    """Write 300 made-up English adverts as ``adverts.csv``, and without labels as ``new.csv``.

    ``comments.csv`` in ``tubespam`` holds them in the shape of that public set, and
    ``data/synthetic`` is the committed sample.
    """
    corpus = write_corpus(
        folder / "corpus",
        adverts=300,
        images=0,
        image_scripts=["Latn"],
        languages=["en"],
        seed=0,
        progress=False,
    )
    (folder / "data").mkdir()
    (folder / "tubespam").mkdir()
    (folder / "data" / "synthetic").symlink_to(ROOT / "data" / "synthetic")
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    with (
        (folder / "adverts.csv").open("w", newline="", encoding="utf-8") as labelled,
        (folder / "new.csv").open("w", newline="", encoding="utf-8") as new,
        (folder / "tubespam" / "comments.csv").open("w", newline="", encoding="utf-8") as public,
    ):
        ours, without, theirs = csv.writer(labelled), csv.writer(new), csv.writer(public)
        ours.writerow(["id", "text", "label"])
        without.writerow(["id", "text"])
        theirs.writerow(["id", "text", "label", "video", "split"])
        for i, row in enumerate(rows):
            violating, start = row["class"] in VIOLATING, [row["id"], row["text"]]
            ours.writerow([*start, "yes" if violating else "no"])
            without.writerow(start)
            split = "test" if i % 3 == 0 else "train"
            theirs.writerow([*start, "spam" if violating else "ham", "v", split])


def run_script(folder: Path, script: str) -> str:
    """Run lines of a page in a shell that stops at the first fault; return what they say."""
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euc", JUDGED + script],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
            "ADVERTS_LEDGER": str(folder / "looks.jsonl"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
