"""From raw file to bundle: no advert text and no contact outside the restricted stores."""

import csv
import os
import random
import subprocess
import sys

import pytest
from calling import module_of

pytestmark = pytest.mark.promise

MARKERS = ("zanzibarite", "quokkaling")  # words of the adverts, in no tokenizer and no code
CONTACTS = ("900123", "900 123", "@demo_fictional_07", "ferry.example")
TEXTS = (
    "zanzibarite seats, call +44 7700 900123 or @demo_fictional_07",
    "quokkaling timetable at ferry.example",
)


def words(draw):
    return " ".join("".join(draw.choices("abcdefghij", k=6)) for _ in range(10))


def adverts(folder, verb, *arguments, expected=0):
    environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}
    command = [sys.executable, "-m", module_of(verb), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, timeout=280
    )
    assert done.returncode == expected, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_no_file_outside_the_restricted_stores_holds_advert_text(tmp_path):
    draw = random.Random(0)  # adverts that are no near-duplicates of each other
    with (tmp_path / "adverts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        writer.writerows(
            [f"a{i}", f"{TEXTS[i % 2]} {words(draw)}", ("yes", "no")[i % 2]] for i in range(80)
        )
    said = adverts(tmp_path, "prepare", "data=csv", f"data.root={tmp_path}", "prepared=restricted")
    places = ["prepared=restricted", "run_dir=run"]
    said += adverts(tmp_path, "train", "model=tfidf", *places)
    judged = ["candidate=run", "prepared=restricted", "run_dir=run/report"]
    said += adverts(tmp_path, "evaluate", *judged, expected=3)  # too few of them to judge
    said += adverts(
        tmp_path, "export", "checkpoint=run", "prepared=restricted", "bundle_dir=run/bundle"
    )
    files = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and "restricted" not in path.parts and path.name != "adverts.csv"
    ]
    assert len(files) > 10
    assert not (tmp_path / "mlruns").exists()
    found = [
        (path.relative_to(tmp_path).as_posix(), marker)
        for path in files
        for marker in (*MARKERS, *CONTACTS)
        if marker.encode() in path.read_bytes().lower()
        and not (marker in CONTACTS and path.name == "examples.json")
    ]
    assert found == []
    assert not any(marker.encode() in said.lower() for marker in (*MARKERS, *CONTACTS))
