"""How often adverts are flagged that only look alike: news, charities, lawful travel, family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class LookAlikes:
    """What each advert really is, by the classes of the taxonomy.

    Attributes:
        classes: ``(N,)`` class of each advert, in the order of the predictions; None where nobody
            labelled it, or annotators are evenly split.
        harmless: Classes that must not be flagged, by name of the class: the look-alike group.
        ambiguous: Classes that only their context decides; counted, never called false.
    """

    classes: NDArray[np.object_]
    harmless: Mapping[str, str]
    ambiguous: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupRate:
    """How much of one group is at or above a threshold.

    Attributes:
        group: Its name.
        kind: ``look_alike``: each flagged one is a false alarm; ``ambiguous``: it is a share.
        adverts: Adverts of the group.
        clusters: Their clusters.
        flagged: Those at or above the threshold.
        rate: Share of the flagged ones; None without an advert.
        low: Lower end of the exact binomial 95 % interval.
        high: Upper end.
    """

    group: str
    kind: Literal["look_alike", "ambiguous"]
    adverts: int
    clusters: int
    flagged: int
    rate: float | None
    low: float | None
    high: float | None
