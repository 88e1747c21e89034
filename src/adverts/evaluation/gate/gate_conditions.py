"""Conditions that a gate can set for a model: one dataclass for each kind of condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

IfInsufficient = Literal["fail", "abstain_slice", "report"]
Purpose = Literal["precision", "recall"]
ReferenceName = Literal["majority class", "tf-idf"]


@dataclass(frozen=True, slots=True)
class Absolute:
    """Condition on a figure of the judged model, on all adverts or on each slice of a dimension.

    Attributes:
        figure: Name of the figure.
        at_least: Smallest allowed value of a figure that should be high; None with ``at_most``.
        at_most: Largest allowed value of a figure that should be low; None with ``at_least``.
        must_see: Breach that the adverts must be able to show, in the unit of the figure.
        task: Name of the task; None: the headline.
        by: Dimension of the slices; None: all judged adverts together.
        weight: Share of the family-wise level, relative to the weights of the other conditions.
        if_insufficient: What happens if the adverts cannot decide the condition.
    """

    figure: str
    at_least: float | None
    at_most: float | None
    must_see: float
    task: str | None = None
    by: str | None = None
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["absolute"] = "absolute"


@dataclass(frozen=True, slots=True)
class Relative:
    """Condition on a figure of the judged model minus the champion's, paired on the same adverts.

    Attributes:
        figure: Name of the figure.
        tolerated: Accepted drop: what training again with another seed may cost.
        must_see: Drop that the adverts must be able to show.
        at_least: Value that the judged model's own figure must be shown to exceed (be below, if the
            figure should be low). Without it, two models that find almost nothing are equal. None:
            no such value.
        task: Name of the task; None: the headline.
        by: Dimension of the slices; None: all judged adverts together.
        weight: Share of the family-wise level.
        if_insufficient: What happens if the adverts cannot decide the condition.
    """

    figure: str
    tolerated: float
    must_see: float
    at_least: float | None = None
    task: str | None = None
    by: str | None = None
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["relative"] = "relative"


@dataclass(frozen=True, slots=True)
class Lift:
    """Condition that a figure is shown to exceed that of a reference by more than a bar.

    Other conditions pass if a breach could have been seen and was not. This one passes only if
    the whole interval of the paired difference is above the bar: a model that learned nothing
    has nothing to breach.

    Attributes:
        figure: Name of the figure.
        over: The reference, as the report names it: the majority class or tf-idf.
        above: The bar; below 0 where a little worse than the reference is good enough.
        task: Name of the task; None: the headline.
        weight: Share of the family-wise level.
        if_insufficient: What happens if the adverts cannot decide the condition.
    """

    figure: str
    over: ReferenceName
    above: float
    task: str | None = None
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["lift"] = "lift"


@dataclass(frozen=True, slots=True)
class SliceGap:
    """Condition on how far the worst slice of a dimension may be behind the best."""

    figure: str
    by: str
    at_most: float
    must_see: float
    task: str | None = None
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["slice_gap"] = "slice_gap"


@dataclass(frozen=True, slots=True)
class RobustnessKept:
    """Condition on the recall kept under each disguise, as a share of the recall without it.

    Attributes:
        at_least: Smallest allowed share.
        must_see: Breach that the adverts must be able to show.
        worst_of_draws: Whether an advert counts as lost if any seed loses it.
        strengths: Strengths that are judged; empty: all.
        weight: Share of the family-wise level.
        if_insufficient: What happens if the adverts cannot decide the condition.
    """

    at_least: float
    must_see: float
    worst_of_draws: bool = False
    strengths: tuple[str, ...] = ()
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["robustness"] = "robustness"


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Condition that stated probabilities are right and useful, over all and the likeliest adverts.

    Where positives are rare, the mean gap over all adverts is small for any model. So the gap of
    the likeliest adverts, as many as there are positives, has the same limit. The log-loss skill
    against the base rate must also be shown to be above 0.

    Attributes:
        at_most: Largest allowed gap between stated probability and true share, for all adverts and
            for the likeliest.
        must_see: Breach that all adverts must be able to show.
        must_see_at_top: Breach that the likeliest adverts, which are fewer, must be able to show.
        task: Name of the task; None: the headline.
        weight: Share of the family-wise level.
        if_insufficient: What happens if the adverts cannot decide the condition.
    """

    at_most: float
    must_see: float
    must_see_at_top: float
    task: str | None = None
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["calibration"] = "calibration"


@dataclass(frozen=True, slots=True)
class Promises:
    """Condition that the headline task has thresholds that keep their promise on judged adverts."""

    purposes: tuple[Purpose, ...]
    must_see: float
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["thresholds"] = "thresholds"


@dataclass(frozen=True, slots=True)
class InServiceQueue:
    """Condition on a headline figure at the operating prevalence; untested where none is stated.

    Attributes:
        figure: ``recall_at_precision`` or ``average_precision``.
        at_least: Smallest allowed figure; None: the model is compared with the champion.
        tolerated: Accepted drop against the champion; 0 with ``at_least``.
        must_see: Breach that the adverts must be able to show.
        weight: Share of the family-wise level.
        if_insufficient: What happens if the adverts cannot decide the condition.
    """

    figure: Literal["recall_at_precision", "average_precision"]
    at_least: float | None
    tolerated: float
    must_see: float
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["in_service"] = "in_service"


@dataclass(frozen=True, slots=True)
class LookAlikeRates:
    """Condition on the upper bound of the false-positive rate of each look-alike group."""

    at_most: float
    purpose: Purpose
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["look_alikes"] = "look_alikes"


@dataclass(frozen=True, slots=True)
class Leakage:
    """Condition on the share of judged adverts linked to those that taught or chose the model."""

    at_most: float
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["leakage"] = "leakage"


@dataclass(frozen=True, slots=True)
class CoverageCondition:
    """Condition on the share of judged adverts, and of positives, that the model answers.

    Attributes:
        at_least: Smallest allowed share.
        tolerated: How much smaller than the champion's the share may be.
        left_at_most: Largest share of the judged adverts that this verdict may leave to people.
        if_insufficient: What happens if the share is unknown.
    """

    at_least: float
    tolerated: float
    left_at_most: float
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["coverage"] = "coverage"


@dataclass(frozen=True, slots=True)
class BundleParity:
    """Condition that the bundle was proved to compute what its checkpoint computes."""

    if_insufficient: IfInsufficient = "fail"
    kind: Literal["parity"] = "parity"


@dataclass(frozen=True, slots=True)
class SizeCondition:
    """Condition on the size on disk, in megabytes (10⁶ bytes)."""

    at_most: float
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["size_mb"] = "size_mb"


@dataclass(frozen=True, slots=True)
class Latency:
    """Time for the same adverts divided by the champion's, both timed in turns in this run.

    It is reported and decides nothing: a verdict must not depend on how busy a machine is.
    """

    at_most_ratio: float
    if_insufficient: IfInsufficient = "report"
    kind: Literal["latency"] = "latency"


@dataclass(frozen=True, slots=True)
class LooksKnown:
    """Condition that the ledger of looks at these adverts is complete, as far as is known."""

    if_insufficient: IfInsufficient = "fail"
    kind: Literal["looks_known"] = "looks_known"


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
CountedCondition = Leakage | BundleParity | SizeCondition | Latency | LooksKnown
Countable = CountedCondition | CoverageCondition
Condition = Statistical | Countable


@dataclass(frozen=True, slots=True)
class Gate:
    """A named set of conditions that a model must meet.

    Attributes:
        name: Name of the configuration.
        conditions: Maps each name to its condition; all must hold.
        family_wise_level: Chance that a model which meets every statistical condition fails one.
        power: Power with which a breach must be shown to count as visible.
        sha256: sha256 of everything that the configuration requires; None if unknown.
        changes: Differences from the shipped gate of the same name; None if unknown.
    """

    name: str
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    family_wise_level: float = 0.05
    power: float = 0.8
    sha256: str | None = None
    changes: tuple[str, ...] | None = None
