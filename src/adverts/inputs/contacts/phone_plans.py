"""Number of digits of phone numbers by country, and national digits of a number."""

from __future__ import annotations

INTERNATIONAL_MAX = 15
"""Most digits of any number, including the calling code (ITU-T E.164)."""
NATIONAL_MIN, NATIONAL_MAX = 10, 11
"""Fewest and most digits of a national number with its leading zero, in most countries."""

_CODES_BY_SIZE = {
    7: "291 372 961",
    8: "216 291 370 371 372 373 374 382 383 386 387 389 45 47 65 852 961 965 968 973 974 252 355",
    9: "20 212 213 218 221 223 224 225 233 237 243 249 251 252 254 255 256 260 263 27 31 32 33 34 "
    "51 82 351 352 353 355 358 359 36 380 381 385 375 40 41 420 421 43 46 48 49 56 57 61 64 66 84 "
    "93 94 962 963 964 966 967 970 971 972 992 993 994 995 996 998",
    10: "1 7 81 82 20 30 31 39 43 44 49 52 53 54 55 57 58 60 62 63 84 86 90 91 92 95 98 880 964 "
    "977 234 225 251 358",
    11: "49 86 62 55",
}
"""Maps the number of digits after the calling code to calling codes, some in several entries."""


def _plans() -> dict[str, tuple[int, int]]:
    plans: dict[str, tuple[int, int]] = {}
    for size, codes in sorted(_CODES_BY_SIZE.items()):
        for code in codes.split():
            plans[code] = (plans.get(code, (size, size))[0], size)
    return plans


_PLANS = _plans()
_OTHER_CODES = 3


def calling_code(digits: str) -> str | None:
    """Return the calling code at the start of an international number without + or 00.

    The result is None for the many codes of three digits that are not in the table.
    """
    return next((digits[:size] for size in (1, 2, 3) if digits[:size] in _PLANS), None)


def international_sizes(digits: str) -> tuple[int, int]:
    """Return the fewest and the most digits of the number that begins with these digits.

    Args:
        digits: Start of the number without + or 00. A trunk zero after the code counts.
    """
    code = calling_code(digits)
    if code is None:
        return NATIONAL_MIN, INTERNATIONAL_MAX
    trunk = digits[len(code) : len(code) + 1] == "0"
    fewest, most = _PLANS[code]
    return len(code) + fewest + trunk, min(INTERNATIONAL_MAX, len(code) + most + trunk)


def national_digits(digits: str, *, is_international: bool) -> str:
    """Return the digits of a number without calling code and leading zeros.

    Without a plus or ``00``, digits that may be a calling code are removed only if the number of
    digits fits that country.

    Args:
        digits: All digits of the number, including ``00``.
        is_international: Whether a plus precedes the digits.
    """
    if digits.startswith("00"):
        digits, is_international = digits[2:], True
    code = calling_code(digits)
    if code is None and is_international:
        code = digits[:_OTHER_CODES]
    fewest, most = international_sizes(digits)
    fits = (
        calling_code(digits) is not None and len(code or "") > 1 and fewest <= len(digits) <= most
    )
    if code is not None and (is_international or fits):
        digits = digits[len(code) :]
    return digits.lstrip("0")
