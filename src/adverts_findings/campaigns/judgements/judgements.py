"""A person's words on links, identities and sources, one JSON line for each."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal, get_args

from adverts.moments import in_order
from adverts.record_chain import CHAIN

SCHEMA_VERSION = 1
Standing = Literal["suspect", "victim", "witness", "unknown"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)
"""What a person may say of whoever stands behind an identity."""
Said = Literal[
    "same",
    "different",
    "unsure",
    "merge",
    "split",
    "not this advert",
    "undo",
    "suspect",
    "victim",
    "witness",
    "unknown",
    "grade",
]
SAID: tuple[Said, ...] = get_args(Said)
LATER_FIELDS = frozenset({"about", "recorded_at"})
"""Fields of a judgement that earlier releases did not write."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on a link, an identity or a source.

    What it speaks of is named by adverts, which last, whatever happens to campaigns:

    * ``same``, ``different`` and ``unsure``: the adverts ``first`` and ``second``.
    * ``merge``: the campaigns ``first`` and ``second`` are one advertiser's.
    * ``split``: the campaign ``first`` falls into two along the edge ``second``.
    * ``not this advert``: the advert ``second`` is not of the campaign ``first``.
    * ``suspect``, ``victim``, ``witness`` and ``unknown``: the standing of whoever is behind the
      identity ``first``; ``second`` is empty.
    * ``grade``: how far the source ``first`` is to be relied on; ``second`` is the grade.
    * ``undo``: the judgement ``first`` no longer counts; ``second`` is empty.

    Attributes:
        said: What is said.
        first: Advert, campaign or judgement that it speaks of.
        second: The other advert or campaign, or the edge.
        anchors: Pairs of adverts that it binds, as they were when it was said: of ``merge`` an
            advert of each campaign, of ``split`` both ends of the edge, of ``not this advert`` the
            advert and one that stays. Empty until it is recorded.
        by: Who said it.
        at: When, ISO 8601 in UTC.
        why: Why, in words.
        drawn: How it came to be asked: ``random`` or ``informative`` for a pair of a sheet, with
            ``chance``; empty where nobody asked.
        chance: Probability that a pair of its kind was drawn into the sheet; 0 where nobody asked.
        edge: The edge that the sheet asked about; empty where nobody asked.
        about: Of a standing: kind and value of the identity, and adverts that show it, the latest
            first. Empty for all other words.
        recorded_at: When it was recorded, ISO 8601 in UTC, whatever ``at`` says; empty in lines
            of earlier releases.
        number: Number of its line, from 1; 0 before it is written.
        before: Hash of the line before.
        hash: Hash of its own line.
    """

    said: Said
    first: str
    second: str
    anchors: tuple[tuple[str, str], ...]
    by: str
    at: str
    why: str
    drawn: Literal["", "random", "informative"] = ""
    chance: float = 0.0
    edge: str = ""
    about: tuple[str, ...] = ()
    recorded_at: str = ""
    number: int = field(default=0, compare=False)
    before: str = field(default="", compare=False)
    hash: str = field(default="", compare=False)

    @property
    def is_of_adverts(self) -> bool:
        """Whether it speaks of pairs of adverts, rather than of an identity, a source or a word."""
        return self.said not in (*STANDINGS, "grade", "undo")

    @property
    def when(self) -> datetime.datetime:
        """When it was said, as it is compared with others, whatever its offset."""
        return in_order(self.at)

    @property
    def id(self) -> str:
        """Name of the judgement: equal for the same words of the same person at the same time."""
        left_out = (*CHAIN, "recorded_at")
        names = (name for name in self.__dataclass_fields__ if name not in left_out)
        plain = {name: getattr(self, name) for name in names}
        if not self.about:  # so that lines of earlier releases keep their names
            del plain["about"]
        text = json.dumps(plain, sort_keys=True, ensure_ascii=True)
        return "j" + hashlib.sha256(text.encode()).hexdigest()[:16]
