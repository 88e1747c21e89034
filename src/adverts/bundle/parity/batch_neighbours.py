"""Prove that an advert's score does not depend on the adverts that are scored with it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import Advert
from adverts.arrays import Ints
from adverts.bundle.parity.bundle_agreement import served
from adverts.bundle.parity.checkpoint_reference import Probabilities
from adverts.bundle.parity.differences import flipped, largest_difference
from adverts.bundle.parity.proof_adverts import ProofAdverts
from adverts.runtime.predict.classifier import Classifier

MOST_ADVERTS = 64
BATCH = 32


@dataclass(frozen=True, slots=True)
class Neighbours:
    """How the other adverts of a batch change the score of an advert.

    Attributes:
        adverts: Number of adverts that were scored both alone and in batches.
        batch: Largest number of adverts in a batch.
        max_difference: Largest difference of a probability.
        flipped: Number of adverts with a decision that differed.
        ties: Number of adverts where only a decision differed whose probability lay on the cut.
    """

    adverts: int
    batch: int
    max_difference: float
    flipped: int
    ties: int


def try_neighbours(
    classifier: Classifier,
    adverts: ProofAdverts,
    served_all: Probabilities,
    *,
    tie: float,
    places: Ints | None = None,
) -> Neighbours:
    """Score adverts of the split alone and in a large random batch, both as a service does.

    Args:
        classifier: The bundle.
        adverts: Adverts of the proof.
        served_all: Probabilities as a service gave them in one call, ``(C, L)`` by task.
        tie: A probability no further than this from its threshold lies on it.
        places: Places of the adverts of ``served_all``, in order; None: every advert.

    Raises:
        ParityError: The bundle cannot read an advert, or a probability is not a number.
    """
    known = np.arange(len(adverts)) if places is None else places
    chosen = adverts.read(known[known < len(adverts.rows)][:MOST_ADVERTS].tolist())
    alone = _joined([served(classifier, [advert]) for advert in chosen])
    largest, clear_N, tied_N = 0.0, *np.zeros((2, len(chosen)), dtype=bool)
    thresholds = classifier.rules.thresholds
    together = {name: values_NL[: len(chosen)] for name, values_NL in served_all.items()}
    for found in (together, _in_company(classifier, chosen)):
        largest = max(largest, largest_difference(alone, found))
        flips = flipped(classifier.tasks, alone, found, thresholds, tie=tie)
        clear_N |= flips.clear
        tied_N |= flips.ties
    ties = int((tied_N & ~clear_N).sum())
    return Neighbours(len(chosen), BATCH, largest, int(clear_N.sum()), ties)


def _in_company(classifier: Classifier, chosen: Sequence[Advert]) -> Probabilities:
    """Score adverts in random batches and return the probabilities in the order given."""
    order = list(range(len(chosen)))
    random.Random(0).shuffle(order)  # noqa: S311 - not a secret
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    said = _joined(
        [served(classifier, [chosen[row] for row in rows], batch_size=BATCH) for rows in batches]
    )
    back = np.argsort(order)
    return {name: values_NL[back] for name, values_NL in said.items()}


def _joined(parts: Sequence[Probabilities]) -> Probabilities:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
