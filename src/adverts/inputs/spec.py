"""Specification of model inputs, which training writes and serving follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from adverts.errors import InputError

InputName = Literal["text", "ocr", "image"]
TextForm = Literal["raw", "folded"]
BranchName = Literal["network", "ngrams"]
BRANCHES: tuple[BranchName, ...] = ("network", "ngrams")
"""Branches of a model whose logits are the mean of a network's and of hashed n-grams'."""
INPUT_NAMES: tuple[InputName, ...] = ("text", "ocr", "image")


@dataclass(frozen=True, slots=True)
class TokenSpec:
    """Specification of the tokens of a transformer encoder.

    Attributes:
        max_tokens: An advert is truncated to this many tokens, special tokens included.
        prefix: Text put before the first segment, e.g. ``query: `` for E5.
        pad_id: Id of the padding token.
        text_form: ``raw``: the text as it is written; ``folded``: see
            :func:`adverts.inputs.letters.folding.fold`. The prefix is never folded.
    """

    max_tokens: int
    prefix: str
    pad_id: int
    text_form: TextForm = "raw"


MAX_NGRAM = 16
"""Longest run of words or letters that a model may hash."""


@dataclass(frozen=True, slots=True)
class HashSpec:
    """Specification of hashed n-grams. No vocabulary, name or phone is kept.

    Attributes:
        num_features: Size of the hashed feature space, a power of two.
        word_ngrams: Shortest and longest word n-gram, inclusive.
        char_ngrams: Shortest and longest character n-gram within word boundaries, inclusive.
    """

    num_features: int
    word_ngrams: tuple[int, int]
    char_ngrams: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """Specification of the pixels of an image tower: a scaled square from the centre.

    Attributes:
        image_px: Side of the square that the tower takes, in pixels.
    """

    image_px: int


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Specification of all model inputs, with the versions of the text rules.

    Attributes:
        inputs: Which parts of an advert the model reads.
        tokens: Token specification, set for transformer encoders.
        hashing: N-gram specification, set for models with hashed n-grams. At least one of
            ``tokens`` and ``hashing`` is set if ``inputs`` holds ``text`` or ``ocr``.
        image: Pixel specification, set if ``inputs`` holds ``image``.
        ocr_quality: Whether the model takes the OCR quality of the pictures; needs ``ocr``.
        masking_version: Version of the contact masking rules.
        folding_version: Version of the text folding rules.
    """

    inputs: tuple[InputName, ...]
    tokens: TokenSpec | None
    hashing: HashSpec | None
    image: ImageSpec | None
    ocr_quality: bool
    masking_version: int
    folding_version: int

    @property
    def branches(self) -> tuple[BranchName, ...]:
        """The branches of the model; empty for a network or n-grams alone."""
        return BRANCHES if self.tokens is not None and self.hashing is not None else ()

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values, from which :meth:`from_dict` makes an equal specification."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, object]) -> InputSpec:
        """Return the specification that :meth:`to_dict` wrote.

        Raises:
            InputError: A key is missing or unknown, or a value is of the wrong type.
        """
        try:
            tokens, hashing, image = raw["tokens"], raw["hashing"], raw["image"]
            return cls(
                inputs=tuple(raw["inputs"]),  # type: ignore[arg-type]
                tokens=TokenSpec(**tokens) if tokens else None,  # type: ignore[arg-type]
                hashing=_hash_spec(hashing) if hashing else None,  # type: ignore[arg-type]
                image=ImageSpec(**image) if image else None,  # type: ignore[arg-type]
                ocr_quality=_flag(raw["ocr_quality"]),
                masking_version=int(raw["masking_version"]),  # type: ignore[call-overload]
                folding_version=int(raw["folding_version"]),  # type: ignore[call-overload]
            )
        except (KeyError, TypeError) as error:
            raise InputError(f"not an input specification: {error}") from error


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"wanted true or false, found {value!r}")
    return value


def _hash_spec(raw: Mapping[str, object]) -> HashSpec:
    return HashSpec(
        num_features=int(raw["num_features"]),  # type: ignore[call-overload]
        word_ngrams=tuple(raw["word_ngrams"]),  # type: ignore[arg-type]
        char_ngrams=tuple(raw["char_ngrams"]),  # type: ignore[arg-type]
    )
