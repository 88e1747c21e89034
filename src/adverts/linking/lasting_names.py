"""Names of templates, identities and campaigns that last from one build to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from adverts.arrays import Ints
from adverts.linking.bank_content import ALONE, Named
from adverts.linking.campaigns.lasting_ids import LastingIds, lasting_ids
from adverts.linking.found import Identity, Level, Replaced

Tables = Mapping[str, pa.Table]


class LastingNames:
    """Gives names to what a build finds, after those that the build before gave."""

    def __init__(self, ids: Sequence[str], before: Tables, used: Mapping[str, int]) -> None:
        """Take the ids of the adverts, the tables before, and the highest numbers ever given."""
        self._ids, self._before = ids, before
        self._used: dict[str, int] = dict(used)
        self._replaced: list[Replaced] = []

    @property
    def used(self) -> Mapping[str, int]:
        """The highest number that was ever given to a name, by level."""
        return self._used

    def templates(self, roots: Ints) -> list[str]:
        """Return the name of the template of each advert."""
        return self._of_adverts("template", roots, least=1)

    def all(self, templates: Sequence[str], identities: Sequence[Identity], roots: Ints) -> Named:
        """Return all names of a build, given those of its templates.

        Args:
            templates: Name of the template of each advert, from :meth:`templates`.
            identities: Posting identities.
            roots: Smallest row of the campaign of each advert.
        """
        campaigns = self._of_adverts("campaign", roots, least=2)
        groups = [
            [_shown(one.value, one.platform, self._ids[row]) for row in one.rows]
            for one in identities
        ]
        names = self._last("identity", self._old_identities(), groups).ids
        return Named(templates, campaigns, names, tuple(self._replaced))

    def _of_adverts(self, level: Level, roots: Ints, *, least: int) -> list[str]:
        """Return the name of the group of each advert; :data:`ALONE` in groups that are smaller."""
        order = np.argsort(roots, kind="stable")
        starts = np.flatnonzero(np.diff(roots[order], prepend=-1))
        groups = [one for one in np.split(order, starts[1:]) if len(one) >= least]
        members = [[self._ids[row] for row in one.tolist()] for one in groups]
        names = [ALONE] * len(roots)
        found = self._last(level, self._old_adverts(level), members)
        for name, rows in zip(found.ids, groups, strict=True):
            for row in rows.tolist():
                names[row] = name
        return names

    def _last(
        self, level: Level, old: Mapping[str, Sequence[str]], groups: Sequence[Sequence[str]]
    ) -> LastingIds:
        found = lasting_ids(level, old, groups, used=self._used.get(level, 0))
        self._used[level] = found.used
        self._replaced += found.replaced
        return found

    def _old_adverts(self, level: Level) -> dict[str, list[str]]:
        if "adverts" not in self._before:
            return {}
        table = self._before["adverts"]
        found: dict[str, list[str]] = {}
        for one, name in zip(table["id"].to_pylist(), table[level].to_pylist(), strict=True):
            if name is not None:
                found.setdefault(name, []).append(one)
        return found

    def _old_identities(self) -> dict[str, list[str]]:
        if "identities" not in self._before:
            return {}
        table = self._before["identities"]
        columns = (
            table[name].to_pylist() for name in ("identity", "value", "platform", "shown_in")
        )
        return {
            name: [_shown(value, platform, one) for one in shown]
            for name, value, platform, shown in zip(*columns, strict=True)
        }


def _shown(value: str, platform: str | None, advert: str) -> str:
    """Return a member of an identity: an advert may show several values."""
    return "\0".join((value, platform or "", advert))
