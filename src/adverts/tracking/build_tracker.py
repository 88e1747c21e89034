"""Open the tracker of a config's tracking section, and fetch runs or models from its store."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError, MissingExtraError
from adverts.tracking.database import database_file
from adverts.tracking.events import Begin, Event, Sink, without_credentials
from adverts.tracking.other_process import OtherProcess
from adverts.tracking.spooling_tracker import SpooledTracker, print_report
from adverts.tracking.tracker import NullTracker, Tracker

if TYPE_CHECKING:
    from adverts.config import TrackingConfig, TrainConfig, TuneConfig

_DATABASE = "mlflow.db"
_ON_THIS_MACHINE = ("sqlite:", "sqlite+", "file:", "/", ".")
_NAME = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")


class LazySink:
    """A sink that opens the MLflow store for its first event, whose sending then may fail."""

    def __init__(self, uri: str | None, store: Path) -> None:
        self._uri, self._store = uri, store
        self._sink: Sink | None = None

    @property
    def run_id(self) -> str | None:
        """Id of the run at the server; None before ``Begin`` was sent."""
        return self._sink.run_id if self._sink is not None else None

    def send(self, event: Event) -> None:
        """Send one event.

        Raises:
            Exception: Any error of the store or the network.
        """
        if self._sink is None:
            self._sink = self._open(tracking_uri(self._uri, self._store))
        self._sink.send(event)

    def _open(self, uri: str) -> Sink:
        if not uri.startswith(_ON_THIS_MACHINE):
            return OtherProcess(uri)
        from adverts.tracking.mlflow_sink import MlflowSink

        folder = database_folder(uri)
        return MlflowSink(
            uri, artifact_root=None if folder is None else (folder / "artifacts").as_uri()
        )


def open_tracker(
    config: TrackingConfig,
    *,
    spool: Path,
    run_name: str,
    run_id: str | None = None,
    key: str = "",
    parent: str = "",
) -> Tracker:
    """Return the tracker that ``config`` describes, with its run begun.

    If the server does not answer, one line reports it, and the records wait in ``spool``.

    Args:
        config: Which server or store to use.
        spool: File for records that cannot be sent.
        run_name: Name of the run for people.
        run_id: Id of a run to continue; None begins a new one.
        key: Our own name of the run; a run that the server has under this name is continued.
        parent: Id of the run that a new run is a part of, such as the ``run_id`` of the tracker of
            a study for each of its trials. Empty: the run stands by itself.

    Raises:
        MissingExtraError: MLflow is asked for and not installed.
    """
    if config.kind == "none":
        return NullTracker()
    require_mlflow()
    begin = Begin(config.experiment, run_name, run_id, time.time_ns() // 1_000_000, key, parent)
    sink = LazySink(config.uri, config.store)
    return SpooledTracker(sink, spool, begin, report=print_report)


def plain_config(config: TrainConfig | TuneConfig) -> dict[str, object]:
    """Return a config as JSON values, without the credentials of its URI."""
    tracking = config.tracking
    if tracking.uri is not None:
        tracking = tracking.model_copy(update={"uri": without_credentials(tracking.uri)})
    return config.model_copy(update={"tracking": tracking}).model_dump(mode="json")


def find_run(run_id: str, *, uri: str | None, store: Path, artifact: str, folder: Path) -> Path:
    """Copy one artifact of a recorded run into ``folder`` and return its path there.

    Args:
        run_id: Id of the run.
        uri: Tracking URI; None: that of the environment, otherwise the local store.
        store: Folder of the local store.
        artifact: Path of the artifact within the run.
        folder: Folder for the copy.

    Raises:
        InputError: The store has no such run or artifact, or does not answer.
        MissingExtraError: MLflow is not installed.
    """
    if local_store_lacks(uri, store):
        raise InputError(
            f"{run_id!r} is neither a folder nor a run of the local store, since there is no "
            f"{store / _DATABASE}; give the run's folder, or --uri or --store of its tracking store"
        )
    from adverts.tracking.mlflow_models import download_artifact

    return download_artifact(tracking_uri(uri, store), run_id, artifact, folder)


def local_store_lacks(uri: str | None, store: Path) -> bool:
    """Return whether the local store is meant but does not exist; opening it would create it."""
    local = tracking_uri(uri, store) == tracking_uri(None, store, environment={})
    return local and not (store / _DATABASE).is_file()


def tracking_uri(
    uri: str | None, store: Path, *, environment: Mapping[str, str] = os.environ
) -> str:
    """Return the first of ``uri``, ``$MLFLOW_TRACKING_URI``, and the SQLite store in ``store``."""
    default = f"sqlite:///{(store.absolute() / _DATABASE).as_posix()}"
    return uri or environment.get("MLFLOW_TRACKING_URI") or default


def database_folder(uri: str) -> Path | None:
    """Return the folder of the SQLite file that ``uri`` names; None for a server.

    The files of runs belong there; MLflow itself would put them into ``mlruns`` where it runs.
    """
    path = database_file(uri)
    return None if path is None else path.parent


def require_mlflow() -> None:
    """Raise an error if MLflow is missing.

    Raises:
        MissingExtraError: MLflow is not installed.
    """
    import importlib.util

    if importlib.util.find_spec("mlflow") is None:
        raise MissingExtraError("mlflow", "train")


def resolve_model(uri: str, config: TrackingConfig, folder: Path) -> Path:
    """Copy the bundle of a registered model into ``folder`` and return its path there.

    Args:
        uri: ``models:/name@alias``, or ``models:/name/version``.
        config: Which tracking server or store has the registry.
        folder: Folder for the copy.

    Raises:
        InputError: ``uri`` is not of this form, the registry does not know the model or does not
            answer, or the model holds no bundle.
        MissingExtraError: MLflow is not installed.
    """
    found = _NAME.fullmatch(uri)
    if found is None:
        raise InputError(
            f"{uri!r} does not name a registered model; write models:/name@alias or "
            "models:/name/version"
        )
    require_mlflow()
    if local_store_lacks(config.uri, config.store):
        raise InputError(
            f"{uri} cannot be looked up, since there is no tracking store at {config.store}; give "
            "tracking.uri or tracking.store, or the folder of a bundle instead"
        )
    from adverts.tracking.mlflow_models import download_bundle

    return download_bundle(
        tracking_uri(config.uri, config.store),
        found["name"],
        alias=found["alias"],
        version=found["version"],
        folder=folder,
    )
