"""Run ``adverts`` as a person does: in a process of its own, or a verb in this one."""

import importlib
import subprocess
import sys

import pytest

from adverts.command import VERBS as WORKSHOP

FINDINGS = ("sample", "estimate", "link", "share")
"""The verbs of the second package."""
VERBS = (*WORKSHOP, *FINDINGS)


def module_of(verb: str) -> str:
    """Return the module of a verb."""
    return f"adverts_findings.{verb}" if verb in FINDINGS else f"adverts.{verb}"


def schema_of(verb: str):
    """Return the class of the settings of a verb."""
    package = "adverts_findings" if verb in FINDINGS else "adverts"
    return getattr(importlib.import_module(f"{package}.config"), f"{verb.title()}Config")


def adverts(*arguments: str, module: str = "adverts.command") -> subprocess.CompletedProcess[str]:
    """Run ``adverts …`` in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def call(monkeypatch, verb: str, *arguments: str) -> int:
    """Run a verb in this process as ``adverts VERB …`` does; return its exit status."""
    monkeypatch.setattr(sys, "argv", [f"adverts {verb}", *arguments])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(module_of(verb)).main()
    return ended.value.code
