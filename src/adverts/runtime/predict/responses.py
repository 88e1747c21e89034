"""What a service gets back for each advert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.routing import ReviewBand, SafeguardingSignal

ErrorCode = Literal[
    "malformed",  # the request is not what the contract says: types, encodings, missing parts
    "too_many_characters",
    "too_many_images",
    "too_many_bytes",
    "too_many_pixels",
    "unreadable_image",  # not a picture, or a damaged one
    "pictures_not_read",  # the model reads the text in pictures, and nobody gave it
    "out_of_time",
    "model_failed",  # the model could not run on it, or gave no number
]
ERROR_CODES: tuple[ErrorCode, ...] = get_args(ErrorCode)
REVIEW_BANDS: tuple[ReviewBand, ...] = get_args(ReviewBand)


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why one advert could not be scored.

    Attributes:
        code: For programs.
        message: For people; holds no content of the advert.
    """

    code: ErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """What one part of a text adds to the headline label.

    Attributes:
        text: A part of the masked text; parts joined are that text again.
        start: Where it begins in the masked text, in characters.
        end: Where it ends.
        source: Which text: the caption, or what was read from pictures.
        change: By how much it raises the log-odds of the label, nats.
    """

    text: str
    start: int
    end: int
    source: Literal["text", "ocr_text"]
    change: float


@dataclass(frozen=True, slots=True)
class Versions:
    """Everything that decides an answer; two answers of equal versions are comparable.

    Attributes:
        release: Of adverts.
        bundle: Identity of the bundle, see ``BundleManifest.identity``.
        schema: Schema version of the bundle.
        model: sha256 of ``model.onnx``.
        thresholds: sha256 of ``thresholds.json``, which changes apart from the model.
        calibration: sha256 of ``calibration.json``.
        masking: Of the masking rules.
        folding: Of the folding rules.
        language_identifier: Package and version; None where the bundle has none.
        labels: Name of the label schema.
        precision: Number format of the weights.
    """

    release: str
    bundle: str
    schema: str
    model: str
    thresholds: str
    calibration: str
    masking: int
    folding: int
    language_identifier: str | None
    labels: str
    precision: str


@dataclass(frozen=True, slots=True)
class Response:
    """What a bundle says of one advert. It orders a queue for people and decides nothing.

    Attributes:
        id: The advert's identifier.
        review_band: ``priority``, ``review``, ``below`` or ``abstain``, which means a person.
        reason: Why it is in this band, in a sentence; where it abstains, why.
        versions: What made this answer.
        probabilities: By task and label, calibrated; empty only with an ``error``. ``single`` and
            ``ordinal`` tasks sum to 1.
        routes: What a service may do with the advert; each ends at a person.
        safeguarding: Signs of danger to a person, likeliest first, whatever the band.
        language: None with an ``error``.
        attributions: What each part of the text adds; None where nobody asked.
        error: Why it could not be scored; ``review_band`` is then ``abstain``.
    """

    id: str
    review_band: ReviewBand
    reason: str
    versions: Versions
    probabilities: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    routes: tuple[str, ...] = ()
    safeguarding: tuple[SafeguardingSignal, ...] = ()
    language: Language | None = None
    attributions: tuple[Attribution, ...] | None = None
    error: ItemError | None = None
