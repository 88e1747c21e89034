"""What every test shares, and the line that names system packages which are missing."""

from __future__ import annotations

import gc
import importlib.util
import os
from collections.abc import Iterator

import pytest
from system_packages import SYSTEM_PACKAGES, path_of

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["HF_HUB_OFFLINE"] = "1"  # a test that reaches for the network fails at once
os.register_at_fork(after_in_child=gc.freeze)
"""A child must not free what earlier tests left: the threads of such a session are not in it."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "system(program): needs a program of the system")
    _take_one_core(os.environ.get("PYTEST_XDIST_WORKER"))
    gc.disable()  # what is collected lives to the end: looking through it again takes seconds


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def _take_one_core(worker: str | None) -> None:
    """Give each of several workers a core: threads that wait for a taken core burn time."""
    if worker is None or not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("system"):
        program = marker.args[0]
        if program not in SYSTEM_PACKAGES:
            pytest.fail(f"{program}: give its package in tests/system_packages.py", pytrace=False)
        if path_of(program) is not None:
            continue
        reason = f"{program} is not installed"
        if program == "chromium" and os.environ.get("ADVERTS_REQUIRE_BROWSER") == "1":
            advice = f"run: apt-get install {SYSTEM_PACKAGES[program]}"
            pytest.fail(f"ADVERTS_REQUIRE_BROWSER=1 and {reason}; {advice}", pytrace=False)
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count from the reports: the tests may have run in other processes."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for program, package in SYSTEM_PACKAGES.items():
        count = sum(f"{program} is not installed" in reason for reason in reasons)
        if count:
            missing = f"missing system package {package}: {count} tests skipped"
            terminalreporter.write_line(f"{missing}; apt-get install {package}")


class _NoPatience:
    """A timer whose time is up at once."""

    def __init__(self, seconds, call):
        self._call = call

    def start(self):
        self._call()

    def cancel(self):
        pass


@pytest.fixture
def impatient(monkeypatch):
    """Everything that may take long says so, however quick it is."""
    monkeypatch.setattr("adverts.work.progress.threading.Timer", _NoPatience)


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """Where the browser is."""
    return path_of("chromium")


@pytest.fixture(autouse=True, scope="session")
def quick_hydra() -> Iterator[None]:
    """Commands in this process compose their configurations in less than half the time."""
    with pytest.MonkeyPatch.context() as patch:
        if importlib.util.find_spec("hydra") is not None:
            from quick_hydra import hasten_hydra

            hasten_hydra(patch)
        yield


@pytest.fixture(autouse=True, scope="module")
def ledgers_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No module counts the models that another has tried on the same adverts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVERTS_LEDGER", str(tmp_path_factory.mktemp("ledger") / "looks.jsonl"))
        yield


@pytest.fixture(autouse=True)
def no_tracking_server_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow writes its URI into the environment, where the next test would read it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
