"""What ``tests/conftest.py`` says of tests that a missing system package skips."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import pytest

@pytest.mark.system("chromium")
def test_selected(): ...

@pytest.mark.slow
@pytest.mark.system("chromium")
def test_not_selected(): ...
"""
MARKED = re.compile(r'mark\.system\("([^"]+)"\)')
OF_EACH_PROGRAM = """
import pytest

@pytest.mark.parametrize("program", [
    pytest.param(name, marks=pytest.mark.system(name)) for name in {programs}
])
def test_of_a_program(program): ...

@pytest.mark.system("no-such-program")
def test_of_an_unknown_program(): ...
"""


@pytest.fixture(
    params=[
        pytest.param((), id="in this process"),
        pytest.param(("-n", "1"), id="in another", marks=pytest.mark.slow),
    ]
)
def run_without_programs(request, tmp_path, monkeypatch):
    """Run the tests above where no program is installed."""
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.delenv("ADVERTS_REQUIRE_BROWSER", raising=False)
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {CONFTEST.parent}\nmarkers = slow\n"
    )
    command = [sys.executable, "-m", "pytest", "-m", "not slow", "-p", "no:cacheprovider"]
    command += request.param

    def call():
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return call


def test_only_selected_tests_are_counted_as_skipped(run_without_programs):
    assert (
        "missing system package chromium-headless-shell: 1 tests skipped"
        in run_without_programs().stdout
    )


def test_where_a_browser_is_required_a_missing_one_fails(run_without_programs, monkeypatch):
    monkeypatch.setenv("ADVERTS_REQUIRE_BROWSER", "1")
    done = run_without_programs()
    assert done.returncode not in (0, 5)
    assert "run: apt-get install chromium-headless-shell" in done.stdout + done.stderr


def test_every_program_that_a_test_needs_is_looked_for_and_missed(run_without_programs, tmp_path):
    tests = "".join(path.read_text() for path in CONFTEST.parent.rglob("test_*.py"))
    programs = sorted(set(MARKED.findall(tests)) - {"no-such-program"})
    assert len(programs) > 1
    (tmp_path / "test_some.py").write_text(OF_EACH_PROGRAM.format(programs=programs))
    unknown = "no-such-program: give its package in tests/system_packages.py"
    told = run_without_programs().stdout
    assert unknown in told
    assert f"{len(programs)} skipped, 1 error" in told
    for name in programs:
        assert re.search(rf"missing system package {name}\S*: 1 tests skipped", told)
    (tmp_path / "programs").mkdir()
    for name in programs:
        (tmp_path / "programs" / name).touch(mode=0o755)
    told = run_without_programs().stdout
    assert unknown in told
    assert f"{len(programs)} passed, 1 error" in told
