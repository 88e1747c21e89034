"""Schema of where runs are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from adverts.config.base import Config


class TrackingConfig(Config):
    """Where runs are recorded."""

    kind: Literal["mlflow", "none"]
    uri: str | None = Field(description="null: $MLFLOW_TRACKING_URI, else a local SQLite store")
    store: Path = Field(description="folder of the local store, used where no URI is given")
    experiment: str
    log_checkpoint: bool = Field(description="copy the best checkpoint to the tracking server")
