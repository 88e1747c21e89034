"""Refuse a bundle that tells or feeds something else than its checkpoint, whatever it answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.bundle.parity.reference import Reference
from adverts.data.mapping.taxonomy import label_facts
from adverts.errors import ParityError
from adverts.inputs.encoding import EncodedAdvert, collate
from adverts.runtime.predict.classifier import Classifier

KeptIds = NDArray[np.int64]


def compare_rules(reference: Reference, classifier: Classifier) -> None:
    """Compare labels, calibration and thresholds.

    Raises:
        ParityError: One differs.
    """
    if classifier.manifest.label_schema != reference.schema:
        raise ParityError("the bundle has other tasks or labels, or another order of them")
    if classifier.rules.calibration != reference.rules.calibration:
        raise ParityError("the bundle ships another calibration than was fitted")
    if classifier.rules.thresholds != reference.rules.thresholds:
        raise ParityError("the bundle ships other thresholds than were chosen")
    if classifier.label_facts != label_facts(reference.schema):
        raise ParityError("the bundle tells other groups or routes of its labels than the taxonomy")


def compare_feeds(
    reference: Reference,
    classifier: Classifier,
    encoded: Sequence[EncodedAdvert],
    *,
    served: Sequence[EncodedAdvert],
    kept_ids: KeptIds | None = None,
) -> None:
    """Compare what both feed their model of the same adverts.

    Args:
        reference: The checkpoint.
        classifier: The bundle.
        encoded: Adverts as the checkpoint encodes them.
        served: The same as the bundle does.
        kept_ids: Of a trimmed vocabulary, the old id of each new one; None: ids are the same.

    Raises:
        ParityError: A feed differs, even where the answer is the same.
    """
    wanted = collate(encoded, reference.encoder.spec)
    found = collate(served, classifier.encoder.spec)
    if kept_ids is not None and "input_ids" in found:
        found["input_ids"] = kept_ids[found["input_ids"]]
    for name in wanted | found:
        if name not in wanted or name not in found or not np.array_equal(wanted[name], found[name]):
            raise ParityError(
                f"the bundle makes another {name} of an advert than the checkpoint: its prefix, "
                "tokens, padding or pixels differ"
            )
