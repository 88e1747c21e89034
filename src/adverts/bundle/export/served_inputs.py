"""How an advert becomes inputs of a bundle, with the whole vocabulary or a trimmed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.bundle.export.vocabulary import knows, prove_trim, trim
from adverts.bundle.parity.differences import KeptIds
from adverts.data.dataset.advert_table import AdvertTable
from adverts.errors import InputError
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.encoding import in_form
from adverts.inputs.spec import InputSpec
from adverts.training.runs.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True, eq=False)
class ServedInputs:
    """Inputs of a bundle.

    Attributes:
        spec: The inputs that the model reads.
        tokenizer_json: The tokenizer; None if the model reads no tokens.
        kept_ids: Old id of each new token id; None if the vocabulary is not trimmed.
        scripts: Sorted scripts that a trimmed vocabulary knows; None if it is not trimmed.
    """

    spec: InputSpec
    tokenizer_json: str | None
    kept_ids: KeptIds | None = None
    scripts: tuple[str, ...] | None = None


def inputs_of(
    checkpoint: Checkpoint, scripts: frozenset[str], texts: Sequence[str] = ()
) -> ServedInputs:
    """Return the inputs of a checkpoint unchanged, or with only the words of some scripts.

    Args:
        checkpoint: The checkpoint to export.
        scripts: ISO 15924 codes; empty: all words stay.
        texts: Texts as the model reads them; those in ``scripts`` must give the same tokens.

    Raises:
        InputError: A script is not known, the model reads no tokens, or its kind of tokenizer
            cannot be trimmed.
        ParityError: The trimmed vocabulary cuts a text into other tokens.
    """
    spec, whole = checkpoint.record.input_spec, checkpoint.tokenizer_json
    if not scripts:
        return ServedInputs(spec, whole)
    if whole is None or spec.tokens is None:
        raise InputError(
            f"{checkpoint.record.model_spec.name} reads no tokens, so it has no vocabulary to "
            "trim; set bundle.vocabulary=full"
        )
    trimmed = trim(whole, scripts)
    prove_trim(whole, trimmed, texts)
    tokens = replace(spec.tokens, pad_id=trimmed.new_id(spec.tokens.pad_id))
    kept = np.array(trimmed.kept_ids, dtype=np.int64)
    named = tuple(sorted(scripts))
    return ServedInputs(replace(spec, tokens=tokens), trimmed.tokenizer_json, kept, named)


def texts_read(table: AdvertTable, spec: InputSpec) -> list[tuple[str, ...]]:
    """Return the captions and OCR texts of each advert as the encoder of a model reads them."""
    read = set(spec.inputs)
    columns = (("text", table.texts), ("ocr", table.ocr_texts))
    texts = [values for name, values in columns if name in read]
    return [
        tuple(in_form(mask_contacts(part), spec.tokens) for part in parts if part)
        for parts in zip(*texts, strict=True)
    ]


def readable_in(
    texts: Sequence[Sequence[str]], checkpoint: Checkpoint, scripts: frozenset[str]
) -> list[int]:
    """Return the rows whose texts have only letters of ``scripts``; all rows if it is empty."""
    tokenizer = checkpoint.tokenizer
    return [
        row
        for row, parts in enumerate(texts)
        if not scripts or not tokenizer or all(knows(tokenizer, part, scripts) for part in parts)
    ]
