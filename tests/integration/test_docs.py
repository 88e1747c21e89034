"""The ``sh`` and ``python`` blocks of each page of docs/, run as they stand there."""

import shutil
import subprocess
import sys

import pytest
from documented_desk import run_script, write_files
from documents import ROOT, blocks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
MADE_BEFORE = """
adverts prepare data=csv data.root=. prepared=prepared/mine
adverts train model=tfidf prepared=prepared/mine run_dir=runs/mine
"""
BUNDLE = "adverts export checkpoint=runs/mine prepared=prepared/mine bundle_dir=runs/mine/bundle"
RUN = {
    "own_data.md": ("", ["scored.csv"]),
    "pictures_and_ocr.md": ("", ["prepared/pictures/manifest.json"]),
    "clusters.md": ("", ["runs/sample-audit/audit.html"]),
    "tune.md": ("", ["runs/tune/tfidf/study.png", "runs/tune/tfidf/report/report.html"]),
    "training.md": ("mv runs/mine runs/before", ["runs/mine/report/report.html"]),
    "evaluate.md": ("", ["runs/mine/report/report.html", "runs/mine/gate/gate.json"]),
    "gate.md": (BUNDLE, ["runs/mine/gate/gate.json"]),
    "bundles.md": ("", ["runs/mine/bundle/manifest.json"]),
}
"""Maps each page to what its reader has done before, and to files that its commands write."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun")
    write_files(folder)
    run_script(folder, MADE_BEFORE)
    return folder


@pytest.fixture
def desk(begun, tmp_path):
    shutil.copytree(begun, tmp_path / "desk", symlinks=True)
    return tmp_path / "desk"


@pytest.mark.parametrize("name", RUN)
def test_the_commands_of_a_page_run_as_they_stand_there(desk, name):
    before, written = RUN[name]
    run_script(desk, before)
    for script in blocks(ROOT / "docs" / name, "sh"):
        run_script(desk, script)
    assert [one for one in written if not (desk / one).is_file()] == []


def test_every_page_that_marks_its_commands_as_run_is_run():
    marked = {page.name for page in (ROOT / "docs").glob("*.md") if blocks(page, "sh")}
    assert marked - set(RUN) - {"torchrun.md"} == set()  # of test_torchrun.py


def test_the_service_of_the_page_on_bundles_answers(desk):
    run_script(desk, BUNDLE)
    service, _from_registry = blocks(ROOT / "docs/bundles.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", service], cwd=desk, capture_output=True, text=True, check=True
    )
    assert "'yes': " in done.stdout
