"""Takes events to an MLflow server or local store; the only importer of mlflow."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from adverts.errors import InputError, MissingExtraError
from adverts.tracking.curves import Curves
from adverts.tracking.events import (
    Artifact,
    Begin,
    BundleModel,
    DatasetUse,
    Event,
    Metrics,
    Params,
    RefusedError,
    Status,
    Tags,
)

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# A dead server must cost seconds, not the minutes of MLflow's own patience.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ["MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING"] = "false"  # not even their names
try:
    import mlflow
    from mlflow import MlflowClient
    from mlflow.entities import (
        Dataset,
        DatasetInput,
        InputTag,
        LoggedModelStatus,
        Metric,
        Param,
        Run,
        RunTag,
    )
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model

    from adverts.tracking.served_model import input_example, signature_of
except ImportError as missing:
    raise MissingExtraError("mlflow", "train") from missing

_STATUS = {"finished": "FINISHED", "failed": "FAILED"}
_MAX_PARAMS, _MAX_VALUE, _MAX_DIGEST = 100, 5000, 36
_KIND = {"mlflow.experimentKind": "custom_model_development"}  # its page opens on the runs


class MlflowSink:
    """One run at one tracking URI, through the client: no global run, nothing automatic."""

    def __init__(self, uri: str, *, artifact_root: str | None) -> None:
        """Open a store.

        Args:
            uri: Tracking URI.
            artifact_root: Where a new experiment keeps its files; None lets the server choose. An
                experiment that stands already keeps the place it was made with.
        """
        self._uri, self._artifact_root = uri, artifact_root
        self._client: MlflowClient | None = None
        self._run_id: str | None = None
        self._curves = Curves(lambda name: 0)

    @property
    def run_id(self) -> str | None:
        """Name of the run; None before ``Begin`` was sent."""
        return self._run_id

    def send(self, event: Event) -> None:
        """Send one event.

        Raises:
            Exception: Whatever MLflow, its store or the network raises.
        """
        if isinstance(event, Begin):
            self._begin(event)
            return
        assert self._run_id is not None, "Begin comes first"
        self._record(event, self._run_id)

    def _connect(self) -> MlflowClient:
        if self._client is None:
            self._client = open_client(self._uri)
        return self._client

    def _begin(self, event: Begin) -> None:
        client = self._connect()
        if event.run_id is not None:
            self._run_id = client.get_run(event.run_id).info.run_id
            self._curves = Curves(self._last_step)
            return
        experiment_id = find_experiment(client, event.experiment, self._artifact_root)
        run = client.create_run(experiment_id, start_time=event.time_ms, run_name=event.run_name)
        self._run_id = run.info.run_id

    def _record(self, event: Event, run_id: str) -> None:
        match event:
            case Params() | Metrics() | Tags():
                self._log_values(event, run_id)
            case DatasetUse():
                self._connect().log_inputs(run_id, [_dataset_input(event)])
            case Artifact(path=path, folder=folder):
                _log_artifact(self._connect(), run_id, Path(path), folder or None)
            case BundleModel():
                self._log_bundle(event, run_id)
            case Status():
                self._log_status(event, run_id)

    def _log_values(self, event: Params | Metrics | Tags, run_id: str) -> None:
        client = self._connect()
        match event:
            case Params(values=values):
                params = [Param(name, text[:_MAX_VALUE]) for name, text in values.items()]
                for start in range(0, len(params), _MAX_PARAMS):
                    client.log_batch(run_id, params=params[start : start + _MAX_PARAMS])
            case Metrics(points=points):
                unsent = self._curves.unsent(points)
                metrics = [Metric(p.name, p.value, p.time_ms, p.step) for p in unsent]
                client.log_batch(run_id, metrics=metrics)
                self._curves.sent(unsent)
            case Tags(values=values):
                tags = [RunTag(name, text[:_MAX_VALUE]) for name, text in values.items()]
                client.log_batch(run_id, tags=tags)

    def _last_step(self, name: str) -> int:
        history = self._connect().get_metric_history(str(self._run_id), name)
        return max((metric.step for metric in history), default=0)

    def _log_status(self, event: Status, run_id: str) -> None:
        if event.value == "running":
            self._connect().update_run(run_id, status="RUNNING")
        else:
            self._connect().set_terminated(run_id, _STATUS[event.value], event.time_ms)

    def _log_bundle(self, event: BundleModel, run_id: str) -> None:
        if not Path(event.path).is_dir():
            raise FileNotFoundError(event.path)
        run = self._connect().get_run(run_id)
        self._refuse_second_model(run, event)
        # before the model: where its files cannot be sent, both are sent again
        self._connect().set_tag(run_id, "bundle.manifest_sha256", event.manifest_sha256)
        log_model(self._uri, event, experiment_id=run.info.experiment_id, run_id=run_id)

    def _refuse_second_model(self, run: Run, event: BundleModel) -> None:
        for output in run.outputs.model_outputs if run.outputs else ():
            if self._stands(output.model_id):
                raise RefusedError(
                    f"run {run.info.run_id} has its one model already, {output.model_id}, so "
                    f"{event.path} is not added to it; to replace that model, delete it first: "
                    f"MlflowClient().delete_logged_model({output.model_id!r})"
                )

    def _stands(self, model_id: str) -> bool:
        """Is a model that a run names whole and still there?

        A run goes on naming a model that was deleted, and one whose files did not arrive.
        """
        try:
            model = self._connect().get_logged_model(model_id)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise
        return bool(model.status == LoggedModelStatus.READY)


def open_client(uri: str) -> MlflowClient:
    """Return a client of a store; nothing is sent yet."""
    _quieten_libraries()
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def find_experiment(client: MlflowClient, name: str, artifact_root: str | None) -> str:
    """Return the id of an experiment, made new where there is none of this name.

    Of two first runs that make it at the same time, the later one takes what the other made.
    """
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        try:
            return str(client.create_experiment(name, artifact_root, tags=_KIND))
        except MlflowException as error:
            if error.error_code == "RESOURCE_ALREADY_EXISTS":
                experiment = client.get_experiment_by_name(name)
            if experiment is None:
                raise
    return str(experiment.experiment_id)


def log_model(uri: str, bundle: BundleModel, *, experiment_id: str, run_id: str | None) -> str:
    """Copy a bundle to a store as a model of a run, or of none, and return the model's id.

    The model belongs to the experiment, and its files to the place of that experiment.
    """
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment(experiment_id=experiment_id)
    logged = Model.log(
        artifact_path=None,
        flavor=mlflow.pyfunc,
        name="model",
        run_id=run_id,
        python_model=bundle.code,
        artifacts={"bundle": bundle.path},
        signature=signature_of(Path(bundle.path)),
        input_example=input_example(),
        pip_requirements=list(bundle.requirements),
    )
    return str(logged.model_id)


def download_artifact(uri: str, run_id: str, artifact: str, folder: Path) -> Path:
    """Copy one artifact of a run into ``folder`` and return its path there.

    Raises:
        InputError: The store has no such run or artifact, or does not answer.
    """
    try:
        client = open_client(uri)
        run: Run = client.get_run(run_id)
        return Path(client.download_artifacts(run.info.run_id, artifact, str(folder)))
    except (MlflowException, OSError) as error:
        raise InputError(
            f"no {artifact} of run {run_id!r} at the tracking store ({type(error).__name__}); "
            "give the run's folder, or --uri and --store of its tracking store"
        ) from error


def download_bundle(
    uri: str, name: str, *, alias: str | None, version: str | None, folder: Path
) -> Path:
    """Copy the bundle within a registered model into ``folder`` and return its path there.

    Args:
        uri: Tracking URI; its store has the registry too.
        name: Of the registered model.
        alias: Of the version; None where ``version`` names it.
        version: Its number.
        folder: Where the copy goes.

    Raises:
        InputError: The registry has no such model or does not answer, or it holds no bundle.
    """
    asked = f"models:/{name}" + (f"@{alias}" if alias is not None else f"/{version}")
    try:
        client = open_client(uri)
        if alias is not None:
            version = client.get_model_version_by_alias(name, alias).version
        place = mlflow.artifacts.download_artifacts(
            artifact_uri=f"models:/{name}/{version}",
            dst_path=str(folder),
            tracking_uri=uri,
            registry_uri=uri,
        )
        known = Model.load(place).flavors["python_function"]["artifacts"]["bundle"]["path"]
    except KeyError as error:
        raise InputError(f"{asked} holds no bundle of ours; promote a bundle under it") from error
    except (MlflowException, OSError) as error:
        raise InputError(
            f"the model registry has no {asked} ({type(error).__name__}); give an alias that "
            "stands, or the folder of a bundle"
        ) from error
    return Path(place) / str(known)


def _quieten_libraries() -> None:
    for name in ("alembic", "mlflow.store.db.utils", "mlflow.tracking.fluent"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It tells of every default that we keep.
    logging.getLogger("mlflow.pyfunc").setLevel(logging.ERROR)
    # Of a dead server we say one line ourselves.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def _dataset_input(event: DatasetUse) -> DatasetInput:
    dataset = Dataset(
        name=event.name,
        digest=event.digest[:_MAX_DIGEST],
        source_type="adverts",
        source=f'{{"data_hash": "{event.digest}"}}',
        profile=event.facts,
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", event.context)])


def _log_artifact(client: MlflowClient, run_id: str, path: Path, folder: str | None) -> None:
    if path.is_dir():
        client.log_artifacts(run_id, str(path), folder)
    else:
        client.log_artifact(run_id, str(path), folder)
