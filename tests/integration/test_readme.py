"""The README's commands, run as they stand there, on a small file shaped like the public set."""

import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT, blocks, commands

from adverts.data.synthetic.corpus import write_corpus

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
README = ROOT / "README.md"
VIOLATING = {"offer_crossing", "offer_documents_status", "recruit_facilitator", "supply_equipment"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder to work in, with 300 fictional English adverts as labelled files."""
    folder = tmp_path_factory.mktemp("desk")
    corpus = write_corpus(
        folder / "corpus",
        adverts=300,
        images=0,
        image_scripts=["Latn"],
        languages=["en"],
        seed=0,
        progress=False,
    )
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    (folder / "data" / "tubespam").mkdir(parents=True)
    with (
        (folder / "data" / "adverts.csv").open("w", newline="", encoding="utf-8") as own,
        (folder / "data" / "tubespam" / "comments.csv").open("w", newline="") as public,
    ):
        ours, theirs = csv.writer(own), csv.writer(public)
        ours.writerow(["id", "text", "label"])
        theirs.writerow(["id", "text", "label", "video", "split"])
        for i, row in enumerate(rows):
            violating = row["class"] in VIOLATING
            split = "test" if i % 3 == 0 else "train"
            ours.writerow([row["id"], row["text"], "yes" if violating else "no"])
            theirs.writerow([row["id"], row["text"], "spam" if violating else "ham", "v", split])
    return folder


DONE = {"evaluate": (0, 1, 3)}
"""Statuses of a verb that did its work: what a gate says of a hundred adverts is not tested."""


def run(folder: Path, words: list[str]) -> str:
    """Run one documented command; ``/folder`` is where the labelled files are."""
    arguments = [word.replace("/folder", str(folder / "data")) for word in words[1:]]
    environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("adverts")), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode in DONE.get(words[1], (0,)), done.stderr
    return done.stdout


def test_the_verbs_and_the_service_run_as_documented(desk):
    typed = [words for words in commands(README) if words[0] == "adverts"]
    for verb in ("prepare", "audit", "train", "export", "evaluate"):
        said = run(desk, next(words for words in typed if words[1] == verb))
        assert said
    assert (desk / "runs" / "tubespam" / "report" / "report.html").is_file()
    (service,) = blocks(README, "python")
    done = subprocess.run(
        [sys.executable, "-c", service], cwd=desk, capture_output=True, text=True, check=True
    )
    assert "'spam': " in done.stdout


def test_your_own_adverts_are_prepared_and_scored_as_documented(desk):
    (own,) = blocks(README, "sh")
    begin, prepare, score = (shlex.split(line, comments=True) for line in own.splitlines())
    said = run(desk, begin)
    for verb in (prepare, "train", "export", "evaluate"):
        following = said.rpartition("next: ")[2].split()
        assert following[:2] == ["adverts", verb if isinstance(verb, str) else "prepare"]
        words = following if isinstance(verb, str) else verb
        said = run(desk, [word.replace("model=text", "model=tfidf") for word in words])
    shutil.copy(desk / "data" / "adverts.csv", desk / "data" / "new.csv")
    run(desk, score)
    with (desk / "scored.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 300
