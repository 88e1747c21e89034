"""Hydra, without work that it repeats for each of the many commands in one process of tests.

Before it composes the configuration of a job, Hydra composes it once to learn whether the command
is a sweep; and it parses and merges the packaged files each time. What it composes is the same:
``tests/unit/test_quick_hydra.py``.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable

import pytest
from hydra._internal import config_loader_impl
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.defaults_list import DefaultsList
from hydra._internal.hydra import Hydra
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins
from omegaconf import DictConfig

SCHEMES = ("pkg", "structured")


def hasten_hydra(patch: pytest.MonkeyPatch) -> None:
    """Let Hydra read each packaged file once, and not compose to find a mode that nobody gave."""
    Plugins.instance()  # registers the sources
    for scheme in SCHEMES:
        source = SourcesRegistry.instance().resolve(scheme)
        for name in ("load_config", "is_config", "is_group"):
            patch.setattr(source, name, _remembered(getattr(source, name)))
    patch.setattr(Hydra, "get_mode", _quick_mode(Hydra.get_mode))
    chosen = _chosen_once(config_loader_impl.create_defaults_list)
    patch.setattr(config_loader_impl, "create_defaults_list", chosen)
    merge = ConfigLoaderImpl._compose_config_from_defaults_list
    patch.setattr(ConfigLoaderImpl, "_compose_config_from_defaults_list", _merged_once(merge))


def _remembered(method: Callable[..., object]) -> Callable[..., object]:
    """Return the method with answers that are kept; Hydra changes the copies that it gets."""
    kept: dict[tuple[str, str, str], object] = {}

    @functools.wraps(method)
    def remembered(self, config_path):
        key = (self.provider, self.path, config_path)
        if key not in kept:
            kept[key] = method(self, config_path)
        return copy.deepcopy(kept[key])

    return remembered


def _packaged(searched) -> bool:
    return all(source.scheme() in SCHEMES for source in searched.get_sources())


def _chosen_once(create: Callable[..., DefaultsList]) -> Callable[..., DefaultsList]:
    """Return a function that chooses packaged files once for all commands that choose alike."""
    kept: dict[tuple, DefaultsList] = {}

    @functools.wraps(create)
    def chosen_once(repo, config_name, overrides_list, prepend_hydra, skip_missing):
        if not _packaged(repo):
            return create(repo, config_name, overrides_list, prepend_hydra, skip_missing)
        given = [one for one in overrides_list if not one.is_sweep_override()]
        choices = [one for one in given if repo.group_exists(one.key_or_group)]
        key = (config_name, *(one.input_line for one in choices), prepend_hydra, skip_missing)
        if key not in kept:
            kept[key] = create(repo, config_name, choices, prepend_hydra, skip_missing)
        values = [one for one in given if one not in choices or isinstance(one.value(), dict)]
        return dataclasses.replace(kept[key], config_overrides=values)

    return chosen_once


def _merged_once(merge: Callable[..., DictConfig]) -> Callable[..., DictConfig]:
    """Return a method that merges packaged files once; Hydra changes the copies that it gets."""
    kept: dict[str, DictConfig] = {}

    @functools.wraps(merge)
    def merged_once(self, defaults, repo):
        if not _packaged(repo):
            return merge(self, defaults, repo)
        key = repr(defaults)
        if key not in kept:
            kept[key] = merge(self, defaults, repo)
        return copy.deepcopy(kept[key])

    return merged_once


def _quick_mode(get_mode: Callable[..., object]) -> Callable[..., object]:
    """Return a method that answers at once where only packaged files, which set none, are read."""

    @functools.wraps(get_mode)
    def quick_mode(self, config_name, overrides):
        if _packaged(self.config_loader) and not any("hydra" in word for word in overrides):
            return None
        return get_mode(self, config_name, overrides)

    return quick_mode
