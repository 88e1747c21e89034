"""Under which conditions the adverts of a bank may be used, by the input that each came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pyarrow as pa

from adverts.config.overrides import shell_word
from adverts.data.dataset.dataset_manifest import Terms
from adverts.errors import InputError
from adverts.scoring.collection import Collection, open_collection
from adverts.scoring.evidence.evidence_terms import CONTENT, is_purged, terms_of
from adverts.scoring.evidence_reader import OpenedEvidence
from adverts.work.units.place import open_place
from adverts_findings.campaigns.originals.open_datasets import inputs_by_hash
from adverts_findings.config.sharing import Sensitivity


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """What decides with whom the adverts of an input may be shared.

    Attributes:
        sensitivity: How careful one has to be with the data.
        licence: Licence of the data, as its configuration states it.
    """

    sensitivity: Sensitivity
    licence: str


def plain_terms(sensitivity: object, licence: object) -> SourceTerms:
    """Return terms as they were stated; a sensitivity that is not known is the most careful one."""
    known: Mapping[str, Sensitivity] = {one: one for one in get_args(Sensitivity)}
    return SourceTerms(
        sensitivity=known.get(str(sensitivity), "operational_restricted"),
        licence=str(licence),
    )


NOTHING_STATED = plain_terms(Terms().sensitivity, Terms().licence)
"""Terms of adverts whose input was not given, or states none."""


def terms_of_scores(scores: Sequence[str], builds: pa.Table) -> Mapping[str, SourceTerms]:
    """Return what folders of scores state of their data, by the name of the input in the bank.

    Only the plan of a folder is read, so its evidence may be over. An input of which the bank knows
    several contents is left out: nobody knows from which of them an advert came.

    Args:
        scores: Folders or addresses of scores.
        builds: The table ``builds`` of the bank.

    Raises:
        InputError: A folder holds no scores with evidence, or the bank was not built from it.
        IntegrityError: Its plan or a receipt is damaged.
    """
    named = inputs_by_hash(builds)
    contents = [name for names in named.values() for name in names]
    found: dict[str, SourceTerms] = {}
    for folder in scores:
        collection = _opened(folder)
        names = named.get(_hash_of(collection), frozenset())
        if not names:
            raise InputError(
                f"the bank was not built from {folder} as it is now; link it first: "
                f"adverts link {shell_word('scores', str(folder))} bank=…"
            )
        stated = _stated(collection)
        found |= {name: stated for name in names if contents.count(name) == 1}
    return found


def _opened(folder: str) -> Collection:
    where = folder if "://" in folder else str(Path(folder).absolute())
    collection = open_collection(open_place(where))
    if is_purged(collection.place):
        raise InputError(
            f"the evidence of {folder} was removed, so that nobody can say whether the bank was "
            "built from it; leave it out, and its adverts count as data that states no licence"
        )
    return collection


def _hash_of(collection: Collection) -> str:
    terms = terms_of(collection.plan)
    if terms is None:
        raise InputError(f"{collection.place} was scored without evidence, so no bank has it")
    return OpenedEvidence(collection, terms).scored_hash


def _stated(collection: Collection) -> SourceTerms:
    content = collection.plan.settings.get(CONTENT)
    data = content.get("data") if isinstance(content, Mapping) else None
    if not isinstance(data, Mapping):
        return NOTHING_STATED
    return plain_terms(
        data.get("sensitivity", NOTHING_STATED.sensitivity),
        data.get("licence", NOTHING_STATED.licence),
    )
