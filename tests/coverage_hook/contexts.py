"""Names the test that covers a line, also in processes that it starts: ``pytest -p contexts``.

Unit tests are named by their file, which is quick to run as a whole; others by their function.
"""

import json
import os
from collections import Counter
from pathlib import Path

import coverage
import pytest

SECONDS = Counter[str]()


def name_of(test: str) -> str:
    """Return the name of a test in the record."""
    file, _, function = test.partition("::")
    return file if file.startswith("tests/unit/") else f"{file}::{function.partition('[')[0]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    os.environ["ADVERTS_TEST"] = name_of(item.nodeid)  # coverage.cfg names it in other processes
    if (measured := coverage.Coverage.current()) is not None:
        measured.switch_context(os.environ["ADVERTS_TEST"])
    try:
        return (yield)
    finally:
        os.environ["ADVERTS_TEST"] = ""


def pytest_runtest_logreport(report):
    SECONDS[name_of(report.nodeid)] += report.duration


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):  # of several processes, the one that hears all
        Path(os.environ["ADVERTS_SECONDS"]).write_text(json.dumps(SECONDS), encoding="utf-8")
