"""What a gate may ask of a model: one value for each kind of condition, in plain types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

IfInsufficient = Literal["fail", "abstain_slice", "report"]
Purpose = Literal["precision", "recall"]
ReferenceName = Literal["majority class", "tf-idf"]


@dataclass(frozen=True, slots=True)
class Absolute:
    """A figure of the judged model, on everything or on each part of a dimension.

    Attributes:
        figure: Name of the figure.
        at_least: The bar, for figures that should be high; None where ``at_most`` is given.
        at_most: The bar, for figures that should be low; None likewise.
        must_see: Breach that the adverts must be able to show, in the unit of the figure.
        task: Name of the task; None: the headline.
        by: Dimension of the slices; None: all judged adverts together.
        weight: Share of the family-wise level, beside the weights of the other conditions.
        if_insufficient: What becomes of it where nobody can tell.
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
    """A figure of the judged model minus that of the champion, paired on the same adverts.

    Attributes:
        figure: Name of the figure.
        tolerated: Drop that is accepted: what training again with another seed may cost.
        must_see: Drop that the adverts must be able to show.
        at_least: What the judged model's own figure must be shown to lie above: two models that
            find next to nothing are alike. Of a figure that should be low, below. None: nothing.
        task: Name of the task; None: the headline.
        by: Dimension of the slices; None: all judged adverts together.
        weight: Share of the family-wise level.
        if_insufficient: What becomes of it where nobody can tell.
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
    """A figure of the judged model minus that of a reference, shown to be above a bar.

    Other conditions pass where a breach would have shown and did not. This one passes only where
    the whole interval of the paired difference lies above the bar: a model that learned nothing
    has nothing to breach.

    Attributes:
        figure: Name of the figure.
        over: The reference, as the report names it: the majority class or tf-idf.
        above: The bar; below 0 where a little worse than the reference is good enough.
        task: Name of the task; None: the headline.
        weight: Share of the family-wise level.
        if_insufficient: What becomes of it where nobody can tell.
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
    """How far the worst part of a dimension may lie behind the best."""

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
    """Recall that must be left under each disguise, as a share of the recall without it.

    Attributes:
        at_least: The bar.
        must_see: Breach that the adverts must be able to show.
        worst_of_draws: Count an advert as lost if any seed loses it.
        strengths: Strengths that are judged; empty: all.
        weight: Share of the family-wise level.
        if_insufficient: What becomes of it where nobody can tell.
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
    """Stated probabilities can be believed: of all adverts, of the likeliest, and to some use.

    Where positives are rare, the mean gap over all adverts is small for any model. So the gap of
    the likeliest adverts, as many as there are positives, has the same bar, and the log-loss skill
    against the base rate must be shown to lie above 0.

    Attributes:
        at_most: Gap between stated probability and true share, of all adverts and at the top.
        must_see: Breach that all adverts must be able to show.
        must_see_at_top: Breach that the likeliest must be able to show, which are fewer.
        task: Name of the task; None: the headline.
        weight: Share of the family-wise level.
        if_insufficient: What becomes of it where nobody can tell.
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
    """Thresholds of the headline task are shipped, and keep their promise on the judged adverts."""

    purposes: tuple[Purpose, ...]
    must_see: float
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["thresholds"] = "thresholds"


@dataclass(frozen=True, slots=True)
class InServiceQueue:
    """A figure of the headline's queue at the operating prevalence; untested where none is stated.

    Attributes:
        figure: ``recall_at_precision`` or ``average_precision``.
        at_least: The bar; None: it is held against the champion.
        tolerated: Drop against the champion that is accepted; 0 where there is a bar.
        must_see: Breach that the adverts must be able to show.
        weight: Share of the family-wise level.
        if_insufficient: What becomes of it where nobody can tell.
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
    """False-positive rate of each look-alike group: its upper bound stays below the bar."""

    at_most: float
    purpose: Purpose
    weight: float = 1.0
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["look_alikes"] = "look_alikes"


@dataclass(frozen=True, slots=True)
class Leakage:
    """Share of the judged adverts that are linked to what taught or chose the model."""

    at_most: float
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["leakage"] = "leakage"


@dataclass(frozen=True, slots=True)
class CoverageCondition:
    """Share of the judged adverts, and of the positives, that the model reads and answers.

    Attributes:
        at_least: The bar.
        tolerated: How much smaller than the champion's the share may be.
        left_at_most: Share of the judged adverts that this verdict itself may leave to people.
        if_insufficient: What becomes of it where it is not known.
    """

    at_least: float
    tolerated: float
    left_at_most: float
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["coverage"] = "coverage"


@dataclass(frozen=True, slots=True)
class BundleParity:
    """A bundle has proved that it computes what its checkpoint computes."""

    if_insufficient: IfInsufficient = "fail"
    kind: Literal["parity"] = "parity"


@dataclass(frozen=True, slots=True)
class SizeCondition:
    """Megabytes (10⁶ bytes) on disk."""

    at_most: float
    if_insufficient: IfInsufficient = "fail"
    kind: Literal["size_mb"] = "size_mb"


@dataclass(frozen=True, slots=True)
class Latency:
    """Time for the same adverts over the champion's, both timed in this run, turn by turn.

    It is reported and decides nothing: a verdict may not depend on how busy a machine is.
    """

    at_most_ratio: float
    if_insufficient: IfInsufficient = "report"
    kind: Literal["latency"] = "latency"


@dataclass(frozen=True, slots=True)
class LooksKnown:
    """The ledger of who looked at these adverts is whole, as far as that can be known."""

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
    """Conditions by name.

    Attributes:
        name: Of the configuration.
        conditions: All must hold.
        family_wise_level: Chance that a model which meets every statistical condition fails one.
        power: With which a breach counts as visible.
        sha256: Of all that the configuration asks; None where it is not known.
        changes: What it asks otherwise than the shipped gate of its name; None where it is not
            known.
    """

    name: str
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    family_wise_level: float = 0.05
    power: float = 0.8
    sha256: str | None = None
    changes: tuple[str, ...] | None = None
