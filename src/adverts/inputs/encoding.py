"""Encode adverts as the arrays that a model takes, in training and in serving alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from adverts.advert import Advert
from adverts.errors import InputError, IntegrityError
from adverts.inputs.contacts.masking import MASKING_VERSION, mask_contacts
from adverts.inputs.hashing import HashedNgrams, hashed_features_of
from adverts.inputs.letters.folding import FOLDING_VERSION, fold
from adverts.inputs.pixels import ImageLimits, open_image, tower_pixels
from adverts.inputs.quality_features import quality_features
from adverts.inputs.spec import InputName, InputSpec, TokenSpec
from adverts.inputs.unigram import UnigramTokenizer

FeedArray = NDArray[np.int64] | NDArray[np.float32] | NDArray[np.uint8] | NDArray[np.bool_]
TextTokenizer = Tokenizer | UnigramTokenizer
Feeds = dict[str, FeedArray]
MaskedTexts = tuple[str | None, str | None]
FEED_NAMES: tuple[str, ...] = (
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "text_present",
    "ocr_quality",
    "pixel_values",
    "image_mask",
    "feature_ids",
    "feature_counts",
)
"""Names of all feeds that a model may take, in the order of its ONNX inputs."""
_UNKNOWN_TOKENS = ("<unk>", "[UNK]")


class TokenizerError(RuntimeError):
    """A tokenizer failed on a text. The message does not quote the text."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedAdvert:
    """One advert as arrays without padding. Parts that the model does not read are empty.

    Attributes:
        input_ids: Token ids ``(T,)``.
        type_ids: Segment of each token ``(T,)``: 0 for the caption, 1 for the OCR text of a pair.
        text_present: Whether there is any caption or OCR text.
        feature_ids: Ids of the hashed features ``(F,)``, ascending.
        feature_counts: How often each feature occurs ``(F,)``.
        pixels: RGB pixels of the pictures ``(I, 3, P, P)``.
        ocr_quality: How well the text in the pictures could be read, ``(Q,)``. See
            :data:`adverts.inputs.quality_features.QUALITY_FEATURES`.
    """

    input_ids: NDArray[np.int64]
    type_ids: NDArray[np.int64]
    text_present: bool
    feature_ids: NDArray[np.int32]
    feature_counts: NDArray[np.float32]
    pixels: NDArray[np.uint8]
    ocr_quality: NDArray[np.float32]

    @property
    def length(self) -> int:
        """Number of tokens ``T``; 1 for a model without tokens."""
        return max(1, len(self.input_ids))


class AdvertEncoder:
    """Encoder of adverts for models of one input specification."""

    def __init__(
        self, spec: InputSpec, tokenizer: TextTokenizer | None, limits: ImageLimits
    ) -> None:
        """Create an encoder.

        Args:
            spec: Specification of the model inputs.
            tokenizer: Tokenizer, required if ``spec.tokens`` is set. It is copied if it does not
                already truncate as ``spec.tokens`` requires.
            limits: Limits above which a picture is refused.

        Raises:
            InputError: The tokenizer is missing, or the specification is inconsistent.
            IntegrityError: The specification uses another version of the masking or folding rules.
        """
        _check(spec, tokenizer)
        self._spec = spec
        self._limits = limits
        self._tokenizer = _truncating(tokenizer, spec.tokens) if tokenizer and spec.tokens else None

    @property
    def spec(self) -> InputSpec:
        """The specification of the model inputs."""
        return self._spec

    def encode(
        self,
        advert: Advert,
        *,
        hide: frozenset[InputName] = frozenset(),
        masked: MaskedTexts | None = None,
        ngrams: HashedNgrams | None = None,
    ) -> EncodedAdvert:
        """Encode one advert.

        Args:
            advert: Advert whose text may be empty and whose images may be absent.
            hide: Inputs to leave out as if they were absent.
            masked: Texts that :meth:`masked` returned for this advert, to save masking them again.
                ``hide`` has no effect on them.
            ngrams: What :meth:`ngrams` returned for these texts, to save hashing them again.

        Raises:
            InputError: An image cannot be read.
            TokenizerError: The tokenizer fails on a text.
        """
        known = self.masked(advert, hide=hide) if masked is None else masked
        parts = tuple(part for part in known if part is not None)
        input_ids, type_ids = self._tokens(parts)
        feature_ids, feature_counts = self.ngrams(known) if ngrams is None else ngrams
        return EncodedAdvert(
            input_ids=input_ids,
            type_ids=type_ids,
            text_present=bool(parts),
            feature_ids=feature_ids,
            feature_counts=feature_counts,
            pixels=self._pixels(advert, hide),
            ocr_quality=self._quality(advert, hide),
        )

    def length(self, advert: Advert) -> int:
        """Return the number of tokens of an advert; 1 for a model without tokens. Ignore images."""
        if self._tokenizer is None:
            return 1
        parts = tuple(part for part in self.masked(advert) if part is not None)
        return max(1, len(self._tokens(parts)[0]))

    def unknown_share(self, masked: MaskedTexts) -> float | None:
        """Return the share of tokens that stand for letters outside the vocabulary, in [0, 1].

        Args:
            masked: Texts that :meth:`masked` returned.

        Returns:
            The share; None for a model without tokens or without such a token.

        Raises:
            TokenizerError: The tokenizer fails on a text.
        """
        unknown = None if self._tokenizer is None else _unknown_id(self._tokenizer)
        if unknown is None:
            return None
        ids, _ = self._tokens(tuple(part for part in masked if part is not None))
        return float((ids == unknown).mean())

    def masked(self, advert: Advert, *, hide: frozenset[InputName] = frozenset()) -> MaskedTexts:
        """Return the masked caption and OCR text; None for one that is blank or not read."""
        read = set(self._spec.inputs) - hide
        caption = advert.text if "text" in read else ""
        ocr_text = (advert.ocr_text or "") if "ocr" in read else ""
        return _masked(caption), _masked(ocr_text)

    def _tokens(self, parts: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._tokenizer is None or self._spec.tokens is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        parts = tuple(in_form(part, self._spec.tokens) for part in parts)
        first = self._spec.tokens.prefix + parts[0] if parts else ""
        try:
            encoding = self._tokenizer.encode(first, parts[1] if len(parts) == 2 else None)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the library is not an Exception
            reason = f"the tokenizer failed with {type(error).__name__}: leave it to a person"
            raise TokenizerError(reason) from None
        ids = encoding.ids or [self._spec.tokens.pad_id]
        return np.array(ids, np.int64), np.array(encoding.type_ids or [0], np.int64)

    def ngrams(self, masked: MaskedTexts) -> HashedNgrams:
        """Return the ids of the hashed n-grams of masked texts, and how often each occurs."""
        return self.ngrams_of([masked])[0]

    def ngrams_of(self, masked: Sequence[MaskedTexts]) -> list[HashedNgrams]:
        """Return what :meth:`ngrams` does for each of several adverts, in a third of its time."""
        if self._spec.hashing is None:
            return [(np.zeros(0, np.int32), np.zeros(0, np.float32))] * len(masked)
        texts = ["\n".join(part for part in parts if part is not None) for parts in masked]
        return hashed_features_of(texts, self._spec.hashing)

    def _quality(self, advert: Advert, hide: frozenset[InputName]) -> NDArray[np.float32]:
        read = self._spec.ocr_quality and "ocr" not in hide
        return quality_features(advert.ocr_quality if read else None)

    def _pixels(self, advert: Advert, hide: frozenset[InputName]) -> NDArray[np.uint8]:
        if self._spec.image is None:
            return np.zeros((0, 3, 1, 1), np.uint8)
        side = self._spec.image.image_px
        images = () if "image" in hide else advert.images
        pixels = np.zeros((len(images), 3, side, side), np.uint8)
        for row, data in enumerate(images):
            pixels[row] = tower_pixels(open_image(data, self._limits), side)
        return pixels


def feed_names(spec: InputSpec) -> tuple[str, ...]:
    """Return the names of the feeds that a model of this specification takes, in order."""
    wanted = {
        "input_ids": spec.tokens,
        "attention_mask": spec.tokens,
        "token_type_ids": spec.tokens,
        "text_present": spec.tokens,
        "ocr_quality": spec.ocr_quality or None,
        "pixel_values": spec.image,
        "image_mask": spec.image,
        "feature_ids": spec.hashing,
        "feature_counts": spec.hashing,
    }
    return tuple(name for name in FEED_NAMES if wanted[name] is not None)


def collate(encoded: Sequence[EncodedAdvert], spec: InputSpec) -> Feeds:
    """Return one batch of encoded adverts, padded on the right.

    Args:
        encoded: ``B`` encoded adverts, at least one.
        spec: Specification that the adverts were encoded with.

    Returns:
        The feeds of :func:`feed_names`: ``input_ids``, ``attention_mask`` and ``token_type_ids``
        int64 ``(B, T)``, ``text_present`` bool ``(B,)``; ``ocr_quality`` float32 ``(B, Q)``;
        ``pixel_values`` uint8 ``(B, I, 3, P, P)`` and ``image_mask`` bool ``(B, I)``;
        ``feature_ids`` int64 ``(B, F)`` and ``feature_counts`` float32 ``(B, F)``, where padding
        has count 0. ``T``, ``I`` and ``F`` are at least 1.

    Raises:
        ValueError: The batch is empty.
    """
    if not encoded:
        raise ValueError("a batch needs at least one advert, got none")
    feeds: Feeds = {}
    if spec.tokens is not None:
        feeds |= _token_feeds(encoded, spec.tokens.pad_id)
    if spec.ocr_quality:
        feeds["ocr_quality"] = np.stack([advert.ocr_quality for advert in encoded])
    if spec.image is not None:
        feeds |= _image_feeds(encoded, spec.image.image_px)
    if spec.hashing is not None:
        feeds |= _feature_feeds(encoded)
    return feeds


def _token_feeds(encoded: Sequence[EncodedAdvert], pad_id: int) -> Feeds:
    shape = (len(encoded), max(advert.length for advert in encoded))
    input_ids = np.full(shape, pad_id, np.int64)
    mask, type_ids = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, advert in enumerate(encoded):
        length = len(advert.input_ids)
        input_ids[row, :length] = advert.input_ids
        type_ids[row, :length] = advert.type_ids
        mask[row, :length] = 1
    return {
        "input_ids": input_ids,
        "attention_mask": mask,
        "token_type_ids": type_ids,
        "text_present": np.array([advert.text_present for advert in encoded], np.bool_),
    }


def _image_feeds(encoded: Sequence[EncodedAdvert], side: int) -> Feeds:
    most = max(1, *(len(advert.pixels) for advert in encoded))
    pixels = np.zeros((len(encoded), most, 3, side, side), np.uint8)
    mask = np.zeros((len(encoded), most), np.bool_)
    for row, advert in enumerate(encoded):
        pixels[row, : len(advert.pixels)] = advert.pixels
        mask[row, : len(advert.pixels)] = True
    return {"pixel_values": pixels, "image_mask": mask}


def _feature_feeds(encoded: Sequence[EncodedAdvert]) -> Feeds:
    shape = (len(encoded), max(1, *(len(advert.feature_ids) for advert in encoded)))
    ids, counts = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
    for row, advert in enumerate(encoded):
        ids[row, : len(advert.feature_ids)] = advert.feature_ids
        counts[row, : len(advert.feature_counts)] = advert.feature_counts
    return {"feature_ids": ids, "feature_counts": counts}


def cut_tokens(tokenizer: TextTokenizer, tokens: TokenSpec) -> None:
    """Set the truncation of a tokenizer in place, as a specification requires.

    This is faster than a copy, which goes through JSON: seconds for 250,000 pieces.
    """
    tokenizer.no_padding()
    tokenizer.enable_truncation(tokens.max_tokens, strategy="longest_first")


def in_form(text: str, tokens: TokenSpec | None) -> str:
    """Return a masked text in the form in which an encoder reads it; as it is without one."""
    return fold(text) if tokens is not None and tokens.text_form == "folded" else text


def _unknown_id(tokenizer: TextTokenizer) -> int | None:
    if isinstance(tokenizer, UnigramTokenizer):
        return tokenizer.unknown_id
    found = (tokenizer.token_to_id(name) for name in _UNKNOWN_TOKENS)
    return next((one for one in found if one is not None), None)


def _masked(text: str) -> str | None:
    return mask_contacts(text) if text.strip() else None


def _truncating(tokenizer: TextTokenizer, tokens: TokenSpec) -> TextTokenizer:
    wanted = {
        "max_length": tokens.max_tokens,
        "stride": 0,
        "strategy": "longest_first",
        "direction": "right",
    }
    if tokenizer.padding is None and tokenizer.truncation == wanted:
        return tokenizer
    if isinstance(tokenizer, UnigramTokenizer):
        raise InputError(f"the tokenizer truncates as {tokenizer.truncation}, wanted {wanted}")
    private = Tokenizer.from_str(tokenizer.to_str())
    cut_tokens(private, tokens)
    return private


def _check(spec: InputSpec, tokenizer: TextTokenizer | None) -> None:
    for rules, found, wanted in (
        ("masking", spec.masking_version, MASKING_VERSION),
        ("folding", spec.folding_version, FOLDING_VERSION),
    ):
        if found != wanted:
            raise IntegrityError(
                f"this model was made with {rules} rules version {found}, but installed is version "
                f"{wanted}: use the release of adverts that made it, or train and export again"
            )
    if spec.tokens is not None and tokenizer is None:
        raise InputError("this model reads tokens, but no tokenizer was given")
    if ("image" in spec.inputs) != (spec.image is not None):
        raise InputError(f"inputs are {spec.inputs}, but the image part says {spec.image}")
    if spec.ocr_quality and "ocr" not in spec.inputs:
        raise InputError(f"inputs are {spec.inputs}, without ocr, but OCR quality is requested")
    reads_text = bool({"text", "ocr"} & set(spec.inputs))
    if reads_text != (spec.tokens is not None or spec.hashing is not None):
        raise InputError(
            "tokens or hashing must be set where text or ocr is read, and nowhere else, "
            f"got inputs {spec.inputs}"
        )
