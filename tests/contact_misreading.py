"""What a reader of images makes of contacts, of numbers, and of the words around them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from contact_kinds import Fictional

_MISREAD = {"0": "Oo", "1": "lI", "5": "S", "8": "B"}


def words_read_again(draw: random.Random, text: str) -> str:
    """What a reader of images makes of the words around: other line breaks, lost spaces."""
    return re.sub(" ", lambda match: draw.choice(" " * 12 + "\n\n") if match else "", text)


def around_contact(
    draw: random.Random, before: str, after: str, contact: Fictional
) -> tuple[str, str]:
    """Lose the space before a contact, or break the line at its edges."""
    chance = draw.random()
    if (
        chance < 0.12
        and not before.rstrip()[-1:].isdigit()
        and (contact.kind == "phone" or contact.text[0] == "@")
    ):
        return before.rstrip(), after
    if chance < 0.3:
        return before.rstrip() + "\n" if before else before, "\n" + after.lstrip()
    return before, after


def damaged(draw: random.Random, contact: Fictional) -> str:
    """Misread the contact itself in one way, in half of the cases."""
    if draw.random() < 0.5 or contact.style == "spaced":
        return contact.text
    return draw.choice(_DAMAGE[contact.kind])(draw, contact.text)


def _sign_misread(draw: random.Random, text: str) -> str:
    text = text.replace("＠", "@")
    return text if " @" in text else text.replace("@", draw.choice(("@", "@ ", "©", "Q")))


def _sign_lost(draw: random.Random, text: str) -> str:
    return text.lstrip("@＠")


def _torn_name(draw: random.Random, text: str) -> str:
    return text.replace("_", "_ ", 1)


def _space_added(draw: random.Random, text: str) -> str:
    place = draw.randrange(3, len(text) - 2)
    return text[:place] + " " + text[place:]


def _space_lost(draw: random.Random, text: str) -> str:
    return text.replace(" ", "", draw.randint(1, 4))


def _broken(draw: random.Random, text: str) -> str:
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    if not spaces:
        return text
    place = draw.choice(spaces)
    return text[:place] + "\n" + text[place + 1 :]


def _misread(draw: random.Random, text: str) -> str:
    places = [place for place, letter in enumerate(text) if letter in _MISREAD]
    for place in draw.sample(places, min(len(places), draw.randint(1, 2))):
        text = text[:place] + draw.choice(_MISREAD[text[place]]) + text[place + 1 :]
    return text


def _comma(draw: random.Random, text: str) -> str:
    return text.replace(".", ",")


def _torn_dot(draw: random.Random, text: str) -> str:
    if " " in text or "(" in text or "[" in text:
        return text
    damage = draw.choice((". ", " .", ",", " . "))
    place = text.partition("/")[0].rfind(".") if "://" not in text else text.rfind(".exa")
    return text if place < 0 else text[:place] + damage + text[place + 1 :]


def _document_space(draw: random.Random, text: str) -> str:
    return text[:2] + " " + text[2:]


_DAMAGE: dict[str, tuple[Callable[[random.Random, str], str], ...]] = {
    "phone": (_space_added, _space_lost, _broken, _misread, _comma),
    "handle": (_sign_misread, _sign_misread, _sign_lost, _torn_name),
    "link": (_torn_dot,),
    "email": (_sign_misread,),
    "account": (_space_added, _space_lost, _broken, _misread),
    "document": (_misread, _document_space),
}


def decoy_read_again(draw: random.Random, text: str) -> str:
    """Lose or add a space, break the line before the unit, or take a zero for a letter."""
    chance = draw.random()
    if chance < 0.15:
        return re.sub(r"(?<=\d) (?!\d)|(?<!\d) (?=\d)", "", text, count=1)
    if chance < 0.3:
        return re.sub(r"([.,/:-])", r"\1 ", text, count=draw.randint(1, 3))
    if chance < 0.4:
        return re.sub(r"(?<=\d) (?!\d)", "\n", text, count=1)
    if chance < 0.5:
        return text.replace("0", "O", 1)
    return text
