"""Schema of optimiser, loss, trainer and tracking."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from adverts.config.base import Config
from adverts.config.perturbations import TextPerturbation

FROZEN_BELOW = 300
"""Number of training adverts from which the upper layers of an encoder learn something of use."""
UPPER_BELOW = 10_000
"""Number of training adverts from which all layers of an encoder learn, in steps."""


class OptimizerConfig(Config):
    """AdamW with linear warm-up and cosine decay."""

    learning_rate: float = Field(gt=0, lt=1, description="peak value of the pretrained parts")
    head_learning_rate: float = Field(gt=0, lt=1, description="peak value of everything new")
    weight_decay: float = Field(ge=0, description="pull of the weights towards 0, of AdamW")
    warmup_fraction: float = Field(ge=0, lt=1, description="share of all steps spent warming up")
    max_grad_norm: float = Field(
        gt=0, description="longer gradients are scaled down to this length"
    )


class LossConfig(Config):
    """What is minimised."""

    class_weights: Literal["none", "balanced"] = Field(
        description="balanced: rare labels weigh more, in inverse proportion to their number"
    )
    label_smoothing: float = Field(
        ge=0, lt=1, description="share of a label that is spread over the others"
    )
    task_weights: dict[str, Annotated[float, Field(gt=0)]] = Field(
        description="task -> weight; tasks not named are not trained; empty: only the headline task"
    )


class AugmentConfig(Config):
    """Disguised copies of training adverts."""

    share: float = Field(ge=0, le=1, description="share of the training adverts that get a copy")
    disguises: tuple[TextPerturbation, ...] = Field(
        description="disguises of text, one of which each copy gets; what is not named here shows "
        "in an evaluation whether it helps against disguises that training has not seen"
    )

    @model_validator(mode="after")
    def _copies_are_disguised(self) -> Self:
        if self.share > 0 and not self.disguises:
            raise ValueError("disguises for a share above 0, or augment=none")
        return self


TrainingMethod = Literal["frozen", "upper_layers", "fine_tune"]


class TrainerConfig(Config):
    """Length and numerics of training."""

    method: Literal["auto", TrainingMethod] = Field(
        description="frozen: pretrained features are computed once and only the heads are fitted; "
        "upper_layers: the first third of the encoder is computed once and the layers above learn; "
        f"fine_tune: every part learns, in steps; auto: frozen below {FROZEN_BELOW:,} training "
        f"adverts, upper_layers below {UPPER_BELOW:,}, as a run says and records"
    )
    epochs: int = Field(
        gt=0,
        description="passes over the training adverts; upper_layers makes more over a few hundred",
    )
    tokens_per_batch: int = Field(ge=8, description="padded size of one forward pass, in tokens")
    max_adverts_per_batch: int = Field(gt=0, description="most adverts in one forward pass")
    accumulation: int = Field(gt=0, description="forward passes in one optimiser step")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        description="auto: bf16 if the device supports it, otherwise fp32; a run records which"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        description="auto: an accelerator if there is one"
    )
    threads: int = Field(ge=0, description="torch threads; 0: every core")
    evaluations_per_epoch: int = Field(gt=0, description="validation passes in one epoch")
    patience: int = Field(
        ge=0, description="validation passes without progress before stopping; 0: never"
    )
    select_by: Literal["average_precision", "macro_f1", "loss"] = Field(
        description="headline metric on validation that keeps the best checkpoint"
    )
    checkpoint_every_steps: int = Field(
        ge=0, description="steps between resumable checkpoints; 0: one at each evaluation"
    )
    log_every_steps: int = Field(gt=0, description="steps between logged losses")


class TrackingConfig(Config):
    """Where runs are recorded."""

    kind: Literal["mlflow", "none"] = Field(description="none: nothing is sent")
    uri: str | None = Field(description="null: $MLFLOW_TRACKING_URI, or a local SQLite store")
    store: Path = Field(description="folder of the local store, used if no URI is given")
    experiment: str = Field(description="name of the experiment in MLflow")
    log_checkpoint: bool = Field(description="copy the best checkpoint to the tracking server")
