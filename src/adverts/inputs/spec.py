"""How an advert becomes numbers: the specification that training writes and serving obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from adverts.errors import InputError

InputName = Literal["text", "ocr", "image"]
INPUT_NAMES: tuple[InputName, ...] = ("text", "ocr", "image")


@dataclass(frozen=True, slots=True)
class TokenSpec:
    """Tokens of a transformer encoder.

    Attributes:
        max_tokens: An advert is truncated to this many tokens, special tokens included.
        prefix: Put before the first segment, e.g. ``query: `` for E5.
        pad_id: Token id of padding.
    """

    max_tokens: int
    prefix: str
    pad_id: int


@dataclass(frozen=True, slots=True)
class HashSpec:
    """Hashed n-grams of the tf-idf baseline; no vocabulary is kept, so no name or phone is.

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
    """Pixels of an image tower: the shorter side is scaled, the centre is kept.

    Attributes:
        image_px: Side of the square that the tower sees, in pixels.
    """

    image_px: int


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Everything that turns an advert into model inputs, versioned.

    Attributes:
        inputs: Which parts of an advert the model reads.
        tokens: Set for transformer encoders.
        hashing: Set for the hashed baseline; exactly one of ``tokens`` and ``hashing`` is set
            where ``inputs`` holds ``text`` or ``ocr``.
        image: Set where ``inputs`` holds ``image``.
        ocr_quality: The model takes how well the pictures could be read; only with ``ocr``.
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

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values; :meth:`from_dict` gives an equal spec."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, object]) -> InputSpec:
        """Read what :meth:`to_dict` wrote.

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
