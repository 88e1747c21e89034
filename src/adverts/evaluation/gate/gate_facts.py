"""What a gate must know besides the report: who is judged, by whom, and what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adverts.config.gate import Condition


@dataclass(frozen=True, slots=True)
class Overlap:
    """Judged adverts that are not new: links join them to adverts that taught or chose the model.

    Attributes:
        adverts: Judged adverts.
        shared: Those that are not new; None where it cannot be counted.
        reason: Why it cannot be counted; else empty.
        set_aside: Adverts that are not judged since they are not new.
        without_tokens: Judged adverts with a contact, where no contact has a token, so that those
            who share one are not known to be linked.
    """

    adverts: int
    shared: int | None
    reason: str = ""
    set_aside: int = 0
    without_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ProvenParity:
    """What a bundle proved against its checkpoint when it was written.

    Attributes:
        adverts: Adverts that were compared.
        allowed: No probability differs by more.
    """

    adverts: int
    allowed: float


@dataclass(frozen=True, slots=True)
class Timed:
    """Both models on the same adverts, turn by turn.

    Attributes:
        adverts: In each round.
        rounds: Of each model, the first of each not counted.
        candidate_ms: Median time for an advert.
        champion_ms: Likewise.
        ratio: Median over the rounds of the candidate's time over the champion's.
    """

    adverts: int
    rounds: int
    candidate_ms: float
    champion_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Everything that decides besides the report.

    Attributes:
        model: Identity of the judged model.
        champion: Identity of the champion; None where none took part.
        adverts: Judged adverts.
        kind: ``checkpoint``, ``bundle`` or ``predictions``.
        earlier_looks: Looks of other models at these adverts, by their content.
        looks_lack: Why there may have been more looks than are recorded; None where nothing speaks
            for that.
        overlap: With the training; None where nobody counted.
        parity: Of a bundle; None where there is none.
        megabytes: On disk; None where it is not known.
        timed: Against the champion; None where it was not.
        cell: Language, script and modality of all judged adverts; None where they are of several.
        is_tfidf: The judged model is the baseline itself: tf-idf.
        no_baseline: Why no tf-idf stands beside the judged model, and how to have one; empty where
            one does.
        models_compared: Models that are known by now to be compared on the validation adverts on
            which the thresholds were chosen; None where it is not known.
    """

    model: str
    champion: str | None
    adverts: int
    kind: str = "checkpoint"
    earlier_looks: int = 0
    looks_lack: str | None = None
    overlap: Overlap | None = None
    parity: ProvenParity | None = None
    megabytes: float | None = None
    timed: Timed | None = None
    cell: str | None = None
    is_tfidf: bool = False
    no_baseline: str = ""
    models_compared: int | None = None


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
