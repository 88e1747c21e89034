"""Run ``adverts`` as a person does: in a process of its own, or a verb in this one."""

import importlib
import subprocess
import sys

import pytest


def adverts(*arguments: str, module: str = "adverts.command") -> subprocess.CompletedProcess[str]:
    """Run ``adverts …`` in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def call(monkeypatch, verb: str, *arguments: str) -> int:
    """Run a verb in this process as ``adverts VERB …`` does; return its exit status."""
    monkeypatch.setattr(sys, "argv", [f"adverts {verb}", *arguments])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"adverts.{verb}").main()
    return ended.value.code
