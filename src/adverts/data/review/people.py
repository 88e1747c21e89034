"""Names of people: which count as one person, and which are names at all.

Two spellings that a reader takes for one name are one person, so that nobody approves or reviews
again what they reviewed under a name that only looks like theirs. Who shares such a name with
somebody else adds an initial. No two people are told apart by capitals, spaces, points, symbols,
accents, signs that nobody sees, or letters that look alike: ``I``, ``i``, ``l`` and ``1`` are one,
as are ``O`` and ``0``, ``rn`` and ``m``. A symbol that looks like a letter is that letter, and a
long mark of kana or an ideograph that looks like a dash is that dash, which tells nobody apart.
Vowel signs of scripts that write vowels so do tell.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from adverts.errors import InputError
from adverts.inputs.letters.folding import fold
from adverts.inputs.letters.lookalikes import foreign_letters, may_be_turned

_MOST_LETTERS = 200
# A capital I looks like a small L, as does the upright stroke of ideographs; the long mark of kana,
# and the ideograph for one, like a dash; letters that stand upside down like themselves.
_ONE_OF_SEVERAL = {"i": "l", "1": "l", "丨": "l", "0": "o", "m": "rn", "ー": "-"} | {
    "ɐ": "a",
    "ə": "e",
    "ǝ": "e",
}
# Letters of some alphabets look like others in capitals, so that folding tells by the letters
# around which it is. These look the same in both.
_SURE = frozenset("ͺքՔ")
# What looks alike and is not in the data of Unicode: after the first, what looks like it.
_ALSO_ALIKE = (
    "O○◌◎◦◯⚪⚬⭕⭘⸰🞄🞅🞆🞇🞈🞉 fքՔ "
    "三ミ 千チ干于 七セ 又ヌ 日曰 土士 己已巳 未末 天夭 人入 高髙 崎﨑 吉𠮷 斉斎 戸戶户 徳德 黒黑 "
    "青靑 黄黃 内內 真眞 吳呉吴 為爲 教敎 産產 彦彥 顔顏 温溫 緑綠 録錄 呂吕 郷鄉 説說 税稅 悦悅 "
    "鋭銳 曽曾 増增 値值 宮宫 研硏 即卽 強强 既旣 歩步 柵栅 毎每 清淸 瀬瀨 祢袮 禰祢 舎舍 様樣 "
    "巻卷 冊册 別别 呑吞 没沒"
)
_DIRECTION = "\u200e"  # stands around letters that are written from right to left in the data
_POINTED = ("ARABIC", "HEBREW", "SYRIAC", "COMBINING")  # accents, and vowels that readers leave out


@lru_cache(10_000)
def person(name: str) -> str:
    """Return a name as it is compared: equal for two spellings of one person.

    Empty where no letter or digit is in it, which is nobody. It is not fit to be shown.

    Source: the skeleton of Unicode Technical Standard 39, section 4, of the folded letters.
    """
    scripts = _scripts(name)
    letters = _letters(fold("".join(_told(one, scripts) for one in name)))
    return "".join(
        _look(one)
        for one in letters
        if not _looks_like_a_point(one) or (_look(one) != "-" and _script(one) in scripts)
    )


def require_person(what: str, name: str) -> str:
    """Return a name that is one of a person.

    Args:
        what: What holds the name, for the message: a file with its row and column, or a setting.
        name: The name.

    Raises:
        InputError: It is too long or not printable, or has fewer than two letters. The message
            does not name it.
    """
    if len(name) > _MOST_LETTERS or not name.isprintable():
        raise InputError(
            f"{what}: found {len(name):,} characters, wanted at most {_MOST_LETTERS} that can be "
            "printed"
        )
    if not person(name) or sum(map(str.isalpha, fold(name))) < 2:
        found = "is empty" if not name.strip() else "names nobody"
        raise InputError(
            f"{what} {found}; write the name or initials of who says it, at least two letters"
        )
    return name


def _scripts(name: str) -> frozenset[str]:
    """Return the scripts of the letters of a name that look like no points, without Latin."""
    plain = {one for letter in set(name) for one in fold(letter)}
    letters = (one for one in plain if one.isalpha() and not _looks_like_a_point(one))
    return frozenset(map(_script, letters)) - {"LATIN"}


@lru_cache(10_000)
def _told(letter: str, scripts: frozenset[str]) -> str:
    """Return what is compared of a character, before folding makes something else of it.

    What looks like a letter or digit of ASCII is that one, whatever else it is.
    """
    is_sign = unicodedata.category(letter)[0] in "SP"
    look = _bare(letter)
    if is_sign:
        is_raised = unicodedata.decomposition(letter).startswith("<super>")  # of a trade mark
        return "" if is_raised else _told_of_sign(letter, look, scripts)
    if letter.isascii() or not look.isascii() or not look.isalnum() or letter in _told_by_others():
        return "" if _is_left_out(letter) else letter
    return look


def _told_of_sign(sign: str, look: str, scripts: frozenset[str]) -> str:
    """Return the letters that a symbol or point looks like or stands for.

    One that looks like a letter of a script that few people read is an ornament in other scripts.
    """
    if look.isascii() and look.isalnum():
        return look
    if not _is_left_out(sign):
        return sign
    if sign.isascii():
        return ""
    if look.isalnum() and {*map(_script, look)} <= {"LATIN", "CJK", *scripts}:
        return "".join(one for one in look if unicodedata.category(one) != "Lm")
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", sign)))


@cache
def _told_by_others() -> frozenset[str]:
    """Return the letters of which folding tells by the letters around what they look like."""
    return (foreign_letters() | may_be_turned()) - _SURE


def _is_left_out(letter: str) -> bool:
    """Return whether a character tells nobody apart, before folding makes something else of it."""
    kind, name = unicodedata.category(letter)[0], unicodedata.name(letter, "")
    if kind == "M":
        return name.startswith(_POINTED) and not _is_kana(name)
    if kind == "S":  # letters in circles and halves of flags stay
        return not any(word in name for word in ("LETTER", "DIGIT", "NUMBER", "INDICATOR"))
    return kind not in "LN" or "FILLER" in name or "BLANK" in name or _is_spaced_accent(letter)


def _is_spaced_accent(letter: str) -> bool:
    is_modifier = "\u02b9" <= letter <= "\u02ff"
    return is_modifier and unicodedata.normalize("NFKD", letter) == letter


def _letters(text: str) -> Iterator[str]:
    """Yield letters, digits, and marks on a letter of their own script."""
    before = ""
    for one in unicodedata.normalize("NFKD", text):
        kind, script = unicodedata.category(one), _script(one)
        if kind[0] == "M":
            if script == before and not _is_left_out(one):
                yield one
        elif kind[0] in "LN" and not _is_left_out(one):
            before = script
            yield one


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return "KANA" if _is_kana(name) else name.partition(" ")[0]


def _is_kana(name: str) -> bool:
    return "KATAKANA" in name or "HIRAGANA" in name


def _looks_like_a_point(letter: str) -> bool:
    """Return whether a letter looks like a sign that tells nobody apart, such as an apostrophe."""
    return not any(map(str.isalnum, _look(letter)))


@cache
def _look(letter: str) -> str:
    """Return the letters that one folded letter looks like, in small ones."""
    # Of capitals more look alike, such as the Greek Nu and N.
    capital = _prototype(upper if len(upper := letter.upper()) == 1 else letter)
    look = capital if capital.isascii() and capital.isalnum() else _prototype(letter)
    return "".join(_ONE_OF_SEVERAL.get(one, one) for one in look.casefold())


def _prototype(letter: str) -> str:
    """Return what a letter looks like, without strokes and accents; of other scripts they tell."""
    bare = _bare(letter)
    return bare if bare == _decomposed(letter) or _script(letter) == "LATIN" else letter


def _bare(letter: str) -> str:
    return "".join(one for one in _decomposed(letter) if unicodedata.category(one)[0] != "M")


def _decomposed(letter: str) -> str:
    return unicodedata.normalize("NFKD", _prototypes().get(letter, letter))


@cache
def _prototypes() -> dict[str, str]:
    """Map characters to what stands for all that look like them in the data of Unicode."""
    from confusable_homoglyphs.confusables import confusables_data

    alike = {
        one.strip(_DIRECTION): [other["c"].strip(_DIRECTION) for other in several]
        for one, several in confusables_data.items()
    }
    found = {}
    for one, several in alike.items():
        first = several[0]
        if len(one) == len(several) == 1:
            is_rest = len(alike.get(first, ())) > 1 or len(first) > 1
            found[one] = first if is_rest else min(one, first, key=_rank)
    for group in _ALSO_ALIKE.split():
        look = found.get(group[0], group[0])
        alike_ones = {one for one, prototype in found.items() if prototype in group}
        found |= dict.fromkeys({*group, *alike_ones}, look)
    return found


def _rank(letter: str) -> tuple[bool, bool, str]:
    """Return a key by which of two that look alike, one is first: of ASCII, or a letter."""
    return not letter.isascii(), not letter.isalnum(), letter
