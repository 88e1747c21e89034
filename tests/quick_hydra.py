"""Hydra, without work that it repeats for each of the many commands in one process of tests.

Before it composes the configuration of a job, Hydra composes it once to learn whether the command
is a sweep; and it parses the packaged files each time. What it composes is the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from hydra._internal.hydra import Hydra
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins

PACKAGED = ("pkg://", "structured://")


def hasten_hydra(patch: pytest.MonkeyPatch) -> None:
    """Let Hydra read each packaged file once, and not compose to find a mode that nobody gave."""
    Plugins.instance()  # registers the sources
    for scheme in ("pkg", "structured"):
        source = SourcesRegistry.instance().resolve(scheme)
        for name in ("load_config", "is_config", "is_group"):
            patch.setattr(source, name, _remembered(getattr(source, name)))
    patch.setattr(Hydra, "get_mode", _quick_mode(Hydra.get_mode))


def _remembered(method: Callable[..., object]) -> Callable[..., object]:
    """Return the method with answers that are kept; Hydra changes the copies that it gets."""
    kept: dict[tuple[str, str, str], object] = {}

    def remembered(self, config_path):
        key = (self.provider, self.path, config_path)
        if key not in kept:
            kept[key] = method(self, config_path)
        return copy.deepcopy(kept[key])

    return remembered


def _quick_mode(get_mode: Callable[..., object]) -> Callable[..., object]:
    """Return a method that answers at once where only packaged files, which set none, are read."""

    def quick_mode(self, config_name, overrides):
        searched = self.config_loader.get_search_path().get_path()
        packaged = all(one.path.startswith(PACKAGED) for one in searched)
        if packaged and not any("hydra" in word for word in overrides):
            return None
        return get_mode(self, config_name, overrides)

    return quick_mode
