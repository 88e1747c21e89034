"""Judge campaigns against the truth of a made-up world."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from worlds import World

Campaigns = Sequence[Hashable | None]
Bridge = tuple[str, str]
MOST_BRIDGES = 3
"""Most bridges that one campaign may name, so that naming every edge names nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How well campaigns match the networks of a world; each figure is a share, but for one.

    A share of nothing is None where less is better, and 0 where more is better, so that nothing
    passes by being empty.

    Attributes:
        pair_precision: Of the pairs in one campaign with an advert of a network, those of one
            network. An advert of the background counts as an advert of another network.
        pair_recall: Of the pairs of one network, those in one campaign.
        pair_f1: Their harmonic mean.
        b_cubed_precision: Of the campaign of an advert of a network, the share of its network;
            mean over the adverts of networks.
        b_cubed_recall: Of the network of an advert, the share in its campaign; the same mean.
        b_cubed_f1: Their harmonic mean.
        largest: Adverts of the largest campaign with adverts of networks, as a multiple of those of
            the network that has most adverts in it.
        reassigned_joined: Reassigned contacts that both owners show within one campaign.
        copycats_joined: Copycats that share a campaign with the network that they copy.
        copycats_named: Joined copycats with a named bridge between their adverts and the others'.
        background_joined: Background adverts of group V in a campaign with another source.
        others_joined: Adverts of groups A and N in a campaign with any other advert.
    """

    pair_precision: float
    pair_recall: float
    pair_f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    largest: float | None
    reassigned_joined: float | None
    copycats_joined: float | None
    copycats_named: float | None
    background_joined: float | None
    others_joined: float | None


NAMES = {
    "pair_precision": "pairs: precision",
    "pair_recall": "pairs: recall",
    "pair_f1": "pairs: F1",
    "b_cubed_precision": "B-cubed precision",
    "b_cubed_recall": "B-cubed recall",
    "b_cubed_f1": "B-cubed F1",
    "largest": "largest campaign ÷ its truth",
    "reassigned_joined": "reassigned joined",
    "copycats_joined": "copycats joined",
    "copycats_named": "… of these named",
    "background_joined": "background V joined",
    "others_joined": "A and N joined",
}
"""Name of each figure in a table."""


def judge(world: World, campaigns: Campaigns, bridges: Collection[Bridge] = ()) -> Figures:
    """Return the figures of a linker.

    Args:
        world: The world, with its truth.
        campaigns: Campaign of each advert, in the order of the world; None for an advert in none.
        bridges: Named weakest bridges, each as the ids of the two adverts that it joins.

    Raises:
        ValueError: There are not as many campaigns as adverts, no advert is of a network, or a
            bridge is not within a campaign, or is one of more than :data:`MOST_BRIDGES` in it.
    """
    table = world.adverts
    networks = table["truth_network"].to_pylist()
    if len(campaigns) != len(networks):
        raise ValueError(f"{len(campaigns)} campaigns of {len(networks)} adverts, wanted one each")
    if not any(networks):
        raise ValueError("no advert of this world is of a network")
    alone = (("alone", row) for row in range(len(campaigns)))
    named = [own if one is None else one for own, one in zip(alone, campaigns, strict=True)]
    sizes = _Sizes(named, networks)
    joined = _joined_copycats(world.copycats, sizes)
    bridged = _named_copycats(world, named, bridges)
    groups, sources = (table[name].to_pylist() for name in ("group", "truth_source"))
    return Figures(
        *_pairs(sizes),
        *_b_cubed(sizes),
        _largest(sizes),
        _share(_reassigned_joined(world, named)),
        _share(one in joined for one in world.copycats),
        _share(one in bridged for one in joined),
        _share(_background_joined(named, groups, sources, networks)),
        _share(
            sizes.campaigns[one] > 1
            for one, group in zip(named, groups, strict=True)
            if group != "V"
        ),
    )


class _Sizes:
    """Adverts of each network, of each campaign, and of each network in each campaign."""

    def __init__(self, campaigns: Sequence[Hashable], networks: Sequence[str | None]) -> None:
        both = Counter(zip(campaigns, networks, strict=True))
        self.both = {(c, n): count for (c, n), count in both.items() if n is not None}
        self.background = {c: count for (c, n), count in both.items() if n is None}
        self.campaigns = Counter(campaigns)
        self.networks = Counter(one for one in networks if one is not None)
        self.members: dict[Hashable, set[str]] = defaultdict(set)
        for campaign, network in self.both:
            self.members[campaign].add(network)
        self.with_network = self.members.keys()


def _pairs(sizes: _Sizes) -> tuple[float, float, float]:
    right = sum(map(_pairs_of, sizes.both.values()))
    found = sum(
        _pairs_of(sizes.campaigns[one]) - _pairs_of(sizes.background.get(one, 0))
        for one in sizes.with_network
    )
    return _with_f1(_of(right, found), _of(right, sum(map(_pairs_of, sizes.networks.values()))))


def _pairs_of(size: int) -> int:
    return size * (size - 1) // 2


def _b_cubed(sizes: _Sizes) -> tuple[float, float, float]:
    """Return B-cubed figures.

    Source: A. Bagga, B. Baldwin, "Entity-based cross-document coreferencing" (1998).
    """
    adverts = sum(sizes.networks.values())
    precision = sum(n * n / sizes.campaigns[one] for (one, _), n in sizes.both.items()) / adverts
    recall = sum(n * n / sizes.networks[one] for (_, one), n in sizes.both.items()) / adverts
    return _with_f1(precision, recall)


def _with_f1(precision: float, recall: float) -> tuple[float, float, float]:
    return precision, recall, _of(2 * precision * recall, precision + recall)


def _of(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _largest(sizes: _Sizes) -> float:
    """Return the size of the largest campaign as a multiple of its truth; of a tie, the worst."""
    most = max(sizes.campaigns[one] for one in sizes.with_network)
    return max(
        most / sizes.networks[max(sizes.members[one], key=lambda n: (sizes.both[one, n], n))]
        for one in sizes.with_network
        if sizes.campaigns[one] == most
    )


def _reassigned_joined(world: World, campaigns: Sequence[Hashable]) -> Iterable[bool]:
    """Yield for each reassigned contact whether one campaign holds what both owners show of it."""
    wanted = {one.token for one in world.reassigned}
    shown: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
    columns = (world.adverts[name].to_pylist() for name in ("contacts", "truth_network"))
    for campaign, contacts, network in zip(campaigns, *columns, strict=True):
        for token in wanted.intersection(contacts):
            shown[token, network].add(campaign)
    for one in world.reassigned:
        yield not shown[one.token, one.before].isdisjoint(shown[one.token, one.after])


def _joined_copycats(copycats: Mapping[str, str], sizes: _Sizes) -> set[str]:
    return {
        thief
        for members in sizes.members.values()
        for thief in members.intersection(copycats)
        if copycats[thief] in members
    }


def _named_copycats(
    world: World, campaigns: Sequence[Hashable], bridges: Collection[Bridge]
) -> set[str]:
    """Return the copycats that a bridge joins with the network that they copy."""
    columns = (world.adverts[name].to_pylist() for name in ("id", "truth_network"))
    adverts = {id_: (one, network) for id_, network, one in zip(*columns, campaigns, strict=True)}
    unknown = {end for bridge in bridges for end in bridge} - adverts.keys()
    if unknown:
        raise ValueError(f"a bridge names the advert {min(unknown)}, which is not in this world")
    held: Counter[Hashable] = Counter()
    joined = set()
    for one, other in {tuple(sorted(bridge)) for bridge in bridges}:
        (campaign, network), (beside, stranger) = adverts[one], adverts[other]
        if campaign != beside:
            raise ValueError(f"the bridge from {one} to {other} is not within one campaign")
        held[campaign] += 1
        joined |= {(network, stranger), (stranger, network)}
    if held and max(held.values()) > MOST_BRIDGES:
        raise ValueError(
            f"a campaign names {max(held.values())} weakest bridges, wanted at most {MOST_BRIDGES}"
        )
    return {thief for thief, victim in world.copycats.items() if (thief, victim) in joined}


def _background_joined(
    campaigns: Sequence[Hashable],
    groups: Sequence[str],
    sources: Sequence[str],
    networks: Sequence[str | None],
) -> Iterable[bool]:
    """Yield for each background advert of group V whether its campaign holds another source."""
    held: dict[Hashable, set[str]] = defaultdict(set)
    for campaign, source in zip(campaigns, sources, strict=True):
        held[campaign].add(source)
    for campaign, group, network in zip(campaigns, groups, networks, strict=True):
        if group == "V" and network is None:
            yield len(held[campaign]) > 1


def _share(which: Iterable[bool]) -> float | None:
    found = list(which)
    return sum(found) / len(found) if found else None
