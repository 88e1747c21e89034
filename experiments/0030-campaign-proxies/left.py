"""Whether masked texts still tell the names that were taken out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from names import least_changes, squeezed
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

_FOLDS = 4
_LONGEST = 60
"""Letter groups of each name that are looked at, those that speak most for it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What two independent checks find in masked texts.

    Attributes:
        exact: Texts that hold the letters of any name.
        near: Texts that hold any name with one change; two in names of nine letters or more.
        pieces: Letter groups of three or more that speak for a name, are of its own letters, and
            are in a tenth of its texts or more.
        accuracy: Share of texts of which a classifier names the right one.
        accuracy_before: The same of the texts before the mask.
        largest: Share of the most frequent name.
    """

    exact: int
    near: int
    pieces: int
    accuracy: float
    accuracy_before: float
    largest: float


def look_for_names(
    before: Sequence[str], masked: Sequence[str], of: Sequence[int], names: Sequence[str]
) -> Left:
    """Return what is left of names in texts.

    Args:
        before: The texts with their names.
        masked: The same without.
        of: Place of the name of each text.
        names: The names, of letters and digits; three or more.
    """
    least = [[(least_changes(squeezed(text), name), name) for name in names] for text in masked]
    near = [any(0 < found <= 1 + (len(name) >= 9) for found, name in one) for one in least]
    exact = [any(found == 0 for found, _ in one) for one in least]
    accuracy, pieces = _classify(masked, of, names)
    return Left(
        sum(exact),
        sum(near),
        pieces,
        accuracy,
        _classify(before, of, names)[0],
        float(np.bincount(np.array(of)).max()) / len(of),
    )


def _classify(texts: Sequence[str], of: Sequence[int], names: Sequence[str]) -> tuple[float, int]:
    """Return the accuracy over folds, and the number of pieces of names that decide."""
    groups = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    features, wanted = groups.fit_transform(texts), np.array(of)
    model = LogisticRegression(C=10, max_iter=2000)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    said = cross_val_predict(model, features, wanted, cv=folds)
    model.fit(features, wanted)
    spelled = groups.get_feature_names_out()
    pieces = 0
    for name, weights in zip(model.classes_.tolist(), model.coef_, strict=True):
        held = (features[wanted == name] > 0).mean(axis=0).A1
        for place in np.argsort(-weights)[:_LONGEST].tolist():
            piece = squeezed(str(spelled[place]))
            pieces += len(piece) > 2 and piece in names[name] and held[place] >= 0.1
    return float((said == wanted).mean()), pieces
