"""All pairs of a set by how alike their texts are: the rivals of phrases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from owned_sets import Ints, OwnedSet
from sklearn.feature_extraction.text import TfidfVectorizer

from adverts.clusters.near_text import MIN_SHINGLES
from adverts.clusters.shingles import shingle, signatures

SEED = 31
SIGNATURES = "signatures"
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """All pairs of unlike adverts of known owners, and how alike each is by several measures.

    Attributes:
        pairs: Rows of the adverts, ``(P, 2)``.
        likeness: Likeness of each pair by measure, ``(P,)`` each; below 0 where there is none.
    """

    pairs: Ints
    likeness: Mapping[str, NDArray[np.float32]]

    def most_alike(self, measure: str, number: int) -> Ints:
        """Return the pairs that are most alike; equal ones in a random order."""
        order = np.random.default_rng(SEED).permutation(len(self.pairs))
        best = np.argsort(-self.likeness[measure][order], kind="stable")[:number]
        return self.pairs[order[best]]


def rank(adverts: OwnedSet) -> Ranked:
    """Return all pairs with their likeness; by signatures only where both texts have one."""
    rows = adverts.known()
    one, other = np.triu_indices(len(rows), 1)
    unlike = adverts.templates[rows[one]] != adverts.templates[rows[other]]
    one, other = one[unlike], other[unlike]
    texts = [adverts.texts[row] for row in rows]
    likeness = {SIGNATURES: _agreement(texts)[one, other]}
    for name, groups in (
        ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))),
        ("words", TfidfVectorizer(ngram_range=(1, 2), token_pattern=WORD.pattern)),
    ):
        groups.set_params(sublinear_tf=True, dtype=np.float32)
        table = groups.fit_transform(texts)
        likeness[name] = (table @ table.T).toarray()[one, other]
    return Ranked(np.column_stack([rows[one], rows[other]]), likeness)


def _agreement(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return how far the signatures of all texts agree, ``(N, N)``; -1 for too short a text."""
    groups = shingle(texts)
    signed = signatures(groups, threads=1)
    agree = np.array([(signed == mine).mean(axis=1) for mine in signed], np.float32)
    short = groups.sizes < MIN_SHINGLES
    agree[short] = -1
    agree[:, short] = -1
    return agree
