"""Pictures and texts that must not be matched: half refuse hashes, half count false matches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adverts.clusters.near_image import MIN_QUALITY
from adverts.clusters.picture_hash import HASH_BYTES, PictureHash, describe_picture
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.errors import InputError
from adverts.inputs.pixels import CHECKED, open_image
from adverts.work.progress import note_when_slow
from adverts_findings.sharing.hashes.count_near import Hashes
from adverts_findings.sharing.hashes.text_fingerprint import TextFingerprint, fingerprint_text


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What adverts show that nobody should be blamed for.

    Attributes:
        files: Hex sha256 of the files of their pictures.
        pdq: Distinct PDQ hashes of quality 50 or more, ``(N, 32)``.
        texts: Hex sha256 of the letters of their texts.
        simhashes: Distinct simhashes of their texts, ``(T, 8)``.
    """

    files: frozenset[str]
    pdq: Hashes
    texts: frozenset[str]
    simhashes: Hashes


@dataclass(frozen=True, slots=True, eq=False)
class Negatives:
    """What must not be matched, in halves that share no cluster, no picture and no text.

    Attributes:
        refusing: Hashes that match something of this half are refused.
        apart: Matches of this half are counted. It refuses nothing, so that the count says what to
            expect of others.
    """

    refusing: Shown
    apart: Shown


class _Collected:
    """What one half shows, while it is read."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.pdq: set[bytes] = set()
        self.texts: set[str] = set()
        self.simhashes: set[bytes] = set()

    def add_picture(self, sha256: str, look: PictureHash | None) -> None:
        self.files.add(sha256)
        if look is not None and look.quality >= MIN_QUALITY:
            self.pdq.add(look.pdq)

    def add_text(self, found: TextFingerprint) -> None:
        self.texts.add(found.sha256)
        self.simhashes.add(bytes.fromhex(found.simhash))

    def without(self, other: _Collected) -> Shown:
        """Return what is not in another half, sorted."""
        return Shown(
            frozenset(self.files - other.files),
            _table(self.pdq - other.pdq, HASH_BYTES),
            frozenset(self.texts - other.texts),
            _table(self.simhashes - other.simhashes, 8),
        )


def read_negatives(folders: Sequence[Path]) -> Negatives | None:
    """Return what the adverts of prepared datasets show that nobody gave the positive label.

    Adverts of one cluster are in the same half. A picture that occurs often counts once, and so
    does one that looks exactly like another; what both halves have is in the refusing one. Adverts
    without a label are left out, and pictures that cannot be read.

    Args:
        folders: Prepared datasets; none: there are no negatives.

    Raises:
        InputError: A folder is not a prepared dataset, or its headline task has no positive label.
        IntegrityError: A dataset was changed.
    """
    if not folders:
        return None
    refusing, apart = _Collected(), _Collected()
    looks: dict[str, PictureHash | None] = {}
    for folder in folders:
        dataset = open_prepared(folder)
        adverts = dataset.split("all")
        with note_when_slow(f"hashing the pictures of {folder}"):
            for row in _negative_rows(dataset, adverts):
                half = apart if _is_apart(adverts.clusters[row]) else refusing
                _collect(half, adverts, row, looks)
    return Negatives(refusing.without(_Collected()), apart.without(refusing))


def _negative_rows(dataset: PreparedDataset, adverts: AdvertTable) -> Iterator[int]:
    """Return the adverts that have a label of which no share is positive."""
    task = dataset.schema.task(dataset.schema.headline)
    if task.kind != "single" or task.positive_index is None:
        raise InputError(
            f"the headline task {task.name} of {dataset.path} has no positive label, so nothing "
            "says what its negatives are; prepare it with data.tasks.positive"
        )
    share = adverts.targets[task.name][:, task.positive_index]
    return iter(np.flatnonzero(share == 0).tolist())


def _is_apart(cluster: str) -> bool:
    digest = hashlib.sha256(cluster.encode("utf-8", "surrogatepass")).digest()
    return digest[0] % 2 == 1


def _collect(
    half: _Collected, adverts: AdvertTable, row: int, looks: dict[str, PictureHash | None]
) -> None:
    for data in adverts.images(row):
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in looks:
            looks[sha256] = _look(data)
        half.add_picture(sha256, looks[sha256])
    for text in (adverts.texts[row], adverts.ocr_texts[row] or ""):
        found = fingerprint_text(text)
        if found is not None:
            half.add_text(found)


def _look(data: bytes) -> PictureHash | None:
    try:
        return describe_picture(open_image(data, CHECKED))
    except Exception:  # any error of a decoder is this picture's own
        return None


def _table(hashes: set[bytes], num_bytes: int) -> Hashes:
    joined = b"".join(sorted(hashes))
    return np.frombuffer(joined, np.uint8).reshape(len(hashes), num_bytes)
