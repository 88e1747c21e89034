"""Lasting names of what a build found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.found import Replaced

ALONE = ""
"""Name of the campaign of an advert that is in none."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Lasting names of what a build found, of ``N`` adverts.

    Attributes:
        templates: Name of the template of each advert.
        campaigns: Name of the campaign of each advert; :data:`ALONE` if it is in none.
        identities: Name of each posting identity, in their order.
        replaced: Names that are no longer used.
    """

    templates: Sequence[str]
    campaigns: Sequence[str]
    identities: Sequence[str]
    replaced: Sequence[Replaced]
