"""Open a client of an MLflow server or local store, without MLflow's global run or autologging."""

from __future__ import annotations

import json
import logging
import os
import warnings

from adverts.errors import MissingExtraError
from adverts.tracking.database import make_database
from adverts.tracking.events import AnswerError

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# A dead server must cost seconds, not the minutes of MLflow's own limits.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ["MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING"] = "false"  # not even their names
try:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
except ImportError as missing:
    raise MissingExtraError("mlflow", "train") from missing

VIEW = "adverts"
"""Name of the view in which the list of runs shows the headline figures."""
_SHOWN = ("evaluation.test.average_precision", "evaluation.test.macro_f1")
_CHOSEN = ("best.average_precision", "best.macro_f1")
_COLUMNS = [f"metrics.`{name}`" for name in (*_SHOWN, *_CHOSEN)]
_TAGS = {
    "mlflow.experimentKind": "custom_model_development",  # its page opens with the runs
    f"mlflow.sharedViewState.{VIEW}": json.dumps(
        {"selectedColumns": _COLUMNS, "columnWidths": dict.fromkeys(_COLUMNS, 230)}
    ),
}


def open_client(uri: str) -> MlflowClient:
    """Return a client of a store; a local store that does not exist yet is created.

    Raises:
        OSError: The folder of a local store cannot be written.
    """
    _quieten_libraries()
    make_database(uri)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def find_experiment(client: MlflowClient, name: str, artifact_root: str | None) -> str:
    """Return the id of an experiment, which is created if none has this name.

    If two first runs create it at the same time, both use the same experiment.
    """
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return _id_of_experiment(client.create_experiment(name, artifact_root, tags=_TAGS))
        except MlflowException as error:
            if error.error_code == "RESOURCE_ALREADY_EXISTS":
                experiment = client.get_experiment_by_name(name)
            if experiment is None:
                raise
    return _id_of_experiment(experiment.experiment_id)


def show_headlines(client: MlflowClient, experiment_id: str) -> None:
    """Add the view of the headline figures to an experiment of an earlier release."""
    for name, value in _TAGS.items():
        client.set_experiment_tag(experiment_id, name, value)


def _id_of_experiment(found: object) -> str:
    if not found:
        raise AnswerError("the server answers, but gives no experiment; is it a tracking server?")
    return str(found)


def _quieten_libraries() -> None:
    # It quotes the query of an address, in which a password may be.
    warnings.filterwarnings("ignore", message="Query string argument")
    for name in ("alembic", "mlflow.store.db.utils", "mlflow.tracking.fluent"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns about every default that we keep.
    logging.getLogger("mlflow.pyfunc").setLevel(logging.ERROR)
    # We report a dead server in one line ourselves.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
