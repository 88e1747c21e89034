"""Schema of ``adverts tune``: the study, and the space of settings that it searches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from adverts.config.base import Config
from adverts.config.model import ModelConfig
from adverts.config.training import (
    AugmentConfig,
    LossConfig,
    OptimizerConfig,
    TrackingConfig,
    TrainerConfig,
)


class FloatSetting(Config):
    """A number between two bounds, both included."""

    kind: Literal["float"]
    low: float = Field(description="lowest value, included")
    high: float = Field(description="highest value, included")
    log: bool = Field(default=False, description="equal ratios are equally likely")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low={self.low} must be below high={self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"low={self.low} must be above 0 for log: true")
        return self


class IntSetting(Config):
    """A whole number between two bounds, both included."""

    kind: Literal["int"]
    low: int = Field(description="lowest value, included")
    high: int = Field(description="highest value, included")
    step: int = Field(default=1, ge=1, description="distance between two values")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low={self.low} must be below high={self.high}")
        if (self.high - self.low) % self.step:
            raise ValueError(f"high={self.high} must be low={self.low} plus steps of {self.step}")
        return self


class ChoiceSetting(Config):
    """One of some values; for a group of ``configs/``, such as augment, names of its files."""

    kind: Literal["choice"]
    choices: list[JsonValue] = Field(
        min_length=2, description="the values, or names of files of a group of configs/"
    )

    @model_validator(mode="after")
    def _choices_differ(self) -> Self:
        if len({repr(one) for one in self.choices}) != len(self.choices):
            raise ValueError(f"choices={self.choices} names one of them twice")
        return self


Setting = Annotated[FloatSetting | IntSetting | ChoiceSetting, Field(discriminator="kind")]


class SpaceConfig(Config):
    """A search space: what differs between trials, and what every trial has."""

    fixed: dict[str, JsonValue] = Field(description="dotted key of train -> value of every trial")
    space: dict[str, Setting] = Field(
        min_length=1, description="dotted key of train -> values among which trials choose"
    )


class TuneConfig(Config):
    """Configuration of ``adverts tune``: prepared dataset + search space -> best settings."""

    seed: int = Field(ge=0, lt=2**32, description="seed of the search and of every training")
    prepared: Path = Field(description="folder that adverts prepare wrote")
    study_dir: Path = Field(description="folder of the study; the same again goes on with it")
    trials: int = Field(ge=1, description="settings to try, with those tried by earlier commands")
    processes: int = Field(ge=1, description="trials at the same time, each about 2 GB of memory")
    sampler: Literal["tpe", "random"] = Field(
        description="tpe: settings near those that were good, after startup_trials random ones"
    )
    startup_trials: int = Field(ge=1, description="random trials before tpe uses what it saw")
    pruner: Literal["narrowing", "halving", "median", "none"] = Field(
        description="narrowing: after each validation a trial goes on only if it is among the best "
        "share of those that came as far, which falls from all at the start to none at the end; "
        "halving: a fixed share, after 1, 2, 4 … validations; median: stops what "
        "is below the median there; none: every trial is trained whole"
    )
    keep_fraction: float = Field(
        gt=0, lt=1, description="share of trials that pruner=halving lets go on at each stage"
    )
    keep: Literal["best", "all"] = Field(
        description="best: the checkpoints of all other trials are removed as the study goes on"
    )
    ledger: Path | None = Field(
        description="file of looks at adverts, by their content; so is one beside the dataset"
    )
    tune: SpaceConfig = Field(description="the search space")
    model: ModelConfig = Field(description="what is trained")
    optimizer: OptimizerConfig
    loss: LossConfig
    augment: AugmentConfig
    trainer: TrainerConfig
    tracking: TrackingConfig
