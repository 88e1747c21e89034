"""How an advert becomes inputs of a bundle: as of its checkpoint, or with fewer words."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.bundle.parity.honesty import KeptIds
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


def whole_inputs(checkpoint: Checkpoint) -> ServedInputs:
    """Return the inputs of a checkpoint as they are."""
    return ServedInputs(checkpoint.input_spec, checkpoint.tokenizer_json)
