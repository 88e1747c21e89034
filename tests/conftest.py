"""What every test shares: system packages that may be missing, and the line that names them."""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["HF_HUB_OFFLINE"] = "1"  # a test that reaches for the network fails at once

SYSTEM_PACKAGES = {"chromium": "chromium"}  # program -> Debian package
_skipped: Counter[str] = Counter()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "system(program): needs a program of the system")


@pytest.hookimpl(trylast=True)  # after -m and -k have left out what does not run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("system"):
            program = marker.args[0]
            if shutil.which(program) is None:
                if program == "chromium" and os.environ.get("ADVERTS_REQUIRE_BROWSER") == "1":
                    raise pytest.UsageError(
                        "ADVERTS_REQUIRE_BROWSER=1 and chromium is not installed; "
                        "run: apt-get install chromium"
                    )
                _skipped[program] += 1
                item.add_marker(pytest.mark.skip(reason=f"{program} is not installed"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for program, count in _skipped.items():
        package = SYSTEM_PACKAGES[program]
        terminalreporter.write_line(
            f"missing system package {package}: {count} tests skipped; apt-get install {package}"
        )


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
    monkeypatch.setattr("adverts.progress.threading.Timer", _NoPatience)


@pytest.fixture(autouse=True)
def no_tracking_server_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow writes its URI into the environment, where the next test would read it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
