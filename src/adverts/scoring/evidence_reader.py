"""Read the evidence of scored adverts, with their scores and clusters, while it may be used."""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adverts.advert import LabelSchema
from adverts.config.overrides import shell_word
from adverts.errors import InputError, IntegrityError, plural
from adverts.json_records import from_plain
from adverts.scoring.collection import Collection, open_collection
from adverts.scoring.evidence.evidence_files import evidence_name
from adverts.scoring.evidence.evidence_rows import Document, EvidenceRow
from adverts.scoring.evidence.evidence_terms import (
    CLUSTERS,
    CONTENT,
    EVIDENCE,
    EvidenceTerms,
    require_kept,
    terms_of,
)
from adverts.work.units.place import open_place
from adverts.work.units.receipts import Receipt, read_output

if TYPE_CHECKING:
    import pyarrow as pa

_ANSWERS = ("review_band", "score", "language", "exited", "error")
_EVIDENCE_KEY = b"evidence"


@dataclass(frozen=True, slots=True)
class ScoredEvidence:
    """One scored advert with its evidence.

    Attributes:
        evidence: Its evidence.
        cluster: Name of its cluster of near-duplicates.
        review_band: Band of its answer.
        score: Probability that orders a queue, or None; see
            :data:`adverts.scoring.answer_files.COLUMNS`.
        language: BCP-47 tag of its language, if known.
        exited: Whether its n-grams alone judged it.
        error: Code of its error; None if it was scored.
    """

    evidence: EvidenceRow
    cluster: str
    review_band: str
    score: float | None
    language: str | None
    exited: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class OpenedEvidence:
    """The evidence of a complete collection.

    Attributes:
        collection: The collection.
        terms: Until when the evidence may be used, and the key of its tokens.
    """

    collection: Collection
    terms: EvidenceTerms

    @property
    def labels(self) -> LabelSchema:
        """Labels of the model that scored the collection.

        Raises:
            InputError: An earlier release planned it.
        """
        content = self.collection.plan.settings.get(CONTENT)
        if not isinstance(content, Mapping):
            raise InputError(
                f"{self.collection.place} was planned by an earlier release, which did not keep "
                "the labels of the model; score the adverts into another folder"
            )
        return from_plain(LabelSchema, content["labels"])

    @property
    def scored_hash(self) -> str:
        """The sha256 of the plan and of the hashes of all its files; none of them is read."""
        return self._digest().hexdigest()

    @property
    def hash(self) -> str:
        """The sha256 of the plan and of the hashes of all its files and of the clusters.

        It changes if anything of the collection changes; the files themselves are not read, except
        the clusters.
        """
        digest = self._digest()
        digest.update(hashlib.sha256(self.collection.place.read(CLUSTERS)).digest())
        return digest.hexdigest()

    def _digest(self) -> hashlib._Hash:
        digest = hashlib.sha256(self.collection.plan.key.encode())
        for receipt in self.collection.receipts:
            for name, output in sorted(receipt.outputs.items()):
                digest.update(f"{name} {output.sha256}\n".encode())
        return digest

    def scored_tables(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the adverts of each unit in the order of the source: evidence, answers.

        Args:
            columns: Columns of the evidence beside ``id``; None for all.

        Raises:
            IntegrityError: A file is not that of its receipt, or files do not fit together.
        """
        wanted = None if columns is None else ("id", *columns)
        for receipt in self.collection.receipts:
            found = read_evidence(self.collection, receipt, wanted)
            scores = _read_scores(self.collection, receipt)
            if found["id"] != scores["id"]:
                raise self._unlike(receipt)
            for name in _ANSWERS:
                found = found.append_column(name, scores[name])
            yield found

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the adverts of each unit in the order of the source: evidence, answers, cluster.

        Args:
            columns: As in :meth:`scored_tables`.

        Raises:
            IntegrityError: A file is not that of its receipt, or files do not fit together.
        """
        clusters = _read_clusters(self.collection)
        start = 0
        for found, receipt in zip(
            self.scored_tables(columns), self.collection.receipts, strict=True
        ):
            part = clusters.slice(start, len(found))
            start += len(found)
            if found["id"] != part["id"]:
                raise self._unlike(receipt)
            yield found.append_column("cluster", part["cluster"])

    def _unlike(self, receipt: Receipt) -> IntegrityError:
        return IntegrityError(
            f"{self.collection.place}: evidence, scores and clusters of unit "
            f"{receipt.unit:06d} are of different adverts; score into another folder"
        )

    def rows(self) -> Iterator[ScoredEvidence]:
        """Yield every advert in the order of the source; one unit is in memory at a time.

        Raises:
            IntegrityError: A file is not that of its receipt, or files do not fit together.
        """
        for table in self.tables():
            for row in table.to_pylist():
                answer = {name: row.pop(name) for name in ("cluster", *_ANSWERS)}
                yield ScoredEvidence(_row(row), **answer)


def open_evidence(
    scores: str,
    *,
    today: datetime.date,
    token_key_id: str | None = None,
    needs_clusters: bool = True,
) -> OpenedEvidence:
    """Open the evidence of a folder of scores.

    Args:
        scores: Path or address of the folder.
        today: Day of today in UTC.
        token_key_id: Id of the caller's key, whose tokens are compared with those of the evidence;
            None if none are.
        needs_clusters: Whether its clusters are read too.

    Raises:
        InputError: There is no evidence, it has expired or was removed, units or clusters are
            missing, or its tokens were made with another key.
        IntegrityError: Plan or receipts are damaged.
    """
    collection = open_collection(open_place(scores))
    terms = require_evidence(collection, today)
    if token_key_id is not None and token_key_id != terms.token_key_id:
        raise InputError(
            f"the tokens of {collection.place} were made with the key {terms.token_key_id}, those "
            f"to compare with the key {token_key_id}; use the same key for both"
        )
    if needs_clusters and CLUSTERS not in collection.place.sizes(""):
        raise InputError(
            f"{collection.place} has no clusters yet; run adverts score "
            f"{shell_word('scores', str(collection.place))} clusters=true"
        )
    return OpenedEvidence(collection, terms)


def require_evidence(collection: Collection, today: datetime.date) -> EvidenceTerms:
    """Return the terms of the evidence of a collection if all of it may be used.

    Raises:
        InputError: There is none, it has expired or was removed, or units are left.
    """
    place, terms = collection.place, terms_of(collection.plan)
    if terms is None:
        raise InputError(
            f"{place} was scored without evidence; score the adverts into another folder with "
            "evidence=restricted"
        )
    require_kept(place, terms, today)
    if collection.left:
        raise InputError(
            f"{plural(len(collection.left), 'unit')} of {place} not scored yet; run the command "
            "that scores it again"
        )
    return terms


def read_evidence(
    collection: Collection, receipt: Receipt, columns: Sequence[str] | None = None
) -> pa.Table:
    """Return the evidence of a unit, after its file was compared with the receipt.

    Args:
        collection: The collection of the unit.
        receipt: Receipt of the unit.
        columns: Names of the columns to return; None for all.

    Raises:
        IntegrityError: It is not the file that the unit wrote.
    """
    import pyarrow.parquet as pq

    content = read_output(collection.place, receipt, evidence_name(receipt.unit))
    return pq.read_table(io.BytesIO(content), columns=None if columns is None else [*columns])


def clusters_metadata(collection: Collection, terms: EvidenceTerms) -> Mapping[bytes, bytes]:
    """Return the metadata of the clusters of a collection, which say of which files they are."""
    digest = hashlib.sha256()
    for receipt in collection.receipts:
        for name, output in receipt.outputs.items():
            if name.startswith(f"{EVIDENCE}/"):
                digest.update(f"{name} {output.sha256}\n".encode())
    told = {name.encode(): value.encode() for name, value in terms.metadata().items()}
    return {**told, _EVIDENCE_KEY: digest.hexdigest().encode()}


def _read_clusters(collection: Collection) -> pa.Table:
    """Return the ids and clusters of all adverts.

    Raises:
        IntegrityError: They are of other evidence, or cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    terms = terms_of(collection.plan)
    assert terms is not None, "a collection without evidence has no clusters"
    wanted = clusters_metadata(collection, terms)[_EVIDENCE_KEY]
    try:
        found = pq.read_table(
            io.BytesIO(collection.place.read(CLUSTERS)), columns=["id", "cluster"]
        )
        made_of = (found.schema.metadata or {}).get(_EVIDENCE_KEY)
    except (FileNotFoundError, pa.ArrowException, OSError, KeyError):
        made_of = None
    if made_of != wanted:
        raise IntegrityError(
            f"{collection.place}/{CLUSTERS} is damaged, or of other evidence; run adverts score "
            f"scores={collection.place} clusters=true"
        )
    return found


def _read_scores(collection: Collection, receipt: Receipt) -> pa.Table:
    import pyarrow.parquet as pq

    [name] = (name for name in receipt.outputs if not name.startswith(f"{EVIDENCE}/"))
    content = read_output(collection.place, receipt, name)
    return pq.read_table(io.BytesIO(content), columns=["id", *_ANSWERS])


def _row(values: dict[str, Any]) -> EvidenceRow:
    documents = {
        name: Document(
            values.pop(f"{name}_hash"),
            values.pop(f"{name}_signature"),
            values.pop(f"{name}_groups"),
        )
        for name in ("text", "page")
    }
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    known = {name: one if one.hash is not None else None for name, one in documents.items()}
    return EvidenceRow(**{**values, **lists, **known})
