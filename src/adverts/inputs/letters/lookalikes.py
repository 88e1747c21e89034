"""Replace letters that imitate others: of another script, upside down, enclosed, as flags."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from adverts.inputs.letters.characters import character_names, named, one_of
from adverts.inputs.letters.marks import free_marks

# Two letters of a region, from ISO 3166-1 and Unicode's flags.
_FLAG = (
    "A[C-GILMOQ-UWXZ]|B[ABD-JL-OQ-TVWYZ]|C[ACDF-IK-PRU-Z]|D[EGJKMOZ]|E[ACEGHR-U]|F[IJKMOR]|"
    "G[ABD-ILMNP-UWY]|H[KMNRTU]|I[CDELMNOQ-T]|J[EMOP]|K[EGHIMNPRWYZ]|L[ABCIKR-VY]|M[ACDEFGHK-Z]|"
    "N[ACEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]|S[ABCDEGHIJKLMNORSTVXYZ]|"
    "T[ACDFGHJKLMNORTVWZ]|U[AGMNSYZ]|V[ACEGINU]|W[FS]|XK|Y[ET]|Z[AMW]"
)
_FLAGS = re.compile(f"(?:{_FLAG})+")
_FIRST_INDICATOR = 0x1F1E6
_INDICATORS = re.compile("[\U0001f1e6-\U0001f1ff]+")

# Letters and what they look like upside down; the first ten have no other use.
_ONLY_TURNED = "ɐɟɥᴉʞɯɹʇʍʎ"
_TURNED = str.maketrans(f"{_ONLY_TURNED}ɔǝƃɾʌbdpqnu", "afhikmrtwycegjvqpdbun")
_TURNABLE = frozenset(map(chr, _TURNED)) | frozenset("ilosxz")
_WORD = re.compile(r"\w+")

# Letters with the Latin one that they look like: of phonetic notation, of other type faces, with a
# hook or a bar, and of alphabets out of use. A few are letters of Hausa and Fula, which lose by it
# a difference. Source: Unicode Technical Standard 39, data file "confusables".
_TYPE_FACES = (
    "ɑa ɡg ȷj ℮e ꬲe ꬵf ꞙf ẝf ᶃg ƍg ɩi ǀl ᴑo ꬽo ꭇr ꭈr ƽs ꞟu ꭎu ꭒu ʋu ꭓx ɣy ᶌy ỿy ꭚy ƅb ꞵb ᴦr "
    "ɓb ƈc ɗd ɖd ƒf ɠg ɦh ƙk ɱm ɲn ɳn ƥp ɽr ʂs ƭt ʈt ⱱv ⱳw ƴy ʐz ƶz "
    "𐐽c 𐑃l 𐐬o 𐑈s 𐓜r 𐓪o 𐓶u 𐔜c 𐔥f 𐔘k 𐔦l 𐔓n 𐔖o 𐔝v 𐔧x 𐊠a 𐊡b 𐊢c 𐊥f 𐋏h 𐊰m 𐊫o 𐊱t 𐊴x 𐊲y "
    "𐊂b 𐊆e 𐊇f 𐊊l 𐊒o 𐊕p 𐊖s 𐊗t 𐊐x 𐌁b 𐌂c 𐌉l 𐌑m 𐌕t 𐌗x 𑣆e 𑣎e 𑣂f 𑣃l 𑣒l 𑣈o 𑣗o 𑣕o 𑣁s 𑣜t 𑣘u "
    "𑣀v 𑣄y 𑣉z 𖽀a 𖼨l 𖼖l 𖼵r 𖼺s 𖼊t 𖽂u 𖼈v 𖽃y"
)
_ALPHABETS = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "CANADIAN SYLLABICS", "LISU", "COPTIC")

# Pairs of a foreign letter and the Latin one that it looks like; capitals if only they do.
_PAIRS = (
    "аa вb еe һh іi јj кk мm нh оo пn рp ѕs сc тt уy хx гr ьb єe ԁd ԛq ԝw ѵv үy ӏl ҫç ёë ӓä ӧö "
    "ҽe ꙇi ѡw ԌG "
    "αa βb εe ΖZ ζz ΗH ηn ιi κk ΜM μu ΝN νv οo ρp τt ΥY υu χx ϳj ϜF ϺM "
    "оo ոn սu ցg զq հh յj լl ռn աw տs քp օo "
    "ᎠD ᎡR ᎢT ᎥI ᎩY ᎪA ᎫJ ᎬE ᎳW ᎷM ᎻH ᎾO ᏀG ᏃZ ᏏB ᏒR ᏔW ᏕS ᏙV ᏚS ᏞL ᏟC ᏢP ᏦK ᏧD ᏳG ᏴB ᎽY ᏂH "
    "ᏗA ᎴD ᏋE ᎦF ᎶG ᏠJ ᏝL ᏁN ᎧO ᎮP ᎤQ ᏖT ᏬU ᏉV ᏇW ᏰB ᎱR "
    "ᗩA ᗅA ᗷB ᑲB ᑕC ᑢC ᗪD ᗞD ᑯD ᗴE ᕮE ᖴF ᘜG ᕼH ᒍJ ᒪL ᗰM ᑎN ᑭP ᑫQ ᖇR ᔕS ᑌU ᐯV ᗯW ᙭X ᘔZ ᖯb ᕁx ᕽx "
    "ꓐB ꓑP ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU ꓒd "
    "ⲁa ⲃb ⲉe ⲏh ⲓi ⲕk ⲙm ⲛn ⲟo ⲣp ⲥc ⲧt ⲩy ⲭx ⲍz ⲱw ⲅr"
)
# Similar pairs whose foreign letter is so common in its own script that it proves that script.
_LOOSE_PAIRS = "яr гr иn пn шw цu чy σo ςc ωw γy λa Λa Σe πn δd"
# Pairs of a Latin letter and its look-alike, per script, to restore words of that script.
_RETURNS = {
    "CYRILLIC": "aа cс eе oо pр xх yу iі jј sѕ AА BВ CС EЕ HН IІ JЈ KК MМ OО PР SЅ TТ XХ YУ ëё",
    "GREEK": "aα eε iι kκ oο pρ tτ xχ AΑ BΒ EΕ HΗ IΙ KΚ MΜ NΝ OΟ PΡ TΤ XΧ YΥ ZΖ",
}


@cache
def plain_letters() -> dict[str, str]:
    """Map decorated letters and numbers to plain ones: small capitals, white on black, circled."""
    small = named("LATIN (?:LETTER|CAPITAL LETTER) SMALL CAPITAL ([A-Z])")
    boxed = named(
        "(?:CROSSED )?NEGATIVE (?:CIRCLED|SQUARED) LATIN (?:CAPITAL|SMALL) LETTER ([A-Z])"
    )
    letters = {letter: name.lower() for letter, name in (small | boxed).items()}
    letters |= dict(_pairs(_TYPE_FACES))
    capitals = {letter.upper(): plain for letter, plain in letters.items()}
    return letters | capitals | _circled_numbers()


@cache
def bracketed_letters() -> dict[str, str]:
    """Map each letter in brackets to the plain letter; NFKC would keep the brackets."""
    pattern = "PARENTHESIZED LATIN (?:CAPITAL|SMALL) LETTER ([A-Z])"
    return {letter: name.lower() for letter, name in named(pattern).items()}


def spell_out(text: str) -> str:
    """Replace runs of regional indicators by letters, unless all of a run are flags of regions."""
    return _INDICATORS.sub(_spell, text)


def turn_back(text: str) -> str:
    """Turn upside-down words upright. They have a letter that has no other use."""
    return _WORD.sub(_turn, text)


def may_be_turned() -> frozenset[str]:
    """Return the letters by which an upside-down word is recognised."""
    return frozenset(_ONLY_TURNED + _ONLY_TURNED.upper())


def half_flags() -> frozenset[str]:
    """Return the regional indicators, two of which make a flag."""
    return frozenset(chr(_FIRST_INDICATOR + place) for place in range(26))


def _turn(match: re.Match[str]) -> str:
    word = match.group().casefold()
    is_turned = _TURNABLE.issuperset(word) and not may_be_turned().isdisjoint(word)
    return word[::-1].translate(_TURNED) if is_turned else match.group()


def _circled_numbers() -> dict[str, str]:
    """Return numbers in black or double circles, and digits that are not decimal digits."""
    numbers = (letter for letter in character_names() if unicodedata.category(letter) == "No")
    return {
        number: str(int(unicodedata.numeric(number)))
        for number in numbers
        if "CIRCLED" in character_names()[number] or unicodedata.digit(number, None) is not None
    }


def _spell(match: re.Match[str]) -> str:
    letters = "".join(chr(ord(half) - _FIRST_INDICATOR + ord("A")) for half in match.group())
    return match.group() if _FLAGS.fullmatch(letters) else letters.lower()


def in_one_script(text: str) -> str:
    """Return the text with each word in one script, where look-alike letters mix two scripts.

    A letter *shows* its script if no letter of the other looks like it. A mixed word with a letter
    that shows Cyrillic or Greek is written in that script, if that is possible for all its letters.
    One with a letter that shows Latin becomes Latin. Others follow the script that more letters of
    the text show. A word of look-alikes only becomes Latin if the text has letters that show Latin
    and none that shows another script. So Russian or Greek sentences do not change.

    Args:
        text: Text in the form NFC, in which letters may have accents that do not compose.
    """
    find = _patterns()
    if not is_mixed(text):
        return text
    if find.only_foreign.search(text) and not find.seam.search(text):
        return text
    latin, shown = _evidence(text)
    if latin and not shown:
        return text.translate(to_latin())
    script = "GREEK" if len(find.greek.findall(shown)) * 2 > len(shown) else "CYRILLIC"

    def rewrite(match: re.Match[str]) -> str:
        return _rewrite(match.group(), script, prefer_latin=latin >= len(shown))

    return find.word.sub(rewrite, text)


def is_mixed(text: str) -> bool:
    """Return whether a text holds Latin letters and letters of alphabets with look-alikes."""
    find = _patterns()
    return bool(find.foreign.search(text) and find.latin.search(text))


@cache
def to_latin() -> dict[int, str]:
    """Map every look-alike letter to its Latin letter, capitals to capitals."""
    tight, loose = _both_cases(_PAIRS), _both_cases(_LOOSE_PAIRS)
    return str.maketrans({**loose, **tight})


def _evidence(text: str) -> tuple[int, str]:
    """Return the number of letters that show Latin, and the letters that show another script."""
    find = _patterns()
    latin, shown = 0, []
    for word in find.word.findall(text):
        if _is_mask(word):
            continue
        found = len(find.only_latin.findall(word))
        latin += found
        if not found:
            shown += find.only_foreign.findall(word)
    return latin, "".join(shown)


def _rewrite(word: str, script: str, *, prefer_latin: bool) -> str:
    find = _patterns()
    if _is_mask(word) or not (find.latin.search(word) and find.foreign.search(word)):
        return word
    sure = find.never_latin.search(word)
    if sure:
        script = "GREEK" if find.greek.search(sure.group()) else "CYRILLIC"
    if sure or not (prefer_latin or find.only_latin.search(word)):
        back = word.translate(_back_to()[script])
        if not find.latin.search(back):
            return back
    return word.translate(to_latin())


def _is_mask(word: str) -> bool:
    """Return whether this is a contact mask, which is in adverts of all languages."""
    return word.startswith("<")


@cache
def _back_to() -> dict[str, dict[int, str]]:
    """Map each script to a table from Latin letters to their look-alikes."""
    return {script: str.maketrans(dict(_pairs(pairs))) for script, pairs in _RETURNS.items()}


def _pairs(written: str) -> list[tuple[str, str]]:
    return [(pair[0], pair[1]) for pair in written.split()]


def _both_cases(written: str) -> dict[str, str]:
    """Return the pairs and their other case, unless that is listed as its own pair."""
    pairs = dict(_pairs(written))
    lower = {one.lower(): other.lower() for one, other in pairs.items()}
    upper = {one.upper(): other.upper() for one, other in pairs.items()}
    return lower | upper | pairs


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns of letters by the script they show, of script changes in a word, and of words."""

    latin: re.Pattern[str]
    foreign: re.Pattern[str]
    only_latin: re.Pattern[str]
    only_foreign: re.Pattern[str]
    never_latin: re.Pattern[str]
    greek: re.Pattern[str]
    seam: re.Pattern[str]
    word: re.Pattern[str]


@cache
def foreign_letters() -> frozenset[str]:
    """Return all letters of the alphabets that have look-alikes of Latin letters."""
    return frozenset(named(f"(?:{'|'.join(_ALPHABETS)}) .*"))


@cache
def _patterns() -> _Patterns:
    latin = named("LATIN .*").keys()
    alike = _both_cases(_PAIRS).keys()
    returned = {letter for pairs in _RETURNS.values() for letter, _ in _pairs(pairs)}
    marks = one_of(free_marks())[1:-1]
    one, other, between = one_of(latin), one_of(foreign_letters()), rf"[\d_{marks}]*"
    return _Patterns(
        latin=re.compile(one),
        foreign=re.compile(other),
        only_latin=re.compile(one_of(latin - returned)),
        only_foreign=re.compile(one_of(foreign_letters() - alike)),
        never_latin=re.compile(one_of(foreign_letters() - set(map(chr, to_latin())))),
        greek=re.compile(one_of(named("GREEK .*"))),
        seam=re.compile(f"{one}{between}{other}|{other}{between}{one}"),
        word=re.compile(rf"<[A-Za-z]+>|[\w{marks}]+"),
    )
