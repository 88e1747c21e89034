"""The commands of README and home page, run as they stand there on made-up adverts."""

import csv
import shlex
import subprocess
import sys

import pytest
from documented_desk import run_script, write_files
from documents import ROOT, blocks, commands

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
README = ROOT / "README.md"


@pytest.fixture
def desk(tmp_path):
    write_files(tmp_path)
    return tmp_path


def here(text, desk):
    return text.replace("/folder", str(desk))


def test_your_own_adverts_are_trained_judged_and_served_as_documented(desk):
    (own,) = blocks(README, "sh")
    assert len(own.splitlines()) == 5
    run_script(desk, here(own, desk))
    with (desk / "scored.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 300
    judged = next(words for words in commands(README) if words[:2] == ["adverts", "evaluate"])
    run_script(desk, shlex.join(judged))
    assert (desk / "runs" / "adverts" / "gate" / "report.html").is_file()
    (service,) = blocks(README, "python")
    done = subprocess.run(
        [sys.executable, "-c", service], cwd=desk, capture_output=True, text=True, check=True
    )
    assert "'yes': " in done.stdout


def test_the_verbs_of_the_home_page_run_on_a_file_shaped_like_the_public_set(desk):
    typed = commands(ROOT / "docs/index.md")
    for verb in ("prepare", "audit", "train", "export", "evaluate"):
        words = next(words for words in typed if words[:2] == ["adverts", verb])
        assert run_script(desk, here(shlex.join(words), desk))
    assert (desk / "runs" / "tubespam" / "gate" / "report.html").is_file()


def test_each_command_of_the_readme_names_the_next_one(desk):
    said = run_script(desk, f"adverts init {desk}/adverts.csv")
    for verb in ("prepare", "train", "export", "evaluate"):
        following = said.rpartition("next: ")[2].split()
        assert following[:2] == ["adverts", verb]
        words = [word.replace("model=text", "model=tfidf") for word in following]
        words = [word.replace("=SHARE_IN_SERVICE", "=0.1") for word in words]
        said = run_script(desk, " ".join(words))
