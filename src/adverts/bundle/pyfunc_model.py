"""The code file of an MLflow model, which wraps ``adverts.runtime`` and pickles nothing.

MLflow runs this file by itself. It needs only the base install, MLflow and pandas.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from adverts.bundle.served_table import answers_of, requests_of
from adverts.errors import InputError, MissingExtraError
from adverts.ocr.protocol import Reader
from adverts.ocr.rebuild import reader_from_facts
from adverts.runtime import Classifier
from adverts.runtime.stream.json_lines import respond
from adverts.work.cpu_session import available_cores


class BundleModel(PythonModel):
    """Scores a table with some of the columns ``text``, ``image``, ``ocr_text``, ``lang``, ``id``.

    Threads may share one model, as they do in a server.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Open and verify the bundle in the model's artifacts."""
        self._classifier = Classifier.load(context.artifacts["bundle"])
        self._reader = _reader_of(self._classifier.manifest.ocr)

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, object] | None = None,
    ) -> pd.DataFrame:
        """Return a column ``<task>.<label>`` for each probability, and what to do with each advert.

        The other columns are ``id``, ``review_band``, ``reason``, ``routes``, ``safeguarding``,
        ``language``, ``exited``, ``order_only``, ``error_code``, ``error`` and ``bundle``, see
        :func:`adverts.bundle.served_table.answers_of`. A bad row gets an error; others are scored.

        Args:
            context: Not used; MLflow passes it.
            model_input: ``text`` and ``ocr_text`` hold texts. ``image`` holds a picture as base64
                text or as the bytes of a file, or a list of them. None or a missing value means
                that the advert has no such part. A picture without ``ocr_text`` is read here if
                the OCR engine of training is installed (the extra ``ocr``). Otherwise its row has
                an error if the model reads the text in pictures. A given ``ocr_text`` counts as
                text of unknown read quality. ``lang`` is a BCP-47 tag: it changes no probability,
                only which adverts the model leaves to people. ``id`` is returned unchanged.
            params: Not used.

        Raises:
            InputError: The table has none of the columns, or one of them twice.
        """
        requests = requests_of(model_input)
        responses = respond(self._classifier, requests, reader=self._reader)
        return answers_of(requests, responses, self._classifier.tasks, model_input.index)


def _reader_of(facts: Mapping[str, object] | None) -> Reader | None:
    """Return the reader that read the training pictures; None if there was none.

    If it cannot be built, a warning says why, and adverts with pictures get an error.
    """
    if facts is None:
        return None
    try:
        return reader_from_facts(facts, threads=available_cores())
    except (InputError, MissingExtraError) as error:
        warnings.warn(f"pictures are not read here: {error}", stacklevel=2)
        return None


set_model(BundleModel())
