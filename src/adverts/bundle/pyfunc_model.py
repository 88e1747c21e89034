"""The code file of an MLflow model: it only wraps ``adverts.runtime``, and nothing is pickled.

MLflow runs this file by itself, where the base install, MLflow and pandas are enough.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import cast

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from adverts.cores import available_cores
from adverts.errors import InputError, MissingExtraError
from adverts.ocr.protocol import Reader
from adverts.ocr.rebuild import reader_from_facts
from adverts.runtime import Classifier
from adverts.runtime.adverts import ImageEntry, OcrEntry

_COLUMNS = ("text", "image", "ocr_text")
_LANGUAGE = "lang"


class BundleModel(PythonModel):
    """Scores a table with some of the columns ``text``, ``image``, ``ocr_text``, and ``lang``."""

    def load_context(self, context: PythonModelContext) -> None:
        """Open and verify the bundle that lies in the model's artifacts."""
        self._classifier = Classifier.load(context.artifacts["bundle"])
        self._reader = _reader_of(self._classifier.manifest.ocr)

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, object] | None = None,
    ) -> pd.DataFrame:
        """Return one column ``<task>.<label>`` for each probability, and what is done with each.

        Args:
            context: Of MLflow; not used.
            model_input: ``text`` and ``ocr_text`` hold texts, ``image`` the bytes of a file; None
                or a missing value where an advert has no such part. A picture without
                ``ocr_text`` is read here where the engine of training is installed (the extra
                ``ocr``); where it is not, and the model reads the text in pictures, its row has an
                ``error``. Text of pictures that is given counts as read nobody knows how well.
                ``lang`` is a BCP-47 tag; it changes no probability, and tells which adverts the
                model leaves to people.
            params: Not used.

        Raises:
            InputError: The table has none of the columns.
        """
        columns = {name: _column(model_input, name) for name in _COLUMNS if name in model_input}
        if not columns:
            raise InputError(f"the table has none of the columns {', '.join(_COLUMNS)}")
        responses = self._classifier.predict(
            texts=cast(Sequence[str | None] | None, columns.get("text")),
            images=cast(Sequence[ImageEntry] | None, columns.get("image")),
            ocr=cast(Sequence[OcrEntry] | None, columns.get("ocr_text")),
            languages=cast(
                Sequence[str | None] | None,
                _column(model_input, _LANGUAGE) if _LANGUAGE in model_input else None,
            ),
            reader=self._reader,
        )
        names = [(task.name, label) for task in self._classifier.tasks for label in task.labels]
        missing = {task: {label: float("nan") for _, label in names} for task, _ in names}
        rows = []
        for response in responses:
            found = missing | dict(response.probabilities)
            values = [found[task][label] for task, label in names]
            error = response.error.message if response.error else None
            rows.append([*values, response.review_band, response.reason, error])
        titles = [*(f"{task}.{label}" for task, label in names), "review_band", "reason", "error"]
        return pd.DataFrame(rows, columns=titles, index=model_input.index)


def _reader_of(facts: Mapping[str, object] | None) -> Reader | None:
    """Return the reader that the model learnt with; None without one.

    Where it cannot be built, a warning says why, and adverts with pictures get an error.
    """
    if facts is None:
        return None
    try:
        return reader_from_facts(facts, threads=available_cores())
    except (InputError, MissingExtraError) as error:
        warnings.warn(f"pictures are not read here: {error}", stacklevel=2)
        return None


def _column(table: pd.DataFrame, name: str) -> list[object]:
    """Return the values of a column, with None for every kind of missing value."""
    missing: list[bool] = table[name].isna().tolist()
    return [None if lacks else value for value, lacks in zip(table[name], missing, strict=True)]


set_model(BundleModel())
