"""Ids that last: what keeps its id in the next build, and what replaced what did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.found import Level, Replaced

PREFIXES: Mapping[Level, str] = {"template": "t", "identity": "i", "campaign": "c"}
_LEAST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class LastingIds:
    """Ids of the groups of a build.

    Attributes:
        ids: Id of each group, in the order of the groups.
        replaced: Ids that are no longer used or no longer whole, in the order of their numbers.
        used: Highest number ever given, from which the next build goes on.
    """

    ids: tuple[str, ...]
    replaced: tuple[Replaced, ...]
    used: int


def lasting_ids(
    level: Level,
    old: Mapping[str, Collection[str]],
    groups: Sequence[Collection[str]],
    *,
    used: int,
) -> LastingIds:
    """Return the ids of groups, which are those of the build before wherever that is right.

    Each old id goes to the group that holds most of its members; of equal ones, to the group with
    the smallest of these members. A group to which several old ids go keeps the one with most
    members in it, and of equal ones the older; the others are ``merged`` into it. A group to which
    none goes has a new number, above all that were ever given. Where members of an old id are in
    further groups, it is ``split`` into each of these too. An old id none of whose members is left
    is ``closed``. So a group that only grows keeps its id, and no id is used again.

    Neither the order of the old ids nor that of the groups or of their members matters: new
    numbers are given in the order of the smallest members.

    Args:
        level: What the groups are.
        old: Members of each id that the build before used; no member has two ids.
        groups: Members of each group, at least one; no member is in two groups. A level whose
            groups share adverts names its members by more than the advert, such as an identity
            by value, platform and advert.
        used: Highest number ever given at this level, also to ids that are closed; 0 before the
            first build.

    Raises:
        ValueError: A member is in two groups or has two old ids, a group is empty, or an old id
            is not of this level or above the highest number given.
    """
    _check_old(level, old, used)
    home = _homes(groups)
    shares = {name: _shares(members, home) for name, members in old.items()}
    _refuse_repeats(old)
    heirs = {
        name: min(found, key=lambda group: (-found[group].size, found[group].smallest))
        for name, found in shares.items()
        if found
    }
    ids = _kept(level, heirs, shares)
    waiting = [(min(members), group) for group, members in enumerate(groups) if group not in ids]
    for number, (_, group) in enumerate(sorted(waiting), used + 1):
        ids[group] = lasting_id(level, number)
    replaced = [
        one
        for name in sorted(old, key=lambda name: _number(level, name))
        for one in _replaced(level, name, shares[name], heirs.get(name), ids)
    ]
    ordered = tuple(ids[group] for group in range(len(groups)))
    return LastingIds(ordered, tuple(replaced), used + len(waiting))


def lasting_id(level: Level, number: int) -> str:
    """Return the id of a number: ``c000123``, with more digits from a million on."""
    return f"{PREFIXES[level]}{number:0{_LEAST_DIGITS}d}"


def require_given(level: Level, names: Collection[str], used: int) -> None:
    """Refuse names above the highest number that was given.

    Args:
        level: What they name.
        names: Names from :func:`lasting_id`.
        used: Highest number ever given at this level.

    Raises:
        ValueError: One is above it.
    """
    digits = max(map(len, names), default=0)
    longest = max((one for one in names if len(one) == digits), default=None)
    if longest is not None and _number(level, longest) > used:
        raise ValueError(f"{longest} is in use, and {used} is the highest given")


@dataclass(slots=True)
class _Share:
    size: int
    smallest: str


def _number(level: Level, name: str) -> int:
    digits = name.removeprefix(PREFIXES[level])
    number = int(digits) if digits.isascii() and digits.isdecimal() else 0
    if number < 1 or lasting_id(level, number) != name:
        wanted = lasting_id(level, 1)
        raise ValueError(f"{name!r} is no id of a {level}, wanted one such as {wanted}")
    return number


def _check_old(level: Level, old: Mapping[str, Collection[str]], used: int) -> None:
    for name in old:
        _number(level, name)
    require_given(level, old, used)


def _homes(groups: Sequence[Collection[str]]) -> dict[str, int]:
    home: dict[str, int] = {}
    for group, members in enumerate(groups):
        if not members:
            raise ValueError(f"group {group} has no members")
        for member in set(members):
            if home.setdefault(member, group) != group:
                raise ValueError(f"{member!r} is in groups {home[member]} and {group}")
    return home


def _refuse_repeats(old: Mapping[str, Collection[str]]) -> None:
    names = Counter(member for members in old.values() for member in set(members))
    twice = next((member for member, times in names.items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} has {names[twice]} old ids")


def _shares(members: Collection[str], home: Mapping[str, int]) -> dict[int, _Share]:
    found: dict[int, _Share] = {}
    for member in set(members):
        if member not in home:
            continue
        share = found.setdefault(home[member], _Share(0, member))
        share.size += 1
        share.smallest = min(share.smallest, member)
    return found


def _kept(
    level: Level, heirs: Mapping[str, int], shares: Mapping[str, Mapping[int, _Share]]
) -> dict[int, str]:
    claims: dict[int, list[tuple[int, int, str]]] = {}
    for name, group in heirs.items():
        claim = (-shares[name][group].size, _number(level, name), name)
        claims.setdefault(group, []).append(claim)
    return {group: min(of_group)[2] for group, of_group in claims.items()}


def _replaced(
    level: Level,
    name: str,
    shares: Mapping[int, _Share],
    heir: int | None,
    ids: Mapping[int, str],
) -> list[Replaced]:
    if heir is None:
        return [Replaced(level, name, "", "closed")]
    merged = [Replaced(level, name, ids[heir], "merged")] if ids[heir] != name else []
    others = sorted(ids[group] for group in shares if group != heir)
    return merged + [Replaced(level, name, other, "split") for other in others]
