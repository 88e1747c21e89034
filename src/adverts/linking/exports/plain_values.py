"""Values that may leave with an export: short names, and tokens in place of ids and accounts."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from adverts.inputs.contacts.masking import find_contacts, mask_contacts

ADVERT, ACCOUNT = "a", "account:"
"""What the tokens of ids of adverts and of accounts begin with."""
WITHHELD = "withheld"
"""What stands in place of a value that is not what belongs there, and so may be a contact."""
_HEX_DIGITS = 32
_NAME = re.compile(r"\w[\w .()+-]{0,39}")
_MOST_DIGITS = 4
_TOKEN = r"\A(?:(?:[A-Z][A-Z_]{0,19}:|account:)[0-9a-f]{32}|[cit][0-9]{6,12}|[je][0-9a-f]{16})\z"
_NAMES = re.compile(r"\b[je][0-9a-f]{16}\b")
_HOST = re.compile(r"(?i)(?:[a-z0-9-]+\.)+[a-z]{2,}")


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


def plain_name(value: str) -> str:
    """Return the name of a platform or language, or :data:`WITHHELD` if it may be more.

    Columns of a source may hold anything. A name has at most 40 letters, spaces and few digits,
    begins with a letter or digit, and holds no contact; the name of a site is one.
    """
    is_name = _NAME.fullmatch(value) and sum(map(str.isnumeric, value)) <= _MOST_DIGITS
    if is_name and (_HOST.fullmatch(value) or not find_contacts(value)):
        return value
    return WITHHELD


def plain_tokens(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of tokens or names of things in the bank, anything else withheld.

    The bank holds nothing else where tokens belong; a damaged or foreign one might.
    """
    is_token = pc.match_substring_regex(column, _TOKEN)
    return pc.if_else(is_token, column, pa.scalar(WITHHELD))


def plain_names(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of names as :func:`plain_name` gives them."""
    return mapped(column, plain_name)


def plain_reasons(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of reasons as :func:`plain_reason` gives them."""
    return mapped(column, plain_reason)


def plain_reason(value: str) -> str:
    """Return why a link does not join, without contacts; names of judgements stay."""
    return value if not find_contacts(_NAMES.sub(" ", value)) else mask_contacts(value)


def mapped(column: pa.ChunkedArray, change: Callable[[str], str]) -> pa.ChunkedArray:
    """Return a column of texts, each different one changed once; missing ones stay missing."""
    whole = pc.dictionary_encode(column.combine_chunks())
    told = pa.array([change(one) for one in whole.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([told.take(whole.indices)], pa.string())


def account_values(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return tokens of accounts with ``account:`` in front, so that no program reads a number."""
    return pc.binary_join_element_wise(ACCOUNT, column, "")
