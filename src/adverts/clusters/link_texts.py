"""Link adverts whose captions or picture texts are equal or nearly equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import Links, alike_links, equal_links, join_links, pair_equal
from adverts.clusters.near_text import MIN_SHINGLES, Pairs, near_duplicates
from adverts.clusters.shingles import agreement, shingle, signatures
from adverts.inputs.letters.folding import fold

PAGE_SIMILARITY = 0.65
"""Least similarity of texts read on pictures for a link. A picture read again after a crop or at
another size has 0.64 to 1.0 (42 readings, median 0.92). Receipts of one shop, which share a printed
form, have 0.63 at most."""


@dataclass(frozen=True, slots=True, eq=False)
class TextLinks:
    """Links between rows by their texts.

    Attributes:
        links: Links of the kinds ``same_text`` and ``near_text`` between captions, and
            ``near_page`` if at least one of the two texts was read on a picture.
        signed: Signature of each document, uint16 ``(D, PLACES)``.
        captions: Number of the document that is the caption of each row, or None.
        pages: Number of the document read on the pictures of each row; None if it is too short.
        documents: The folded documents; empty where only their signatures are known.
    """

    links: Links
    signed: NDArray[np.uint16]
    captions: Sequence[int | None]
    pages: Sequence[int | None]
    documents: Sequence[str] = ()

    @property
    def rows(self) -> list[tuple[int, int]]:
        """Row and number of the document of every caption and every long picture text."""
        return [
            (row, document)
            for documents in (self.captions, self.pages)
            for row, document in enumerate(documents)
            if document is not None
        ]

    def resemblance(self, one: int, other: int) -> float:
        """Return the highest similarity of the texts of two rows, 0 to 1; 1 if one has no text."""
        found = [
            agreement(self.signed[a], self.signed[b])
            for a in (self.captions[one], self.pages[one])
            for b in (self.captions[other], self.pages[other])
            if a is not None and b is not None
        ]
        return max(found, default=1.0)


def link_texts(
    texts: Sequence[str], pages: Sequence[str], *, pictured: Sequence[bool], threads: int
) -> TextLinks:
    """Link rows whose captions or picture texts are equal or nearly equal.

    Texts below :data:`adverts.clusters.near_text.MIN_SHINGLES` letter groups link nothing if they
    are on pictures, such as a watermark, or above pictures, such as a greeting. Equal captions of
    adverts without pictures are always linked, since the whole adverts are equal.

    Args:
        texts: Captions with masked contacts.
        pages: Texts of the pictures of the same rows; empty if there is none.
        pictured: Whether each row has a picture.
        threads: Number of threads to use.
    """
    pool = _Pool()
    captions = [pool.add(fold(text), row) for row, text in enumerate(texts)]
    num_captions = len(pool.first_rows)
    read = [pool.add(fold(page), row) for row, page in enumerate(pages)]
    shingles = shingle(pool.texts)
    signed = signatures(shingles, threads=threads)
    near = near_duplicates(shingles, signed, threads=threads)
    documents = Documents(signed, shingles.sizes, captions, read, pool.first_rows, num_captions)
    found = link_documents(documents, near, pictured=pictured)
    return replace(found, documents=pool.texts)


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """The distinct documents of many rows: captions first, then texts that no row has as caption.

    Attributes:
        signed: Signature of each document, uint16 ``(D, PLACES)``.
        sizes: Number of distinct letter groups of each, int64 ``(D,)``; any number below
            :data:`adverts.clusters.near_text.MIN_SHINGLES` for one without a signature.
        captions: Number of the document that is the caption of each row, or None.
        pages: Number of the document that was read on the pictures of each row, or None.
        first_rows: First row that has each document, as its caption if any has it as that.
        num_captions: Number of documents that are captions.
    """

    signed: NDArray[np.uint16]
    sizes: NDArray[np.int64]
    captions: Sequence[int | None]
    pages: Sequence[int | None]
    first_rows: Sequence[int]
    num_captions: int


def link_documents(documents: Documents, near: Pairs, *, pictured: Sequence[bool]) -> TextLinks:
    """Link rows by their documents, as :func:`link_texts` says.

    Args:
        documents: The documents of the rows.
        near: Documents that are nearly the same.
        pictured: Whether each row has a picture.
    """
    captions, sizes, similarity = documents.captions, documents.sizes, near.similarity
    first_rows = np.array(documents.first_rows, np.int64)
    one, other = first_rows[near.first], first_rows[near.second]
    long = _long(documents.pages, sizes)
    telling = [
        lengthy if shown else caption
        for caption, lengthy, shown in zip(captions, _long(captions, sizes), pictured, strict=True)
    ]
    of_captions = near.second < documents.num_captions
    of_pages = ~of_captions & (one != other) & (similarity >= PAGE_SIMILARITY)
    links = [
        equal_links("same_text", pair_equal(telling)),
        alike_links("near_text", one[of_captions], other[of_captions], similarity[of_captions]),
        alike_links("near_page", one[of_pages], other[of_pages], similarity[of_pages]),
        equal_links("near_page", _repeated(long, documents.first_rows)),
    ]
    return TextLinks(join_links(links), documents.signed, captions, long)


class _Pool:
    """Distinct documents, each with the first row that has it."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self.first_rows: list[int] = []

    @property
    def texts(self) -> list[str]:
        return list(self._places)

    def add(self, folded: str, row: int) -> int | None:
        """Return the number of a document, added if it is new; None for an empty document."""
        if not folded:
            return None
        place = self._places.setdefault(folded, len(self._places))
        if place == len(self.first_rows):
            self.first_rows.append(row)
        return place


def _long(documents: Sequence[int | None], sizes: NDArray[np.int64]) -> list[int | None]:
    """Replace documents that are too short by None."""
    return [None if i is None or sizes[i] < MIN_SHINGLES else i for i in documents]


def _repeated(documents: Sequence[int | None], first_rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of each row with the first row of its document."""
    return [
        (first_rows[i], row)
        for row, i in enumerate(documents)
        if i is not None and first_rows[i] != row
    ]
