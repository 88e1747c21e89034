"""Schema of an evaluation: decision rules, review desks, robustness suite, and gate."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from adverts.config.base import Config, Why
from adverts.config.gate import GateConfig
from adverts.config.ocr import OcrConfig
from adverts.config.perturbations import ImagePerturbation, TextPerturbation
from adverts.config.training import TrackingConfig


class DecisionsConfig(Config):
    """How probabilities and thresholds are fitted on validation; a bundle brings its own."""

    operating_prevalence: float | None = Field(
        gt=0, lt=1, description="share of the positive label in service; null: as on validation"
    )
    precision: float = Field(
        gt=0, lt=1, description="precision that the high-precision threshold promises"
    )
    recall: float = Field(gt=0, lt=1, description="recall that the high-recall threshold promises")
    confidence: float = Field(gt=0.5, lt=1, description="confidence with which each promise holds")
    models_compared: int = Field(
        ge=1,
        le=1_000_000_000,
        description="models compared on these validation adverts, if the ledger records fewer",
    )
    seed: int = Field(ge=0, description="seed of every random choice")


def shipped_decisions() -> DecisionsConfig:
    """Return the decision settings as they ship."""
    path = files("adverts.configs").joinpath("decisions/default.yaml")
    return DecisionsConfig.model_validate(yaml.safe_load(path.read_text("utf-8")))


class ExitConfig(Config):
    """Whether clearly negative adverts leave early, judged by the n-grams beside the network."""

    max_loss: float | None = Field(
        gt=0,
        lt=1,
        description="share of positive clusters that may be lost, e.g. 0.01; null: none leaves",
    )


class DeskConfig(Config):
    """A desk of reviewers: its languages and how many adverts it can review in a day."""

    languages: tuple[str, ...] = Field(description="BCP-47 codes; empty: every language")
    daily_adverts: int = Field(gt=0, description="adverts that arrive in a day")
    prevalence: float | None = Field(
        gt=0,
        lt=1,
        description="share of the positive label among them; null: the operating prevalence, or "
        "0.01 where none is stated",
    )
    reviews: int = Field(gt=0, description="adverts that it can review in a day")


class RobustnessConfig(Config):
    """Which disguises are tried on how many adverts."""

    adverts: int = Field(ge=0, description="largest number of judged adverts to disguise; 0: none")
    draws: int = Field(gt=0, description="seeds tried for each disguise; the worst counts too")
    strengths: tuple[Literal["light", "heavy"], ...] = Field(
        min_length=1, description="how strong the disguises are"
    )
    text: tuple[TextPerturbation, ...] = Field(description="perturbations of text")
    image: tuple[ImagePerturbation, ...] = Field(description="perturbations of pictures")
    seed: int = Field(ge=0, description="seed of every random choice")


class EvaluateConfig(Config):
    """Configuration of ``adverts evaluate``: candidate + adverts -> predictions and report."""

    candidate: Path = Field(description="a run, a checkpoint, a bundle or an earlier report")
    champion: str | None = Field(
        description="model to compare it with: a folder as for candidate, or models:/name@alias"
    )
    prepared: Path = Field(description="folder that adverts prepare wrote")
    split: Literal["train", "validation", "test", "all"] = Field(
        description="which adverts are judged"
    )
    run_dir: Path = Field(description="new folder of the report")
    report: Literal["open", "restricted"] = Field(
        description="restricted adds errors.html, which shows adverts and never leaves this machine"
    )
    ledger: Path | None = Field(
        description="record of models tried on adverts, by content; another is next to the dataset"
    )
    recall_at_precision: float = Field(gt=0, le=1, description="precision at which recall is shown")
    bootstrap_resamples: int = Field(ge=100, description="resamples of clusters for the intervals")
    min_positive_clusters: int = Field(
        ge=10, description="a slice with fewer clusters of the positive label shows no figure"
    )
    relevant_difference: float = Field(
        gt=0, lt=1, description="smallest difference between two models that matters"
    )
    baseline: bool | Path = Field(
        description="compare with tf-idf: true for the one of its run, or the folder of another"
    )
    accept_no_prevalence: Why | None = Field(
        max_length=300,
        pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$",
        description="why nobody knows the share of positives where the model will work; without "
        "decisions.operating_prevalence a gate cannot judge otherwise",
    )
    signing_key: Path | None = Field(
        description="file of the Ed25519 private key that signs the gate's record; null: not signed"
    )
    seed: int = Field(ge=0, description="seed of everything that is random")
    threads: int = Field(ge=0, description="cores to use; 0: every core")
    decisions: DecisionsConfig
    desks: dict[str, DeskConfig] = Field(description="who reviews how much in a day, by name")
    robustness: RobustnessConfig
    gate: GateConfig
    ocr: OcrConfig
    tracking: TrackingConfig
