"""Adverts of one split as columns, with pictures that are read from disk on request."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adverts.advert import Advert, LabelSchema
from adverts.arrays import Ints
from adverts.data.dataset.campaign_clusters import by_campaign
from adverts.data.dataset.prepared_rows import TARGET_PREFIX, qualities_of
from adverts.inputs.spec import InputName

_CACHE_BYTES = 256_000_000


class ImageStore:
    """Reads pictures by row over all shards; keeps the last row groups used, up to 256 MB."""

    def __init__(self, shards: Sequence[Path]) -> None:
        self._files = [pq.ParquetFile(path, memory_map=True) for path in shards]
        self._groups: list[tuple[int, int]] = []
        self._starts: list[int] = []
        start = 0
        for shard, file in enumerate(self._files):
            for group in range(file.num_row_groups):
                self._groups.append((shard, group))
                self._starts.append(start)
                start += file.metadata.row_group(group).num_rows
        self._cache: OrderedDict[int, pa.ChunkedArray] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, row: int) -> tuple[bytes, ...]:
        """Return the encoded pictures of one row of the dataset."""
        index = bisect_right(self._starts, row) - 1
        with self._lock:
            column = self._column(index)
        images = column[row - self._starts[index]].as_py() or []
        return tuple(image["bytes"] for image in images)

    def _column(self, index: int) -> pa.ChunkedArray:
        if index in self._cache:
            self._cache.move_to_end(index)
            return self._cache[index]
        shard, group = self._groups[index]
        column = self._files[shard].read_row_group(group, columns=["images"])["images"]
        self._cache[index] = column
        while len(self._cache) > 1 and sum(c.nbytes for c in self._cache.values()) > _CACHE_BYTES:
            self._cache.popitem(last=False)
        return column


class _HeldImages:
    """Pictures by row, held in memory."""

    def __init__(self, images: Sequence[tuple[bytes, ...]]) -> None:
        self._images = images

    def read(self, row: int) -> tuple[bytes, ...]:
        return self._images[row]


class AdvertTable:
    """Adverts in columns; row ``i`` of every column is one advert.

    Attributes:
        ids: Opaque identifiers.
        texts: Captions, contacts masked; may be empty.
        ocr_texts: Text of the pictures, contacts masked; None if none was read.
        ocr_qualities: How well the pictures could be read; None if none was read.
        copies: Clusters as they are stored: copies, adverts with one contact, or one group.
        clusters: The same with whole campaigns, see ``campaign_clusters``: the independent pieces.
        langs: BCP-47 codes of the languages, or None.
        scripts: ISO 15924 codes of the scripts, or None.
        lang_predicted: ``(N,)`` bool, whether the language was identified, not given.
        script_predicted: ``(N,)`` bool, the same for the script.
        splits: ``train``, ``validation`` or ``test``.
        reviewed: ``(N,)`` bool, whether the advert may enter a headline figure.
        has_image: ``(N,)`` bool, whether the advert has a picture.
        targets: Maps each task to ``(N, L)`` float32; a row of NaN has no label, a NaN entry of a
            ``multi`` task is a signal that was not judged.
    """

    def __init__(
        self,
        columns: pa.Table,
        schema: LabelSchema,
        images: ImageStore | _HeldImages,
        *,
        rows: NDArray[np.int64],
    ) -> None:
        """Hold ``columns``, one row for each advert; ``rows`` are their rows in ``images``."""
        self._columns, self._schema, self._images, self._rows = columns, schema, images, rows
        self.ids: list[str] = columns["id"].to_pylist()
        self.texts: list[str] = columns["text"].to_pylist()
        self.ocr_texts: list[str | None] = columns["ocr_text"].to_pylist()
        self.ocr_qualities = qualities_of(columns)
        self.copies: list[str] = columns["cluster"].to_pylist()
        self.langs: list[str | None] = columns["lang"].to_pylist()
        self.scripts: list[str | None] = columns["script"].to_pylist()
        self.splits: list[str] = columns["split"].to_pylist()
        self.lang_predicted = _flags(columns["lang_predicted"])
        self.script_predicted = _flags(columns["script_predicted"])
        self.reviewed = _flags(columns["reviewed"])
        self.has_image = _flags(columns["has_image"])
        self.targets: dict[str, NDArray[np.float32]] = {
            task.name: _targets(columns[TARGET_PREFIX + task.name], task.num_labels)
            for task in schema.tasks
        }
        campaigns = columns["campaign"].to_pylist()
        positive = self._positive(schema) if any(campaigns) else None
        self.clusters = by_campaign(self.copies, campaigns, positive)

    def _positive(self, schema: LabelSchema) -> list[list[str]]:
        """Return the tasks of which each advert has the positive label."""
        found: list[list[str]] = [[] for _ in self.ids]
        for task in schema.tasks:
            if task.positive_index is not None:
                for row in np.flatnonzero(self.targets[task.name][:, task.positive_index] > 0.5):
                    found[row].append(task.name)
        return found

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def schema(self) -> LabelSchema:
        """The tasks whose targets the table holds."""
        return self._schema

    @property
    def rows(self) -> Ints:
        """Row of each advert in the whole prepared dataset, ``(N,)``."""
        return self._rows

    def images(self, i: int) -> tuple[bytes, ...]:
        """Return the encoded pictures of advert ``i``, read from disk; empty if it has none."""
        return self._images.read(int(self._rows[i])) if self.has_image[i] else ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all stored columns except the pictures."""
        return tuple(self._columns.column_names)

    def values(self, name: str) -> list[object]:
        """Return a stored column, one plain value for each advert; all None if it is absent."""
        if name not in self._columns.column_names:
            return [None] * len(self)
        values: list[object] = self._columns[name].to_pylist()
        return values

    def advert(self, i: int, *, images: bool = True) -> Advert:
        """Return advert ``i``; its pictures are read from disk only if ``images`` is true."""
        return Advert(
            id=self.ids[i],
            text=self.texts[i],
            images=self.images(i) if images else (),
            ocr_text=self.ocr_texts[i],
            ocr_quality=self.ocr_qualities[i],
        )

    def modalities(self) -> list[str]:
        """Return the parts each advert has: ``text``, ``image``, ``text+image`` or ``empty``."""
        names = {(True, True): "text+image", (True, False): "text", (False, True): "image"}
        return [
            names.get((bool(text), bool(image)), "empty")
            for text, image in zip(self.texts, self.has_image, strict=True)
        ]

    def readable(self, inputs: Sequence[InputName]) -> NDArray[np.bool_]:
        """Return which adverts have content in ``inputs``, ``(N,)``; the others cannot be judged.

        A picture counts for ``ocr`` too, whatever text was read in it.
        """
        has_text = np.array([bool(text.strip()) for text in self.texts], dtype=bool)
        readable = np.zeros(len(self), dtype=bool)
        for name in inputs:
            readable |= has_text if name == "text" else self.has_image
        return readable

    def select(self, indices: Sequence[int] | NDArray[np.int64]) -> AdvertTable:
        """Return a table of these rows, in this order."""
        picked = np.asarray(indices, dtype=np.int64)
        table = AdvertTable(
            self._columns.take(pa.array(picked)),
            self._schema,
            self._images,
            rows=self._rows[picked],
        )
        table.texts = [self.texts[i] for i in picked]
        table.ocr_texts = [self.ocr_texts[i] for i in picked]  # may differ from the stored column
        table.ocr_qualities = [self.ocr_qualities[i] for i in picked]
        return table

    def with_texts(self, texts: Sequence[str]) -> AdvertTable:
        """Return the same adverts with other captions, contacts masked; pictures stay as read.

        Stored columns do not change.

        Raises:
            ValueError: There are more or fewer texts than adverts.
        """
        if len(texts) != len(self):
            raise ValueError(f"{len(texts)} texts for {len(self)} adverts")
        table = self.select(np.arange(len(self)))
        table.texts = list(texts)
        return table

    def with_images(self, images: Sequence[tuple[bytes, ...]]) -> AdvertTable:
        """Return the same adverts with other pictures, whose text is not read yet.

        Stored columns do not change.

        Raises:
            ValueError: There are more or fewer than adverts, or an advert gains or loses them all.
        """
        if [bool(one) for one in images] != self.has_image.tolist():
            raise ValueError("pictures must be given for just those adverts that have some")
        table = AdvertTable(
            self._columns, self._schema, _HeldImages(images), rows=np.arange(len(self))
        )
        table.texts = list(self.texts)
        table.ocr_texts = [None] * len(self)
        table.ocr_qualities = [None] * len(self)
        return table


def _flags(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.array(column.to_pylist(), dtype=bool)


def _targets(column: pa.ChunkedArray, num_labels: int) -> NDArray[np.float32]:
    targets_NL = np.full((len(column), num_labels), np.nan, dtype=np.float32)
    labelled = column.is_valid().to_numpy(zero_copy_only=False).astype(bool)
    values = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    targets_NL[labelled] = values.reshape(-1, num_labels)
    return targets_NL
