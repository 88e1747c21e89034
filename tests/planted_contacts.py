"""Adverts with contacts and decoys at known places, as posts and as read from a picture."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from contact_decoys import DECOYS, decoy
from contact_kinds import KINDS, fictional
from contact_misreading import (
    around_contact,
    damaged,
    decoy_read_again,
    words_read_again,
)

from adverts.data.synthetic.slots import draw_values, fill, slots_of
from adverts.data.synthetic.templates import read_language
from adverts.inputs.contacts.masking import find_contacts

LANGUAGES = ("en", "fr", "sq", "tr", "vi", "ar", "fa", "ckb", "ps")
Source = Literal["post", "ocr"]
SOURCES: tuple[Source, ...] = ("post", "ocr")
_CONTACT_SLOT = re.compile(r"\{(?:phone|handle|link)\}")
_OWN_CARRIERS = {
    "en": (
        "call now {} or dm",
        "{}",
        "WhatsApp {}",
        "info: {}\nfast and safe",
        "more here 👉 {} 👈",
    ),
    "fr": ("appelez {} ce soir", "{}", "Contact : {}", "infos {}\nrapide", "écris ici 👉 {} 👈"),
    "sq": ("na shkruani {} sonte", "{}", "Tel: {}", "info {}\nshpejt", "këtu 👉 {} 👈"),
    "tr": ("hemen yazın {} bekliyoruz", "{}", "Tel: {}", "bilgi {}\nhızlı", "buraya 👉 {} 👈"),
    "vi": ("gọi ngay {} nhé", "{}", "Zalo {}", "liên hệ {}\nnhanh", "ở đây 👉 {} 👈"),
    "ar": ("للتواصل {} الآن", "{}", "واتساب: {}", "معلومات {}\nسريع", "هنا 👉 {} 👈"),
    "fa": ("تماس با {} همین امشب", "{}", "تلفن: {}", "اطلاعات {}\nسریع", "اینجا 👉 {} 👈"),
    "ckb": ("پەیوەندی {} ئێستا", "{}", "تەلەفۆن: {}", "زانیاری {}\nخێرا", "لێرە 👉 {} 👈"),
    "ps": ("اړیکه {} همدا اوس", "{}", "ټلیفون: {}", "معلومات {}\nژر", "دلته 👉 {} 👈"),
}


@dataclass(frozen=True, slots=True)
class PlantedNumber:
    """A text in which one contact or decoy stands from ``start`` to ``end``."""

    text: str
    start: int
    end: int
    kind: str
    language: str
    source: Source
    style: str

    def is_hidden(self) -> bool:
        """Whether no letter and no digit of it is left after masking."""
        hidden = self._hidden()
        return all(
            place in hidden or not self.text[place].isalnum()
            for place in range(self.start, self.end)
        )

    def is_touched(self) -> bool:
        """Whether any digit of it is masked."""
        hidden = self._hidden()
        return any(
            place in hidden and self.text[place].isnumeric()
            for place in range(self.start, self.end)
        )

    def _hidden(self) -> set[int]:
        return {
            place
            for contact in find_contacts(self.text)
            for place in range(contact.start, contact.end)
        }


def planted_contacts(count: int, *, seed: int) -> list[PlantedNumber]:
    """Return texts with one contact each, evenly by language, source and kind."""
    return [_contact(random.Random(f"contact/{seed}/{index}"), index) for index in range(count)]


def planted_decoys(count: int, *, seed: int) -> list[PlantedNumber]:
    """Return texts with one decoy each, evenly by language, source and kind.

    Every fourth has a phone number right after it, or right before.
    """
    return [_decoy(random.Random(f"decoy/{seed}/{index}"), index) for index in range(count)]


def _turn(index: int, kinds: Sequence[str]) -> tuple[str, Source, str]:
    rest, language = divmod(index, len(LANGUAGES))
    rest, source = divmod(rest, len(SOURCES))
    return LANGUAGES[language], SOURCES[source], kinds[rest % len(kinds)]


def _contact(draw: random.Random, index: int) -> PlantedNumber:
    language, source, kind = _turn(index, KINDS + ("phone",) * 3)
    contact = fictional(draw, kind, language=language, ocr=source == "ocr")
    before, after = _carrier(draw, language)
    text = contact.text
    if source == "ocr":
        before, after = words_read_again(draw, before), words_read_again(draw, after)
        text = damaged(draw, contact)
        before, after = around_contact(draw, before, after, contact)
    before += contact.lead
    placed = (before + text + after, len(before), len(before) + len(text))
    return PlantedNumber(*placed, kind=kind, language=language, source=source, style=contact.style)


def _decoy(draw: random.Random, index: int) -> PlantedNumber:
    language, source, kind = _turn(index, DECOYS)
    text = decoy(draw, kind, language)
    before, after = _carrier(draw, language)
    if draw.random() < 0.25:
        phone = draw.choice(("07700 900142", "+44 7700 900142", "01632 960 123", "06 39 98 00 12"))
        joint = draw.choice((" ", "\n", " - ", ", ", " | "))
        if draw.random() < 0.5:
            before += phone + joint
        else:
            after = joint + phone + after
    if source == "ocr":
        text = decoy_read_again(draw, text)
    placed = (before + text + after, len(before), len(before) + len(text))
    return PlantedNumber(*placed, kind=kind, language=language, source=source, style="decoy")


def _carrier(draw: random.Random, language: str) -> tuple[str, str]:
    """Return what stands before and after."""
    own = draw.random() < 0.35
    pattern = draw.choice(_OWN_CARRIERS[language] if own else _templates(language))
    if own:
        before, after = pattern.split("{}")
        return before, after
    before, after = _CONTACT_SLOT.split(pattern, maxsplit=1)
    scene = random.Random(draw.random())
    values = draw_values(read_language(language).words, language, draw, scene=scene)
    values |= dict.fromkeys(("phone", "handle", "link"), "…")
    return fill(before, values), fill(after, values)


@cache
def _templates(language: str) -> tuple[str, ...]:
    found = read_language(language).templates
    patterns = [text for one in found for text in (one.text, one.image or "")]
    return tuple(text for text in patterns if _CONTACT_SLOT.search(text) and slots_of(text))
