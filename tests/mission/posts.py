"""Made-up posts: adverts of networks, charities that warn of them, and everything else."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image

from adverts.data.synthetic.composing import Post, compose
from adverts.data.synthetic.planning import Modality, Planned
from adverts.data.synthetic.rendering import render
from adverts.data.synthetic.slots import slots_of
from adverts.data.synthetic.templates import Template, TemplateLanguage
from mission.contacts import HANDLES_OF_OTHERS, OF_OTHERS, Contacts, handle, phone
from mission.networks import DAYS, PLATFORMS, Network, every_language, unseen_templates

CHARITY = "ngo_humanitarian_support"
_WEIGHTS: Mapping[str, float] = {
    "other_unrelated": 30,
    "diaspora_personal": 25,
    "news_journalism": 12,
    "lawful_marine_trade": 8,
    "lawful_travel_migration": 8,
    CHARITY: 5,
    "rescue_safety": 4,
}
"""How often a class of look-alikes is posted; every other class has weight 1."""
_LANGUAGE_WEIGHTS = {"en": 4.0, "fr": 2.0}
_ADVERTS_WITH_CONTACT = 0.8
_FLYERS = 2
"""Different pictures of a network; it posts each of them many times."""
_SAME_FILE = 0.6
_TWO_IN_ONE = 0.5


@dataclass(frozen=True, slots=True)
class Content:
    """What a post shows, and what it truly is.

    Attributes:
        text: Its text; empty if there is only a picture.
        picture: JPEG file; None without a picture.
        label: Class of the taxonomy.
        network: Name of the network behind it; empty if none is.
        account: Account that posts it.
        platform: Platform of the account.
        day: Day of posting, from 0.
        language: BCP-47 code.
    """

    text: str
    picture: bytes | None
    label: str
    network: str
    account: str
    platform: str
    day: int
    language: str


def adverts_of(
    networks: Sequence[Network], adverts: int, pictures: int, *, seed: int
) -> Iterator[Content]:
    """Yield adverts of networks, at least three of each.

    Args:
        networks: The networks.
        adverts: How many adverts.
        pictures: How many of them have a picture.
        seed: Seed of every choice.
    """
    rng = random.Random(f"adverts/{seed}")
    owners = [one for one in networks for _ in range(3)][:adverts]
    sizes = [one.size for one in networks]
    owners += rng.choices(networks, sizes, k=adverts - len(owners))
    pictured = set(rng.sample(range(adverts), pictures))
    for place, owner in enumerate(owners):
        yield _advert(owner, place, rng, seed=seed, pictured=place in pictured)


def _advert(
    owner: Network, place: int, rng: random.Random, *, seed: int, pictured: bool
) -> Content:
    template = rng.choice(owner.templates)
    day = rng.randint(owner.first, owner.last)
    contacts = owner.contacts_on(day)
    planned = Planned(place, owner.language, template, "text", owner.scene)
    text = contacts.within(compose(planned, seed).text)
    without = not slots_of(template.text) & {"phone", "handle", "link"}
    if without and rng.random() < _ADVERTS_WITH_CONTACT:
        text += f" {rng.choice((contacts.phone, contacts.handle))}"
    picture = None
    if pictured:
        picture = _reposted(_flyer(owner, contacts, rng.randrange(_FLYERS), seed), rng)
    account, platform = rng.choice(owner.accounts)
    return Content(
        text, picture, template.label, owner.name, account, platform, day, owner.language.code
    )


def _flyer(owner: Network, contacts: Contacts, number: int, seed: int) -> bytes:
    """Return a picture of a network with the contacts that it then had."""
    place = 10_000_000 + 10 * owner.scene + number
    template = owner.templates[number]
    post = compose(Planned(place, owner.language, template, "image", owner.scene), seed)
    return _picture(post, contacts, owner.language)


def _picture(post: Post, contacts: Contacts, language: TemplateLanguage) -> bytes:
    assert post.picture_text is not None
    assert post.style is not None
    return render(contacts.within(post.picture_text), post.style, rtl=language.script == "Arab")


def _reposted(picture: bytes, rng: random.Random) -> bytes:
    """Return the same file, or what a platform makes of it: smaller, and saved anew."""
    if rng.random() < _SAME_FILE:
        return picture
    image = Image.open(io.BytesIO(picture))
    smaller = image.resize((image.width * 9 // 10, image.height * 9 // 10))
    file = io.BytesIO()
    smaller.save(file, "JPEG", quality=80)
    return file.getvalue()


def charities_that_warn(networks: Sequence[Network], *, seed: int) -> Iterator[Content]:
    """Yield a charity's post for each network that shows the network's phone in it.

    A tired reviewer takes one for an advert, and the phone joins it to the campaign: the mistake
    that the mission takes back.
    """
    rng = random.Random(f"charities/{seed}")
    for place, owner in enumerate(networks):
        template = rng.choice(_templates(owner.language.code, CHARITY))
        planned = Planned(20_000_000 + place, owner.language, template, "text", place)
        contacts = owner.contacts[-1]
        text = f"{contacts.within(compose(planned, seed).text)} {contacts.phone}"
        day = min(owner.last + 1, DAYS - 1)
        account = f"demo_charity_{place:02d}"
        language = owner.language.code
        yield Content(text, None, CHARITY, "", account, PLATFORMS[0], day, language)


def look_alikes(posts: int, pictures: int, *, seed: int, first: int = 0) -> Iterator[Content]:
    """Yield what is no advert: news, charities, ferries, family life and the like.

    Args:
        posts: How many.
        pictures: How many of them have a picture.
        seed: Seed of every choice.
        first: Number of the first one; other numbers give other posts.
    """
    rng = random.Random(f"look-alikes/{seed}/{first}")
    able = every_language()
    weights = [_LANGUAGE_WEIGHTS.get(one.code, 1.0) for one in able]
    pictured = set(rng.sample(range(posts), pictures))
    for place in range(posts):
        language = rng.choices(able, weights)[0]
        modality = rng.choice(_MODALITIES) if place in pictured else "text"
        yield _look_alike(language, modality, 30_000_000 + first + place, rng, seed=seed)


_MODALITIES: tuple[Modality, ...] = ("image", "both", "both")


def _look_alike(
    language: TemplateLanguage, modality: Modality, place: int, rng: random.Random, *, seed: int
) -> Content:
    labels = _labels(language.code)
    label = rng.choices(labels, [_WEIGHTS.get(one, 1.0) for one in labels])[0]
    template = rng.choice(_templates(language.code, label))
    number = rng.randrange(400)
    contacts = _others_contacts(number)
    post = compose(Planned(place, language, template, modality, place), seed)
    text = contacts.within(post.text)
    several = len(_templates(language.code, label)) > 1
    if modality == "text" and several and rng.random() < _TWO_IN_ONE:
        other = rng.choice([one for one in _templates(language.code, label) if one != template])
        more = compose(Planned(place + 5_000_000, language, other, "text", place), seed)
        text += " " + contacts.within(more.text)
    picture = None if modality == "text" else _picture(post, contacts, language)
    return Content(
        text=text,
        picture=picture,
        label=label,
        network="",
        account=f"demo_account_o{number:03d}",
        platform=PLATFORMS[number % 4 == 0],
        day=rng.randrange(DAYS),
        language=language.code,
    )


def _others_contacts(number: int) -> Contacts:
    phones, handles = len(OF_OTHERS), len(HANDLES_OF_OTHERS)
    return Contacts(
        phone(OF_OTHERS[number % phones]),
        handle(HANDLES_OF_OTHERS[number % handles]),
        f"demo-other-{number:03d}.example",
    )


@cache
def _of_language(code: str) -> Mapping[str, Sequence[Template]]:
    """Return the templates of look-alikes of a language by their class."""
    (language,) = [one for one in every_language() if one.code == code]
    found: dict[str, list[Template]] = {}
    for one in unseen_templates(language, positive=False):
        found.setdefault(one.label, []).append(one)
    return found


def _templates(code: str, label: str) -> Sequence[Template]:
    return _of_language(code)[label]


def _labels(code: str) -> list[str]:
    return list(_of_language(code))
