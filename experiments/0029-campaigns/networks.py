"""Made-up networks: what each uses and for how long, whom it copies, and the adverts it posts."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import ranges as r
from made_up_texts import LANGUAGES
from studio import Account, Design, Post, Studio, with_masks

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Spell(Generic[Thing]):
    """A contact, account, … and the first and the last advert of its phase that may use it."""

    thing: Thing
    first: int
    last: int


@dataclass(slots=True)
class Phase:
    """A time in which a network goes on with what it has; at its end nothing stays.

    Attributes:
        weeks: Week of each advert, ascending.
    """

    weeks: list[int]
    contacts: list[Spell[str]]
    accounts: list[Spell[Account]]
    designs: list[Spell[Design]]
    targets: list[Spell[str]]


@dataclass(slots=True)
class Network:
    """A network before it posts.

    Attributes:
        copies: Name of the network that it copies.
        stolen: Texts and pictures that it took from it.
    """

    name: str
    languages: tuple[str, ...]
    platforms: tuple[str, ...]
    phases: list[Phase]
    copies: str | None = None
    stolen: tuple[Design, ...] = ()


def plan_networks(count: int, studio: Studio, stock: Sequence[Design]) -> list[Network]:
    """Return networks; the last of them are copycats, each of another one."""
    copycats = round(r.COPYCATS * count)
    plans = [_plan(f"network-{n:03}", studio, stock) for n in range(count - copycats)]
    for n, victim in enumerate(studio.rng.sample(plans, copycats), count - copycats):
        thief = _plan(f"network-{n:03}", studio, stock, after=victim.phases[0].weeks[0])
        thief.copies = victim.name
        shown = victim.phases[0].designs
        count = min(len(shown), studio.rng.randint(*r.STOLEN_TEMPLATES))
        thief.stolen = tuple(spell.thing for spell in studio.rng.sample(shown, count))
        plans.append(thief)
    return plans


def _plan(name: str, studio: Studio, stock: Sequence[Design], after: int = 0) -> Network:
    rng = studio.rng
    languages = tuple(rng.sample(LANGUAGES, rng.randint(*r.LANGUAGES_OF_NETWORK)))
    platforms = tuple(rng.sample(r.PLATFORMS, rng.randint(*r.PLATFORMS_OF_NETWORK)))
    weeks = _weeks(studio, after)
    parts = [weeks]
    if rng.random() < r.CHANGES_EVERYTHING:
        turn = bisect_left(weeks, weeks[int(len(weeks) * rng.uniform(*r.CHANGE_AFTER))])
        parts = [part for part in (weeks[:turn], weeks[turn:]) if part]
    phases = [_phase(part, languages, platforms, studio) for part in parts]
    if rng.random() < r.STOCK_NETWORKS:
        phases[0].designs.append(Spell(rng.choice(stock), 0, len(phases[0].weeks)))
    return Network(name, languages, platforms, phases)


def _weeks(studio: Studio, after: int) -> list[int]:
    """Return the weeks of the adverts of a network that begins after some week."""
    rng = studio.rng
    span = rng.randint(*r.SPAN_WEEKS)
    silence = rng.randint(*r.LONG_SILENCE_WEEKS) if rng.random() < r.LONG_SILENCE else 0
    before = rng.randint(1, span - 1)
    start = rng.randint(after, max(after, r.WEEKS - span - silence))
    weeks = [start + week + silence * (week >= before) for week in range(span)]
    active = [week for week in weeks if week < r.WEEKS and rng.random() >= r.SILENT_WEEK]
    size = min(r.LARGEST, int(r.SMALLEST * rng.paretovariate(r.TAIL)))
    return sorted(rng.choices(active or [start], k=size))


def _phase(
    weeks: list[int], languages: Sequence[str], platforms: Sequence[str], studio: Studio
) -> Phase:
    size, rng = len(weeks), studio.rng
    targets = _count(size, r.ADVERTS_PER_TARGET, r.MOST_TARGETS) * (rng.random() < r.HAS_TARGETS)

    def design() -> Design:
        return studio.design(rng.choice(languages), rng.randint(*r.PICTURES_OF_TEMPLATE))

    return Phase(
        weeks,
        _spells(size, _count(size, r.ADVERTS_PER_CONTACT, r.MOST_CONTACTS), studio.contact),
        _spells(
            size,
            _count(size, r.ADVERTS_PER_ACCOUNT, r.MOST_ACCOUNTS),
            lambda: studio.account(platforms),
        ),
        _spells(size, _count(size, r.ADVERTS_PER_TEMPLATE, r.MOST_TEMPLATES), design),
        _spells(size, targets, studio.target),
    )


def _count(adverts: int, per: int, most: int) -> int:
    return min(most, 1 + adverts // per)


def _spells(adverts: int, count: int, make: Callable[[], Thing]) -> list[Spell[Thing]]:
    """Return things that follow each other; each begins before the one before it has ended."""
    step = adverts / max(count, 1)
    return [
        Spell(make(), int((n - r.OVERLAP) * step), int((n + 1) * step) + 1) for n in range(count)
    ]


def reassign_contacts(networks: Sequence[Network], studio: Studio) -> list[tuple[str, str, str]]:
    """Give some contacts to another network after a silence.

    Returns:
        Token, network before, network after; none of the pairs copies each other.
    """
    rng = studio.rng
    held = [(a, p, spell) for a in networks for p in a.phases for spell in p.contacts]
    wanted, given = round(r.REASSIGNED * len(held)), []
    for before, phase, spell in rng.sample(held, len(held)):
        if len(given) == wanted:
            break
        free = phase.weeks[min(spell.last, len(phase.weeks) - 1)]
        free += rng.randint(*r.REASSIGNED_SILENCE_WEEKS)
        for after in rng.sample(networks, min(20, len(networks))):
            strangers = before.name not in {after.name, after.copies} and after is not before
            if strangers and after.name != before.copies and _take(after, spell.thing, free, rng):
                given.append((spell.thing, before.name, after.name))
                break
    return given


def _take(network: Network, token: str, free: int, rng: random.Random) -> bool:
    """Let a network use a contact for some weeks from its first advert in or after a week."""
    for phase in network.phases:
        first = bisect_left(phase.weeks, free)
        if first < len(phase.weeks):
            until = phase.weeks[first] + rng.randint(*r.REASSIGNED_USE_WEEKS)
            last = bisect_right(phase.weeks, until) - 1
            if last - first + 1 >= r.REASSIGNED_ADVERTS:
                phase.contacts.append(Spell(token, first, last))
                return True
    return False


def post_network(network: Network, studio: Studio, helpline: str) -> list[Post]:
    """Return the adverts of a network."""
    return [
        _post(network, phase, place, studio, helpline=helpline)
        for phase in network.phases
        for place in range(len(phase.weeks))
    ]


def _post(network: Network, phase: Phase, place: int, studio: Studio, *, helpline: str) -> Post:
    rng = studio.rng
    (many,) = rng.choices(tuple(r.CONTACTS_SHOWN), tuple(r.CONTACTS_SHOWN.values()))
    contacts = _active(phase.contacts, place)
    shown = rng.sample(contacts, min(many, len(contacts)))
    targets = _active(phase.targets, place)
    if targets and rng.random() < r.SHOWS_TARGET:
        shown.append(rng.choice(targets))
    account = rng.choice(_active(phase.accounts, place))
    if rng.random() < r.THROWAWAY_ACCOUNT:
        account = studio.account(network.platforms)
    post = Post(network.name, "network", "V", phase.weeks[place], "", account, shown)
    _show_design(post, network, _active(phase.designs, place), studio)
    if rng.random() < r.HELPLINE_ADVERT:
        post.contacts.append(helpline)
        post.public.append(helpline)
    return post


def _show_design(post: Post, network: Network, own: Sequence[Design], studio: Studio) -> None:
    """Give an advert its text and its picture, each of which may be stolen."""
    rng = studio.rng

    def chosen() -> tuple[Design, str | None]:
        if network.stolen and rng.random() < r.STOLEN_ADVERT:
            return rng.choice(network.stolen), network.copies
        return rng.choice(own), None

    (design, text_from), (other, other_from) = chosen(), chosen()
    shown, picture_from = design, text_from
    if text_from != other_from or rng.random() < r.OTHER_PICTURE:
        shown, picture_from = other, other_from
    post.picture = studio.show(shown.pictures, r.HAS_PICTURE)
    drawn = rng.random()
    if drawn < r.OWN_TEXT:
        text_from = None
        post.text = with_masks(studio.writer.own(rng.choice(network.languages)), post.contacts)
    elif drawn < r.OWN_TEXT + r.GREETING and post.picture is not None:
        text_from = None
        post.text = rng.choice(studio.writer.greetings)  # contacts, if any, are in the picture
    else:
        post.template = design.template.number
        post.text = studio.variant(design.template, post.week, post.contacts)
    post.copies = text_from or (picture_from if post.picture is not None else None)


def _active(spells: Sequence[Spell[Thing]], place: int) -> list[Thing]:
    return [spell.thing for spell in spells if spell.first <= place <= spell.last]
