"""Made-up advertisers: contacts, accounts, times and templates of each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.synthetic.templates import Template, TemplateLanguage, languages, read_language
from mission.contacts import HANDLES_OF_NETWORKS, OF_NETWORKS, Contacts, handle, phone

DAYS = 56
"""The collection lasts for eight weeks."""
PLATFORMS = ("demo_social", "demo_video")
_PHONES_OF_A_ROTATING_ONE = 3
_LANGUAGES = ("en", "en", "en", "fr", "sq", "ar", "vi", "tr", "fa", "ckb", "ps")


@dataclass(frozen=True, slots=True)
class Network:
    """One advertiser. Nobody who is judged or judging knows of it: it is the truth.

    Attributes:
        name: Its name in the truth.
        language: Its language.
        templates: What it posts, with slots; texts of the synthetic corpus that no model of the
            mission has learnt from.
        contacts: Its contacts, in the order of use: one that rotates numbers has several, with the
            same handle.
        accounts: Its accounts, each on one platform.
        first: Day of its first post, from 0.
        last: Day of its last one.
        scene: Number of its price, boat and flags, see :mod:`adverts.data.synthetic.composing`.
        size: How much it posts, beside others.
    """

    name: str
    language: TemplateLanguage
    templates: tuple[Template, ...]
    contacts: tuple[Contacts, ...]
    accounts: tuple[tuple[str, str], ...]
    first: int
    last: int
    scene: int
    size: float

    def contacts_on(self, day: int) -> Contacts:
        """Return the contacts that it shows on a day."""
        spent = (day - self.first) / (self.last - self.first + 1)
        return self.contacts[int(spent * len(self.contacts))]


def make_networks(number: int, rng: random.Random) -> list[Network]:
    """Return made-up networks, of which every fourth one rotates its numbers.

    Args:
        number: How many.
        rng: Source of randomness.
    """
    phones = rng.sample(OF_NETWORKS, len(OF_NETWORKS))
    handles = rng.sample(HANDLES_OF_NETWORKS, len(HANDLES_OF_NETWORKS))
    made = []
    for place in range(number):
        numbers = [phones.pop() for _ in range(_PHONES_OF_A_ROTATING_ONE if place % 4 == 0 else 1)]
        made.append(_network(place, numbers, handles.pop(), rng))
    return made


def _network(place: int, numbers: Sequence[int], own_handle: int, rng: random.Random) -> Network:
    language = read_language(_LANGUAGES[place % len(_LANGUAGES)])
    first = rng.randrange(0, DAYS - 21)
    accounts = [
        (f"demo_account_n{place:02d}_{i}", rng.choices(PLATFORMS, (3, 1))[0])
        for i in range(rng.randint(2, 4))
    ]
    link = f"demo-way-{place:02d}.example"
    return Network(
        name=f"network-{place:02d}",
        language=language,
        templates=tuple(rng.sample(unseen_templates(language, positive=True), 3)),
        contacts=tuple(Contacts(phone(one), handle(own_handle), link) for one in numbers),
        accounts=tuple(accounts),
        first=first,
        last=rng.randrange(first + 14, DAYS),
        scene=1000 + place,
        size=rng.paretovariate(1.5),
    )


def unseen_templates(language: TemplateLanguage, *, positive: bool) -> list[Template]:
    """Return the templates of the split ``test``, from which no model learns.

    Args:
        language: The language.
        positive: Whether to return those of group V, or all others.
    """
    group = {one.id: one.group for one in read_taxonomy().classes}
    return [
        one
        for one in language.templates
        if one.split == "test" and (group[one.label] == "V") == positive
    ]


def every_language() -> list[TemplateLanguage]:
    """Return all languages that have templates."""
    return [read_language(code) for code in languages()]
