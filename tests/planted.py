"""Adverts with planted copies, so that it is known which belong together."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse

from adverts.clusters.shingles import shingle
from adverts.data.synthetic.templates import read_language
from adverts.inputs.letters.folding import fold

LANGUAGES = ("en", "sq", "ar", "ckb", "vi", "tr")
_LOOKALIKES = str.maketrans("aeopcyxijs", "аеорсухіјѕ")  # Latin to Cyrillic
_ARABIC_FORMS = str.maketrans("یکه", "يكة")
_ZERO_WIDTH = "\u200b"
_SMALL_CAPITALS = str.maketrans("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
_BOLD_SCRIPT = str.maketrans({chr(ord("a") + i): chr(0x1D4EA + i) for i in range(26)})
_BOXED = str.maketrans({chr(ord("a") + i): chr(0x1F170 + i) for i in range(26)})
_NOISE = ("\u0336", "\u0332", "\u0337", "\u20dd", "\u0336\u0333")


@dataclass(frozen=True, slots=True)
class Planted:
    """Texts, and for each the number of the advert that it is a copy of, or is itself.

    ``edits`` names what was done to a copy; it is empty for an original.
    """

    texts: tuple[str, ...]
    sources: tuple[int, ...]
    edits: tuple[str, ...]


def planted_texts(count: int, *, seed: int, languages: Sequence[str] = LANGUAGES) -> Planted:
    """Return ``count`` short adverts: originals of random words, and edited copies after them.

    The words are those of the templates of the fictional corpus; of ten originals, five have no
    copy and five have one to eight.
    """
    draw = random.Random(seed)
    texts: list[str] = []
    sources: list[int] = []
    edits: list[str] = []
    while len(texts) < count:
        language = draw.choice(languages)
        original = original_text(draw, language)
        source = len(texts)
        for copy in range(draw.choice((0, 0, 0, 0, 0, 1, 1, 2, 4, 8)) + 1):
            edit = draw.choice(tuple(EDITS)) if copy else ""
            texts.append(EDITS[edit](draw, original) if edit else original)
            sources.append(source)
            edits.append(edit)
    return Planted(tuple(texts[:count]), tuple(sources[:count]), tuple(edits[:count]))


def original_text(draw: random.Random, language: str) -> str:
    """Return a short advert of random words with a price."""
    chosen = draw.choices(_vocabulary(language), k=draw.randint(12, 24))
    chosen.insert(draw.randrange(len(chosen)), f"{draw.randint(1, 99) * 50} €")
    return " ".join(chosen)


def drifting_texts(campaigns: int, adverts: int, *, seed: int, language: str = "en") -> list[str]:
    """Return adverts of campaigns that drift: each is the one before it with another word.

    Neighbours are near-duplicates, the first and the last of a campaign have little in common, so
    that a guard against chains cuts it.

    Args:
        campaigns: How many there are.
        adverts: Of each campaign.
        seed: Draws words and places.
        language: Of the words.
    """
    draw = random.Random(seed)
    texts = []
    for _ in range(campaigns):
        words = original_text(draw, language).split()
        for _ in range(adverts):
            texts.append(" ".join(words))
            words[draw.randrange(len(words))] = draw.choice(_vocabulary(language))
    return texts


def letter_groups(text: str, size: int = 4) -> set[str]:
    """Cut a text into its letter groups as strings: what ``clusters.shingles`` hashes."""
    edged = (f" {word} " for word in text.split())
    return {word[i : i + size] for word in edged for i in range(max(1, len(word) - size + 1))}


def precision_and_recall(
    names: Sequence[Hashable], sources: Sequence[Hashable]
) -> tuple[float, float]:
    """Return which share of the joined pairs was planted, and of the planted ones joined."""
    right = _pairs(Counter(zip(names, sources, strict=True)))
    return right / _pairs(Counter(names)), right / _pairs(Counter(sources))


def b_cubed_f1(names: Sequence[Hashable], sources: Sequence[Hashable]) -> float:
    """Return the F1 of B-cubed precision and recall, 0 to 1.

    Source: A. Bagga, B. Baldwin, "Entity-based cross-document coreferencing" (1998).
    """
    both = Counter(zip(names, sources, strict=True))
    found, true = Counter(names), Counter(sources)
    precision = sum(n * n / found[name] for (name, _), n in both.items()) / len(names)
    recall = sum(n * n / true[source] for (_, source), n in both.items()) / len(names)
    return 2 * precision * recall / (precision + recall)


def exact_similarity(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Compare each text with each.

    Returns:
        Their Jaccard similarities ``(N, N)``, and the size of the smaller of each two.
    """
    shingles = shingle([fold(text) for text in texts])
    columns = np.unique(shingles.hashes, return_inverse=True)[1]
    held = sparse.csr_array(
        (np.ones(len(columns), np.int32), columns, shingles.starts), dtype=np.int32
    )
    sizes = shingles.sizes
    shared = (held @ held.T).toarray()
    similarity = shared / np.maximum(sizes[:, None] + sizes[None, :] - shared, 1)
    return similarity, np.minimum(sizes[:, None], sizes[None, :])


def _pairs(sizes: Mapping[Hashable, int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


@cache
def _vocabulary(language: str) -> list[str]:
    found = read_language(language)
    texts = (re.sub(r"\{\w+\}", " ", template.text) for template in found.templates)
    return sorted({word for text in texts for word in re.findall(r"[^\W\d_]+", text)})


def _price(draw: random.Random, text: str) -> str:
    return re.sub(r"\d+", str(draw.randint(1, 99) * 50), text)


def _reordered(draw: random.Random, text: str) -> str:
    words = text.split()
    draw.shuffle(words)
    return " ".join(words)


def _lookalike(draw: random.Random, text: str) -> str:
    """Other letters that look the same, in some places of every third word."""
    words = text.split()
    for place in range(0, len(words), 3):
        letters = list(words[place])
        for i in range(0, len(letters), 2):
            letters[i] = letters[i].translate(_LOOKALIKES).translate(_ARABIC_FORMS)
        words[place] = "".join(letters)
    return " ".join(words)


def _invisible(draw: random.Random, text: str) -> str:
    words = text.split()
    for _ in range(3):
        place = draw.randrange(len(words))
        cut = draw.randint(0, len(words[place]))
        words[place] = words[place][:cut] + _ZERO_WIDTH + words[place][cut:]
    return " ".join(words)


def _typos(draw: random.Random, text: str) -> str:
    """A letter doubled in one word, another word left out, and a price of its own."""
    words = _price(draw, text).split()
    place = draw.randrange(len(words))
    words[place] += words[place][-1]
    del words[draw.randrange(len(words))]
    return " ".join(words)


def _styled(draw: random.Random, text: str) -> str:
    """Small capitals, script or white letters in black boxes, in half of the words."""
    style = draw.choice((_SMALL_CAPITALS, _BOLD_SCRIPT, _BOXED))
    return " ".join(
        word.lower().translate(style) if place % 2 else word
        for place, word in enumerate(text.split())
    )


def _noise(draw: random.Random, text: str) -> str:
    """One stroke, line or circle on every letter of every second word."""
    mark = draw.choice(_NOISE)
    return " ".join(
        "".join(letter + mark for letter in word) if place % 2 else word
        for place, word in enumerate(text.split())
    )


EDITS: dict[str, Callable[[random.Random, str], str]] = {
    "price": _price,
    "reordered": _reordered,
    "look-alike letters": _lookalike,
    "zero-width": _invisible,
    "typos": _typos,
    "styled letters": _styled,
    "noise marks": _noise,
}
