"""Names of templates, identities and campaigns that last from one build to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Ints
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.found import Identity, Level, Replaced
from adverts_findings.campaigns.grouping.lasting_ids import lasting_ids, require_given
from adverts_findings.campaigns.tables.grouped import (
    Grouped,
    compare_groups,
    group_by_code,
    identity_rows,
)
from adverts_findings.campaigns.tables.named import ALONE, Named

Tables = Mapping[str, pa.Table]
Tell = Callable[[int], str]


class LastingNames:
    """Gives names to what a build finds, after those that the build before gave."""

    def __init__(self, ids: Sequence[str], before: Tables, used: Mapping[str, int]) -> None:
        """Take the ids of the adverts, the tables before, and the highest numbers ever given."""
        adverts, self._identities = (
            before[name] if name in before else TABLES[name].empty_table()
            for name in ("adverts", "identities")
        )
        self._adverts = adverts
        self._shown = _joined(self._identities["shown_in"])
        self._coded = _coded(pa.array(ids, pa.string()), adverts["id"], self._shown.flatten())
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
        names = self._of_identities(identities)
        return Named(templates, campaigns, names, tuple(self._replaced))

    def _of_adverts(self, level: Level, roots: Ints, *, least: int) -> list[str]:
        """Return the name of the group of each advert; :data:`ALONE` in groups that are smaller."""
        groups = np.flatnonzero(np.bincount(roots, minlength=len(roots)) >= least)
        code_of = np.full(len(roots), -1, np.int64)
        code_of[groups] = np.arange(len(groups))
        codes = code_of[roots]
        adverts, old = self._coded.parts[:2]
        named = _joined(self._adverts[level]).dictionary_encode()
        former = _whole(pc.fill_null(named.indices, -1))
        found = self._last(
            level,
            group_by_code(adverts, codes, len(groups)),
            group_by_code(old, former, len(named.dictionary)),
            named.dictionary.to_pylist(),
            self._coded.names.__getitem__,
        )
        names: list[str] = np.array([*found, ALONE], dtype=object)[codes].tolist()
        return names

    def _of_identities(self, identities: Sequence[Identity]) -> list[str]:
        """Return the name of each identity, whose members are its value, platform and adverts."""
        values = _coded(
            pa.array([one.value for one in identities], pa.string()), self._identities["value"]
        )
        platforms = _coded(
            pa.array([one.platform or "" for one in identities], pa.string()),
            pc.fill_null(self._identities["platform"], ""),
        )
        adverts, _, old_shown = self._coded.parts
        rows, width, stride = (
            identity_rows(identities),
            len(platforms.names),
            len(self._coded.names),
        )
        now, old = (
            Grouped(shown + stride * np.repeat(value * width + platform, sizes), sizes)
            for shown, sizes, value, platform in zip(
                (adverts[rows.members], old_shown),
                (rows.sizes, _whole(pc.list_value_length(self._shown))),
                values.parts,
                platforms.parts,
                strict=True,
            )
        )

        def tell(member: int) -> str:
            pair, advert = divmod(member, stride)
            value, platform = divmod(pair, width)
            told = (values.names[value], platforms.names[platform], self._coded.names[advert])
            return "\0".join(told)

        return self._last("identity", now, old, self._identities["identity"].to_pylist(), tell)

    def _last(
        self, level: Level, now: Grouped, old: Grouped, old_names: Sequence[str], tell: Tell
    ) -> list[str]:
        """Return the names of groups; only those that are not as before go through lasting ids."""
        compared, used = compare_groups(now, old), self._used.get(level, 0)
        require_given(level, old_names, used)
        kept = compared.same >= 0
        is_kept = np.zeros(len(old), np.bool_)
        is_kept[compared.same[kept]] = True
        gone = np.flatnonzero(~is_kept)
        changed = np.flatnonzero(~kept)
        groups = [
            [min(map(tell, members))] if is_new else [tell(member) for member in members]
            for members, is_new in zip(
                now.of(changed), compared.is_new[changed].tolist(), strict=True
            )
        ]
        former = {
            old_names[group]: [tell(member) for member in members]
            for group, members in zip(gone.tolist(), old.of(gone), strict=True)
        }
        found = lasting_ids(level, former, groups, used=used)
        self._used[level] = found.used
        self._replaced += found.replaced
        names = np.array([*old_names, ALONE], dtype=object)[compared.same]
        names[changed] = found.ids
        told: list[str] = names.tolist()
        return told


@dataclass(frozen=True, slots=True, eq=False)
class _Coded:
    """Strings of several arrays as numbers; those of the first array come first."""

    parts: tuple[Ints, ...]
    names: Sequence[str]


def _coded(*arrays: pa.Array | pa.ChunkedArray) -> _Coded:
    plain = [_joined(one) for one in arrays]
    coded = pa.concat_arrays(plain).dictionary_encode()
    bounds = np.cumsum([len(one) for one in plain])[:-1]
    return _Coded(tuple(np.split(_whole(coded.indices), bounds)), coded.dictionary.to_pylist())


def _joined(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _whole(numbers: pa.Array) -> Ints:
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)
