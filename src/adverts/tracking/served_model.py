"""The MLflow signature of a bundle's model, and an example of its input."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema, TensorSpec
from mlflow.types.schema import Array, Object, Property

from adverts.bundle.served_table import (
    COLUMNS_IN,
    TEXT_COLUMNS_OUT,
    VALUE_COLUMNS_OUT,
    probability_columns,
)
from adverts.runtime.manifest import MANIFEST_NAME, BundleManifest

_SIGNAL = Object(
    [Property("label", DataType.string), Property("probability", DataType.double)],
)
_LANGUAGE = Object(
    [
        Property("tag", DataType.string, required=False),
        Property("script", DataType.string, required=False),
        Property("identified", DataType.boolean),
    ]
)
_VALUES: dict[str, Array | DataType | Object] = {
    "routes": Array(DataType.string),
    "safeguarding": Array(_SIGNAL),
    "language": _LANGUAGE,
    "exited": DataType.boolean,
    "order_only": DataType.boolean,
}


def signature_of(folder: Path) -> ModelSignature:
    """Return the input and output columns of a bundle's model.

    No column is required, since any part of an advert may be missing. The model itself refuses a
    table with none of them. A picture is base64 text, since JSON has no bytes; a table may also
    hold the bytes of a file.

    Raises:
        IntegrityError: The folder holds no manifest of a bundle.
    """
    tasks = BundleManifest.from_json((folder / MANIFEST_NAME).read_bytes()).label_schema.tasks
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.string, name, required=False) for name in COLUMNS_IN
    ]
    outputs: list[ColSpec | TensorSpec] = [
        *(ColSpec(DataType.double, name, required=False) for name in probability_columns(tasks)),
        *(ColSpec(DataType.string, name, required=False) for name in TEXT_COLUMNS_OUT),
        *(ColSpec(_VALUES[name], name, required=False) for name in VALUE_COLUMNS_OUT),
    ]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def input_example() -> pd.DataFrame:
    """Return one fictional advert, as a request would hold it."""
    return pd.DataFrame(
        {
            "text": ["Ferry timetable for the summer: bicycles travel free. <LINK>"],
            "lang": ["en"],
            "id": ["example"],
        }
    )
