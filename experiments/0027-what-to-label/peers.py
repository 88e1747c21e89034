"""The same as :mod:`learn` with choices of scikit-activeml, which this package does not install.

Usage::

    pip install --target /folder --no-deps scikit-activeml==1.0.1 makefun==1.16.0
    PYTHONPATH=/folder python experiments/0027-what-to-label/peers.py …   # arguments of learn.py

Both choices get the probabilities of our learner. BADGE compares adverts by 100 dimensions of a
truncated singular value decomposition of their n-grams, since it holds vectors in full.
"""

from __future__ import annotations

import numpy as np
from learn import BATCH, Round, run
from scipy.sparse import csr_matrix
from skactiveml.base import SkactivemlClassifier
from skactiveml.pool import Badge, UncertaintySampling
from sklearn.decomposition import TruncatedSVD

from adverts.arrays import Floats, Ints

DIMENSIONS = 100


class Said(SkactivemlClassifier):
    """A classifier that was fitted elsewhere; it is asked for the unlabelled adverts, in order."""

    def __init__(self, probabilities: Floats) -> None:
        super().__init__(classes=[0, 1])
        self.probabilities = probabilities

    def fit(self, x: Floats, y: Floats) -> Said:
        """Return itself."""
        return self

    def predict_proba(self, x: Floats) -> Floats:
        """Return the probabilities of both labels, ``(N, 2)``."""
        assert len(x) == len(self.probabilities)
        return np.stack([1 - self.probabilities, self.probabilities], axis=1)


def asked(now: Round, query: UncertaintySampling | Badge, x: Floats) -> Ints:
    """Return what a strategy of scikit-activeml would have labelled."""
    y = np.full(len(x), np.nan)
    y[now.labelled] = now.labels
    said = Said(now.pool.probabilities[now.unlabelled])
    return np.asarray(query.query(x, y, said, fit_clf=False, batch_size=BATCH))


def uncertainty(now: Round) -> Ints:
    """Return the adverts of the smallest margin."""
    query = UncertaintySampling(method="margin_sampling", random_state=_seed(now))
    return asked(now, query, np.zeros((len(now.pool.clusters), 1)))


class DiverseGradients:
    """BADGE; the decomposition of a pool is computed once."""

    def __init__(self) -> None:
        self.values: csr_matrix | None = None
        self.reduced = np.zeros((0, DIMENSIONS))

    def __call__(self, now: Round) -> Ints:
        """Return a batch of diverse gradients."""
        if self.values is not now.values:
            self.values = now.values
            self.reduced = TruncatedSVD(DIMENSIONS, random_state=0).fit_transform(now.values)
        return asked(now, Badge(random_state=_seed(now)), self.reduced)


def _seed(now: Round) -> int:
    return int(now.rng.integers(1 << 31))


if __name__ == "__main__":
    run({"scikit-activeml, uncertainty": uncertainty, "scikit-activeml, BADGE": DiverseGradients()})
