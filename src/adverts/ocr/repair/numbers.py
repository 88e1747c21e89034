"""Repair prices in which digits and currency signs were read as letters."""

from __future__ import annotations

import re
from collections import Counter

_START = r"(?<![\w#/.-])"
_END = r"(?!\w|[-/.,:]\w)"
_FORMAL = rf"(?:\d{{1,3}}(?:[.,][\dOo]{{3}})+|\d{{2,5}}[.,]\d{{2}}){_END}"
_POUND_LIKE = re.compile(rf"{_START}[fL#](?={_FORMAL})")
_EURO_LIKE = re.compile(rf"{_START}[eC](?={_FORMAL})")
_FORMAL_E = re.compile(rf"{_START}E(?={_FORMAL})")
_ROUND_E = re.compile(rf"{_START}E(?=[1-9]\d{{1,2}}00{_END})")
_RANGE = re.compile(r"(?P<sign>[£€])(?P<rest>\s?\d[\d.,]*\s?[-–]\s?)[EeCfL#](?=\d{2})")
_RANGE_OF_E = re.compile(rf"{_START}E(?P<rest>\d{{3,5}}\s?[-–]\s?)E(?=\d{{3,5}}{_END})")
_NAMES_OF_PRICES = (
    "(?i:adults?|child(?:ren)?|kids?|price|cost|fee|deposit|çmimi|prix|tarif|fiyat|giá)"
)
_WORDS_BEFORE = "(?i:from|for|only|just|pay|nga|vetëm|dès|pour|sadece|từ|chỉ)"
_WORDS_AFTER = "(?i:each|pp|per person|per head|cash|only)"
_PRICED_E = re.compile(
    rf"(?<!\w)(?P<before>{_NAMES_OF_PRICES}:? |{_WORDS_BEFORE} (?=E ?\d[\dOo]{{2}}))"
    rf"E(?= ?\d[\dOo]{{1,4}}{_END})"
    rf"|{_START}E(?= ?\d[\dOo]{{1,4}} {_WORDS_AFTER}(?!\w))"
)
_POUNDS = re.compile(r"£|(?<!\w)(?:GBP|[Pp]ounds?|[Pp]aund)(?!\w)")
_EUROS = re.compile(r"€|(?<!\w)(?:EUR|[Ee]uros?)(?!\w)")
_LIRA_LIKE = re.compile(r"(?<![^\W\d])も(?=\d{2})")
_ARABIC, _PERSIAN = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"
_KINDS = ("0123456789", _ARABIC, _PERSIAN)
_DIGIT = f"[0-9{_ARABIC}{_PERSIAN}]"
_POUND_AS_FOUR = re.compile(r"(?<![\w.,])([0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]{2,})[۴٤](?![\w.,])")
_MIXED_RUN = re.compile(rf"{_DIGIT}+(?:[.,٫٬]{_DIGIT}+)*")


def letters_for_signs(text: str) -> str:
    """Write £ for f L # E, and € for e C E, directly before an amount if the line confirms it.

    This applies to the second sign of a range, ``£900-E950``. It also applies to an amount with
    marked thousands or pence, in a line that names that currency and not the other. Roads, models
    and times such as ``M25``, ``L200`` and ``E5`` do not change.
    """
    text = _RANGE.sub(lambda pair: pair["sign"] + pair["rest"] + pair["sign"], text)
    pounds, euros = _POUNDS.search(text), _EUROS.search(text)
    if pounds and not euros:
        text = _POUND_LIKE.sub("£", text)
    if euros and not pounds:
        text = _FORMAL_E.sub("€", _EURO_LIKE.sub("€", text))
    return text


def pounds_read_as_e(text: str) -> str:
    """Write £ for an E before what can only be a price, in a line that names no euros.

    An English model without £ reads it as E, and reads € correctly. The amount has marked thousands
    or pence or is a round number of thousands or hundreds. Or it belongs to a range of two, or is
    next to a price word. ``E5``, ``E40`` and ``from E14`` may be roads and districts.
    """
    if _EUROS.search(text):
        return text
    text = _RANGE_OF_E.sub(r"£\g<rest>£", text)
    text = _PRICED_E.sub(lambda priced: (priced["before"] or "") + "£", text)
    return _ROUND_E.sub("£", _FORMAL_E.sub("£", text))


def lira_read_as_kana(text: str) -> str:
    """Write ₺ for the Japanese も before an amount, as which a Chinese and Latin model reads it."""
    return _LIRA_LIKE.sub("₺", text)


def four_for_pound(text: str) -> str:
    """Write £1500 for ``1500۴``, in which the sign left of European digits was read as a digit."""
    return _POUND_AS_FOUR.sub(r"£\1", text)


def one_kind_of_digits(text: str) -> str:
    """Write a number with mixed kinds of digits in its most frequent kind; in ASCII on a tie."""
    return _MIXED_RUN.sub(_in_one_kind, text)


def _in_one_kind(run: re.Match[str]) -> str:
    kinds = Counter(
        number for letter in run.group() for number, kind in enumerate(_KINDS) if letter in kind
    )
    if len(kinds) == 1:
        return run.group()
    (first, most), (_, second) = kinds.most_common(2)
    wanted = _KINDS[first if most > second else 0]
    return "".join(wanted[int(letter)] if letter.isdecimal() else letter for letter in run.group())


_SIGN = "[£€$₺]"
_CODE = "(?:GBP|EUR|USD|TRY|VND|ALL|PLN|IQD|AFN|TL)"
_WORD = (
    r"(?i:euros?|eurosh?|avro|pounds?|paund\w{0,3}|quid|dollars?|dollarë|dolar\w{0,3}|livres?|"
    r"sterlin\w{0,3}|lekë?|lira\w{0,3}|zł|dong|đồng|đ|vnđ|bảng|"
    r"يورو|یورو|یۆرۆ|جنيه|باوند|پوند|پاوەند|پاوند|پونډ\w?|دينار|دینار|تومان|ریال|ريال|ليرة|لیره|"
    r"دولار|دلار|دۆلار|ډالر\w?|درهم|افغانی|افغانۍ)"
)
_AFTER = rf"(?=\s?(?:{_SIGN}|(?:{_CODE}|{_WORD})(?!\w)))"
_BEFORE = rf"(?<![\w@])(?:{_SIGN}|{_CODE}(?=\s))\s?"

_LETTERS = str.maketrans("OoDlISB", "0001158")
_LIKE = "[0-9OoDlISB]"
_AMOUNT = rf"(?P<amount>{_LIKE}+(?:[.,]{_LIKE}+)*)(?![\w@]|[.,]\w)"
_SIGNED = re.compile(_BEFORE + _AMOUNT)
_NAMED = re.compile(rf"(?<![\w@#+/.,:|-])(?![SB]){_AMOUNT}{_AFTER}")
_PLAUSIBLE = re.compile(r"(?!O?\d*$|[OoD](?![.,]))(?=\D*\d)(?=.*[\dOo].*[\dOo]).*[\dOo]")


def letters_in_prices(text: str) -> str:
    """Write digits for O o D l I S B within an amount that is next to its currency.

    The amount must hold a digit, hold two if O counts as one, and end in one, since ``£5B`` may
    mean billions. Before a currency it must not begin with S or B: ``B50 euro`` may be a room.
    """
    return _NAMED.sub(_as_amount, _SIGNED.sub(_as_amount, text))


def _as_amount(match: re.Match[str]) -> str:
    amount, start = match["amount"], match.start("amount") - match.start()
    if not _PLAUSIBLE.fullmatch(amount):
        return match.group()
    whole = match.group()
    return whole[:start] + amount.translate(_LETTERS) + whole[start + len(amount) :]


_OWN = f"[{_ARABIC}{_PERSIAN}]"
_OWN_LIKE = "[هەاoO]"
_OWN_RUN = rf"(?<!\w){_OWN}(?:{_OWN_LIKE}?{_OWN})+(?!\w)"
_OWN_PRICE = re.compile(rf"{_BEFORE}{_OWN_RUN}|{_OWN_RUN}{_AFTER}")
_OWN_PHONE = re.compile(rf"(?<!\w)(?:\+ ?|(?=[٠۰])){_OWN}(?:[ -]?{_OWN_LIKE}?{_OWN}){{8,14}}(?!\w)")
_OWN_LETTER = re.compile(rf"(?<={_OWN}){_OWN_LIKE}(?={_OWN})")


def letters_in_arabic_digits(text: str) -> str:
    """Write ٥ for ه, ١ for ا and ٠ for O between Arabic or Persian digits of a price or phone."""
    return _OWN_PHONE.sub(_own_digits, _OWN_PRICE.sub(_own_digits, text))


def _own_digits(run: re.Match[str]) -> str:
    kind = _PERSIAN if set(_PERSIAN) & set(run.group()) else _ARABIC
    values = {"ه": kind[5], "ە": kind[5], "ا": kind[1], "o": kind[0], "O": kind[0]}
    return _OWN_LETTER.sub(lambda letter: values[letter.group()], run.group())


_SPACED = re.compile(
    rf"{_SIGN}\s?\d{{1,3}} [.,][\dOo]{{3}}(?!\w)"
    rf"|(?<![\d.,])(?<!\d )\d{{1,3}} [.,][\dOo]{{3}}(?!\d){_AFTER}"
)


def space_in_prices(text: str) -> str:
    """Write ``£1,500`` for ``£1 ,500``: remove a space before the thousands mark, near a currency.

    A space after the mark stays, since it may separate two numbers. So does one after the sign.
    """
    return _SPACED.sub(lambda price: price.group().replace(" ,", ",").replace(" .", "."), text)
