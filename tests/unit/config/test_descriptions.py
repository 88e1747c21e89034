"""Every key says what it means: on the page of settings nothing is left to be guessed."""

import sys

import pytest
from documents import ROOT

sys.path.insert(0, str(ROOT / "docs/hooks"))
settings = pytest.importorskip("settings", reason="needs the extra docs")


def entries():
    """Yield the key of each entry of the page with its meaning and its legal values."""
    for entry in settings.page().split("\n#### ")[1:]:
        head, _, rest = entry.partition("\n\n")
        yield head, rest.partition("<span")[0]


def test_every_key_of_every_verb_has_a_meaning():
    assert [head for head, meaning in entries() if len(meaning.strip()) < 5] == []


def test_no_two_keys_have_one_anchor():
    anchors = [head.partition("#")[2] for head, _ in entries()]
    assert len(anchors) == len(set(anchors)) > 400


def test_a_key_shows_its_type_bounds_default_and_choices():
    page = settings.page()
    assert "number; above 0; below 1. Default: `0.0001`" in page
    assert "`auto` or `frozen` or `upper_layers` or `fine_tune`. Default: `auto`" in page
    assert "Presets: `model=fusion`" in page
    assert "file or folder. Has to be given" in page
