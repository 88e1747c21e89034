"""Copy bundles to an MLflow store, and fetch bundles and files of runs from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import adverts.bundle
from adverts.bundle.papers.manifest_facts import runtime_requirements
from adverts.errors import InputError, MissingExtraError, first_line, shown
from adverts.runtime.manifest import MANIFEST_NAME, BundleManifest
from adverts.tracking.events import LoggedBundle, redact
from adverts.tracking.mlflow_client import open_client

try:
    import mlflow
    from mlflow.entities import Run
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model

    from adverts.tracking.served_model import input_example, signature_of
except ImportError as missing:
    raise MissingExtraError("mlflow", "train") from missing

_CODE = Path(adverts.bundle.__file__).parent / "pyfunc_model.py"
"""The code that wraps every model. MLflow runs it, so that no record may name another file."""


def use_store(uri: str) -> None:
    """Set the store of the process, so that MLflow looks up models only there.

    Some of its calls take no address; they resolve ``models:/...`` in the store of the process.
    """
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)


def log_model(
    uri: str,
    bundle: LoggedBundle,
    *,
    experiment_id: str,
    run_id: str | None,
    tags: Mapping[str, str] | None = None,
) -> str:
    """Copy a bundle to a store as a model of a run, or of no run, and return the model's id.

    The model has the name of the bundle, and its dataset and precision as tags.

    The model belongs to the experiment, and its files are stored with those of the experiment.
    ``tags`` are recorded before its first file.
    """
    manifest = BundleManifest.from_json((Path(bundle.path) / MANIFEST_NAME).read_bytes())
    use_store(uri)
    mlflow.set_experiment(experiment_id=experiment_id)
    logged = Model.log(
        artifact_path=None,
        flavor=mlflow.pyfunc,
        name=_model_name(manifest.name),
        run_id=run_id,
        tags={**_told(manifest), **(tags or {})},
        python_model=str(_CODE),
        artifacts={"bundle": bundle.path},
        signature=signature_of(Path(bundle.path)),
        input_example=input_example(),
        pip_requirements=list(runtime_requirements()),
    )
    return str(logged.model_id)


def _model_name(name: str) -> str:
    """Return a name without the signs that MLflow does not accept in one."""
    return re.sub(r"[/:.%\"']", "-", name) or "model"


def _told(manifest: BundleManifest) -> dict[str, str]:
    """Return the facts by which people tell models apart."""
    facts = {
        "precision": manifest.precision,
        "dataset": manifest.dataset.get("name"),
        "data_hash": manifest.dataset.get("data_hash"),
        "inputs": ", ".join(manifest.input_spec.inputs),
    }
    return {name: str(value) for name, value in facts.items() if value}


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
        uri: Tracking URI; its store also has the registry.
        name: Name of the registered model.
        alias: Alias of the version; None if ``version`` is given.
        version: Number of the version; not used if ``alias`` is given.
        folder: Folder for the copy.

    Raises:
        InputError: The registry has no such model or does not answer, or the model holds no bundle.
    """
    asked = f"models:/{name}" + (f"@{alias}" if alias is not None else f"/{version}")
    use_store(uri)
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
        raise InputError(
            f"{asked} has no bundle made by adverts; promote a bundle under it"
        ) from error
    except (MlflowException, OSError) as error:
        said = shown(redact(first_line(error), uri), 300)
        raise InputError(
            f"the model registry does not find {asked}: it says {said!r}; "
            "give an alias that exists, or the folder of a bundle"
        ) from error
    return Path(place) / str(known)
