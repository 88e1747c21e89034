"""What adverts that no figure shows must be outweighed by, and what hiding the hardest gains."""

import numpy as np

from adverts.evaluation.statistics.metrics import average_precision
from adverts.evaluation.truth import NOT_JUDGED
from adverts.judging.unseen_adverts import lost_by_unseen

COUNT = 40_000
MODELS = ((0.1, 2.5), (0.3, 1.5), (0.3, 2.3), (0.5, 1.5))
HEAD = ("positives", "average precision", "hidden", "gained", "open", "left out, blank", "pictures")


def row(positives: float, skill: float, share: float) -> tuple[str, ...]:
    """Return one line of the table; scores of both labels are normal, ``skill`` apart."""
    rng = np.random.default_rng(0)
    truth = (rng.random(COUNT) < positives).astype(np.int64)
    scores = rng.normal(0, 1, COUNT) + skill * truth
    none = np.zeros(COUNT, np.bool_)
    order = np.argsort(-scores)
    hidden = none.copy()
    hidden[order[truth[order] == 0][: int(share * COUNT)]] = True
    whole = average_precision(scores, truth == 1)
    gained = average_precision(scores[~hidden], truth[~hidden] == 1) - whole

    known = np.where(hidden, NOT_JUDGED, truth)
    costs = [lost_by_unseen(scores, known, none, has_image=none, left_out=0)]
    costs += [
        lost_by_unseen(scores, truth, hidden, has_image=none | pictures, left_out=0)
        for pictures in (False, True)
    ]
    named = (f"{positives:.0%}", f"{whole:.2f}", f"{share:.0%}")
    return (*named, *(f"{one:.3f}" for one in (gained, *costs)))


if __name__ == "__main__":
    print("|", " | ".join(HEAD), "|")
    print("|", " | ".join(["---"] * len(HEAD)), "|")
    for model in MODELS:
        for share in (0.01, 0.02, 0.05, 0.1):
            print("|", " | ".join(row(*model, share)), "|")
