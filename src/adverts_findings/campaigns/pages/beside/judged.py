"""What people said of a campaign and of links to it, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.campaigns.judgements.judgements import Judgement

NOT_BUILT = "no build has counted it yet"
LEFT = "an advert that left the bank"
"""What is shown in place of the id of an advert that the bank does not hold."""
_OF_ADVERTS = {"same": "both", "different": "both", "unsure": "both", "not this advert": "second"}
"""Maps what is said to which of ``first`` and ``second`` are adverts."""


@dataclass(frozen=True, slots=True)
class ShownJudgement:
    """A person's word that concerns the campaign.

    Attributes:
        judgement: Its id.
        said: What is said.
        first: Advert, campaign or judgement that it speaks of; :data:`LEFT` for an advert that
            the bank does not hold.
        second: The other one, or the edge.
        by: Who said it, with contacts masked.
        at: When.
        why: Why, with contacts masked; empty where no reason was given.
        holds: Whether the campaigns are as it says.
        why_not: Why it does not hold; empty where it does.
    """

    judgement: str
    said: str
    first: str
    second: str
    by: str
    at: str
    why: str
    holds: bool
    why_not: str


class JudgedCampaigns:
    """Finds the judgements that concern a campaign."""

    def __init__(self, judgements: Sequence[Judgement], tables: Mapping[str, pa.Table]) -> None:
        """Read which of their adverts are in the bank, and what became of them in ``judged``."""
        self._held = {one["judgement"]: one for one in tables["judged"].to_pylist()}
        self._ids = {one.id: one for one in judgements}
        self._inside = _inside(self._ids.values(), tables["adverts"]["id"])
        self._by: dict[str, list[str]] = {}
        for name, one in self._ids.items():
            for about in self._about(one):
                self._by.setdefault(about, []).append(name)

    def _about(self, one: Judgement) -> set[str]:
        """Return the adverts and campaigns that a judgement speaks of; those of what it undoes."""
        about = {one.first, one.second, *(advert for pair in one.anchors for advert in pair)}
        undone = self._ids.get(one.first) if one.said == "undo" else None
        return (about | self._about(undone) if undone is not None else about) - {""}

    def of(self, names: Sequence[str]) -> tuple[ShownJudgement, ...]:
        """Return the judgements that speak of adverts or campaigns, the latest first.

        Args:
            names: Ids of adverts and names of a campaign, former ones too.
        """
        found = {name for one in names for name in self._by.get(one, ())}
        shown = [self._shown(name) for name in found]
        return tuple(sorted(shown, key=lambda one: (one.at, one.judgement), reverse=True))

    def _shown(self, name: str) -> ShownJudgement:
        one = self._ids[name]
        held = self._held.get(name)
        return ShownJudgement(
            judgement=name,
            said=one.said,
            first=self._named(one.first, one, "first"),
            second=self._named(one.second, one, "second"),
            by=mask_contacts(one.by),
            at=one.at,
            why=mask_contacts(one.why),
            holds=bool(held and held["holds"]),
            why_not=NOT_BUILT if held is None else held["why"],
        )

    def _named(self, name: str, one: Judgement, place: str) -> str:
        is_advert = _OF_ADVERTS.get(one.said) in ("both", place)
        return LEFT if is_advert and name not in self._inside else name


def _inside(judgements: Iterable[Judgement], ids: pa.ChunkedArray) -> frozenset[str]:
    """Return which of the names that judgements use are ids of adverts of the bank."""
    names = sorted({name for one in judgements for name in (one.first, one.second)})
    found = ids.filter(pc.is_in(ids, value_set=pa.array(names, pa.string())))
    return frozenset(found.to_pylist())
