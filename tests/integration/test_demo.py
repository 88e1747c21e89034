"""``make demo`` in a copy without stores: its table, its files, no advert in any of them."""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT

from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.report.write_report import MAJORITY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
CONTACT = r"\+44 ?7700 ?900 ?[0-9]{3}|01632 ?960 ?[0-9]{3}|@demo_fictional_[0-9]{2}"
FIRST_ROWS = "The ten of 300 new posts that a person should look at first:"
SHORTEST = 25  # shorter lines of adverts are words that any page may hold


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A copy of what git tracks, in which the demo has run; with what it printed."""
    copy = tmp_path_factory.mktemp("clone")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    for name in tracked.stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    environment = Path(sys.prefix)
    if not tracked.stdout or not (environment / "installed").is_file():
        pytest.skip("needs a git checkout and the environment of make setup")
    (copy / ".venv").symlink_to(environment)
    return copy, *make_demo(copy)


def make_demo(copy: Path) -> tuple[str, str]:
    """Run the demo, without installing anything; return what it printed and complained."""
    command = ["make", "-o", ".venv/installed", "demo"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, done.stderr


def found_by_grep(folder: Path, *options: str) -> list[str]:
    """Return the files in which grep finds something; the bundle's own examples are fictional."""
    command = ["grep", "-rla", "--exclude=examples.json", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()


def test_the_demo_ends_with_a_table_and_the_places_of_what_it_made(demo):
    copy, said, _ = demo
    said = said[said.rindex("\nmodel ") :]  # each evaluation has shown its own table before
    assert re.search(r"^text +\d+ +0\.\d+ \[", said, re.M)
    assert re.search(r"^ocr_image +\d+ +0\.\d+ \[", said, re.M)
    assert len(re.findall(r"^tf-idf", said, re.M)) == 2
    for place in (
        "runs/demo/text/report/report.html",
        "runs/demo/pictures/report/report.html",
        "runs/demo/text/bundle",
        "scores/demo/scored.csv",
    ):
        assert (copy / place).exists()
        assert place in said
    assert (copy / "runs" / "mlflow" / "mlflow.db").is_file()


def test_both_models_beat_the_majority_class_with_the_whole_interval(demo):
    copy, _, _ = demo
    for model in ("text", "pictures"):
        report = json.loads((copy / "runs" / "demo" / model / "report" / "report.json").read_text())
        task = report["evaluation"]["reviewed"]["tasks"][0]
        (gain,) = [
            one["difference"]
            for one in task["comparisons"]
            if one["reference"] == MAJORITY and one["figure"] == task["primary"]
        ]
        assert gain["low"] > 0, model


def test_a_second_demo_reuses_everything(demo):
    copy, said, _ = demo
    again, complained = make_demo(copy)
    assert again.splitlines()[-5:] == said.splitlines()[-5:]
    assert "train" not in complained


def test_no_log_report_database_or_artifact_holds_a_contact_or_advert_text(demo, tmp_path):
    copy, said, complained = demo
    parts = said.split(FIRST_ROWS)  # their posts are shown on purpose, to whoever typed it
    told = [parts[0], *(part.partition("\n\n")[2] for part in parts[1:])]
    (copy / "runs" / "said.txt").write_text("".join(told) + complained)
    assert found_by_grep(copy / "runs", "-E", "-e", CONTACT) == []
    tables = [
        open_prepared(copy / "prepared" / name).split("all") for name in ("demo", "demo-pictures")
    ]
    texts = [text or "" for table in tables for text in (*table.texts, *table.ocr_texts)]
    lines = {line.strip() for text in texts for line in text.splitlines()}
    wanted = sorted(line for line in lines if len(line) >= SHORTEST)
    escaped = [json.dumps(line)[1:-1] for line in wanted]
    assert len(wanted) > 1000
    (tmp_path / "lines").write_text("\n".join([*wanted, *escaped]), encoding="utf-8")
    assert found_by_grep(copy / "runs", "-F", "-f", str(tmp_path / "lines")) == []


def test_ten_rows_of_the_scored_table_are_shown_the_likeliest_first(demo):
    copy, said, _ = demo
    shown = said[said.index(FIRST_ROWS) :].split("\n\n")[0].splitlines()[2:]
    scores = [float(line.split()[0]) for line in shown]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    with (copy / "scores" / "demo" / "scored.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300
    assert {row["review_band"] for row in rows} >= {"review", "below"}, "thresholds were chosen"
    assert all(row["label"] for row in rows)


def test_the_picture_model_finds_half(demo):
    copy, _, _ = demo
    report = json.loads((copy / "runs/demo/pictures/report/report.json").read_text())
    labels = report["evaluation"]["reviewed"]["tasks"][0]["labels"]
    (recall,) = [one["figures"]["recall"] for one in labels if one["label"] == "yes"]
    assert recall["value"] >= 0.5
