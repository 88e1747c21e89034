"""A tiny encoder and a tiny prepared dataset, so that whole verbs run in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tracing
from tiny_adverts import write_tiny
from tiny_encoder import write_encoder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder: two layers, 32 features, one token for each word."""
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(autouse=True, scope="module")
def shared_ledgers_are_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No module counts the models that another has tried on a dataset which several use."""
    for ledger in tmp_path_factory.getbasetemp().glob("shared-*/*.looks.jsonl"):
        ledger.unlink()


@pytest.fixture(scope="session")
def tiny_prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 adverts of made-up words; those with one of the first five words are positive."""
    return write_tiny(tmp_path_factory.mktemp("shared-prepared") / "tiny")


@pytest.fixture(scope="session")
def tiny_sharable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same adverts, on terms that let a partner have a model of them."""
    from adverts.data.dataset.dataset_manifest import Terms

    terms = Terms(provenance="synthetic", licence="CC0-1.0", sensitivity="synthetic")
    return write_tiny(tmp_path_factory.mktemp("shared-sharable") / "tiny", terms=terms)


@pytest.fixture(scope="session")
def tiny_writer() -> Callable[..., Path]:
    """Writes the same adverts into a folder, maybe without some."""
    return write_tiny


@pytest.fixture(scope="module")
def traced_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A network that was exported before is not traced again."""
    with tracing.traced_once(tmp_path_factory):
        yield


@pytest.fixture(scope="module")
def two_folds() -> Iterator[None]:
    """N-grams are calibrated on two folds, not five: half of the fits, where it tells nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adverts.training.fit_ngrams.FOLDS", 2)
        yield


@pytest.fixture(scope="session")
def bundle(tiny_prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of tf-idf, which no test changes."""
    from scored_bundle import tfidf_bundle

    return tfidf_bundle(tiny_prepared, tmp_path_factory.mktemp("scored"))


@pytest.fixture(scope="session")
def scored_posts(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with posts and their scores with evidence, which no test changes."""
    from drawn_sample import score_posts

    folder = tmp_path_factory.mktemp("scored-posts")
    with pytest.MonkeyPatch.context() as patch:
        score_posts(patch, bundle, folder)
    return folder
