"""The tiny checkpoints of the tests of the export, for the bundle that is committed here."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    place = Path(__file__).parents[1] / "unit" / "bundle" / "conftest.py"
    spec = importlib.util.spec_from_file_location("tiny_checkpoints", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules["tiny_checkpoints"] = module
    spec.loader.exec_module(module)
    return module.tiny.__wrapped__(tmp_path_factory)
