"""Facts that a gate needs in addition to the report, such as overlap, parity, size and timing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adverts.config.gate import Condition, Kept, LeastPromises
from adverts.evaluation.predictions.lost_adverts import Lost


@dataclass(frozen=True, slots=True)
class Overlap:
    """Number of judged adverts that are linked to adverts that taught or chose the model.

    Attributes:
        adverts: Number of judged adverts.
        shared: Judged adverts that are linked, so not new; None if they cannot be counted.
        reason: Why they cannot be counted; otherwise empty.
        set_aside: Adverts that are not judged because they are not new.
        without_tokens: Judged adverts with a contact, if no contact has a token: links by a shared
            contact are then unknown. Otherwise 0.
    """

    adverts: int
    shared: int | None
    reason: str = ""
    set_aside: int = 0
    without_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ProvenParity:
    """Result of comparing a bundle with its checkpoint when the bundle was written.

    Attributes:
        adverts: Number of adverts that were compared.
        allowed: Largest difference of any probability.
    """

    adverts: int
    allowed: float


@dataclass(frozen=True, slots=True)
class Caveat:
    """A reason why the ranking of the judged adverts may say more than a service would see.

    Attributes:
        cost: Average precision that it may be worth.
        why: What it is and what to do, after the words "… of the average precision here".
    """

    cost: float
    why: str


@dataclass(frozen=True, slots=True)
class Timed:
    """Times of both models on the same adverts, taken in turns.

    Attributes:
        adverts: Number of adverts in each round.
        rounds: Number of rounds of each model, without its first, which is not counted.
        candidate_ms: Median time of the candidate for one advert, in milliseconds.
        champion_ms: Median time of the champion for one advert, in milliseconds.
        ratio: Median over the rounds of the candidate's time divided by the champion's.
    """

    adverts: int
    rounds: int
    candidate_ms: float
    champion_ms: float
    ratio: float


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Everything that a verdict depends on in addition to the report.

    Attributes:
        model: Identity of the judged model.
        champion: Identity of the champion; None without a champion.
        adverts: Number of judged adverts.
        kind: ``checkpoint``, ``bundle`` or ``predictions``.
        champion_kind: The same of the champion; None without a champion.
        earlier_looks: Looks of other models at adverts of the same content.
        looks_lack: Why there may have been more looks than are recorded; None if nothing suggests
            that.
        overlap: Overlap with the training; None if it was not counted.
        parity: Proof of parity of a bundle; None where there is none.
        megabytes: Size on disk, in megabytes; None if unknown.
        timed: Times of the candidate and the champion; None if they were not timed.
        cell: Language, script and modality of all judged adverts; None if there are several.
        is_tfidf: Whether the judged model is the tf-idf baseline itself, with the shipped settings.
        no_baseline: What to say if the report has no tf-idf to compare with: why, and how to get
            one; empty if that is unknown.
        models_compared: Models now known to be compared on the validation adverts on which the
            thresholds were chosen; None if unknown.
        training_lost: Whether the model was trained on the judged dataset and no ledger says so, so
            that ``models_compared`` may be too small.
        lost: What became of adverts that were judged earlier.
        is_own_champion: Whether the champion that the gate needs is the judged model itself.
        caveats: What a ranking that passes must hold without.
    """

    model: str
    champion: str | None
    adverts: int
    kind: str = "checkpoint"
    champion_kind: str | None = None
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
    training_lost: bool = False
    lost: Lost = Lost()
    is_own_champion: bool = False
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """Conditions by name.

    Attributes:
        name: Of the configuration.
        conditions: All must hold.
        family_wise_level: Chance that a model which meets every statistical condition fails one.
        power: With which a breach counts as visible.
        promises: What thresholds must promise at least for the answers that rest on them to count;
            None: any promise.
        no_prevalence: Why it is accepted that no operating prevalence is stated; None: it is not.
        asked: The configuration as JSON; None where it is not known.
        sha256: Of all that the configuration asks; None where it is not known.
        changes: What it asks otherwise than the shipped gate of its name; None where it is not
            known.
    """

    name: str
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    family_wise_level: float = 0.05
    power: float = 0.8
    promises: LeastPromises | None = None
    no_prevalence: str | None = None
    asked: dict[str, object] | None = None
    sha256: str | None = None
    changes: tuple[str, ...] | None = None

    @property
    def counts_lost(self) -> bool:
        """Whether adverts that were judged earlier and are lost count at their worst."""
        return any(
            isinstance(one, Kept) and one.if_insufficient == "fail"
            for one in self.conditions.values()
        )
