"""What commands in tests compose quickly is what Hydra itself composes."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hydra import compose, initialize_config_module
from hydra._internal import config_loader_impl
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.sources_registry import SourcesRegistry
from hydra.errors import HydraException
from omegaconf import OmegaConf

Composed = Callable[..., object]


def _composed(name: str, *words: str) -> object:
    with initialize_config_module("adverts.configs", version_base="1.3"):
        try:
            config = compose(name, list(words), return_hydra_config=True)
        except HydraException as error:
            return str(error)
    return OmegaConf.to_container(config, resolve=False), repr(config.hydra.runtime.choices)


@pytest.fixture
def itself(monkeypatch: pytest.MonkeyPatch) -> Composed:
    """Composes as Hydra does without any help."""
    sources = [SourcesRegistry.instance().resolve(scheme) for scheme in ("pkg", "structured")]
    quickened = [
        (config_loader_impl, "create_defaults_list"),
        (ConfigLoaderImpl, "_compose_config_from_defaults_list"),
        *((one, name) for one in sources for name in ("load_config", "is_config", "is_group")),
    ]

    def compose_itself(*asked: str) -> object:
        with monkeypatch.context() as patch:
            for owner, name in quickened:
                patch.setattr(owner, name, getattr(owner, name).__wrapped__)
            return _composed(*asked)

    return compose_itself


ASKED = [
    ("train",),
    ("train", "model=tfidf", "trainer.epochs=3"),
    ("train", "trainer.epochs=4", "model=tfidf"),
    ("train", "model=text", "+trainer.optimizer=null", "model.encoder.max_tokens=32"),
    ("train", "model/ngrams=none", "model=text"),
    ("train", "model=text", "model={kind: tfidf}"),
    ("evaluate", "gate=first", "~gate.conditions.ranks_well"),
    ("evaluate", "~gate"),
    ("evaluate", "~gate=first"),
    ("tune", "tune=tfidf", "tune.trials=3"),
    ("train", "model=nothing"),
    ("train", "++model=text"),
    ("train", "nothing/at/all=text"),
]


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_it_composes_what_hydra_composes(asked: tuple[str, ...], itself: Composed) -> None:
    expected = itself(*asked)
    for _ in range(2):
        assert _composed(*asked) == expected


def test_what_a_job_changes_is_not_seen_by_the_next(itself: Composed) -> None:
    with initialize_config_module("adverts.configs", version_base="1.3"):
        config = compose("train", ["model=tfidf"], return_hydra_config=True)
        OmegaConf.set_struct(config, False)
        config.model.of_one_job = True
        config.hydra.runtime.choices.model = os.devnull
    assert _composed("train", "model=tfidf") == itself("train", "model=tfidf")
