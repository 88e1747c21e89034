"""What users and programs rely on changes only where somebody says so: see ``surface.py``."""

from __future__ import annotations

import difflib
import json

import pytest
from contract import surface


@pytest.fixture(scope="module")
def now() -> str:
    return surface.text()


def test_nothing_that_users_rely_on_changed_unnoticed(now):
    before = surface.FILE.read_text(encoding="utf-8")
    lines = (one.splitlines() for one in (before, now))
    changed = list(difflib.unified_diff(*lines, "before", "now", n=1))
    assert not changed, (
        "the public surface changed. If it is meant: make surface, a line in CHANGELOG, and a way "
        "on for who used the old one:\n" + "\n".join(changed[:60])
    )


def test_every_version_of_a_format_is_named_in_the_surface():
    named = {version for _, version in surface.FORMATS.values() if version is not None}
    named -= {one for one in named if one.endswith("_FORMAT")}
    assert surface.versions_in_source() == named


def test_the_surface_is_of_plain_values_that_say_nothing_of_this_machine(now):
    assert json.loads(now)["formats"]["reviews"]["version"] == 1
    assert "<function" not in now
    assert str(surface.SOURCE.parent) not in now
