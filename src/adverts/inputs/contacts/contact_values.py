"""One value for a contact, however it is written: what makes two of them the same."""

from __future__ import annotations

import re

from adverts.inputs.contacts.account_rules import has_size_of_iban, is_iban
from adverts.inputs.contacts.contact_rules import BENT_AT, BENT_DOT
from adverts.inputs.contacts.digit_view import digit_view
from adverts.inputs.contacts.letters_for_digits import as_digits
from adverts.inputs.contacts.link_values import link_value
from adverts.inputs.contacts.phone_plans import national_digits
from adverts.inputs.letters.marks import normal

_LIKE_DIGITS = dict(zip("OoQIl|SsBZ", "0001115582", strict=True))
_AROUND = "@©® "


def canonical_value(kind: str, text: str) -> tuple[str, str]:
    """Return kind and value of a contact, equal for equal contacts.

    Phones are their national digits without the leading zero, so that the international and the
    national form are the same. A handle is its name: the same name on two networks counts as the
    same, since advertisers keep one name and texts seldom say the network. A link to a profile is
    therefore that handle, and a link that opens a chat with a number is that phone.

    Args:
        kind: Kind of contact that masking found.
        text: The contact as it stands in the text.
    """
    plain, _ = digit_view(text)
    match kind:
        case "PHONE":
            return kind, phone_value(plain)
        case "HANDLE":
            return kind, handle_value(plain)
        case "LINK":
            return _link(plain)
        case "EMAIL":
            return kind, _email(plain)
        case "WALLET":
            return kind, _account(plain)
        case _:
            return kind, _digits_undone(re.sub(r"[\W_]", "", plain.replace("|", "I"))).upper()


def phone_value(text: str) -> str:
    """Return the national digits of a phone number without leading zeros."""
    digits = as_digits(text)
    is_international = re.match(r"[\s(\[]*\+|plus\s", text, re.IGNORECASE) is not None
    return national_digits(digits, is_international=is_international) or digits


def handle_value(text: str) -> str:
    """Return the name of a handle in lower case, without its sign."""
    name = normal("NFKC", text).casefold()
    return re.sub(r"\s", "", name).strip(_AROUND).rstrip(".")


def _link(text: str) -> tuple[str, str]:
    kind, value = link_value(BENT_DOT.sub(".", text))
    match kind:
        case "PHONE":
            return kind, phone_value(value)
        case "HANDLE":
            return kind, handle_value(value)
        case _:
            return kind, value


def _email(text: str) -> str:
    text = BENT_DOT.sub(".", BENT_AT.sub("@", text))
    text = re.sub(r"\s", "", text).lower().removeprefix("mailto:")
    name, sign, host = text.partition("@")
    if not sign:  # an @ that was read as Q
        name, _, host = text.rpartition("q")
    return f"{name}@{host.replace(',', '.')}"


def _account(text: str) -> str:
    plain = re.sub(r"[\s.\-]", "", text)
    mended = _digits_undone(plain[:2].upper() + _as_digits(plain[2:4]) + plain[4:])
    if has_size_of_iban(mended):
        return plain.upper() if is_iban(plain) else mended.upper()
    if re.match("[0Oo]x", plain):
        return "0x" + plain[2:].lower()
    if plain[:2].lower() == "bc":
        return "bc1" + plain[3:].lower()
    return plain  # other letters are another wallet


def _as_digits(text: str) -> str:
    return "".join(_LIKE_DIGITS.get(letter, letter) for letter in text)


def _digits_undone(text: str) -> str:
    """Turn letters that look like digits back where a digit stands before them."""
    done = ""
    for letter in text:
        done += _LIKE_DIGITS.get(letter, letter) if done[-1:].isdigit() else letter
    return done
