"""The sealed sample: what was drawn from which frame, by which chances, before anyone looked.

A sample holds no text, picture, id or contact of an advert. Its seal is the sha256 of everything in
it; each sheet names the seal, so that labels of another sample are noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts.advert import LabelSchema
from adverts.data.review.reviews import Review
from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.sealed_record import read_sealed, seal_of, sealed_bytes

SAMPLE = "sample.json"
SCHEMA_VERSION = 1
Design = Literal["estimate", "learn"]
Unit = Literal["adverts", "templates", "accounts", "views"]
UNITS: tuple[Unit, ...] = ("adverts", "templates", "accounts", "views")
"""What is counted, each apart:

* ``adverts``: each counts 1.
* ``templates``: near-duplicates count 1 together. A template whose adverts differ counts by its
  share of positives, so its adverts count one divided by their number.
* ``accounts``: likewise for the adverts of one account; adverts of no known account count 0. The
  total is at most the number of accounts with a positive advert.
* ``views``: each counts its views when it was collected.
"""
Field = Literal["language", "platform", "week", "modality"]
FIELDS: tuple[Field, ...] = ("language", "platform", "week", "modality")
"""What adverts can be divided by, for evaluation and routing only."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that a reviewer can give.

    Attributes:
        label: The label, as the sheet holds it.
        definition: When an advert has this label, in words; may be empty.
        positive: Whether such an advert counts; None if the advert could not be judged.
    """

    label: str
    definition: str
    positive: bool | None


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """What reviewers are asked of each advert.

    Attributes:
        task: The task that they label.
        choices: The answers, in the order of the sheet.
        codebook: Names the version of the labels and their definitions; figures of two codebooks
            are never compared.
    """

    task: str
    choices: tuple[Choice, ...]
    codebook: str

    def positive(self, label: str) -> bool | None:
        """Return whether an advert with this label counts; None if it could not be judged.

        Raises:
            KeyError: There is no such answer.
        """
        return {one.label: one.positive for one in self.choices}[label]


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What a sample is drawn from; nothing is claimed about anything else.

    Attributes:
        description: What was collected, in the words of the person who drew the sample.
        scores: Folder or address of the scores.
        hash: Changes if any file of scores, evidence or clusters changes.
        bundle: Identity of the model that scored them.
        adverts: Number of adverts in the frame.
        templates: Number of their clusters of near-duplicates.
        accounts: Number of their accounts; None if no account is known.
        views: Total of their views; None if an advert has no number of views.
        first_collected: Time of the first collection, ISO 8601 in UTC; None if not known.
        last_collected: Time of the last one.
        unscored: How many of them have no score, since nothing in them could be read. They are in
            the frame with the mean probability of the others.
        unreadable: Rows with an error, which are not in the frame.
        repeated: Rows with the id of an earlier row, which are not in the frame.
        token_key_id: Id of the key of their tokens.
        expires: Last day on which the evidence may be used, ISO 8601.
    """

    description: str
    scores: str
    hash: str
    bundle: str
    adverts: int
    templates: int
    accounts: int | None
    views: float | None
    first_collected: str | None
    last_collected: str | None
    unscored: int
    unreadable: int
    repeated: int
    token_key_id: str
    expires: str


@dataclass(frozen=True, slots=True)
class SealedStratum:
    """A stratum of the frame and how adverts are drawn from it.

    Attributes:
        stratum: Its name, size, clusters and expected positives.
        kind: ``line``: independent draws on a line of clusters; ``adverts``: a simple random sample
            without replacement; ``whole``: every advert is labelled.
        lowest: Whether it is the lowest by score (of its part of the frame, if that was divided),
            of which the assisted estimate assumes something.
        draws: Number of draws.
        least_probable: Lowest calibrated probability of its adverts.
        most_probable: Highest one.
        totals: What all its adverts count, by unit; a unit that is not known is absent.
        largest: By unit, the largest value that one draw could have: the largest ratio of what an
            advert counts and its probability in one draw (``line``), otherwise the most that an
            advert counts.
    """

    stratum: Stratum
    kind: Literal["line", "adverts", "whole"]
    lowest: bool
    draws: int
    least_probable: float
    most_probable: float
    totals: Mapping[Unit, float]
    largest: Mapping[Unit, float]


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the frame, such as one platform.

    Attributes:
        field: What divides the frame.
        value: The value of the group.
        totals: What its adverts count, by unit.
        adverts: Number of its adverts in each stratum.
        expected_positives: Sum of their probabilities in each stratum.
    """

    field: Field
    value: str
    totals: Mapping[Unit, float]
    adverts: tuple[int, ...]
    expected_positives: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """An advert that was drawn.

    Attributes:
        item: Its name on sheets, see :func:`adverts.data.review.reviews.item_name`.
        stratum: Place of its stratum; 0 is the lowest by score.
        times: How often it was drawn; it is labelled once.
        probability: Of drawing it in one draw (``line``), or of having it in the sample.
        predicted: Its calibrated probability as it was when the sample was sealed.
        cluster: Name of its cluster of near-duplicates.
        sizes: What it counts, by unit.
        groups: Its value of each field.
        second: Whether a second reviewer looks at it, whatever the first says.
        adjudicated: Whether a third person decides it, whatever the others say.
    """

    item: str
    stratum: int
    times: int
    probability: float
    predicted: float
    cluster: str
    sizes: Mapping[Unit, float]
    groups: Mapping[Field, str]
    second: bool
    adjudicated: bool


@dataclass(frozen=True, slots=True)
class Planted:
    """An advert with known truth among those drawn, which no reviewer can tell apart."""

    item: str
    positive: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A sealed sample.

    Attributes:
        name: Name of its folder when it was drawn.
        design: ``estimate``: its labels make estimates; ``learn``: they only teach.
        sealed_at: When it was sealed, ISO 8601 in UTC.
        created_by: Version of this package, and the commit if it is known.
        seed: Decides every draw, together with the hash of the frame and the name.
        frame: What it is drawn from.
        labels: Label schema of the model that scored the frame.
        question: What reviewers are asked.
        budget: Labels that were asked for.
        strata: Strata, from the lowest by score; adverts taken whole come last.
        groups: Parts of the frame.
        draws: Adverts drawn, each once.
        planted: Adverts with known truth among them.
        second_share: Chance of an advert to be looked at by a second reviewer in any case.
        adjudicated_share: Chance of an advert to be decided by a third person in any case.
        factor: The assisted estimate assumes that the lowest stratum holds at most so many times
            its expected positives.
        content: The sha256 of the file of what reviewers see; empty where there is none.
    """

    name: str
    design: Design
    sealed_at: str
    created_by: str
    seed: int
    frame: FrameFacts
    labels: LabelSchema
    question: ReviewQuestion
    budget: int
    strata: tuple[SealedStratum, ...]
    groups: tuple[Group, ...]
    draws: tuple[Draw, ...]
    planted: tuple[Planted, ...]
    second_share: float
    adjudicated_share: float
    factor: float
    content: str = ""

    @property
    def seal(self) -> str:
        """The sha256 of everything in the sample."""
        return seal_of(self, SCHEMA_VERSION)

    def own(self, reviews: Iterable[Review]) -> list[Review]:
        """Return the reviews that answer the question of this sample.

        A word of danger about an item names the sample of its reviews, and answers no question.
        """
        seal = self.seal
        return [one for one in reviews if one.sample == seal and one.task == self.question.task]


def sample_record(sample: Sample) -> bytes:
    """Return the content of the file of a sample, which states its seal."""
    return sealed_bytes(sample, SCHEMA_VERSION, key="seal")


def read_sample(folder: Path) -> Sample:
    """Read the sample of a folder.

    Raises:
        InputError: There is none, or it cannot be read.
        IntegrityError: It differs from what was sealed, or another release sealed it.
    """
    lack = f"{folder} holds no sample; draw one with adverts sample"
    return read_sealed(Sample, folder / SAMPLE, SCHEMA_VERSION, key="seal", lack=lack)
