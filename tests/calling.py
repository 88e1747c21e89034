"""Run ``adverts`` as a person does: in a process of its own, or a verb in this one."""

import importlib
import subprocess
import sys

import pytest
from hydra._internal.hydra import Hydra


def adverts(*arguments: str, module: str = "adverts.command") -> subprocess.CompletedProcess[str]:
    """Run ``adverts …`` in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def call(monkeypatch, verb: str, *arguments: str) -> int:
    """Run a verb in this process as ``adverts VERB …`` does; return its exit status."""
    monkeypatch.setattr(sys, "argv", [f"adverts {verb}", *arguments])
    monkeypatch.setattr(Hydra, "get_mode", _mode)
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"adverts.{verb}").main()
    return ended.value.code


_composed_mode = Hydra.get_mode


def _mode(self: Hydra, config_name: str | None, overrides: list[str]) -> object:
    """Return what Hydra composes all of a configuration for, which takes half of a start.

    Without a flag, and without a word about Hydra, none of our configurations asks for a sweep.
    """
    if any(word.startswith("-") or "hydra" in word for word in sys.argv[1:]):
        return _composed_mode(self, config_name, overrides)
    return None
