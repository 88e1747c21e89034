"""Evidence between two adverts in words, and the line of a judgement that speaks of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adverts.errors import plural
from adverts.files.delimited import delimited, guarded
from adverts_findings.campaigns.judgements.judgements import Said
from adverts_findings.campaigns.pages.shown_values import shortened, span, thing

CSV_HEADER = "said,first,second,by,at,why"
"""First line of a CSV file of judgements."""
_ALSO = {
    "contact": "a contact",
    "account": "the account",
    "link_target": "a link target",
    "template": "the template",
    "judged": "a person's word",
}
_AGAINST = {
    "contact": "their contacts",
    "account": "their accounts",
    "link_target": "their link targets",
    "template": "their templates",
    "judged": "what people said",
}


def evidence_words(
    kind: str,
    value: str,
    *,
    adverts: int,
    accounts: int,
    silence_days: float | None,
    across: bool | None,
    also: Sequence[str],
    against: Sequence[str],
) -> str:
    """Return the evidence of an edge in words.

    Example: ``one phone number, shown by 3 accounts in 12 adverts of the bank, silent for 5 weeks
    in between``.

    Args:
        kind: Kind of the edge.
        value: What is shared.
        adverts: Number of adverts of the whole bank that show it.
        accounts: Number of accounts of the whole bank that show it.
        silence_days: Days in between without it; None if a time is not known.
        across: Whether both adverts are of different platforms; None if a platform is not known.
        also: Other kinds of evidence in which both sides agree.
        against: Other kinds of evidence that both sides show and in which they differ.
    """
    if kind == "judged":
        return f"a person's judgement, {shortened(value)}"
    parts = [_shared(kind, value, adverts=adverts, accounts=accounts)]
    if silence_days is None:
        parts.append("at a time that is not known")
    elif silence_days >= 1:
        parts.append(f"silent for {span(silence_days)} in between")
    else:
        parts.append("with less than a day in between")
    if across is None:
        parts.append("on a platform that is not known")
    elif across:
        parts.append("on two platforms")
    if also:
        parts.append(f"and {_listed(_ALSO[one] for one in also)} in common too")
    words = ", ".join(parts)
    if against:
        words += f"; both sides differ in {_listed(_AGAINST[one] for one in against)}"
    return words


def _listed(words: Iterable[str]) -> str:
    told = list(words)
    return " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)


def _shared(kind: str, value: str, *, adverts: int, accounts: int) -> str:
    shown = f"in {plural(adverts, 'advert')} of the bank"
    by = f"shown by {plural(accounts, 'account')} {shown}"
    if kind == "account":
        return f"one account, {shown}"
    if kind == "template" and value.startswith("picture:"):
        return f"one picture, {by}"
    return f"one {thing(kind, value)}, {by}"


def judgement_line(said: Said, first: str, second: str) -> str:
    """Return a line of a CSV file of judgements, in which a person adds who they are and why."""
    cells = [guarded(cell) for cell in (said, first, second)]
    return delimited([[*cells, "", "", ""]], line_end="").decode()
