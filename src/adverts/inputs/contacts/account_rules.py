"""Find bank accounts, crypto wallets, card numbers and document numbers in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adverts.inputs.contacts.contact_rules import Span

_D = "[0-9OoIl|SB]"
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_MIXED = "(?=(?:[A-Za-z]{0,20}[0-9]{1,20}[A-Za-z]{1,20}){3})"
_START, _END = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
_WHOLE = re.compile(
    rf"{_START}(?:"
    r"(?:bc|tb|BC)[1lI|](?=(?:[A-Za-z|]{0,20}[0-9]){3})(?:[0-9A-Za-z|]{39}|[0-9A-Za-z|]{59})"
    r"|0x[0-9a-fA-F]{40}"
    rf"|(?=[0-9]*[A-Za-z])(?:[13]{_BASE58}{{25,34}}|T{_BASE58}{{33}}|[48]{_BASE58}{{94}})"
    rf"){_END}"
)
_TORN = re.compile(
    rf"{_START}(?:(?:[bB][cC][1lI|]|[13T])[0-9A-Za-z|]{{0,60}}[ \n]{{1,2}}"
    r"(?=[A-Za-z|]{0,20}(?:[0-9]|[a-z][A-Z]))[0-9A-Za-z|]{3,60}"
    rf"|[0Oo]x ?[0-9a-fA-FOoIlSs]{{1,40}}(?:[ \n]{{1,2}}[0-9a-fA-FOoIlSs]{{1,40}}){{0,3}}){_END}"
)
_LOOSE = re.compile(
    rf"{_START}(?:(?:bc1|ltc1|tb1)[02-9ac-hj-np-z]{{11,71}}|(?:BC1|LTC1)[02-9AC-HJ-NP-Z]{{11,71}}"
    rf"|{_MIXED}[0-9A-Za-z]{{26,95}}){_END}"
)

_IBAN_SIZES = {
    code: size
    for size, codes in {
        15: "NO",
        16: "BE",
        18: "DK FI NL FO",
        19: "MK SI",
        20: "AT BA EE LT LU XK KZ",
        21: "CH HR LV LI",
        22: "BG DE GB GE IE ME RS",
        23: "AE GI IQ IL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "PT LY",
        26: "IR IS TR",
        27: "FR GR IT MC SM MR",
        28: "AL AZ CY DO HU LB PL",
        29: "BR EG PS UA QA KW",
        30: "JO",
        31: "MT",
    }.items()
    for code in codes.split()
}
_IBAN_START = re.compile(
    rf"(?<![0-9A-Za-z])(?=[A-Za-z]{{2}} ?{_D} ?{_D})(?:{'|'.join(sorted(_IBAN_SIZES))})"
    rf" ?{_D} ?{_D}(?=[ .\-\n]{{0,2}}[0-9A-Za-z|])",
    re.IGNORECASE,
)
_PIECE_END = re.compile(r"\S(?=\s|$)")
_SIZE_OF_ETHEREUM = 42
_ALNUM = re.compile("[0-9A-Za-z|]")
_IBAN_REST = re.compile(r"(?:[ .\-\n]{0,2}[0-9A-Za-z|])+")
_CARD = re.compile(r"(?<![\d.,])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}|\d{16,34})(?![\d.,]\d|\d)")

_DOCUMENT_WORDS = (
    r"passports?|pasaport\w*|passeports?|passaport\w*|pasaporte|reisepass|pass(?=\s*(?:no|nr))|"
    r"visa(?=\s*(?:no|nr|num))|id(?=\s*(?:no|nr|num|card|:))|identity|ni(?=\s*(?:no|num))|"
    r"national\s+(?:id|insurance)|driving\s+licen[cs]e|residence\s+permit|brp|"
    r"carte\s+d['’]identité|carte\s+de\s+séjour|titre\s+de\s+séjour|kimlik|kartë?\s+identiteti|"
    r"letërnjoftim\w*|hộ\s*chiếu|cmnd|cccd|căn\s*cước|گذرنامه|پاسپورت|کارت\s*ملی|شماره\s*ملی|"
    r"کد\s*ملی|(?:ال)?جواز\s*(?:ال)?سفر|(?:ال)?جواز|باسبور|(?:ال)?هوية|تذکره|تذکرې|پاسپۆرت|پەساپۆرت|پاسپورټ|"
    r"ناسنامە|паспорт\w*"
)
_DOCUMENT_NUMBERS = re.compile(
    rf"(?<!\w)(?:{_DOCUMENT_WORDS})"
    r"(?:\s*(?:card|number|numbers|numri|numéro|numara\w*|num|nr|no|n°|nº|№|số|shmare|رقم|رقمه|"
    r"شماره|شمېره|ژمارە|ژمارەی|номер))?"
    r"[\s.:#=-]{0,4}"
    rf"(?P<contact>[a-z]{{1,3}}{_D}{{0,2}}[ -]{{0,2}}{_D}{{5,9}}[a-z]?"
    rf"|[a-z]{{2}}(?: ?\d\d){{3}} ?[a-d]|{_D}{{7,14}}[a-z]?"
    rf"|{_D}{{2}} {{1,2}}{_D}{{5,9}}|\d{{2}}[a-z]{{2}}\d{{5}})(?!\w)",
    re.IGNORECASE,
)
_FEWEST_OF_A_DOCUMENT, _FEWEST_DIGITS = 7, 5
_FEWEST_DIGITS_OF_AN_IBAN = 0.55
_LIKE_DIGITS = str.maketrans("OoIl|SsB", "00111558")


def ibans(view: str) -> Iterator[Span]:
    """Yield spans of IBANs: country letters, then as many characters as the country uses.

    Spaces, dots and hyphens may separate characters. More than 55 % of the characters must be
    digits. If the check digits are wrong, the country letters must be capitals.
    """
    place = 0
    while (match := _IBAN_START.search(view, place)) is not None:
        place = match.end()
        end = _iban_end(view, match.start())
        if end is not None:
            place = end
            yield match.start(), end


def wallets(view: str) -> Iterator[Span]:
    """Return spans of wallet addresses that are in one piece."""
    return (match.span() for match in _WHOLE.finditer(view))


def torn_wallets(view: str) -> Iterator[Span]:
    """Yield spans of wallet addresses that hold a space, a line break or a misread letter."""
    for match in _TORN.finditer(view):
        size = _torn_size(match.group())
        if size is not None:
            yield match.start(), match.start() + size


def long_codes(view: str) -> Iterator[Span]:
    """Return spans of other long codes in which letters and digits alternate."""
    return (match.span() for match in _LOOSE.finditer(view))


def document_numbers(view: str) -> Iterator[Span]:
    """Yield spans of numbers after a word for a passport, identity card or similar document."""
    for match in _DOCUMENT_NUMBERS.finditer(view):
        plain = re.sub(r"[ -]", "", match["contact"])
        digits = sum(letter.isdigit() for letter in plain)
        if len(plain) >= _FEWEST_OF_A_DOCUMENT and digits >= _FEWEST_DIGITS:
            yield match.span("contact")


def card_numbers(view: str) -> Iterator[Span]:
    """Yield spans of grouped card numbers with a right check digit, and of very long numbers.

    A long number whose digits after the first are all equal is not included.
    """
    for match in _CARD.finditer(view):
        digits = match.group().replace(" ", "").replace("-", "")
        is_grouped = bool(match.group(1))
        if (is_grouped and _luhn(digits)) or (not is_grouped and len(set(digits[1:])) > 1):
            yield match.span()


def has_size_of_iban(text: str) -> bool:
    """Return whether a text without spaces begins like an IBAN and has its country's length."""
    return text[2:4].isdigit() and _IBAN_SIZES.get(text[:2].upper()) == len(text)


def is_iban(text: str) -> bool:
    """Return whether a text has a possible length and right check digits of an IBAN (ISO 13616)."""
    plain = re.sub(r"[\s.\-]", "", text).upper()
    if not 15 <= len(plain) <= 34 or not plain.isalnum() or not plain.isascii():
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _iban_end(view: str, start: int) -> int | None:
    wanted = _IBAN_SIZES.get(view[start : start + 2].upper())
    if wanted is None:  # a look-alike of K or I, which the pattern accepts
        return None
    rest = _IBAN_REST.match(view, start, start + 3 * wanted)
    if rest is None:
        return None
    letters = [place for place in range(start, rest.end()) if _ALNUM.match(view, place)]
    if len(letters) < wanted:
        return None
    end = letters[wanted - 1] + 1
    if _ALNUM.match(view, end):
        return None
    plain = "".join(view[place] for place in letters[:wanted])
    digits = sum(letter.isdigit() for letter in plain.translate(_LIKE_DIGITS))
    sure = is_iban(plain) or view[start : start + 2].isupper()
    return end if sure and digits > _FEWEST_DIGITS_OF_AN_IBAN * wanted else None


def _torn_size(text: str) -> int | None:
    """Return the length of the wallet address at the start of a text; None if there is none."""
    for piece in reversed(list(_PIECE_END.finditer(text))):
        if _is_torn_wallet(re.sub(r"\s", "", text[: piece.end()])):
            return piece.end()
    return None


def _is_torn_wallet(plain: str) -> bool:
    digits = sum(letter.isdigit() for letter in plain)
    match plain[0]:
        case "0" | "O" | "o":
            return len(plain) == _SIZE_OF_ETHEREUM
        case "b" | "B":
            return 38 <= len(plain) <= 64 and digits >= 4
        case _:
            mixed = plain.upper() != plain and plain.lower() != plain
            return 32 <= len(plain) <= 35 and mixed and digits >= 2


def _luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0
