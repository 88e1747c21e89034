"""Adds the noise of real posts at the same rate in every class: case, emoji and evasion."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Literal

Evasion = Literal["leet_misspelling", "homoglyph", "spacing_zero_width"]
EVASION_SHARE = 0.07
_EMOJI_SHARE = 0.15
_LOWER_SHARE, _UPPER_SHARE = 0.12, 0.05
_EMOJI = ("😊", "🙏", "❤️", "👍", "🔥", "✨", "📌", "😂", "👇", "✅")
_PLACE = re.compile(r"(\{\w+\})")
_WORD = re.compile(r"[^\W\d_]{4,}")
_LEET = str.maketrans("aeiosAEIOS", "@310$@310$")
_CYRILLIC = str.maketrans("aeopcxyAEOPCXBHKMT", "аеорсхуАЕОРСХВНКМТ")
_ZERO_WIDTH = "\u200b"
_TATWEEL = "ـ"


@dataclass(frozen=True, slots=True)
class Noisy:
    """A pattern with the noise of real typing.

    Attributes:
        pattern: The pattern, still with its slots; contacts and numbers are never changed.
        signals: Signals of evasion that it now shows.
    """

    pattern: str
    signals: tuple[Evasion, ...] = ()


def roughen(pattern: str, script: str, rng: random.Random, *, visible: bool) -> Noisy:
    """Return the pattern with noise that does not depend on its class.

    Args:
        pattern: Text with slots.
        script: ISO 15924 code; only evasion that is possible in this script is used.
        rng: Source of randomness.
        visible: Whether the text goes into a picture, where a zero-width character would be lost.
    """
    case, evades, tail = rng.random(), rng.random() < EVASION_SHARE, rng.random() < _EMOJI_SHARE
    parts = _PLACE.split(pattern)
    if script == "Latn" and case < _LOWER_SHARE + _UPPER_SHARE:
        change = str.lower if case < _LOWER_SHARE else str.upper
        parts = [part if _PLACE.fullmatch(part) else change(part) for part in parts]
    signals: tuple[Evasion, ...] = ()
    if evades:
        evasion = _choose(script, rng)
        changed = [_evade(part, evasion, rng, visible=visible) for part in parts]
        signals = (evasion,) if changed != parts else ()
        parts = changed
    text = "".join(parts)
    if tail:
        text += " " + rng.choice(_EMOJI) * rng.randint(1, 2)
    return Noisy(text, signals)


def _choose(script: str, rng: random.Random) -> Evasion:
    if script != "Latn":
        return "spacing_zero_width"
    return rng.choice(("leet_misspelling", "homoglyph", "spacing_zero_width"))


def _evade(part: str, evasion: Evasion, rng: random.Random, *, visible: bool) -> str:
    if _PLACE.fullmatch(part):
        return part
    gap = rng.choice((".", " ", "-") if visible else (".", " ", "-", _ZERO_WIDTH))

    def change(match: re.Match[str]) -> str:
        word = match[0]
        if rng.random() < 0.5:
            return word
        match evasion:
            case "leet_misspelling":
                # "@" in front, or behind "$", would make a handle
                return (word[0] + word[1:].translate(_LEET)).replace("$@", "$a")
            case "homoglyph":
                return word.translate(_CYRILLIC)
            case "spacing_zero_width":
                return _spaced(word, gap)

    return _WORD.sub(change, part)


def _spaced(word: str, gap: str) -> str:
    """Put gaps between letters; joined letters are stretched instead of separated."""
    if "\u0600" <= word[0] <= "\u06ff":
        gap = _ZERO_WIDTH if gap == _ZERO_WIDTH else _TATWEEL
        return word[:1] + gap + word[1:2] + gap + word[2:]
    return gap.join(word)
