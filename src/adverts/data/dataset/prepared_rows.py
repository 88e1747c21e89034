"""One row of a prepared dataset, and the Arrow schema of its shards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from adverts.advert import LabelSchema, ReadQuality, Split

TARGET_PREFIX = "target."
ANNOTATIONS_PREFIX = "annotations."
_IMAGES = pa.list_(pa.struct([("bytes", pa.binary()), ("path", pa.string())]))


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An encoded image file and the name it had in the source, if any."""

    data: bytes
    path: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """One advert as it is stored: what a model may see, its labels, and context.

    Attributes:
        id: Opaque identifier, unique in the dataset.
        split: The split that holds it.
        cluster: Cluster; adverts of one cluster are never in different splits that we made.
        text: Caption with contacts masked.
        images: Upright pictures without EXIF.
        ocr_text: Text read from the images, contacts masked; None if none was read.
        ocr_quality: How well the images could be read; None if none was read. Each of its fields
            has a column, such as ``ocr_confidence``.
        ocr_engine: Key of the reader's spec; None if none was read.
        lang: BCP-47 code; None if unknown.
        lang_predicted: Whether the language was identified, not given.
        script: ISO 15924 code; None if unknown.
        script_predicted: Whether the script was counted, not given.
        reviewed: Whether the advert may enter a headline figure.
        targets: Maps each task to one weight per label; NaN marks a signal that was not judged.
        annotations: Maps each task to each annotator's raw value, if there are several.
        propagated: Tasks whose label was spread from a reviewed near-duplicate.
        contacts: Keyed tokens of the contacts in caption and pictures, only for clustering.
    """

    id: str
    split: Split
    cluster: str
    text: str = ""
    images: tuple[StoredImage, ...] = ()
    ocr_text: str | None = None
    ocr_quality: ReadQuality | None = None
    ocr_engine: str | None = None
    lang: str | None = None
    lang_predicted: bool = False
    script: str | None = None
    script_predicted: bool = False
    platform: str | None = None
    posted_week: str | None = None
    account: str | None = None
    campaign: str | None = None
    stratum: str | None = None
    inclusion_probability: float | None = None
    reviewed: bool = True
    targets: Mapping[str, Sequence[float]] = field(default_factory=dict)
    annotations: Mapping[str, Sequence[str]] = field(default_factory=dict)
    propagated: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()

    @property
    def num_bytes(self) -> int:
        """Approximate size of the row in bytes."""
        text = len(self.text) + len(self.ocr_text or "")
        return sum(len(image.data) for image in self.images) + 2 * text + 200


_QUALITY_PREFIX = "ocr_"
_QUALITY_TYPES: Mapping[str, pa.DataType] = {
    "confidence": pa.float32(),
    "smallest_text_px": pa.float32(),
    "sharpness": pa.float32(),
    "lines": pa.int32(),
    "unread_lines": pa.int32(),
}
"""Fields of a :class:`~adverts.advert.ReadQuality`, in their order; each has a column."""
QUALITY_COLUMNS = tuple(_QUALITY_PREFIX + name for name in _QUALITY_TYPES)
_FIELDS: tuple[tuple[str, pa.DataType], ...] = (
    ("id", pa.string()),
    ("text", pa.string()),
    ("images", _IMAGES),
    ("ocr_text", pa.string()),
    *((_QUALITY_PREFIX + name, kind) for name, kind in _QUALITY_TYPES.items()),
    ("ocr_engine", pa.string()),
    ("lang", pa.string()),
    ("lang_predicted", pa.bool_()),
    ("script", pa.string()),
    ("script_predicted", pa.bool_()),
    ("platform", pa.string()),
    ("posted_week", pa.string()),
    ("account", pa.string()),
    ("campaign", pa.string()),
    ("stratum", pa.string()),
    ("inclusion_probability", pa.float64()),
    ("reviewed", pa.bool_()),
    ("propagated", pa.list_(pa.string())),
    ("contacts", pa.list_(pa.string())),
    ("cluster", pa.string()),
    ("split", pa.string()),
)


def arrow_schema(schema: LabelSchema) -> pa.Schema:
    """Return the schema of a shard, with the note by which ``datasets`` decodes the pictures."""
    fields = [pa.field(name, kind) for name, kind in _FIELDS]
    for task in schema.tasks:
        fields.append(pa.field(TARGET_PREFIX + task.name, pa.list_(pa.float32())))
        fields.append(pa.field(ANNOTATIONS_PREFIX + task.name, pa.list_(pa.string())))
    features = {field.name: _feature(field.type) for field in fields}
    features["images"] = {"_type": "List", "feature": {"_type": "Image"}}
    note = json.dumps({"info": {"features": features}})
    return pa.schema(fields, metadata={"huggingface": note})


def to_arrow(rows: Sequence[PreparedRow], schema: pa.Schema) -> pa.RecordBatch:
    """Return the rows as one record batch of ``schema``."""
    columns = []
    for column in schema:
        values: Sequence[object]
        if column.name.startswith(TARGET_PREFIX):
            name = column.name.removeprefix(TARGET_PREFIX)
            values = [row.targets.get(name) for row in rows]
        elif column.name.startswith(ANNOTATIONS_PREFIX):
            name = column.name.removeprefix(ANNOTATIONS_PREFIX)
            values = [row.annotations.get(name) for row in rows]
        elif column.name == "images":
            values = [[{"bytes": i.data, "path": i.path} for i in row.images] for row in rows]
        elif (name := column.name.removeprefix(_QUALITY_PREFIX)) in _QUALITY_TYPES:
            values = [getattr(row.ocr_quality, name, None) for row in rows]
        else:
            values = [getattr(row, column.name) for row in rows]
        columns.append(pa.array(values, type=column.type))
    return pa.record_batch(columns, schema=schema)


def qualities_of(columns: pa.Table) -> list[ReadQuality | None]:
    """Return how well the pictures of each row could be read, from :data:`QUALITY_COLUMNS`."""
    fields = [columns[name].to_pylist() for name in QUALITY_COLUMNS]
    return [None if row[0] is None else ReadQuality(*row) for row in zip(*fields, strict=True)]


def _feature(kind: pa.DataType) -> dict[str, object]:
    if pa.types.is_list(kind):
        return {"_type": "List", "feature": _feature(kind.value_type)}
    names = {"float": "float32", "double": "float64"}
    return {"_type": "Value", "dtype": names.get(str(kind), str(kind))}
