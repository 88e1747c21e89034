"""Record that an advert shows danger to a person, or that such a signal was dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adverts.data.mapping.taxonomy import safeguarding_signals
from adverts.data.review.reviews import SAFEGUARDING, Review, append_reviews, read_reviews
from adverts.errors import InputError, plural
from adverts_findings.sharing.leaving.safeguarding import CLOSED, open_signals


def record_danger(
    path: Path, items: Sequence[str], word: str, *, by: str, account: str, why: str, at: str
) -> int:
    """Add a person's word on danger in adverts to the reviews, and return how many were added.

    A signal holds an advert back from every recipient until somebody says ``closed``. Whoever says
    either counts among its reviewers, so cannot approve a share of it.

    Args:
        path: File of the reviews.
        items: Names of the adverts in reviews, such as refusals state them.
        word: A signal of the taxonomy such as ``minor_present``, or ``closed``.
        by: Who says it.
        account: Account of the system that they say it with.
        why: Why, in words.
        at: When, ISO 8601 in UTC.

    Raises:
        InputError: The word is none, nobody has reviewed an advert, or it has no open signal to
            close. Nothing is recorded then.
        IntegrityError: A review was damaged.
    """
    known = safeguarding_signals()
    if word != CLOSED and word not in known:
        raise InputError(f"danger={word[:40]!r} is none of {CLOSED}, {', '.join(known)}")
    said = read_reviews(path)
    of_item = {name: [one for one in said if one.item == name] for name in dict.fromkeys(items)}
    unknown = [name for name, several in of_item.items() if not several]
    if unknown:
        raise InputError(
            f"{path} has no review of {plural(len(unknown), 'advert')}, such as "
            f"{unknown[0][:40]!r}; take names from keep/refused.csv of a share"
        )
    shut = [name for name, several in of_item.items() if not open_signals(several)]
    if word == CLOSED and shut:
        raise InputError(f"{shut[0]} has no open signal, so there is nothing to close")
    return append_reviews(
        path,
        [
            Review(
                item=name,
                task=SAFEGUARDING,
                label=word,
                reviewer=by,
                reviewed_at=at,
                blind=False,
                round=1,
                sample=several[-1].sample,
                design=several[-1].design,
                codebook=several[-1].codebook,
                note=why,
                account=account,
            )
            for name, several in of_item.items()
        ],
    )
