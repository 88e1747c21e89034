"""What replaced what: the history of the ids of campaigns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.pages.campaign_record import FormerId


class CampaignHistory:
    """The campaigns that were merged, split or closed, by their ids."""

    def __init__(self, replaced: pa.Table) -> None:
        """Read a table ``replaced`` of the bank."""
        told = replaced.filter(pc.equal(replaced["level"], "campaign")).to_pylist()
        self._into: dict[str, list[FormerId]] = defaultdict(list)
        self._from: dict[str, list[FormerId]] = defaultdict(list)
        for row in told:
            one = FormerId(row["old"], row["new"] or "", row["build"], row["how"])
            self._into[one.new].append(one)
            self._from[one.old].append(one)

    def of(self, campaign: str) -> tuple[FormerId, ...]:
        """Return how a campaign came to be what it is, in the order of the builds.

        That is every id that was merged into it, through others too, the id from which it split,
        and each that split off it.
        """
        found = {one for one in self._from[campaign] if one.how == "split"}
        waiting, seen = [campaign], {campaign}
        while waiting:
            for one in self._into[waiting.pop()]:
                found.add(one)
                if one.how == "merged" and one.old not in seen:
                    seen.add(one.old)
                    waiting.append(one.old)
        return tuple(sorted(found, key=lambda one: (one.build, one.old, one.new)))

    def current(self, campaign: str, open_now: Mapping[str, object] | frozenset[str]) -> str | None:
        """Return the campaign that took the place of an id; None if nothing did.

        Args:
            campaign: An id.
            open_now: Ids of the campaigns that are open.
        """
        seen: set[str] = set()
        while campaign not in open_now:
            merged = [one.new for one in self._from[campaign] if one.how == "merged"]
            if not merged or campaign in seen:
                return None
            seen.add(campaign)
            campaign = merged[-1]
        return campaign

    def all_current(self, open_now: frozenset[str]) -> Mapping[str, str]:
        """Return the campaign that took the place of each former id, in the order of the builds.

        Args:
            open_now: Ids of the campaigns that are open.
        """
        found = {}
        for old in list(self._from):
            current = None if old in open_now else self.current(old, open_now)
            if current is not None:
                found[old] = current
        return found

    def end_of(self, campaign: str) -> str:
        """Return what became of an id that is not open, for a message."""
        ends: Sequence[FormerId] = self._from[campaign]
        closed = [one for one in ends if one.how == "closed"]
        if closed:
            return f"it was closed in build {closed[-1].build}, and nothing took its place"
        return "the bank has no such campaign"
