"""The file of evidence of a unit: Parquet that only its owner can read, and that says its terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.clusters.shingles import PLACES
from adverts.files.staging import open_private
from adverts.scoring.evidence.evidence_rows import Document, EvidenceRow
from adverts.scoring.evidence.evidence_terms import EVIDENCE, EvidenceTerms

if TYPE_CHECKING:
    import pyarrow as pa

SIGNATURE_BYTES = 2 * PLACES
_HASH_BYTES, _SHA256_BYTES = 16, 32
_ROW_GROUP = 5_000
Value = str | int | bytes | datetime | Sequence[str] | Sequence[bytes | None] | None


def evidence_name(unit: int) -> str:
    """Return the name of the file of evidence of a unit."""
    return f"{EVIDENCE}/{unit:06d}.parquet"


class EvidenceFile:
    """A new private file that rows of evidence are added to; equal rows give equal bytes."""

    def __init__(self, path: Path, terms: EvidenceTerms) -> None:
        """Create the file."""
        import pyarrow.parquet as pq

        self._schema = evidence_schema().with_metadata(terms.metadata())
        self._file = open_private(path)
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        self._rows: list[tuple[Value, ...]] = []

    def add(self, rows: Sequence[EvidenceRow]) -> None:
        """Add rows."""
        self._rows += map(_values, rows)
        if len(self._rows) >= _ROW_GROUP:
            self._write()

    def close(self) -> None:
        """Finish the file."""
        if self._rows:
            self._write()
        self._writer.close()
        self._file.close()

    def _write(self) -> None:
        import pyarrow as pa

        columns = zip(*self._rows, strict=True)
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._rows = []


def _values(row: EvidenceRow) -> tuple[Value, ...]:
    """Return the values of a row in the order of :func:`evidence_schema`."""
    return (
        *(row.id, row.unit, row.file, row.row),
        *_document(row.text),
        *_document(row.page),
        *(row.picture_sha256, row.picture_hashes),
        *(row.contacts, row.public_contacts, row.account, row.token_key_id),
        *(row.url, row.platform, row.platform_item_id),
        *(row.posted_at, row.collected_at, row.views),
    )


def _document(document: Document | None) -> tuple[bytes | None, bytes | None, int | None]:
    if document is None:
        return None, None, None
    return document.hash, document.signature, document.groups


def evidence_schema() -> pa.Schema:
    """Return the columns of evidence, in the order of the fields of ``EvidenceRow``."""
    import pyarrow as pa

    from adverts.clusters.picture_hash import STORED_BYTES

    names, time = pa.dictionary(pa.int32(), pa.string()), pa.timestamp("us", "UTC")
    documents = [
        field
        for name in ("text", "page")
        for field in (
            (f"{name}_hash", pa.binary(_HASH_BYTES)),
            (f"{name}_signature", pa.binary(SIGNATURE_BYTES)),
            (f"{name}_groups", pa.int32()),
        )
    ]
    return pa.schema(
        [
            *[("id", pa.string()), ("unit", pa.int32()), ("file", names), ("row", pa.int64())],
            *documents,
            ("picture_sha256", pa.list_(pa.binary(_SHA256_BYTES))),
            ("picture_hashes", pa.list_(pa.binary(STORED_BYTES))),
            ("contacts", pa.list_(pa.string())),
            ("public_contacts", pa.list_(pa.string())),
            ("account", pa.string()),
            ("token_key_id", names),
            *[("url", pa.string()), ("platform", names), ("platform_item_id", pa.string())],
            *[("posted_at", time), ("collected_at", time), ("views", pa.int64())],
        ]
    )
