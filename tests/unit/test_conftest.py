"""What ``tests/conftest.py`` says of tests that a missing system package skips."""

import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import pytest

@pytest.mark.system("chromium")
def test_selected(): ...

@pytest.mark.slow
@pytest.mark.system("chromium")
def test_not_selected(): ...
"""


def test_only_selected_tests_are_counted_as_skipped(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow\n")
    command = [sys.executable, "-m", "pytest", "-m", "not slow", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "missing system package chromium: 1 tests skipped" in done.stdout
