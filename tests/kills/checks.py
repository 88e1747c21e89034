"""Is a world after kills what it is without? Everything but times and speeds has to be equal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from kills.desk import Case, desk_differences

_NEVER_TWICE = ("adverts_per_s", "seconds", "disk_bytes")
_OF_TIME = {"config.yaml", "run.json", "log.jsonl", "checkpoint.json", "report.json"}
_ANY_BYTES = (".html", ".md", ".svg", "looks.jsonl", "bom.json")


def differences(case: Case, world: Path, wanted: Path) -> Iterator[str]:
    """Yield in words whatever differs from the world that nobody killed."""
    if case.verb in {"link", "share"}:
        yield from desk_differences(world, wanted)
        return
    yield from _file_differences(world, wanted)
    if case.verb == "train":
        yield from _run_differences(world / case.name.replace("train ", "runs/"), wanted, case)
    if case.verb != "prepare":
        yield from _store_differences(world / "store", wanted / "store")


def _file_differences(world: Path, wanted: Path) -> Iterator[str]:
    found, known = _files(world), _files(wanted)
    for name in sorted(found - known):
        yield f"{name} is left over"
    for name in sorted(known - found):
        yield f"{name} is missing"
    for name in sorted(found & known):
        path, other = world / name, wanted / name
        if path.is_dir() or path.name in _OF_TIME or path.name.endswith(_ANY_BYTES):
            continue
        if path.suffix == ".parquet":
            if not pq.read_table(path).equals(pq.read_table(other)):
                yield f"{name} holds other rows"
        elif path.read_bytes() != other.read_bytes() and not _equal_json(path, other):
            yield f"{name} holds other bytes"


def _files(world: Path) -> set[str]:
    names = (path.relative_to(world) for path in world.rglob("*"))
    return {
        str(name) for name in names if name.parts[0] != "store" and "__pycache__" not in name.parts
    } | {f"store/{path.name}" for path in (world / "store").glob("*")}


def _equal_json(path: Path, other: Path) -> bool:
    if path.suffix != ".json":
        return path.name == "mlflow.db"
    values = [_without_times(json.loads(one.read_text())) for one in (path, other)]
    return values[0] == values[1]


def _without_times(value: object) -> object:
    if isinstance(value, dict):
        times = ("created", "sha256", "seconds", "when", "mlflow_run_id", "run_id")
        return {name: _without_times(one) for name, one in value.items() if name not in times}
    return [_without_times(one) for one in value] if isinstance(value, list) else value


def _run_differences(run: Path, wanted: Path, case: Case) -> Iterator[str]:
    other = wanted / run.name if (wanted / run.name).is_dir() else wanted / "runs" / run.name
    records = [json.loads((one / "run.json").read_text()) for one in (run, other)]
    for record in records:
        if not record["handed_in"]:
            yield "run.json does not say that the outcome was handed in"
        for name in _NEVER_TWICE:
            record["outcome"].pop(name, None)
    if records[0]["outcome"] != records[1]["outcome"]:
        yield "the outcome is another one"
    if (run / "log.jsonl").is_file():
        curves = [_curve(one / "log.jsonl") for one in (run, other)]
        if curves[0] != curves[1]:
            yield f"log.jsonl has {len(curves[0])} lines, wanted {len(curves[1])}, or other values"


def _curve(path: Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [{k: v for k, v in line.items() if not k.endswith(_NEVER_TWICE)} for line in lines]


def _store_differences(store: Path, wanted: Path) -> Iterator[str]:
    found, known = _recorded(store), _recorded(wanted)
    for name in sorted(known.keys() | found.keys()):
        if found.get(name) != known.get(name):
            yield f"MLflow: {name} is {_short(found.get(name))}, wanted {_short(known.get(name))}"


def _short(value: object) -> str:
    return repr(value)[:200]


def _recorded(store: Path) -> dict[str, object]:
    """Return everything that a store says of its runs, models and aliases, without times."""
    from mlflow import MlflowClient

    uri = f"sqlite:///{store.absolute()}/mlflow.db"
    client = MlflowClient(uri, uri)
    experiment = client.get_experiment_by_name("adverts")
    if experiment is None:
        return {"experiment": None}
    found: dict[str, object] = {}
    runs = client.search_runs([experiment.experiment_id])
    found["runs"] = sorted((run.info.run_name, run.info.status) for run in runs)
    for run in runs:
        found |= {f"{run.info.run_name}: {k}": v for k, v in _of_run(client, run).items()}
    models = client.search_logged_models([experiment.experiment_id])
    found["whole models"] = sum(str(model.status) == "READY" for model in models)
    for model in client.search_registered_models():
        versions = client.search_model_versions(f"name='{model.name}'")
        found[f"versions of {model.name}"] = sorted(int(one.version) for one in versions)
        found[f"aliases of {model.name}"] = {k: int(v) for k, v in model.aliases.items()}
        found[f"bundles of {model.name}"] = [_bundle_is_whole(client, one) for one in versions]
    return found


def _of_run(client, run) -> dict[str, object]:
    tags = {k: v for k, v in run.data.tags.items() if not k.startswith(("mlflow.", "adverts."))}
    curves = {
        name: sorted(
            (m.step, round(m.value, 6)) for m in client.get_metric_history(run.info.run_id, name)
        )
        for name in run.data.metrics
        if not name.endswith(_NEVER_TWICE)
    }
    return {
        "params": run.data.params,
        "tags": tags,
        "datasets": sorted(
            (one.dataset.name, one.dataset.digest, one.tags[0].value)
            for one in run.inputs.dataset_inputs
        ),
        "curves": curves,
        "speeds": {
            name: [m.step for m in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
            if name.endswith(_NEVER_TWICE)
        },
        "files": sorted(_listed(client, run.info.run_id, None)),
    }


def _listed(client, run_id: str, folder: str | None) -> Iterator[str]:
    for one in client.list_artifacts(run_id, folder):
        if one.is_dir:
            yield from _listed(client, run_id, one.path)
        else:
            yield one.path


def _bundle_is_whole(client, version) -> str:
    """Open the bundle of a registered version where the store keeps it."""
    from pathlib import Path as _Path
    from urllib.parse import urlparse

    from adverts.runtime import open_bundle

    model = client.get_logged_model(version.source.removeprefix("models:/"))
    (place,) = (_Path(urlparse(model.artifact_location).path) / "artifacts").iterdir()
    return str(open_bundle(place).manifest.identity())
