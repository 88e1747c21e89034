"""How an advert becomes inputs of a bundle: as of its checkpoint, or with fewer words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adverts.bundle.parity.honesty import KeptIds
from adverts.bundle.vocabulary import knows, trim
from adverts.data.table import AdvertTable
from adverts.inputs.masking import mask_contacts
from adverts.inputs.spec import InputSpec
from adverts.training.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True, eq=False)
class ServedInputs:
    """Inputs of a bundle.

    Attributes:
        spec: What its model reads.
        tokenizer_json: Its tokenizer; None where it reads no tokens.
        kept_ids: Of a trimmed vocabulary, the old id of each new one; None: it is whole.
    """

    spec: InputSpec
    tokenizer_json: str | None
    kept_ids: KeptIds | None = None


def inputs_of(checkpoint: Checkpoint, scripts: frozenset[str]) -> ServedInputs:
    """Return the inputs of a checkpoint as they are, or with the words of some scripts alone.

    Args:
        checkpoint: What is exported; one without tokens has no words to take out.
        scripts: ISO 15924; empty: all words stay.

    Raises:
        InputError: A script is not known, or the tokenizer is of a kind that cannot be trimmed.
    """
    spec, whole = checkpoint.input_spec, checkpoint.tokenizer_json
    if not scripts or whole is None or spec.tokens is None:
        return ServedInputs(spec, whole)
    trimmed = trim(whole, scripts)
    tokens = replace(spec.tokens, pad_id=trimmed.new_id(spec.tokens.pad_id))
    kept = np.array(trimmed.kept_ids, dtype=np.int64)
    return ServedInputs(replace(spec, tokens=tokens), trimmed.tokenizer_json, kept)


def readable_in(table: AdvertTable, checkpoint: Checkpoint, scripts: frozenset[str]) -> list[int]:
    """Return the rows whose texts have letters of these scripts alone; all where none is named."""
    if not scripts or checkpoint.tokenizer is None:
        return list(range(len(table)))
    read = [
        "\n".join(filter(None, (text, told)))
        for text, told in zip(table.texts, table.ocr_texts, strict=True)
    ]
    return [
        row
        for row, text in enumerate(read)
        if knows(checkpoint.tokenizer, mask_contacts(text), scripts)
    ]
