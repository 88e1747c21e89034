"""Versions of registered models: which one an alias names, and how to add one or move an alias."""

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
ROLLED_BACK, ROLLED_BACK_REASON = "rolled_back_to", "rolled_back_reason"
CHAMPION = "champion"
"""Alias of the version in use, with which ``gate=release`` compares."""
ANSWER_SECONDS = 120.0
"""Time limit for one request to a store; the first request may create a local store."""
ALIAS, _PREVIOUS = "promoted_as", "previous_version"
_PROMOTED = "promoted_manifest_sha256"
_WHAT_IT_IS = (
    "Bundles that `adverts promote` approved. An alias names the version in use; the tags of a "
    "version say who approved it, why, and which version was in use before. "
    "`adverts evaluate champion=models:/NAME@ALIAS` compares the next one with it."
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a registered model.

    Attributes:
        model: Name of the model.
        number: Number of the version; later versions have higher numbers.
        tags: Recorded facts: who approved it and why, hash of its gate record, identity of its
            bundle, and the version before it.
    """

    model: str
    number: str
    tags: Mapping[str, str]

    def previous(self, alias: str) -> str | None:
        """Return the number of the version that the alias named before; None if not recorded."""
        return self.tags.get(_PREVIOUS) if self.tags.get(ALIAS) == alias else None


class Registry:
    """The registered models of one store."""

    def __init__(self, client: MlflowClient, uri: str, *, artifact_root: str | None) -> None:
        """Use a store.

        Args:
            client: Client of the store.
            uri: Address of the store.
            artifact_root: Where a new experiment keeps its files; None lets the server choose.
        """
        self._client, self._uri, self._artifact_root = client, uri, artifact_root

    def named(self, model: str, alias: str) -> Version | None:
        """Return the version that an alias names; None if it names none.

        Raises:
            InputError: The store does not answer, or does not accept the name.
        """
        with _limited(self._uri, model), _absent_is_none():
            return _version(self._client.get_model_version_by_alias(model, alias))
        return None

    def version(self, model: str, number: str) -> Version:
        """Return a version by its number.

        Raises:
            InputError: There is no such version, or the store does not answer.
        """
        with _limited(self._uri, model):
            return _version(self._client.get_model_version(model, number))

    def find(self, model: str, tags: Mapping[str, str]) -> Version | None:
        """Return the newest version of a model that has all these tags; None if none does.

        Raises:
            InputError: The store does not answer.
        """
        with _limited(self._uri, model), _absent_is_none():
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
        description: str = "",
        figures: Mapping[str, float] | None = None,
    ) -> Version:
        """Copy a bundle to the store and register it as a new version of a model.

        The run that trained it is not changed.

        Args:
            model: Name of the registered model, which is created if it does not exist.
            bundle: The bundle, which is on this machine.
            tags: Facts to record for the version.
            experiment: Name of the experiment for a bundle whose run the store does not know.
            run_id: Id of the run that trained it; None if it was not tracked.
            description: What people should know of the version, as Markdown.
            figures: Figures of the version by name, which its page shows as tags.

        Raises:
            InputError: The store does not answer, or refuses the bundle.
        """
        from adverts.tracking.mlflow_client import find_experiment
        from adverts.tracking.mlflow_models import log_model, use_store

        with _limited(self._uri, model, more_s=seconds_for(bundle)):
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
                self._client.create_registered_model(model, description=_WHAT_IT_IS)
            shown = {name: f"{value:.4g}" for name, value in (figures or {}).items()}
            made = self._client.create_model_version(
                model,
                f"models:/{model_id}",
                run_id=run_id,
                tags={**shown, **tags},
                description=description or None,
                model_id=model_id,
            )
            return _version(made)

    def move(self, alias: str, to: Version, *, known: Version | None) -> None:
        """Move an alias to another version, unless it was moved since it was last seen.

        Args:
            alias: An alias of the model of ``to``.
            to: Version that the alias names from now on.
            known: Version that it named when the move was decided; None: none.

        Raises:
            InputError: The alias now names another version, or the store does not answer.
        """
        self.require(to.model, alias, known)
        with _limited(self._uri, to.model):
            self._client.set_registered_model_alias(to.model, alias, to.number)
        self.require(to.model, alias, to)

    def note(self, version: Version, tags: Mapping[str, str]) -> None:
        """Record tags for a version.

        Raises:
            InputError: The store does not answer.
        """
        with _limited(self._uri, version.model):
            for name, value in tags.items():
                self._client.set_model_version_tag(version.model, version.number, name, value)

    def withdraw(self, version: Version) -> None:
        """Take out a version, unless an alias names it; its bundle stays in the store.

        Raises:
            InputError: The store does not answer.
        """
        with _limited(self._uri, version.model):
            found = self._client.get_model_version(version.model, version.number)
            if not found.aliases:
                self._client.delete_model_version(version.model, version.number)

    def require(self, model: str, alias: str, wanted: Version | None) -> None:
        """Require that an alias names a version, since the store has no conditional move.

        Raises:
            InputError: It names another one, or the store does not answer.
        """
        found = self.named(model, alias)
        if (found and found.number) != (wanted and wanted.number):
            raise InputError(
                f"somebody else has moved {model}@{alias}: it names {_version_text(found)}, "
                f"but {_version_text(wanted)} was expected; check it, then start again"
            )

    def _run(self, run_id: str | None) -> tuple[str | None, str | None]:
        """Return the ids of the run and its experiment; both None if the store lacks the run."""
        if run_id is None:
            return None, None
        with _absent_is_none("Invalid value"):  # the id is from another kind of store
            return run_id, str(self._client.get_run(run_id).info.experiment_id)
        return None, None

    def _logged(self, bundle: LoggedBundle, experiment_id: str) -> str | None:
        """Return the id of a complete copy of this bundle from a killed promotion, or None."""
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
        InputError: ``config`` names no store.
        MissingExtraError: MLflow is not installed.
    """
    if config.kind == "none":
        raise InputError(
            "a registry records the champion, but tracking=none has none; set tracking=mlflow"
        )
    require_mlflow()
    from adverts.tracking.mlflow_client import open_client

    uri = tracking_uri(config.uri, config.store)
    folder = database_folder(uri)
    root = None if folder is None else (folder / "artifacts").as_uri()
    with _limited(uri, "the registry"):
        return Registry(open_client(uri), uri, artifact_root=root)


def promotion_tags(
    alias: str, previous: Version | None, *, approved_by: str, reason: str, told: Mapping[str, str]
) -> dict[str, str]:
    """Return the tags for a version that an alias is about to name.

    Args:
        alias: The alias.
        previous: Version that the alias names so far; None: none.
        approved_by: Who approved the promotion.
        reason: Why it was approved.
        told: Further tags: hashes of the bundle, its gate record and its data.
    """
    tags = {ALIAS: alias, "approved_by": approved_by, "reason": reason, **told}
    return tags if previous is None else tags | {_PREVIOUS: previous.number}


def rollback_tags(to: Version, *, approved_by: str, reason: str) -> dict[str, str]:
    """Return the tags for a version that an alias no longer names after a rollback to ``to``."""
    return {
        ROLLED_BACK: to.number,
        "rolled_back_by": approved_by,
        ROLLED_BACK_REASON: reason,
        "rolled_back_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _version(found: ModelVersion) -> Version:
    return Version(found.name, str(found.version), dict(found.tags or {}))


def _version_text(version: Version | None) -> str:
    return f"version {version.number}" if version else "no version"


@contextmanager
def _absent_is_none(saying: str = "not found") -> Iterator[None]:
    """Leave the block if the store does not know what is asked for, whatever its error code."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST" and saying not in str(error):
            raise


@contextmanager
def _limited(uri: str, model: str, *, more_s: float = 0.0) -> Iterator[None]:
    """Turn a refusal or a late answer of a store into an ``InputError`` of one line."""
    from mlflow.exceptions import MlflowException

    try:
        with time_limit(ANSWER_SECONDS + more_s):
            yield
    except (MlflowException, OSError) as error:
        lines = redact(str(error), uri).splitlines() or [""]
        raise InputError(f"{model}: the registry says: {lines[0][:300]}") from error
