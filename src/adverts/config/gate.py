"""Schema of a gate: the conditions for a model, and what follows when one cannot be judged."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from adverts.config.base import Config

Dimension = Literal["language", "script", "modality", "language, script and modality", "platform"]
Share = Annotated[float, Field(ge=0, le=1)]
MustSee = Annotated[
    float,
    Field(
        ge=1e-6, description="breach that the adverts must be able to show; otherwise no verdict"
    ),
]
TaskName = Annotated[str | None, Field(description="null: the headline task")]
Weight = Annotated[
    float,
    Field(ge=1e-6, le=1e6, description="weight of the condition in the family-wise level"),
]
Purpose = Literal["precision", "recall"]
FailOrReport = Annotated[
    Literal["fail", "report"],
    Field(description="if it cannot be judged: no verdict, or the condition is only reported"),
]


class _BySlice(Config):
    """Keys that conditions on slices have in common."""

    by: Dimension | None = Field(description="each part must meet it; null: all adverts together")
    if_insufficient: Literal["fail", "abstain_slice", "report"] = Field(
        description="if it cannot be judged; abstain_slice leaves that part to people"
    )

    @model_validator(mode="after")
    def _only_cells_abstain(self) -> Self:
        if self.if_insufficient == "abstain_slice" and self.by != "language, script and modality":
            raise ValueError("abstain_slice needs by='language, script and modality'")
        return self


class Absolute(_BySlice):
    """A figure of the judged model on the right side of a bar."""

    kind: Literal["absolute"]
    task: TaskName
    figure: str = Field(
        description="what is judged, such as average_precision or recall_at_precision"
    )
    at_least: float | None = Field(description="the bar; null where at_most is given")
    at_most: float | None = Field(description="the bar; null where at_least is given")
    must_see: MustSee
    weight: Weight

    @model_validator(mode="after")
    def _one_bar(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("one of at_least and at_most, the other null")
        return self


class Relative(_BySlice):
    """A figure of the judged model against that of the champion, on the same adverts."""

    kind: Literal["relative"]
    task: TaskName
    figure: str = Field(
        description="what is judged, such as average_precision or recall_at_precision"
    )
    tolerated: Share = Field(description="drop that training again with another seed could cause")
    must_see: MustSee
    at_least: float | None = Field(
        description="bar that the model's own figure must be shown to exceed; null: no bar"
    )
    weight: Weight

    @model_validator(mode="after")
    def _sees_more_than_it_tolerates(self) -> Self:
        if self.must_see <= self.tolerated:
            raise ValueError(f"must_see above tolerated ({self.tolerated:g})")
        return self


class Lift(Config):
    """A figure above that of a reference: the whole interval of the paired difference."""

    kind: Literal["lift"]
    task: TaskName
    figure: str = Field(
        description="what is judged, such as average_precision or recall_at_precision"
    )
    over: Literal["majority class", "tf-idf"] = Field(
        description="what it is compared with, trained on the same adverts"
    )
    above: float = Field(
        ge=-1, le=1, description="the lower end must be higher; below 0: a drop that is tolerated"
    )
    weight: Weight
    if_insufficient: FailOrReport


class SliceGap(Config):
    """The worst part of a dimension not too far behind the best."""

    kind: Literal["slice_gap"]
    task: TaskName
    figure: str = Field(
        description="what is judged, such as average_precision or recall_at_precision"
    )
    by: Dimension = Field(description="dimension whose parts are compared")
    at_most: Share = Field(description="largest distance of a part from the best one")
    must_see: MustSee
    weight: Weight
    if_insufficient: FailOrReport


class RobustnessKept(Config):
    """Recall that is left under each disguise of the robustness suite."""

    kind: Literal["robustness"]
    at_least: Share = Field(description="share of the recall without the disguise")
    worst_of_draws: bool = Field(description="an advert counts as lost if any seed loses it")
    strengths: tuple[str, ...] = Field(description="strengths that are judged; empty: all")
    must_see: MustSee
    weight: Weight
    if_insufficient: FailOrReport


class CalibrationError(Config):
    """Gap between stated and true probability, of all adverts and at the top, and some skill."""

    kind: Literal["calibration"]
    task: TaskName
    at_most: Share = Field(description="largest error of calibration")
    must_see: MustSee
    must_see_at_top: MustSee
    weight: Weight
    if_insufficient: FailOrReport


class Promises(Config):
    """Thresholds of the headline task are shipped, and keep their promise on these adverts."""

    kind: Literal["thresholds"]
    purposes: tuple[Purpose, ...] = Field(
        min_length=1, description="thresholds whose promises are tested"
    )
    must_see: MustSee
    weight: Weight
    if_insufficient: FailOrReport


class InServiceQueue(Config):
    """A figure of the queue at the operating prevalence; untested where none is stated."""

    kind: Literal["in_service"]
    figure: Literal["recall_at_precision", "average_precision"] = Field(
        description="figure at the operating prevalence"
    )
    at_least: Share | None = Field(description="the bar; null: compared with the champion")
    tolerated: Share = Field(description="accepted drop against the champion; 0 with a bar")
    must_see: MustSee
    weight: Weight
    if_insufficient: FailOrReport

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.at_least is not None and self.tolerated:
            raise ValueError(
                "tolerated=0, since at_least compares with a bar and not with the champion"
            )
        if self.must_see <= self.tolerated:
            raise ValueError(f"must_see above tolerated ({self.tolerated:g})")
        return self


class LookAlikeRates(Config):
    """False-positive rate of each look-alike group, by its upper bound."""

    kind: Literal["look_alikes"]
    at_most: Share = Field(description="largest share of a group of look-alikes that is flagged")
    purpose: Purpose = Field(description="purpose of the threshold at which they are counted")
    weight: Weight
    if_insufficient: FailOrReport


class Leakage(Config):
    """Share of the judged adverts that are linked to what taught or chose the model."""

    kind: Literal["leakage"]
    at_most: Share = Field(description="largest share of the judged adverts")
    if_insufficient: FailOrReport


class CoverageCondition(Config):
    """Share of judged adverts, and of positives, that neither model nor verdict leave to people."""

    kind: Literal["coverage"]
    at_least: Share = Field(description="smallest share of the judged adverts")
    tolerated: Share = Field(description="how much smaller than the champion's it may be")
    if_insufficient: FailOrReport


class BundleParity(Config):
    """A bundle has proved that it computes what its checkpoint computes."""

    kind: Literal["parity"]
    if_insufficient: FailOrReport


class SizeCondition(Config):
    """Megabytes (10⁶ bytes) on disk."""

    kind: Literal["size_mb"]
    at_most: float = Field(gt=0, description="megabytes")
    if_insufficient: FailOrReport


class Latency(Config):
    """Time for the same adverts over the champion's, timed turn by turn; reported, never failed."""

    kind: Literal["latency"]
    at_most_ratio: float = Field(
        gt=1, description="largest ratio of times; keep it wide, since machines are busy"
    )
    if_insufficient: FailOrReport


class LooksKnown(Config):
    """The ledger of who looked at these adverts is whole, as far as that can be known."""

    kind: Literal["looks_known"]
    if_insufficient: FailOrReport


class Kept(Config):
    """Adverts that an earlier look judged are still judged, with their labels.

    Those that are gone anyway count at their worst: positives as missed, negatives as flagged.
    Those that were added since do not count if they make the set easier.
    """

    kind: Literal["kept"]
    at_most: Share = Field(
        description="largest share of them that is gone or labelled otherwise for no known reason"
    )
    if_insufficient: FailOrReport


Statistical = (
    Absolute
    | Relative
    | Lift
    | SliceGap
    | RobustnessKept
    | CalibrationError
    | Promises
    | InServiceQueue
    | LookAlikeRates
)
CountedCondition = Leakage | BundleParity | SizeCondition | Latency | LooksKnown | Kept
Countable = CountedCondition | CoverageCondition
Condition = Statistical | Countable


class LeastPromises(Config):
    """What the thresholds of a model must promise for its answers to count as answers."""

    precision: Share = Field(description="least precision that a precision threshold promises")
    recall: Share = Field(description="least recall that a recall threshold promises")
    confidence: Share = Field(description="least confidence of these promises")


class GateConfig(Config):
    """Conditions by name; without one, nothing is judged."""

    name: str = Field(description="name of the gate, in its record and verdict")
    needs_champion: bool = Field(description="refuse to judge without a champion")
    promises: LeastPromises | None = Field(
        description="least promises of the thresholds that decide what the model answers; a weaker "
        "promise is no answer; null: any promise"
    )
    conditions: dict[str, Annotated[Condition, Field(discriminator="kind")]]
