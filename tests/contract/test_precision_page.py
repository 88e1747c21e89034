"""docs/precision.md holds what the schema, the presets and the messages of `adverts train` say."""

import re
from typing import get_args

import pytest
import torch
import yaml
from composing import load
from documents import ROOT

from adverts.command import CONFIGS
from adverts.config import TrainerConfig
from adverts.errors import InputError
from adverts.training.processes import _CPU_INSTRUCTIONS, start_processes

TEXT = (ROOT / "docs" / "precision.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("|") and not set(line) <= set("|-")
]
SETTINGS = {row[0].strip("`"): row[1:] for row in ROWS if row[0].startswith("`trainer.")}
REFUSED = [
    (row[0], row[1].strip("`")) for row in ROWS if len(row) == 2 and row[0].startswith("`trainer.")
]


@pytest.mark.parametrize("name", ["precision", "device"])
def test_the_page_lists_the_values_that_the_schema_takes(name):
    values = get_args(TrainerConfig.model_fields[name].annotation)
    assert re.findall(r"`([^`]+)`", SETTINGS[f"trainer.{name}"][0]) == list(values)


@pytest.mark.parametrize("name", ["precision", "device", "threads"])
def test_the_page_names_the_default_that_the_preset_chooses(name):
    chosen = yaml.safe_load((CONFIGS / "trainer" / "cpu.yaml").read_text())
    assert SETTINGS[f"trainer.{name}"][1] == f"`{chosen[name]}`"


def test_the_page_names_the_instructions_by_which_a_cpu_is_judged():
    (row,) = (row for row in ROWS if row[0] == "CPU")
    assert sorted(re.findall(r"`([^`]+)`", row[1])) == sorted(_CPU_INSTRUCTIONS)


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_each_refusal_says_what_the_page_quotes(given, message, monkeypatch):
    setting = given.split("`")[1]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError) as refused:
        start_processes(load("train", "prepared=x", setting).trainer.device, 1)
    assert message in str(refused.value)


def test_the_page_quotes_every_kind_of_refusal():
    assert {given.split("`")[1].partition("=")[0] for given, _ in REFUSED} == {
        "trainer.precision", "trainer.device", "trainer.threads",
    }  # fmt: skip
