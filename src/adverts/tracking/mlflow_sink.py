"""Send the events of a run to an MLflow server or local store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adverts.errors import MissingExtraError
from adverts.tracking.events import (
    AnswerError,
    Artifact,
    Begin,
    DatasetUse,
    Event,
    IncompleteError,
    LoggedBundle,
    Metrics,
    Note,
    Params,
    RecordRefusedError,
    StatusChange,
    Tags,
    TextFile,
)
from adverts.tracking.mlflow_client import find_experiment, open_client
from adverts.tracking.mlflow_models import log_model
from adverts.tracking.resumed_curves import Curves, History
from adverts.tracking.run_description import with_section, within

try:
    from mlflow import MlflowClient
    from mlflow.entities import (
        Dataset,
        DatasetInput,
        InputTag,
        LoggedModelOutput,
        LoggedModelStatus,
        Metric,
        Param,
        Run,
        RunTag,
    )
    from mlflow.exceptions import MlflowException
    from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NOTE
except ImportError as missing:
    raise MissingExtraError("mlflow", "train") from missing

_STATUS = {"finished": "FINISHED", "failed": "FAILED"}
_MAX_PARAMS, _MAX_VALUE, _MAX_DIGEST = 100, 5000, 36
_KEY, _OLD_KEY = "mlflow.adverts.run_key", "adverts.run_key"  # pages leave out mlflow.*


class MlflowSink:
    """Sink for one run at one tracking URI, without MLflow's global run or autologging."""

    def __init__(self, uri: str, *, artifact_root: str | None) -> None:
        """Open a store.

        Args:
            uri: Tracking URI.
            artifact_root: Where a new experiment keeps its files; None lets the server choose. An
                existing experiment keeps its place.
        """
        self._uri, self._artifact_root = uri, artifact_root
        self._client: MlflowClient | None = None
        self._run_id: str | None = None
        self._curves = Curves(lambda name: ())
        self._known_params: frozenset[str] = frozenset()
        self._sent = _Sent()

    @property
    def run_id(self) -> str | None:
        """Id of the run; None before ``Begin`` was sent."""
        return self._run_id

    def send(self, event: Event) -> None:
        """Send one event.

        Raises:
            Exception: Any error of MLflow, its store or the network.
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
            self._take_up(client.get_run(event.run_id), event.run_id)
            return
        experiment_id = find_experiment(client, event.experiment, self._artifact_root)
        begun = _run_of_key(client, experiment_id, event.key) if event.key else None
        if begun is not None:
            self._take_up(begun, begun.info.run_id)
            return
        given = {_KEY: event.key, MLFLOW_PARENT_RUN_ID: event.parent}
        tags = {name: value for name, value in given.items() if value}
        run = client.create_run(experiment_id, event.time_ms, tags, event.run_name)
        if not run.info.run_id:
            raise AnswerError("the server answers, but created no run; is it a tracking server?")
        self._run_id = run.info.run_id

    def _take_up(self, run: Run, wanted: str) -> None:
        """Continue a run from the state that the server shows."""
        if not wanted or run.info.run_id != wanted:
            raise AnswerError(
                f"the server shows no run {wanted}, though it answers; is it a tracking server?"
            )
        self._run_id = wanted
        self._known_params = frozenset(run.data.params)
        self._curves = Curves(self._history)

    def _record(self, event: Event, run_id: str) -> None:
        match event:
            case Params() | Metrics() | Tags():
                self._log_values(event, run_id)
            case DatasetUse():
                self._connect().log_inputs(run_id, [_dataset_input(event)])
                self._sent.digests.add(event.digest[:_MAX_DIGEST])
            case Artifact(path=path, folder=folder):
                _log_artifact(self._connect(), run_id, Path(path), folder or None)
            case TextFile(path=path, text=text):
                self._connect().log_text(run_id, text, path)
            case Note():
                self._describe(event, run_id)
            case LoggedBundle():
                self._log_bundle(event, run_id)
            case StatusChange():
                self._log_status(event, run_id)

    def _log_values(self, event: Params | Metrics | Tags, run_id: str) -> None:
        client = self._connect()
        match event:
            case Params(values=values):
                self._sent.params.update(values)
                params = [
                    Param(name, text[:_MAX_VALUE])
                    for name, text in values.items()
                    if name not in self._known_params  # a recorded one cannot be changed
                ]
                for start in range(0, len(params), _MAX_PARAMS):
                    client.log_batch(run_id, params=params[start : start + _MAX_PARAMS])
            case Metrics(points=points):
                self._sent.metrics.update(point.name for point in points)
                unsent = self._curves.unsent(points)
                metrics = [Metric(p.name, p.value, p.time_ms, p.step) for p in unsent]
                if metrics:
                    client.log_batch(run_id, metrics=metrics)
                self._curves.sent(unsent)
            case Tags(values=values):
                self._sent.tags.update(values)
                tags = [RunTag(name, text[:_MAX_VALUE]) for name, text in values.items()]
                client.log_batch(run_id, tags=tags)

    def _describe(self, event: Note, run_id: str) -> None:
        """Replace one section of the description; whatever people wrote around it stays."""
        known = self._connect().get_run(run_id).data.tags.get(MLFLOW_RUN_NOTE, "")
        told = within(with_section(known, event.heading, event.text), event.heading, _MAX_VALUE)
        if told is None:
            raise RecordRefusedError(
                f"the description of run {run_id} has no room for “{event.heading}”; shorten it"
            )
        if told != known:
            self._connect().set_tag(run_id, MLFLOW_RUN_NOTE, told)

    def _history(self, name: str) -> History:
        history = self._connect().get_metric_history(str(self._run_id), name)
        return [(metric.step, metric.value) for metric in history]

    def _log_status(self, event: StatusChange, run_id: str) -> None:
        if event.value == "running":
            self._connect().update_run(run_id, status="RUNNING")
            return
        if event.value == "finished":
            self._require_complete(run_id)
        self._connect().set_terminated(run_id, _STATUS[event.value], event.time_ms)

    def _require_complete(self, run_id: str) -> None:
        """Refuse to finish a run if the server lacks something that was sent to it."""
        run = self._connect().get_run(run_id)
        missing = self._sent.missing(run)
        if missing:
            self._take_up(run, run_id)
            raise IncompleteError(
                f"the server accepted {', '.join(missing[:3])} but does not show it"
                + (f", nor {len(missing) - 3} more" if len(missing) > 3 else "")
            )

    def _log_bundle(self, event: LoggedBundle, run_id: str) -> None:
        if not Path(event.path).is_dir():
            raise FileNotFoundError(event.path)
        run = self._connect().get_run(run_id)
        if self._has_model(run, event):
            return
        self._refuse_second_model(run, event)
        # before the model: if its files cannot be sent, both are sent again
        self._connect().set_tag(run_id, "bundle.manifest_sha256", event.manifest_sha256)
        log_model(self._uri, event, experiment_id=run.info.experiment_id, run_id=run_id)

    def _has_model(self, run: Run, event: LoggedBundle) -> bool:
        """Return whether the run already has this bundle as its model, from a killed command."""
        known = run.data.tags.get("bundle.manifest_sha256") == event.manifest_sha256
        return known and any(self._stands(output.model_id) for output in _outputs(run))

    def _refuse_second_model(self, run: Run, event: LoggedBundle) -> None:
        for output in _outputs(run):
            if self._stands(output.model_id):
                raise RecordRefusedError(
                    f"run {run.info.run_id} already has its one model, {output.model_id}, so "
                    f"MLflow does not list {event.path}, which can be used all the same; to list "
                    "it instead, delete that model in MLflow first: "
                    f"MlflowClient().delete_logged_model({output.model_id!r})"
                )

    def _stands(self, model_id: str) -> bool:
        """Return whether a model of a run still exists and is complete.

        A run still lists a model that was deleted, or whose files did not arrive.
        """
        try:
            model = self._connect().get_logged_model(model_id)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise
        return bool(model.status == LoggedModelStatus.READY)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Names of the records that this process sent for a run."""

    params: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    metrics: set[str] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)

    def missing(self, run: Run) -> list[str]:
        """Return in words which of these records a run lacks."""
        inputs = None if run.inputs is None else run.inputs.dataset_inputs
        digests = self.digests if inputs is None else {one.dataset.digest for one in inputs}
        return [
            *(f"the parameter {name}" for name in sorted(self.params - run.data.params.keys())),
            *(f"the tag {name}" for name in sorted(self.tags - run.data.tags.keys())),
            *(f"the curve {name}" for name in sorted(self.metrics - run.data.metrics.keys())),
            *(f"the dataset {name[:12]}" for name in sorted(self.digests - digests)),
        ]


def _run_of_key(client: MlflowClient, experiment_id: str, key: str) -> Run | None:
    """Return the run that a killed process began under our own name; None if there is none."""
    for tag in (_KEY, _OLD_KEY):
        found = client.search_runs([experiment_id], f"tags.`{tag}` = '{key}'", max_results=1)
        if found:
            return found[0]
    return None


def _outputs(run: Run) -> Sequence[LoggedModelOutput]:
    return run.outputs.model_outputs if run.outputs else ()


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
