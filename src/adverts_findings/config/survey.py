"""Schemas of the verbs that draw adverts for people to label, and read what they said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from adverts.config.base import Config
from adverts.config.training import TrackingConfig

Division = Literal["language", "platform", "week", "modality"]


def several(value: object) -> object:
    """Return a list where one value was given alone, as in ``labels=labelled.csv``."""
    return [value] if isinstance(value, str | Path) else value


Paths = Annotated[list[Path], BeforeValidator(several)]
Divisions = Annotated[list[Division], BeforeValidator(several)]


class SampleConfig(Config):
    """Configuration of ``adverts sample``: scores -> adverts that people label.

    With labels it writes the sheets of the next round of a sample that is there.
    """

    scores: str | None = Field(
        description="folder or address of scores with evidence and clusters, to draw from; null: "
        "go on with the sample in sample_dir"
    )
    sample_dir: Path = Field(
        description="new folder of the sample, a restricted store; with labels= that of the sample"
    )
    design: Literal["estimate", "learn"] = Field(
        description="estimate: a probability sample, to say how much there is; learn: what teaches "
        "a model most, whose labels never make an estimate"
    )
    budget: int | None = Field(ge=1, description="labels to ask for; an advert is labelled once")
    collected: str | None = Field(
        max_length=300,
        description="what was collected, in your words: 'posts collected from X between 26 October "
        "and 1 November 2026'; each figure is of this and of nothing else",
    )
    strata: int = Field(ge=2, le=20, description="strata by score, of which the lowest has a floor")
    by: Divisions = Field(
        description="also divides the strata, so that each part has labels of its own"
    )
    views: bool = Field(
        description="also for a total of views: a quarter of the budget takes the most seen whole"
    )
    second_share: float = Field(
        ge=0,
        le=1,
        description="share of all adverts that a blind second reviewer labels, beside all those "
        "that the first one calls positive",
    )
    adjudicated_share: float = Field(
        ge=0, le=1, description="share of all adverts that a third person decides in any case"
    )
    planted: int = Field(
        ge=0,
        description="labelled adverts of prepared= among the others, a quarter of them positive: "
        "what reviewers say of them is their error",
    )
    prepared: Path | None = Field(
        description="prepared dataset: of planted adverts, or of what a model has learnt already"
    )
    recheck: Path | None = Field(
        description="with design=learn: review.csv of an audit of prepared=; a quarter of the "
        "budget at most goes to labels that it doubts"
    )
    factor: float = Field(
        ge=1,
        description="the assisted estimate assumes that the lowest stratum holds at most so many "
        "times the positives that calibration expects",
    )
    definitions: dict[str, str] | None = Field(
        description="when an advert has a label, for those who label: "
        "'definitions={spam: \"it promotes something\"}'; null: those of the taxonomy, if any"
    )
    seed: int = Field(ge=0, lt=2**32, description="seed of every draw")
    plan_only: bool = Field(description="say what to expect, and draw nothing")
    width: float | None = Field(
        gt=0, description="with plan_only: also the budget for an interval so wide, in adverts"
    )
    labels: Paths = Field(
        description="filled-in sheets or exports of Label Studio: writes the next round's sheets"
    )
    reviewer: str | None = Field(
        description="with labels=: who will look, so that the next sheet leaves out what they saw "
        "before; null: anybody who saw none of it"
    )
    reviews: Path = Field(description="file of what people said, which is only ever added to")
    ocr_cache: Path | None = Field(description="folder of what was read on pictures, as in score")

    @model_validator(mode="after")
    def _has_one_task(self) -> Self:
        if self.labels and self.scores is not None:
            raise ValueError(
                "scores= draws a sample, labels= goes on with the one in sample_dir: give one"
            )
        if self.scores is None and self.budget is None and self.collected is None:
            return self  # goes on with the sample that is there
        missing = [name for name in ("scores", "budget") if getattr(self, name) is None]
        if missing:
            raise ValueError(
                f"{' and '.join(missing)} not given; a sample is drawn with scores=, budget= and "
                "collected=, and continued with sample_dir= and labels="
            )
        if self.collected is None or not self.collected.strip():
            raise ValueError(
                "collected is not given; say what was collected, where and when, since every "
                "figure is of that: collected='posts collected from … between … and …'"
            )
        return self

    @model_validator(mode="after")
    def _fits_its_design(self) -> Self:
        if self.planted and self.prepared is None:
            raise ValueError("planted needs prepared=, a dataset whose labels are known")
        if self.width is not None and not self.plan_only:
            raise ValueError("width is for plan_only=true, which says the budget for it")
        if self.recheck is not None and (self.design != "learn" or self.prepared is None):
            raise ValueError("recheck needs design=learn, and prepared=, the dataset of the audit")
        if self.design == "learn" and (self.views or self.by or self.planted or self.plan_only):
            raise ValueError(
                "design=learn makes no estimate: leave out views, by, planted and plan_only"
            )
        return self


class EstimateConfig(Config):
    """Configuration of ``adverts estimate``: a sample and its labels -> how much there is."""

    sample: Paths = Field(
        min_length=1,
        description="folder of the sample; a list of several: one figure of all their frames "
        "together, in which an advert of two frames counts once",
    )
    labels: Paths = Field(
        description="filled-in sheets or exports of Label Studio, which are added to the reviews; "
        "empty: the reviews hold them already"
    )
    reviews: Path = Field(description="file of what people said, which is only ever added to")
    estimate_dir: Path = Field(description="folder of the estimate; a final one is never replaced")
    by: Divisions = Field(description="also gives a figure for each of these")
    series: str | None = Field(
        min_length=1,
        max_length=100,
        description="name of the series of figures that this one belongs to; null: as previous= "
        "and replaces= say, otherwise the task that was asked about",
    )
    previous: Paths = Field(
        description="folders of earlier estimates of the series, to compare with"
    )
    final: bool = Field(
        description="true: publishes the figure, which is never changed then; false: provisional"
    )
    replaces: Path | None = Field(
        description="folder of the published estimate that this one revises"
    )
    reason: str | None = Field(max_length=2000, description="why it is revised, for its readers")
    seed: int = Field(ge=0, lt=2**32, description="seed of the draws behind each interval")
    tracking: TrackingConfig

    @model_validator(mode="after")
    def _has_one_task(self) -> Self:
        if (self.replaces is None) != (self.reason is None or not self.reason.strip()):
            raise ValueError(
                "replaces= and reason= go together: a revision names what it replaces, and why"
            )
        if self.replaces is not None and _same(self.replaces, self.estimate_dir):
            raise ValueError(
                f"replaces={self.replaces} is estimate_dir; a revision is written into another "
                "folder, so that the figure it replaces stays as it was published"
            )
        if len(self.sample) > 1:
            given = [name for name in ("labels", "by", "previous") if getattr(self, name)]
            if given:
                raise ValueError(
                    f"{' and '.join(given)}= with several samples; these are for one sample alone. "
                    "Record labels of several with: adverts sample sample_dir=… labels=…"
                )
        return self


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
