"""What a made-up world is written with: tokens of contacts, texts, pictures, and a post as made."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from made_up_pictures import Camera, Original, Shown
from made_up_texts import Template, Writer
from ranges import CONTACT_KINDS, KEY, PLATFORMS

from adverts.inputs.contacts.contact_tokens import account_token, contact_tokens

_PHONES = (*(f"+44 7700 {900_000 + n}" for n in range(1_000)),)
_PHONES += (*(f"01632 {960_000 + n}" for n in range(1_000)),)


@dataclass(frozen=True, slots=True)
class Account:
    """An account: its keyed token, and its platform."""

    token: str
    platform: str


@dataclass(frozen=True, slots=True)
class Design:
    """A text and the pictures that go with it."""

    template: Template
    pictures: tuple[Original, ...]


@dataclass(slots=True)
class Post:
    """An advert with its truth.

    Attributes:
        source: Who made it: a network, or one of the background; equal for the same one.
        kind: ``network``, ``seller``, ``lone``, ``news``, ``single`` or ``warning``.
        group: What a person said of it: V, A or N.
        week: Week in which it was posted, from 0.
        text: Its caption, contacts masked.
        account: Who posted it.
        contacts: Tokens of its contacts, link targets among them.
        public: Those that are public.
        picture: Its picture.
        template: Number of its template; None for a text of its own or a greeting.
        copies: The network whose text or picture it stole.
        quotes: The networks whose contacts it quotes as a warning.
    """

    source: str
    kind: str
    group: str
    week: int
    text: str
    account: Account
    contacts: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    picture: Shown | None = None
    template: int | None = None
    copies: str | None = None
    quotes: tuple[str, ...] = ()


class Studio:
    """Draws everything that the adverts of one world are made of; equal seeds draw equal things."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.writer = Writer(self.rng)
        self.camera = Camera(self.rng, self.writer)
        self._phones, self._handles, self._targets, self._accounts = (
            itertools.count() for _ in range(4)
        )

    def contact(self) -> str:
        """Return the token of a new phone or handle."""
        (kind,) = self.rng.choices(tuple(CONTACT_KINDS), tuple(CONTACT_KINDS.values()))
        return self.phone() if kind == "PHONE" else self.handle()

    def phone(self) -> str:
        """Return the token of a new phone.

        There are 2,000 numbers that nobody has. Further phones have tokens of the same form, made
        of a number in this world, since any other phone number could be somebody's.
        """
        number = next(self._phones)
        if number < len(_PHONES):
            return _token(_PHONES[number])
        return f"PHONE:{account_token(f'made-up phone {number}', key=KEY)}"

    def handle(self) -> str:
        """Return the token of a new handle."""
        return _token(f"@demo_fictional_{next(self._handles):07}")

    def target(self) -> str:
        """Return the token of the page that a new link points to."""
        return _token(f"https://demo-{next(self._targets):07}.example/offer")

    def account(self, platforms: Sequence[str] = PLATFORMS) -> Account:
        """Return a new account on one of some platforms."""
        name = f"made-up account {next(self._accounts)}"
        return Account(account_token(name, key=KEY), self.rng.choice(platforms))

    def design(self, language: str, pictures: int = 1) -> Design:
        """Return a new text with so many pictures."""
        template = self.writer.template(language)
        return Design(template, tuple(self.camera.original(language) for _ in range(pictures)))

    def show(self, pictures: Sequence[Original], chance: float = 1.0) -> Shown | None:
        """Return one of some pictures as posted, with some chance."""
        if self.rng.random() >= chance:
            return None
        return self.camera.show(self.rng.choice(pictures))

    def variant(self, template: Template, week: int, contacts: Sequence[str] = ()) -> str:
        """Return a text of a template that shows contacts."""
        return with_masks(self.writer.variant(template, week), contacts)


def with_masks(text: str, contacts: Sequence[str]) -> str:
    """Return a text with the masks of contacts after it, as masking leaves them."""
    return " ".join([text, *(f"<{token.partition(':')[0]}>" for token in contacts)])


def _token(contact: str) -> str:
    (found,) = contact_tokens(contact, key=KEY)
    return found.token
