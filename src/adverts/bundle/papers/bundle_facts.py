"""The facts that the papers of a bundle are written from, and the purpose of every model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.bundle.parity.parity_record import PrecisionRecord
from adverts.errors import IntegrityError
from adverts.files.bounded_reading import read_json
from adverts.runtime.manifest import COVERAGE_NAME, GATE_NAME, PARITY_NAME, BundleManifest
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import DecisionRules, read_rules
from adverts.runtime.rules.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.rules.label_facts import LabelFacts
from adverts.runtime.rules.thresholds import Threshold

SUMMARY = (
    "It orders a queue of adverts that people review. Its probabilities are no finding about an "
    "advert or a person."
)
USERS = (
    "reviewers of an online-safety unit, who see adverts in the order that it gives",
    "services that hold a queue for such reviewers",
)
USES = (
    "to put the adverts that most need a person's look at the top of a queue",
    "to tell signs of danger to a person, whatever else is said of the advert",
    "to leave to people what it was not shown to judge well (`abstain`)",
)
NOT_FOR = (
    "to remove, block or report an advert without a person's decision",
    "to judge, identify or rank a person, or to start an action against one",
    "to estimate how common such adverts are: its counts are not corrected for its errors",
    "to judge adverts of languages or forms on which no gate passed it",
)
LIMITS = (
    "It has seen the adverts of its training data; another platform, season or way of writing may "
    "lower every figure, and nothing here says by how much.",
    "A promise at a threshold holds where its condition does: for precision, at the stated share "
    "of the label among adverts.",
    "Contacts are masked before it reads a text: it knows that there is one, never whose.",
    "Text in pictures reaches it only as far as a reader can read it.",
)


@dataclass(frozen=True, slots=True)
class Risk:
    """What may go wrong, and what is done about it."""

    name: str
    mitigation: str


RISKS = (
    Risk(
        "Lawful adverts are put high in the queue, more often in some languages than in others.",
        "A person decides on each; false alarms are measured by language and on look-alikes, and "
        "a language that was not shown to do well abstains.",
    ),
    Risk(
        "Adverts by people who ask for help are treated as offers.",
        "Their classes have no officer's route, however high the score.",
    ),
    Risk(
        "Adverts that matter are missed and nobody looks at them.",
        "What is below a threshold is not called harmless; signs of danger to a person are told "
        "from a threshold of their own.",
    ),
    Risk(
        "Those who post adverts change how they write.",
        "Disguised texts and pictures are part of the evaluation; a gate judges each new model.",
    ),
)
PROMOTED_ALTHOUGH = "promoted_although"
"""Key in ``training`` of a manifest: why a bundle was promoted that would be refused."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a gate measured.

    Attributes:
        name: Name of the condition.
        scope: Task, and the slice if the condition is about one.
        value: Measured value.
        low: Lower end of its 95 % interval; None if it has none.
        high: Upper end of its 95 % interval; None if it has none.
    """

    name: str
    scope: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings of a gate, as recorded in a bundle.

    Attributes:
        gate: Name of the gate's configuration.
        verdict: Verdict on all conditions together.
        created: Time of the judgement, ISO 8601.
        split: Split that the model was judged on.
        adverts: Number of adverts that it was judged on.
        figures: Measured figures; empty in a partner's bundle.
    """

    gate: str
    verdict: str
    created: str
    split: str
    adverts: int
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """The manifest of a bundle, and the content of its files that the papers describe.

    Attributes:
        manifest: Manifest of the bundle.
        rules: Calibration and thresholds.
        labels: What a service may do with each label.
        coverage: Findings of a gate by language; empty before a promotion.
        judgement: Findings of the gate; None before a promotion.
        precision: Every precision that was tried; None in a partner's bundle.
    """

    manifest: BundleManifest
    rules: DecisionRules
    labels: LabelFacts
    coverage: Coverage = Coverage()
    judgement: Judgement | None = None
    precision: PrecisionRecord | None = None


def promise(one: Threshold) -> str:
    """Return in words what a threshold promises, and at which prevalence."""
    words = f"{one.purpose} ≥ {one.promised:g}"
    if one.operating_prevalence is None:
        return words
    return f"{words} where {one.operating_prevalence:.2%} of adverts have the label"


def read_bundle_facts(folder: Path, manifest: BundleManifest) -> BundleFacts:
    """Return the facts for the papers, read from the files of a bundle with this manifest.

    Raises:
        IntegrityError: A file is malformed.
        OSError: A file cannot be read.
    """
    coverage, judgement, precision = Coverage(), None, None
    if (folder / COVERAGE_NAME).exists():
        coverage = Coverage.from_json((folder / COVERAGE_NAME).read_bytes())
    if (folder / GATE_NAME).exists():
        judgement = _judgement(_object(folder / GATE_NAME))
    if (folder / PARITY_NAME).exists():
        precision = PrecisionRecord.from_json((folder / PARITY_NAME).read_bytes())
    return BundleFacts(
        manifest,
        read_rules(folder),
        LabelFacts.from_json((folder / LABELS_NAME).read_bytes()),
        coverage,
        judgement,
        precision,
    )


def _object(path: Path) -> Mapping[str, object]:
    try:
        value = read_json(path, finite=False)
    except ValueError:
        raise IntegrityError(f"{path.name} is not JSON; copy the bundle again") from None
    if not isinstance(value, dict):
        raise IntegrityError(f"{path.name} holds no object; copy the bundle again")
    return value


def _judgement(raw: Mapping[str, object]) -> Judgement:
    """Return the findings in a gate record, a full one or that of a partner's bundle."""
    match raw:
        case {
            "gate": str(gate),
            "verdict": str(verdict),
            "created": str(created),
            "split": str(split),
            "adverts": int(adverts),
        }:
            results = raw.get("results", [])
            figures = map(_figure, results if isinstance(results, list) else [])
            measured = tuple(one for one in figures if one is not None)
            return Judgement(gate, verdict, created, split, adverts, measured)
    raise IntegrityError(f"{GATE_NAME} is no record of a gate; copy the bundle again")


def _figure(raw: object) -> Figure | None:
    match raw:
        case {
            "name": str(name),
            "scope": str(scope),
            "measured": {"value": int() | float() as value, "low": low, "high": high},
        }:
            return Figure(name, scope, value, _number(low), _number(high))
    return None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
