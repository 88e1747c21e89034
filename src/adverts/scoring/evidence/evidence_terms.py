"""Terms of the evidence of a plan: until when it may be kept, and which key made its tokens."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass

from adverts.config.overrides import shell_word
from adverts.errors import InputError, IntegrityError
from adverts.files.staging import open_private
from adverts.work.units.place import Place, aside
from adverts.work.units.plan import Plain, Plan

EVIDENCE = "evidence"
"""Folder of the files of evidence."""
CLUSTERS = "clusters.parquet"
PURGED = "evidence_purged.json"
"""Says that the evidence was removed, so that its files are not missed."""
EXPIRES = "evidence_expires"
CONTENT = "content"
"""Setting of a plan with evidence: what reads its adverts again, and the labels of their model."""
_AS_PLANNED = (EXPIRES, CONTENT)
"""Settings that stay as they were first planned, on that day and that machine."""


@dataclass(frozen=True, slots=True)
class EvidenceTerms:
    """Terms of evidence, which stand in the plan and in every file.

    Attributes:
        expires: Last day on which the evidence may be used, in UTC.
        token_key_id: Id of the key of its tokens.
    """

    expires: datetime.date
    token_key_id: str

    def is_over(self, today: datetime.date) -> bool:
        """Return whether the evidence has expired."""
        return today > self.expires

    def metadata(self) -> dict[str, str]:
        """Return the terms as metadata of a Parquet file."""
        return {
            "access": "restricted",
            "expires": self.expires.isoformat(),
            "token_key_id": self.token_key_id,
        }


def evidence_settings(days: int, token_key_id: str, today: datetime.date) -> dict[str, Plain]:
    """Return the settings of a plan with evidence that is made today.

    Args:
        days: For how many days it may be used.
        token_key_id: Id of the key of its tokens.
        today: Day of the plan, in UTC.
    """
    return {
        "evidence": "restricted",
        "evidence_days": days,
        EXPIRES: (today + datetime.timedelta(days=days)).isoformat(),
        "token_key_id": token_key_id,
    }


def terms_of(plan: Plan) -> EvidenceTerms | None:
    """Return the terms of the evidence of a plan; None if it has none.

    Raises:
        IntegrityError: The plan has no readable terms.
    """
    if plan.settings.get("evidence") != "restricted":
        return None
    try:
        expires = datetime.date.fromisoformat(str(plan.settings[EXPIRES]))
        return EvidenceTerms(expires, str(plan.settings["token_key_id"]))
    except (KeyError, ValueError):
        raise IntegrityError("the plan does not say when its evidence expires") from None


def settings_of(plan: Plan, settings: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return settings of now, with those that stay as a plan that was made before has them."""
    kept = {name: plan.settings[name] for name in _AS_PLANNED if name in plan.settings}
    return {name: one for name, one in settings.items() if name not in _AS_PLANNED} | kept


def is_purged(place: Place) -> bool:
    """Return whether the evidence of a place was removed, or its removal has begun."""
    return PURGED in place.sizes("")


def require_kept(place: Place, terms: EvidenceTerms, today: datetime.date) -> None:
    """Refuse evidence that was removed, or that has expired.

    Raises:
        InputError: It may not be used any more; the message says since when.
    """
    if is_purged(place):
        raise InputError(
            f"the evidence of {place} was removed; score the adverts into another folder to have "
            "it again"
        )
    if terms.is_over(today):
        raise InputError(
            f"the evidence of {place} expired after {terms.expires}; remove it with adverts score "
            f"{shell_word('scores', str(place))} purge=expired, and score the adverts into another "
            "folder"
        )


def purge(place: Place, today: datetime.date) -> int:
    """Remove the evidence of a place and its clusters, and return how many files were removed.

    What is left after a kill is removed by the next call. The scores stay as they are.

    Raises:
        InputError: A link is among them, behind which evidence would be left; nothing is removed.
    """
    place.sizes(EVIDENCE)
    if not is_purged(place):
        with aside(place) as folder:
            written = folder / PURGED
            with open_private(written) as file:
                file.write(json.dumps({"purged": today.isoformat()}).encode() + b"\n")
            place.create(PURGED, written)
    names = [f"{EVIDENCE}/{name}" for name in place.sizes(EVIDENCE)]
    names += [CLUSTERS] if CLUSTERS in place.sizes("") else []
    for name in names:
        place.remove(name)
    place.sweep()  # what killed processes left aside may be evidence
    return len(names)


def evidence_line(place: Place, terms: EvidenceTerms, today: datetime.date) -> str:
    """Return the line of a status that says until when the evidence may be used."""
    if is_purged(place):
        return "evidence: removed"
    if terms.is_over(today):
        return (
            f"evidence: expired after {terms.expires}; remove it with adverts score "
            f"{shell_word('scores', str(place))} purge=expired"
        )
    left = (terms.expires - today).days
    return f"evidence: restricted, until {terms.expires} ({left:,} days left)"
