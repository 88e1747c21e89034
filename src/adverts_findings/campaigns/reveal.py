"""Whom a token of the bank stands for: contacts and accounts as the source has them.

The answer is for the eyes of the person who asked, and logged before it is given. Only tokens of
adverts that are in the bank are answered, so none of a candidate, or of an advert that is
restricted, barred or erased.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.data.mapping.read_unmasked import Unmasked, read_unmasked
from adverts.errors import InputError, plural, printable
from adverts.inputs.contacts.contact_tokens import account_token, contacts_of_tokens
from adverts.inputs.contacts.token_key import token_key_id
from adverts.scoring.evidence_reader import OpenedEvidence, open_evidence
from adverts_findings.campaigns.bank.asked_value import require_key_of_bank
from adverts_findings.campaigns.bank.overdue import not_overdue
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank_tables import LAST_DAYS
from adverts_findings.campaigns.build import memory_of
from adverts_findings.campaigns.desk import Desk
from adverts_findings.campaigns.entering.from_dataset import require_tokens
from adverts_findings.campaigns.entering.read_unmasked_scores import read_unmasked_scores
from adverts_findings.campaigns.exports.plain_values import ACCOUNT, account_values, advert_tokens
from adverts_findings.campaigns.originals.open_datasets import inputs_by_hash, names_in_bank

MOST_TOKENS, MOST_BYTES = 50, 100_000
"""Most tokens of one request, and bytes of the largest one."""
_READ = ("id", "contacts", "account", LAST_DAYS["adverts"])
_TOKEN = re.compile(
    r"(?:(?:PHONE|HANDLE|EMAIL|WALLET|LINK):|(?:account:)?)(?:[0-9a-f]{32}|[0-9a-f]{8})"
)
_IDENTITY, _ADVERT = re.compile(r"i[0-9]{6,12}"), re.compile(r"a[0-9a-f]{32}")
_SHOWN_FORMS, _SHOWN_IDS = 10, 5
_MOST_READ = 200
"""Most adverts of scores that are read for a token, since their pictures are read again."""


@dataclass(slots=True)
class Revealed:
    """Whom a token stands for.

    Attributes:
        token: The token, with its kind in front.
        adverts: Ids of the adverts of the bank that show it.
        written: Counts how often it is written in which way.
    """

    token: str
    adverts: frozenset[str]
    written: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        shown = f"{self.token}, in {plural(len(self.adverts), 'advert')}: "
        if not self.written:
            some = ", ".join(sorted(self.adverts)[:_SHOWN_IDS])
            return shown + (
                "not in a text of this source; it is on a picture, or another input brought it: "
                f"look at {printable(some)}"
            )
        forms = [printable(one) for one, _ in self.written.most_common(_SHOWN_FORMS)]
        more = len(self.written) - len(forms)
        return shown + "  |  ".join(forms) + (f"  and {more} more" if more else "")


def asked_tokens(given: bytes) -> tuple[str, ...]:
    """Return the tokens and names of identities that a person piped, each once, in order.

    Raises:
        InputError: There are none or too many, or one is no token; what was given is not repeated,
            since it may be a contact.
    """
    try:
        words = given[: MOST_BYTES + 1].decode("utf-8-sig").split()
    except UnicodeDecodeError:
        words = []
    tokens = tuple(dict.fromkeys(words))
    if not tokens or len(tokens) > MOST_TOKENS or len(given) > MOST_BYTES:
        raise InputError(f"give 1 to {MOST_TOKENS} tokens on standard input, in lines or spaces")
    for place, one in enumerate(tokens, start=1):
        if not any(form.fullmatch(one) for form in (_TOKEN, _IDENTITY, _ADVERT)):
            raise InputError(
                f"word {place} on standard input is no token: give them as exports and pages do, "
                "such as PHONE: and 8 or 32 hexadecimal digits, or an identity such as i000012"
            )
    return tokens


def tokens_in_bank(
    asked: Sequence[str], adverts: pa.Table, identities: pa.Table, *, key: bytes
) -> tuple[Revealed, ...]:
    """Return the tokens of the bank that were asked for, and which adverts show each.

    Args:
        asked: Tokens, whole or with 8 digits as on pages, names of identities, and tokens that
            stand for adverts in exports.
        adverts: Columns ``id``, ``contacts`` and ``account`` of the adverts of the bank.
        identities: Columns ``identity``, ``kind`` and ``value`` of its identities.
        key: Secret key of the tokens.

    Raises:
        InputError: The bank does not hold one of them, or one has 8 digits of several tokens.
    """
    tokens, ids = _shown(adverts)
    named = {
        one["identity"]: ACCOUNT * (one["kind"] == "account") + one["value"]
        for one in identities.to_pylist()
    }
    adverts_of = _adverts_of(adverts["id"], key) if any(map(_ADVERT.fullmatch, asked)) else {}
    found = {}
    for one in asked:
        if one in adverts_of:
            name = adverts_of[one]
            found[one] = Revealed(one, frozenset([name]), Counter([name]))
        else:
            token = _meant(named.get(one, one), one, tokens)
            shown_in = ids.filter(pc.equal(tokens, token)).to_pylist()
            found[token] = Revealed(token, frozenset(shown_in))
    return tuple(found.values())


def _adverts_of(ids: pa.ChunkedArray, key: bytes) -> Mapping[str, str]:
    """Return the id of each advert by the token that stands for it in exports."""
    tokens = advert_tokens(ids.combine_chunks(), key).to_pylist()
    return dict(zip(tokens, ids.to_pylist(), strict=True))


def _shown(adverts: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Return all tokens of contacts and accounts, and the id of an advert that shows each."""
    ids = adverts["id"].combine_chunks()
    lists = adverts["contacts"].combine_chunks()
    accounts = account_values(adverts["account"]).combine_chunks()
    owners = ids.take(pc.list_parent_indices(lists))
    return pa.concat_arrays([pc.list_flatten(lists), accounts]), pa.concat_arrays([owners, ids])


def _meant(token: str, asked: str, tokens: pa.Array) -> str:
    """Return the one token of the bank that a person means by its beginning."""
    begins = token if ":" in token else ACCOUNT + token
    found: list[str] = []
    if _TOKEN.fullmatch(begins):
        found = pc.unique(tokens.filter(pc.starts_with(tokens, begins))).to_pylist()
    if len(found) == 1:
        return found[0]
    how = f"is the beginning of {len(found)} tokens" if found else "is not in the bank"
    raise InputError(f"{asked} {how}; give a token of an export, or an identity such as i000012")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the adverts of a bank came from.

    Attributes:
        prepared: Folders of prepared datasets.
        root: Folder that these were prepared from; None where there are none.
        scores: Folders or addresses of scores with evidence, whose plans name their source.
    """

    prepared: Sequence[Path] = ()
    root: Path | None = None
    scores: Sequence[str] = ()


def reveal(desk: Desk, given: bytes, sources: Sources, *, key: bytes) -> tuple[Revealed, ...]:
    """Return whom tokens stand for; the look is logged before a contact is read.

    Of the adverts of scores that show a token, at most 200 are read.

    Args:
        desk: Who asks, why, and of which bank.
        given: The tokens that were piped.
        sources: Where the adverts came from.
        key: Secret key of the tokens.

    Raises:
        InputError: There is no bank, the key is another one, a token is not in the bank, no reason
            is given, the bank was not built from a dataset, or an input or its source cannot be
            used.
        IntegrityError: The bank or an input is damaged.
    """
    asked = asked_tokens(given)
    if not desk.why.strip():
        raise InputError("whom a token stands for is only said for a reason: give why=")
    with open_bank(desk.folder) as bank:
        builds = bank.table("builds")
        require_key_of_bank(key, memory_of({"builds": builds}).token_key_id)
        revealed = tokens_in_bank(
            asked,
            not_overdue(bank.table("adverts", _READ), desk.now.date()),
            bank.table("identities", ("identity", "kind", "value")),
            key=key,
        )
    datasets = [_opened(one, builds, key) for one in sources.prepared]
    folders = [
        open_evidence(
            one if "://" in one else str(Path(one).absolute()),
            today=desk.now.date(),
            token_key_id=token_key_id(key),
            needs_clusters=False,
        )
        for one in sources.scores
    ]
    desk.log("reveal", " ".join(one.token for one in revealed))
    for row in _rows(revealed, datasets, sources.root, folders):
        _add(row, revealed, key)
    return revealed


def _opened(folder: Path, builds: pa.Table, key: bytes) -> PreparedDataset:
    """Return a dataset of which the bank was built, with tokens of the key."""
    dataset = open_prepared(folder)
    require_tokens(dataset, str(folder), key)
    names_in_bank(dataset, folder, inputs_by_hash(builds))
    return dataset


def _rows(
    revealed: Sequence[Revealed],
    datasets: Sequence[PreparedDataset],
    root: Path | None,
    folders: Sequence[OpenedEvidence],
) -> Iterator[Unmasked]:
    """Yield adverts that show what was asked for, as their sources have them."""
    asked = [sorted(one.adverts) for one in revealed if not one.written]
    every = frozenset(name for names in asked for name in names)
    some = frozenset(name for names in asked for name in names[:_MOST_READ])
    if not every:
        return
    for dataset in datasets:
        if root is None:
            raise InputError(f"give source=, the folder that {dataset.path} was prepared from")
        yield from read_unmasked(dataset, root, every)
    for folder in folders:
        yield from read_unmasked_scores(folder, some)


def _add(row: Unmasked, revealed: Sequence[Revealed], key: bytes) -> None:
    """Add how the tokens that an advert shows are written in it."""
    of_token = {one.token: one for one in revealed if row.id in one.adverts}
    found = [one for text in row.texts for one in contacts_of_tokens(text, of_token, key=key)]
    if row.account is not None:
        found.append((ACCOUNT + account_token(row.account, key=key), row.account))
    for token, written in found:
        if token in of_token:
            of_token[token].written[written] += 1
