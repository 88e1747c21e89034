"""Schema of each verb: everything that determines one execution."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from adverts.config.base import Config
from adverts.config.data import DataConfig
from adverts.config.model import ModelConfig
from adverts.config.ocr import OcrConfig
from adverts.config.training import LossConfig, OptimizerConfig, TrainerConfig


class TrackingConfig(Config):
    """Where runs are recorded."""

    kind: Literal["mlflow", "none"]
    uri: str | None = Field(description="null: $MLFLOW_TRACKING_URI, else a local SQLite store")
    store: Path = Field(description="folder of the local store, used where no URI is given")
    experiment: str
    log_checkpoint: bool = Field(description="copy the best checkpoint to the tracking server")


class PrepareConfig(Config):
    """raw labelled files -> prepared dataset."""

    data: DataConfig
    ocr: OcrConfig
    prepared: Path = Field(description="folder of the prepared dataset, a restricted store")
    erase: Path | None = Field(
        description="file of ids, one a line: takes these adverts out, prepares nothing"
    )
    runs: Path = Field(description="where erase looks for runs, bundles and predictions")


class TrainConfig(Config):
    """prepared dataset + config -> checkpoint + run."""

    seed: int = Field(ge=0, lt=2**32)
    prepared: Path
    run_dir: Path = Field(description="new folder of this run")
    resume: Path | None = Field(description="folder of an interrupted run to go on with")
    baseline: bool = Field(description="train tf-idf beside it, on the same rows")
    model: ModelConfig
    optimizer: OptimizerConfig
    loss: LossConfig
    trainer: TrainerConfig
    tracking: TrackingConfig


class EvaluateConfig(Config):
    """checkpoint or bundle + adverts -> predictions, report."""

    candidate: Path = Field(description="a run folder, a checkpoint folder or a bundle")
    prepared: Path
    split: Literal["train", "validation", "test", "all"]
    run_dir: Path = Field(description="new folder of the report")
    recall_at_precision: float = Field(gt=0, le=1)
    bootstrap_resamples: int = Field(ge=100)
    baseline: bool = Field(description="show the tf-idf baseline of the same run beside it")
    seed: int = Field(ge=0)
    batch_size: int = Field(gt=0)
    threads: int = Field(ge=0)
    ocr: OcrConfig
    tracking: TrackingConfig


class BundleConfig(Config):
    """What a bundle must prove."""

    max_probability_difference: float = Field(gt=0, lt=1)
    parity_adverts: int = Field(gt=0, description="validation adverts compared at the most")
    opset: int = Field(ge=17)


class ExportConfig(Config):
    """checkpoint -> bundle."""

    checkpoint: Path = Field(description="a run folder or a checkpoint folder")
    prepared: Path = Field(description="the dataset whose validation adverts prove parity")
    bundle_dir: Path = Field(description="new folder of the bundle")
    bundle: BundleConfig
    tracking: TrackingConfig
