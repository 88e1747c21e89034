"""Which version of a registered model is the champion, and how an alias comes to name another."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts.errors import InputError
from adverts.tracking.build_tracker import database_folder, require_mlflow, tracking_uri
from adverts.tracking.events import LoggedBundle, redact
from adverts.tracking.other_process import seconds_for, time_limit

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from adverts.config import TrackingConfig

IDENTITY, GATE = "bundle_identity", "gate_sha256"
ROLLED_BACK = "rolled_back_to"
ANSWER_SECONDS = 120.0
"""What a store may take for one question, the first of which makes a local store."""
_ALIAS, _PREVIOUS = "promoted_as", "previous_version"
_PROMOTED = "promoted_manifest_sha256"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a registered model.

    Attributes:
        model: Name of the model.
        number: Of the version; a later one is higher.
        tags: What is recorded of it: who approved it and why, hash of its gate record, identity
            of its bundle, and the version that it followed.
    """

    model: str
    number: str
    tags: Mapping[str, str]

    def previous(self, alias: str) -> str | None:
        """Return the number of the version that the alias named before; None where none is told."""
        return self.tags.get(_PREVIOUS) if self.tags.get(_ALIAS) == alias else None


class Registry:
    """The registered models of one store."""

    def __init__(self, client: MlflowClient, uri: str, *, artifact_root: str | None) -> None:
        """Use a store.

        Args:
            client: Of the store.
            uri: Its address.
            artifact_root: Where a new experiment keeps its files; None lets the server choose.
        """
        self._client, self._uri, self._artifact_root = client, uri, artifact_root

    def named(self, model: str, alias: str) -> Version | None:
        """Return the version that an alias names; None where it names none.

        Raises:
            InputError: The store does not answer, or takes no such name.
        """
        with _told(model), _absent_is_none():
            return _version(self._client.get_model_version_by_alias(model, alias))
        return None

    def version(self, model: str, number: str) -> Version:
        """Return a version by its number.

        Raises:
            InputError: There is none, or the store does not answer.
        """
        with _told(model):
            return _version(self._client.get_model_version(model, number))

    def find(self, model: str, tags: Mapping[str, str]) -> Version | None:
        """Return the newest version of a model that carries these tags; None where none does.

        Raises:
            InputError: The store does not answer.
        """
        with _told(model), _absent_is_none():
            versions = self._client.search_model_versions(f"name='{model}'")
            found = [_version(one) for one in versions if tags.items() <= (one.tags or {}).items()]
            return max(found, key=lambda one: int(one.number), default=None)
        return None

    def add(
        self,
        model: str,
        bundle: LoggedBundle,
        *,
        tags: Mapping[str, str],
        experiment: str,
        run_id: str | None,
    ) -> Version:
        """Copy a bundle to the store and register it as a new version of a model.

        The model is no part of the run that trained it: that run stays as it is.

        Args:
            model: Name of the registered model; made new where there is none.
            bundle: On this machine.
            tags: What is recorded of the version.
            experiment: Keeps the files of a bundle whose run the store does not know.
            run_id: The run that trained it; None where it was not tracked.

        Raises:
            InputError: The store does not answer, or refuses it.
        """
        from adverts.tracking.mlflow_client import find_experiment
        from adverts.tracking.mlflow_models import log_model, use_store

        with _told(model, more_s=seconds_for(bundle)):
            use_store(self._uri)
            run_id, experiment_id = self._run(run_id)
            if experiment_id is None:
                experiment_id = find_experiment(self._client, experiment, self._artifact_root)
            model_id = self._logged(bundle, experiment_id) or log_model(
                self._uri,
                bundle,
                experiment_id=experiment_id,
                run_id=None,
                tags={_PROMOTED: bundle.manifest_sha256},
            )
            if not self._is_registered(model):
                self._client.create_registered_model(model)
            made = self._client.create_model_version(
                model, f"models:/{model_id}", run_id=run_id, tags=dict(tags), model_id=model_id
            )
            return _version(made)

    def move(self, alias: str, to: Version, *, known: Version | None) -> None:
        """Let an alias name another version, unless somebody moved it since it was last seen.

        Args:
            alias: Of the model of ``to``.
            to: What it names from now on.
            known: What it named when its move was decided; None: nothing.

        Raises:
            InputError: It names another version by now, or the store does not answer.
        """
        self._require(to.model, alias, known)
        with _told(to.model):
            self._client.set_registered_model_alias(to.model, alias, to.number)
        self._require(to.model, alias, to)

    def note(self, version: Version, tags: Mapping[str, str]) -> None:
        """Record something of a version.

        Raises:
            InputError: The store does not answer.
        """
        with _told(version.model):
            for name, value in tags.items():
                self._client.set_model_version_tag(version.model, version.number, name, value)

    def _require(self, model: str, alias: str, wanted: Version | None) -> None:
        """Say who names what by now; the store itself has no move with a condition."""
        found = self.named(model, alias)
        if (found and found.number) != (wanted and wanted.number):
            raise InputError(
                f"somebody else moved {model}@{alias} meanwhile: it names {_told_as(found)}, "
                f"and {_told_as(wanted)} was expected; look at it, then start again"
            )

    def _run(self, run_id: str | None) -> tuple[str | None, str | None]:
        """Return the run and its experiment; None for both where the store does not know it."""
        if run_id is None:
            return None, None
        with _absent_is_none("Invalid value"):  # the id of a run of another kind of store
            return run_id, str(self._client.get_run(run_id).info.experiment_id)
        return None, None

    def _logged(self, bundle: LoggedBundle, experiment_id: str) -> str | None:
        """Return the id of the whole copy of this bundle that a killed promotion left; or None."""
        from mlflow.entities import LoggedModelStatus

        wanted = f"tags.{_PROMOTED} = '{bundle.manifest_sha256}'"
        found = self._client.search_logged_models([experiment_id], filter_string=wanted)
        whole = (one for one in found if one.status == LoggedModelStatus.READY)
        return next((str(one.model_id) for one in whole), None)

    def _is_registered(self, model: str) -> bool:
        with _absent_is_none():
            self._client.get_registered_model(model)
            return True
        return False


def open_registry(config: TrackingConfig) -> Registry:
    """Return the registry of the store that ``config`` names.

    Raises:
        InputError: It names none.
        MissingExtraError: MLflow is not installed.
    """
    if config.kind == "none":
        raise InputError("a registry keeps who is champion, and tracking=none names none")
    require_mlflow()
    from adverts.tracking.mlflow_client import open_client

    uri = tracking_uri(config.uri, config.store)
    folder = database_folder(uri)
    root = None if folder is None else (folder / "artifacts").as_uri()
    with _told("the registry"):
        return Registry(open_client(uri), uri, artifact_root=root)


def promotion_tags(
    alias: str, previous: Version | None, *, approved_by: str, reason: str, told: Mapping[str, str]
) -> dict[str, str]:
    """Return what is recorded of a version that an alias is about to name.

    Args:
        alias: Which one.
        previous: What it names so far; None: nothing.
        approved_by: Who wants it.
        reason: Why.
        told: Hashes of the bundle, its gate record, its data.
    """
    tags = {_ALIAS: alias, "approved_by": approved_by, "reason": reason, **told}
    return tags if previous is None else tags | {_PREVIOUS: previous.number}


def rollback_tags(to: Version, *, approved_by: str, reason: str) -> dict[str, str]:
    """Return what is recorded of a version that an alias no longer names."""
    return {
        ROLLED_BACK: to.number,
        "rolled_back_by": approved_by,
        "rolled_back_reason": reason,
        "rolled_back_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _version(found: ModelVersion) -> Version:
    return Version(found.name, str(found.version), dict(found.tags or {}))


def _told_as(version: Version | None) -> str:
    return f"version {version.number}" if version else "no version"


@contextmanager
def _absent_is_none(saying: str = "not found") -> Iterator[None]:
    """Leave the block where the store does not know what is asked for, whatever code it gives."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST" and saying not in str(error):
            raise


@contextmanager
def _told(model: str, *, more_s: float = 0.0) -> Iterator[None]:
    """Turn what a store refuses, or does not answer in time, into one line."""
    from mlflow.exceptions import MlflowException

    try:
        with time_limit(ANSWER_SECONDS + more_s):
            yield
    except (MlflowException, OSError) as error:
        lines = redact(str(error)).splitlines() or [""]
        raise InputError(f"{model}: the registry says: {lines[0][:300]}") from error
