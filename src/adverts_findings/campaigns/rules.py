"""What may join adverts, and how surely: the parameters of a build."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkingRules:
    """Parameters by which adverts are joined; each build records them.

    Attributes:
        silent_weeks: A contact, account or link target that was silent for longer joins what it
            showed before with what it shows after only with a second, independent kind of
            evidence. At most 26, since contacts change hands.
        many_owners: A contact that so many otherwise unconnected advertisers show joins nothing.
        most_accounts: A contact that more accounts show joins nothing, whatever else is known.
        join_at: Least probability of an edge that joins.
        large: Adverts of a campaign above which communities are looked for within it.
        resamples: How often edges are drawn anew to see whether a campaign holds together.
        seed: Seed of all that is drawn.
    """

    silent_weeks: float = 4.0
    many_owners: int = 4
    most_accounts: int = 1_000
    join_at: float = 0.5
    large: int = 200
    resamples: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.silent_weeks <= 26:
            raise ValueError(f"silent_weeks is {self.silent_weeks:g}, wanted above 0, at most 26")
        if not 0 < self.join_at < 1:
            raise ValueError(f"join_at is {self.join_at:g}, wanted a probability within (0, 1)")
        if self.many_owners < 2 or self.most_accounts < 1:
            raise ValueError("many_owners must be at least 2, and most_accounts at least 1")
