"""The response that a service gets for each advert, and the codes of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from adverts.advert import Advert
from adverts.inputs.encoding import MaskedTexts
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.routing import ORDER_ONLY, ReviewBand, SafeguardingSignal

ErrorCode = Literal[
    "malformed",  # the request breaks the contract: types, encodings, missing parts
    "too_many_characters",
    "too_many_images",
    "too_many_bytes",
    "too_many_pixels",
    "unreadable_image",  # not a picture, or a damaged one
    "pictures_not_read",  # the model reads the text in pictures, which is not given
    "out_of_time",
    "model_failed",  # the model could not run on it, or gave no number
]
ERROR_CODES: tuple[ErrorCode, ...] = get_args(ErrorCode)
REVIEW_BANDS: tuple[ReviewBand, ...] = get_args(ReviewBand)
NOTHING_TO_READ = "nothing to read: leave it to a person"
"""Reason of an abstention: no text, and no picture that the model looks at."""


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why one advert could not be scored.

    Attributes:
        code: Code of the error, for programs.
        message: Message for people; holds no content of the advert.
    """

    code: ErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """What one part of a text adds to the headline label.

    Attributes:
        text: Part of the masked text; all parts joined are that text again.
        start: Index of its first character in the masked text.
        end: Index after its last character.
        source: Text that it is a part of: the caption, or what was read from pictures.
        change: How much it raises the log-odds of the label, in nats.
    """

    text: str
    start: int
    end: int
    source: Literal["text", "ocr_text"]
    change: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a bundle read in one advert. It stays in memory and is never written.

    Attributes:
        advert: The advert, with what was read from its pictures.
        masked: Caption and OCR text, as the model read them; None for one that is not there.
    """

    advert: Advert = field(repr=False)
    masked: MaskedTexts = field(repr=False)

    @property
    def pictures_read(self) -> bool:
        """Whether its pictures were looked at for text."""
        return self.advert.ocr_text is not None


@dataclass(frozen=True, slots=True)
class Versions:
    """Everything that decides an answer; two answers with equal versions are comparable.

    Attributes:
        release: Version of the package ``adverts``.
        bundle: Identity of the bundle, see ``BundleManifest.identity``.
        schema: Schema version of the bundle.
        model: sha256 of ``model.onnx``.
        thresholds: sha256 of ``thresholds.json``, which can change without the model.
        calibration: sha256 of ``calibration.json``.
        masking: Version of the masking rules.
        folding: Version of the folding rules.
        language_identifier: Package and version of the language identifier; None without one.
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
    """The answer of a bundle to one advert. It orders a queue for people and decides nothing.

    Attributes:
        id: Identifier of the advert.
        review_band: ``priority``, ``review``, ``below`` or ``abstain``; the last leaves the advert
            to a person.
        reason: Sentence on why the advert is in this band, or why the bundle abstains.
        versions: Versions that made this answer.
        probabilities: Maps each task and label to a calibrated probability; empty only with an
            ``error``. ``single`` and ``ordinal`` tasks sum to 1.
        routes: What a service may do with the advert; each route ends at a person.
        safeguarding: Signs of danger to a person, likeliest first, whatever the band.
        language: Language of the advert; None with an ``error``.
        attributions: What each part of the text adds; None where not asked for.
        exited: Whether the advert left early. Its n-grams alone judged it and gave its
            probabilities, the network did not run, and its band is ``below``.
        error: Why the advert could not be scored, with ``review_band`` ``abstain``; None if scored.
        reading: What was read in the advert; None where not asked for, or where the request itself
            could not be used.
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
    exited: bool = False
    error: ItemError | None = None
    reading: Reading | None = None

    @property
    def order_only(self) -> bool:
        """Whether its score only orders the queue, since no threshold ships that it could reach.

        Its band is ``abstain`` then. No threshold promises what a person would miss who stops
        reading.
        """
        return self.reason == ORDER_ONLY
