"""Values that may leave with an export: short names, and tokens in place of ids and accounts."""

from __future__ import annotations

import hmac
import re

import pyarrow as pa
import pyarrow.compute as pc

from adverts.inputs.contacts.masking import find_contacts, mask_contacts
from adverts.inputs.contacts.plain_names import WITHHELD
from adverts_findings.campaigns.plain_names import mapped

ADVERT, ACCOUNT = "a", "account:"
"""What the tokens of ids of adverts and of accounts begin with."""
_HEX_DIGITS = 32
_TOKEN = r"\A(?:(?:[A-Z][A-Z_]{0,19}:|account:)[0-9a-f]{32}|[cit][0-9]{6,12}|[je][0-9a-f]{16})\z"
_NAMES = re.compile(r"\b[je][0-9a-f]{16}\b")


def advert_tokens(ids: pa.Array, key: bytes) -> pa.Array:
    """Return a token of each id of an advert, ``a`` and 32 hexadecimal digits.

    An id that a source gave may be the address of a posting or hold a contact. Only the owner of
    the key can find out which advert a token stands for.

    Args:
        ids: Ids of adverts.
        key: Secret key of the tokens of the bank.
    """
    return pa.array([_token(one, key) for one in ids.to_pylist()], pa.string())


def _token(name: str, key: bytes) -> str:
    message = b"id of an advert\0" + name.encode("utf-8", "surrogatepass")
    return ADVERT + hmac.digest(key, message, "sha256").hex()[:_HEX_DIGITS]


def plain_tokens(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of tokens or names of things in the bank, anything else withheld.

    The bank holds nothing else where tokens belong; a damaged or foreign one might.
    """
    is_token = pc.match_substring_regex(column, _TOKEN)
    return pc.if_else(is_token, column, pa.scalar(WITHHELD))


def plain_reasons(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of reasons as :func:`plain_reason` gives them."""
    return mapped(column, plain_reason)


def plain_reason(value: str) -> str:
    """Return why a link does not join, without contacts; names of judgements stay."""
    return value if not find_contacts(_NAMES.sub(" ", value)) else mask_contacts(value)


def account_values(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return tokens of accounts with ``account:`` in front, so that no program reads a number."""
    return pc.binary_join_element_wise(ACCOUNT, column, "")
