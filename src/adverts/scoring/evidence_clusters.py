"""Near-duplicates in a whole collection: its clusters, found from evidence without any text.

The rules are those of prepared datasets for captions, picture texts and pictures, see
:mod:`adverts.clusters.find_clusters`; contacts and groups join nothing here. Texts are compared by
their signatures, see :func:`adverts.clusters.near_text.near_signatures`.
"""

from __future__ import annotations

import datetime
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from adverts.clusters.components import connect
from adverts.clusters.find_clusters import name_cluster, text_rule
from adverts.clusters.link_images import link_images
from adverts.clusters.link_texts import Documents, TextLinks, link_documents
from adverts.clusters.links import join_links
from adverts.clusters.near_text import near_signatures
from adverts.clusters.picture_hash import PictureHash
from adverts.clusters.shingles import PLACES
from adverts.errors import IntegrityError, plural
from adverts.files.staging import open_private
from adverts.scoring.collection import Collection
from adverts.scoring.evidence.evidence_files import SIGNATURE_BYTES
from adverts.scoring.evidence.evidence_terms import CLUSTERS
from adverts.scoring.evidence_reader import clusters_metadata, read_evidence, require_evidence
from adverts.work.units.place import aside

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_DOCUMENTS = tuple(
    f"{name}_{what}" for name in ("text", "page") for what in ("hash", "signature", "groups")
)
_OTHERS = ("file", "row", "picture_sha256", "picture_hashes")
_COLUMNS = (*_DOCUMENTS, *_OTHERS)
_NO_SIGNATURE = bytes(SIGNATURE_BYTES)


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """How many clusters were found.

    Attributes:
        adverts: Number of adverts.
        clusters: Number of clusters.
        largest: Number of adverts in the largest one.
        alone: Number of adverts without a near-duplicate.
    """

    adverts: int
    clusters: int
    largest: int
    alone: int

    def __str__(self) -> str:
        return (
            f"{plural(self.clusters, 'cluster')} of near-duplicates among {self.adverts:,} adverts;"
            f" the largest has {self.largest:,}, and {self.alone:,} adverts have no near-duplicate"
        )


def write_clusters(collection: Collection, *, today: datetime.date) -> ClusterCounts:
    """Write the clusters of a complete collection; equal evidence gives an equal file.

    Raises:
        InputError: There is no evidence, it has expired, or units are left.
        IntegrityError: A file of it is not that of its receipt.
    """
    terms = require_evidence(collection, today)
    pooled = PooledEvidence()
    for receipt in collection.receipts:
        pooled.add(read_evidence(collection, receipt, _COLUMNS))
    roots = find_roots(pooled)
    metadata = clusters_metadata(collection, terms)
    with aside(collection.place) as folder:
        path = folder / "clusters"
        with open_private(path) as file:
            import pyarrow.parquet as pq

            schema = _schema().with_metadata(metadata)
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for table in _tables(collection, pooled, roots):
                    writer.write_table(table.cast(schema))
        collection.place.replace(CLUSTERS, path.read_bytes())
    sizes = np.unique(roots, return_counts=True)[1]
    return ClusterCounts(len(roots), len(sizes), int(sizes.max(initial=0)), int((sizes == 1).sum()))


class _Pool:
    """Distinct documents, each with its signature and the first row that has it."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self.signatures = bytearray()
        self.sizes = array("q")
        self.first_rows = array("q")

    def add(self, name: str, table: pa.Table, start: int) -> list[int | None]:
        """Return the number of the document of each row, added if it is new; None for none.

        Args:
            name: What the columns of the documents begin with.
            table: Rows with their hash, signature and number of letter groups.
            start: Number of the first of these rows.
        """
        encoded = table[f"{name}_hash"].combine_chunks().dictionary_encode()
        which = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
        first = np.unique(which, return_index=True)[1][: len(encoded.dictionary)]
        signed = table.select([f"{name}_signature", f"{name}_groups"]).take(first)
        columns = (column.to_pylist() for column in (encoded.dictionary, *signed.columns))
        numbers: list[int | None] = []
        for row, hash, signature, groups in zip(first.tolist(), *columns, strict=True):
            place = self.places.setdefault(hash, len(self.places))
            if place == len(self.sizes):
                self.signatures += signature or _NO_SIGNATURE
                self.sizes.append(groups or 0)
                self.first_rows.append(start + row)
            numbers.append(place)
        numbers.append(None)
        return [numbers[one] for one in which.tolist()]


@dataclass(slots=True)
class PooledEvidence:
    """What clusters are found from: ``N`` rows, their distinct documents, and their pictures.

    All of it is in memory: about 0.7 GB for a million distinct captions, 3 GB where each has 20
    near-duplicates, 6 GB at the most; see ``docs/scoring.md``.
    """

    files: dict[str, int] = field(default_factory=dict)
    file_names: list[str] = field(default_factory=list)
    file_codes: array[int] = field(default_factory=lambda: array("i"))
    row_numbers: array[int] = field(default_factory=lambda: array("q"))
    captions: list[int | None] = field(default_factory=list)
    pages: list[int | None] = field(default_factory=list)
    images: list[tuple[bytes, ...]] = field(default_factory=list)
    texts: _Pool = field(default_factory=_Pool)
    page_texts: _Pool = field(default_factory=_Pool)
    looks: dict[bytes, PictureHash] = field(default_factory=dict)

    def add(self, table: pa.Table) -> None:
        """Add the rows of a unit."""
        start = len(self.captions)
        files, rows, pictures, looks = (table[name].to_pylist() for name in _OTHERS)
        for file in files:
            code = self.files.setdefault(file, len(self.files))
            if code == len(self.file_names):
                self.file_names.append(file)
            self.file_codes.append(code)
        self.row_numbers.extend(rows)
        self.captions += self.texts.add("text", table, start)
        self.pages += self.page_texts.add("page", table, start)
        self.images += map(tuple, pictures)
        for shown, seen in zip(pictures, looks, strict=True):
            for picture, look in zip(shown, seen, strict=True):
                if look is not None and picture not in self.looks:
                    self.looks[picture] = _look(look)

    def name(self, row: int) -> str:
        """Return the name of the cluster whose first advert is in a row."""
        return name_cluster(f"{self.file_names[self.file_codes[row]]}#{self.row_numbers[row]}")


def _look(stored: bytes) -> PictureHash:
    try:
        return PictureHash.from_bytes(stored)
    except ValueError:
        raise IntegrityError(
            "the pictures of this evidence were described by another release; find its clusters "
            "with that release"
        ) from None


def find_roots(pooled: PooledEvidence) -> NDArray[np.int64]:
    """Return the first row of the cluster of each row, int64 ``(N,)``."""
    texts = _linked_texts(pooled)
    images = link_images(pooled.images, pooled.looks, threads=1)
    links = join_links([texts.links, images.links])
    return connect(links, len(pooled.captions), rules=[text_rule(texts), images.rule]).roots


def _linked_texts(pooled: PooledEvidence) -> TextLinks:
    captions, read = pooled.texts, pooled.page_texts
    count = len(captions.places)
    numbers: list[int] = []  # of the texts on pictures: captions first, then those that are none
    kept: list[int] = []
    for place, hash in enumerate(read.places):
        known = captions.places.get(hash)
        numbers.append(count + len(kept) if known is None else known)
        if known is None:
            kept.append(place)
    signed = _signed(captions)
    if kept:
        signed = np.concatenate([signed, _signed(read)[kept]])
    sizes = np.concatenate([_of(captions.sizes), _of(read.sizes)[kept]])
    first_rows = np.concatenate([_of(captions.first_rows), _of(read.first_rows)[kept]])
    pages = [None if page is None else numbers[page] for page in pooled.pages]
    near = near_signatures(signed, sizes)
    documents = Documents(signed, sizes, pooled.captions, pages, first_rows.tolist(), count)
    links = link_documents(documents, near, pictured=[bool(one) for one in pooled.images])
    signing = [None if one is None or not sizes[one] else one for one in pooled.captions]
    return replace(links, captions=signing)


def _signed(pool: _Pool) -> NDArray[np.uint16]:
    found = np.frombuffer(pool.signatures, np.dtype("<u2")).reshape(-1, PLACES)
    return found.astype(np.uint16, copy=False)


def _of(values: array[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def _tables(
    collection: Collection, pooled: PooledEvidence, roots: NDArray[np.int64]
) -> Iterator[pa.Table]:
    """Yield the clusters of each unit, in order."""
    start = 0
    for receipt in collection.receipts:
        table = read_evidence(collection, receipt, ("id", "unit", "file", "row"))
        part = roots[start : start + len(table)].tolist()
        start += len(table)
        yield table.append_column("cluster", [[pooled.name(root) for root in part]])


def _schema() -> pa.Schema:
    import pyarrow as pa

    names = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            ("id", pa.string()),
            ("unit", pa.int32()),
            ("file", names),
            ("row", pa.int64()),
            ("cluster", pa.string()),
        ]
    )
