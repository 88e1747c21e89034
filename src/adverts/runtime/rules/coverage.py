"""The languages, scripts and modalities of adverts for which a gate found a model fit for use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from adverts.advert import Advert
from adverts.errors import IntegrityError
from adverts.files.bounded_reading import parse_json
from adverts.runtime.manifest import COVERAGE_NAME
from adverts.runtime.rules.languages import Language

SCHEMA_VERSION = 2
MAX_SLICES = 5_000
"""Most slices of one gate; each advert is compared with all of them."""
_LONGEST_TAG = 100
CoverageStatus = Literal["supported", "experimental", "abstain"]
UNKNOWN = "unknown"
"""Used in place of a language or a script that is not known."""
_STATUSES = get_args(CoverageStatus)
_NO_EVIDENCE = "no gate has judged such adverts"
_FIELDS = ("language", "script", "modality", "status", "reason")


@dataclass(frozen=True, slots=True)
class CoveredSlice:
    """What a gate reports about adverts of one language, script and modality.

    Attributes:
        language: BCP-47 tag, or :data:`UNKNOWN`.
        script: ISO 15924 code of most letters, or :data:`UNKNOWN`.
        modality: Parts that the adverts have, see :func:`modality_of`.
        status: ``supported``: judged and good enough; ``experimental``: not judged by itself;
            ``abstain``: left to people.
        reason: Reason for the status, for people.
    """

    language: str
    script: str
    modality: str
    status: CoverageStatus
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The slices that a gate reported; adverts of any other slice are left to people.

    Without any slice, no advert is left to people because of its slice. This is so before a bundle
    is promoted, and after a gate that does not divide adverts into slices.
    """

    slices: tuple[CoveredSlice, ...] = ()

    def find(self, language: Language, modality: str) -> CoveredSlice | None:
        """Return the slice of an advert, by its language, script and modality.

        The language is looked up as it is given, then without its last part, and so on:
        ``pa-Guru-IN``, ``pa-Guru``, ``pa``. Script and modality must match exactly: Punjabi in
        Arabic letters is another slice than in Gurmukhi, and Arabic in Latin letters another than
        in Arabic ones. Upper and lower case are equal. An unknown language or script matches only
        slices for which the gate did not know it either. A slice that no gate judged is
        ``abstain``.

        Returns:
            The slice; None where the gate reported no slice at all.

        Source: RFC 4647, section 3.4 (lookup).
        """
        if not self.slices:
            return None
        known = {
            (one.language.lower(), one.script.lower(), one.modality): one for one in self.slices
        }
        told, script = language.tag or UNKNOWN, language.script or UNKNOWN
        for tag in wider_tags(told.lower()):
            if (tag, script.lower(), modality) in known:
                return known[tag, script.lower(), modality]
        return CoveredSlice(told, script, modality, "abstain", _NO_EVIDENCE)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        value = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Coverage:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: The text is not a coverage, or is of another schema version.
        """
        try:
            raw = parse_json(text)
            if not isinstance(raw, dict):
                raise ValueError("wanted an object")
            if raw["schema_version"] != SCHEMA_VERSION:
                raise ValueError(f"schema_version {raw['schema_version']!r}")
            slices = tuple(_slice(one) for one in raw["slices"])
            if len(slices) > MAX_SLICES:
                raise ValueError(f"{len(slices)} slices, wanted at most {MAX_SLICES}")
            return cls(slices)
        except (KeyError, TypeError, ValueError) as error:
            raise IntegrityError(f"{COVERAGE_NAME} is not valid ({error})") from error


def modality_of(advert: Advert) -> str:
    """Return which parts an advert has: ``text``, ``image``, ``text+image`` or ``empty``.

    Text that was read from a picture shows that there was one.
    """
    pictured = bool(advert.images) or advert.ocr_text is not None
    parts = [name for name, there in (("text", bool(advert.text)), ("image", pictured)) if there]
    return "+".join(parts) or "empty"


def wider_tags(tag: str) -> Iterator[str]:
    """Yield a BCP-47 tag, then the tag without its last part, and so on; nothing if too long."""
    while 0 < len(tag) <= _LONGEST_TAG:  # a longer one is not a tag, and has too many parts
        yield tag
        tag = tag.rpartition("-")[0]


def _slice(raw: dict[str, str]) -> CoveredSlice:
    if set(raw) != set(_FIELDS) or not all(isinstance(value, str) for value in raw.values()):
        raise ValueError(f"a slice must have the texts {', '.join(_FIELDS)}, found {sorted(raw)}")
    for status in _STATUSES:
        if raw["status"] == status:
            return CoveredSlice(
                raw["language"], raw["script"], raw["modality"], status, raw["reason"]
            )
    raise ValueError(f"status {raw['status']!r}, wanted one of {', '.join(_STATUSES)}")
