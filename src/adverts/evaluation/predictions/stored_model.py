"""Read and write what an evaluation stores of a model: its predictions and decision rules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError, IntegrityError, plural
from adverts.evaluation.predictions.model_facts import ModelFacts
from adverts.evaluation.predictions.prediction_file import (
    FILE_NAME,
    Predictions,
    read_predictions,
    select,
)
from adverts.files.bounded_reading import read_json
from adverts.files.file_hash import file_sha256
from adverts.runtime.rules.decision_rules import FILE_NAMES as RULES
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.decision_rules import read_rules as read_frozen_rules

_PERMISSIONS = 0o600
REPORT = "report.json"
_AGAIN = "run adverts evaluate on the model again"


@dataclass(frozen=True, slots=True, eq=False)
class StoredModel:
    """Stored predictions and decision rules of a model.

    Attributes:
        path: Path of the predictions file.
        facts: Facts about the model.
        rules: Decision rules next to the predictions; None where there are none.
        predictions: Predictions for every advert that the model was scored on.
    """

    path: Path
    facts: ModelFacts
    rules: DecisionRules | None
    predictions: Predictions

    def of(self, ids: Sequence[str], *, data_hash: str) -> Predictions:
        """Return the stored predictions of these adverts, in this order.

        Raises:
            InputError: The predictions are of another dataset, or an advert has none.
        """
        if data_hash != self.predictions.data_hash:
            raise InputError(
                f"{self.path} holds predictions of data {self.predictions.data_hash[:12]}, and the "
                f"prepared dataset is {data_hash[:12]}; evaluate the model itself on that dataset "
                "first, or name the dataset that was judged"
            )
        place = {advert: i for i, advert in enumerate(self.predictions.ids)}
        missing = [advert for advert in ids if advert not in place]
        if missing:
            raise InputError(
                f"{self.path} has no prediction of {len(missing):,} of {plural(len(ids), 'advert')}"
                f" (first {missing[0]}); evaluate the model itself on this split first, or name "
                "the split that was judged"
            )
        return select(self.predictions, [place[advert] for advert in ids])


def predictions_in(path: Path) -> Path | None:
    """Return the predictions file at ``path`` or in that folder; None where there is none."""
    if path.is_file() and path.suffix == ".parquet":
        return path
    return path / FILE_NAME if (path / FILE_NAME).is_file() else None


def read_stored(path: Path) -> StoredModel:
    """Read the predictions at ``path`` and the rules next to them.

    Raises:
        InputError: It is not a predictions file, or does not say which model made it.
        IntegrityError: The rules are not as they were written, or the report next to the
            predictions is of other ones.
    """
    _require_reported(path)
    predictions = read_predictions(path)
    if predictions.made_by is None:
        raise InputError(
            f"{path} does not say which model made it, so it cannot be judged; "
            "run adverts evaluate on the model again"
        )
    return StoredModel(path, predictions.made_by, read_rules(path.parent), predictions)


def _require_reported(path: Path) -> None:
    """Refuse predictions that are not those of the report next to them, if there is one."""
    try:
        report = read_json(path.with_name(REPORT), finite=False)
    except FileNotFoundError:
        return  # its adverts have no labels
    except (OSError, ValueError) as error:
        raise IntegrityError(f"{path.with_name(REPORT)} is damaged ({error}); {_AGAIN}") from None
    origin = report.get("origin") if isinstance(report, dict) else None
    wanted = origin.get("predictions_sha256") if isinstance(origin, dict) else None
    found = file_sha256(path)
    if wanted != found:
        raise IntegrityError(
            f"{path} is not what {REPORT} judged: sha256 {found[:12]}, and it recorded "
            f"{str(wanted)[:12]}; {_AGAIN}"
        )


def write_rules(folder: Path, rules: DecisionRules) -> None:
    """Write ``calibration.json`` and ``thresholds.json``, which only their owner can read."""
    texts = rules.files()
    for name in RULES:
        path = folder / name
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, _PERMISSIONS)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(texts[name])


def read_rules(folder: Path) -> DecisionRules | None:
    """Read the files that :func:`write_rules` wrote; None where neither exists.

    Raises:
        InputError: One of the two files is missing.
        IntegrityError: A file is not valid.
    """
    standing = [(folder / name).is_file() for name in RULES]
    if not any(standing):
        return None
    if not all(standing):
        raise InputError(
            f"{folder} holds only one of {' and '.join(RULES)}; run adverts evaluate again"
        )
    try:
        return read_frozen_rules(folder)
    except IntegrityError as error:
        raise IntegrityError(f"{folder}: {error}; run adverts evaluate again") from error
