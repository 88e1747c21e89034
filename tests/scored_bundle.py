"""A small bundle of tf-idf, to score adverts with."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from adverts.compose import compose
from adverts.config import ExportConfig, TrainConfig
from adverts.export import export
from adverts.train import train


def tfidf_bundle(prepared: Path, folder: Path, *changes: str) -> Path:
    """Train tf-idf on a prepared dataset, export it below a folder, and return the bundle."""
    places = [f"prepared={prepared}", "tracking=none"]
    words = [*places, "model=tfidf", *changes, f"run_dir={folder / 'run'}"]
    made = [*places, f"checkpoint={folder / 'run'}", f"bundle_dir={folder / 'bundle'}"]
    exported = compose("export", ExportConfig, made)
    train(compose("train", TrainConfig, words))
    export(exported)
    return folder / "bundle"


def read_rows(folder: Path) -> list[dict[str, object]]:
    """Return the rows of all Parquet files of a folder, in the order of their names."""
    return [row for one in sorted(folder.iterdir()) for row in pq.read_table(one).to_pylist()]
