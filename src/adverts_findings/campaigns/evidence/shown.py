"""What adverts show, by time: contacts, accounts, link targets and content, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.edges import EDGE_KINDS

CONTACT, ACCOUNT, TARGET, CONTENT = (
    EDGE_KINDS.index(kind) for kind in ("contact", "account", "link_target", "template")
)
PICTURE = "picture:"
"""What the name of content begins with that is an equal picture, and no template."""
_CONTACTS = ("PHONE", "HANDLE", "EMAIL", "WALLET")
_TARGETS = ("LINK",)
_MICROSECONDS_A_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What ``N`` adverts show: ``S`` lines, each of one value that one advert shows.

    Adverts are named by their place in time: those without a time come last, and ties are in the
    order of their ids. So nothing depends on the order of the rows.

    Attributes:
        rows: Row of the advert at each place, ``(N,)``.
        days: Days since 1970 at which it was posted; NaN where that is not known, ``(N,)``.
        platforms: Place of its platform in ``platform_names``; -1 where it is not known, ``(N,)``.
        platform_names: Platforms in the order of the alphabet.
        accounts: Value of its account; -1 where it is not known, ``(N,)``.
        templates: Value of its template, ``(N,)``.
        kinds: Kind of each value as an index into ``EDGE_KINDS``, ``(V,)``. Content is of the kind
            ``template``, whether it is a template or a picture.
        names: Token of each value, or the name of the content.
        public: Whether it is a contact of everybody, such as a helpline, ``(V,)``.
        value: Value of each line, ascending, ``(S,)``.
        place: Place of its advert, ascending within a value, ``(S,)``.
        starts: Where the lines of each value begin, ``(V + 1,)``.
    """

    rows: Ints
    days: Floats
    platforms: Ints
    platform_names: tuple[str, ...]
    accounts: Ints
    templates: Ints
    kinds: Ints
    names: tuple[str, ...]
    public: Bools
    value: Ints
    place: Ints
    starts: Ints

    def __len__(self) -> int:
        """Return the number of adverts."""
        return len(self.rows)

    @property
    def adverts(self) -> Ints:
        """Number of adverts that show each value, ``(V,)``."""
        return np.diff(self.starts)

    def places_of(self, value: int) -> Ints:
        """Return the places of the adverts that show a value."""
        return self.place[self.starts[value] : self.starts[value + 1]]

    def without(self, lines: Ints) -> Shown:
        """Return the same without some lines."""
        kept = np.ones(len(self.value), np.bool_)
        kept[lines] = False
        value = self.value[kept]
        starts = np.searchsorted(value, np.arange(len(self.names) + 1))
        return replace(self, value=value, place=self.place[kept], starts=starts)

    def account_counts(self) -> Ints:
        """Return the number of known accounts that show each value, ``(V,)``."""
        accounts = self.accounts[self.place]
        known = accounts >= 0
        pairs = distinct(self.value[known] * (len(self.names) + 1) + accounts[known])
        return np.bincount(pairs // (len(self.names) + 1), minlength=len(self.names))


def distinct(keys: Ints) -> Ints:
    """Return the distinct numbers in their order, by sorting.

    Many times faster for millions than ``numpy.unique``, which hashes them.
    """
    ordered = np.sort(keys)
    fresh = np.ones(len(ordered), np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]


def read_shown(entrants: pa.Table, templates: Sequence[str]) -> Shown:
    """Return what adverts show.

    Args:
        entrants: Adverts with the columns of ``ENTRANTS``.
        templates: Name of the template of each.

    Raises:
        ValueError: If an id occurs twice, or the templates are not one for each advert.
    """
    count = len(entrants)
    if len(templates) != count:
        raise ValueError(f"{len(templates)} templates of {count} adverts")
    ids = _array(entrants["id"])
    if pc.count_distinct(ids, mode="all").as_py() != count:
        raise ValueError("an id of an advert occurs twice")
    days = _days(pc.coalesce(entrants["posted_at"], entrants["collected_at"]))
    order = np.lexsort((_ranks(ids), days))
    places = np.empty(count, np.int64)
    places[order] = np.arange(count)
    kinds, names, public, values, rows = _lines(entrants, templates)
    lines = distinct(values * max(count, 1) + places[rows])
    value, place = np.divmod(lines, max(count, 1))
    platform_names, platforms = _codes(_filled(entrants["platform"]))
    if "" in platform_names:
        platform_names, platforms = platform_names[1:], platforms - 1
    return Shown(
        order,
        days[order],
        platforms[order],
        platform_names,
        _one_of(ACCOUNT, kinds, value, place, count=count),
        _first_content(kinds, names, value, place, count=count),
        kinds,
        names,
        public,
        value,
        place,
        np.searchsorted(value, np.arange(len(names) + 1)),
    )


def _lines(
    entrants: pa.Table, templates: Sequence[str]
) -> tuple[Ints, tuple[str, ...], Bools, Ints, Ints]:
    """Return kind, name and publicity of each value, and value and row of each line."""
    tokens, rows = _flat(entrants["contacts"])
    public, _ = _flat(entrants["public_contacts"])
    accounts = _filled(entrants["account"])
    has = np.flatnonzero(pc.not_equal(accounts, "").to_numpy(zero_copy_only=False))
    pictures, shown = _flat(entrants["picture_sha256"])
    files = pa.array([PICTURE + one.hex() for one in pictures.to_pylist()], pa.string())
    parts = [
        (CONTACT, *_tokens_of(tokens, rows, _CONTACTS)),
        (ACCOUNT, accounts.take(pa.array(has)), has),
        (TARGET, *_tokens_of(tokens, rows, _TARGETS)),
        (CONTENT, pa.array(templates, pa.string()), np.arange(len(entrants))),
        (CONTENT, files, shown),
    ]
    kinds: list[int] = []
    names: list[str] = []
    values, found = [], []
    for kind in (CONTACT, ACCOUNT, TARGET, CONTENT):
        strings = [part for of, part, _ in parts if of == kind]
        of_kind, codes = _codes(pa.concat_arrays(strings))
        values.append(codes + len(names))
        found += [part for of, _, part in parts if of == kind]
        kinds += [kind] * len(of_kind)
        names += of_kind
    known = pc.is_in(pa.array(names, pa.string()), public.unique())
    told = np.array(kinds, np.int64)
    everybody = known.to_numpy(zero_copy_only=False) & np.isin(told, (CONTACT, TARGET))
    return told, tuple(names), everybody, np.concatenate(values), np.concatenate(found)


def _tokens_of(tokens: pa.Array, rows: Ints, kinds: Sequence[str]) -> tuple[pa.Array, Ints]:
    """Return the tokens of some kinds, and their rows."""
    which = np.zeros(len(tokens), np.bool_)
    for kind in kinds:
        which |= pc.starts_with(tokens, f"{kind}:").to_numpy(zero_copy_only=False)
    places = np.flatnonzero(which)
    return tokens.take(pa.array(places)), rows[places]


def _one_of(kind: int, kinds: Ints, value: Ints, place: Ints, *, count: int) -> Ints:
    """Return the value of a kind of which each advert has at most one; -1 for none."""
    found = np.full(count, -1, np.int64)
    which = kinds[value] == kind
    found[place[which]] = value[which]
    return found


def _first_content(
    kinds: Ints, names: Sequence[str], value: Ints, place: Ints, *, count: int
) -> Ints:
    """Return the value of the template of each advert."""
    pictured = np.array([name.startswith(PICTURE) for name in names], np.bool_)
    templates = np.where(pictured, -1, kinds)
    return _one_of(CONTENT, templates, value, place, count=count)


def _array(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found


def _filled(column: pa.ChunkedArray) -> pa.Array:
    """Return strings, empty where there is none."""
    return pc.fill_null(_array(column).cast(pa.string()), "")


def _flat(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Return what the lists of a column hold, nulls left out, and the row of each."""
    lists = _array(column)
    held, rows = pc.list_flatten(lists), pc.list_parent_indices(lists)
    known = pc.is_valid(held)
    return held.filter(known), rows.filter(known).to_numpy(zero_copy_only=False).astype(np.int64)


def _days(column: pa.ChunkedArray) -> Floats:
    found = _array(column).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    filled: Ints = pc.fill_null(found, 0).to_numpy(zero_copy_only=False)
    known = pc.is_valid(found).to_numpy(zero_copy_only=False)
    return np.where(known, filled / _MICROSECONDS_A_DAY, np.nan)


def _ranks(strings: pa.Array) -> Ints:
    """Return the place of each string in the order of all of them."""
    order = pc.sort_indices(strings).to_numpy(zero_copy_only=False)
    ranks = np.empty(len(strings), np.int64)
    ranks[order] = np.arange(len(strings))
    return ranks


def _codes(strings: pa.Array) -> tuple[tuple[str, ...], Ints]:
    """Return the distinct strings in their order, and the place of each string among them."""
    coded = strings.dictionary_encode()
    ranks = _ranks(coded.dictionary)
    names = coded.dictionary.take(pc.sort_indices(coded.dictionary))
    codes: Ints = ranks[coded.indices.to_numpy(zero_copy_only=False)]
    return tuple(names.to_pylist()), codes.astype(np.int64)
