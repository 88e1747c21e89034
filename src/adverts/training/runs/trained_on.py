"""Find runs, checkpoints, bundles and predictions made from data that held certain adverts."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts.errors import InputError, plural, printable
from adverts.evaluation.predictions.prediction_file import FILE_NAME as PREDICTIONS
from adverts.evaluation.predictions.prediction_file import read_predictions
from adverts.files.bounded_reading import read_json
from adverts.runtime.manifest import MANIFEST_NAME

RUN, CHECKPOINT = "run.json", "checkpoint.json"  # repeated: the writing modules import torch
AUDIT = "audit.json"
Kind = Literal["run", "checkpoint", "bundle", "predictions", "audit"]
_KINDS: Mapping[str, Kind] = {
    RUN: "run",
    CHECKPOINT: "checkpoint",
    MANIFEST_NAME: "bundle",
    AUDIT: "audit",
}


@dataclass(frozen=True, slots=True)
class Trace:
    """A folder that may still contain information from the adverts.

    Attributes:
        kind: ``run``, ``checkpoint`` outside the folder of a run, ``bundle``, ``predictions``
            with their report, or ``audit``, whose restricted page may show adverts.
        folder: Path of the folder.
        data_hash: Hash of the dataset from which it was made.
        mlflow_run_id: MLflow run id that is recorded there; None if there is none.
        adverts: Number of the adverts that the predictions name; None for all other kinds.
    """

    kind: Kind
    folder: Path
    data_hash: str
    mlflow_run_id: str | None = None
    adverts: int | None = None


@dataclass(frozen=True, slots=True)
class Traces:
    """The result of a search below a folder.

    Attributes:
        found: What was found, in the order of the folders.
        unreadable: Files that may be relevant, but are damaged or of another release, and folders
            that could not be listed.
        links: Links to folders elsewhere, or to nothing, which were not searched.
    """

    found: tuple[Trace, ...]
    unreadable: tuple[Path, ...]
    links: tuple[Path, ...] = ()


def find_traces(folder: Path, hashes: Collection[str], ids: Collection[str]) -> Traces:
    """Return everything below a folder that was made from one of several datasets.

    Models and audits are found by the data hash that they record. Predictions must also contain
    the id of one of the adverts. Records of any release are read. The result is empty for a folder
    that does not exist. Links inside to folders elsewhere are not followed: they may lead anywhere.

    Args:
        folder: Folder with runs, bundles and reports, at any depth.
        hashes: Data hashes of the datasets that held the adverts.
        ids: Ids of the adverts.
    """
    found: list[Trace] = []
    unreadable: list[Path] = []
    runs: set[Path] = set()
    files, links = _files(folder, unreadable)
    # a run comes before the checkpoints in its folder, which are reported with it
    for file in sorted(files, key=lambda path: (path.parent, path.name != RUN)):
        try:
            trace = _read(file, ids)
        except (InputError, OSError, ValueError):
            unreadable.append(file)
            continue
        if trace is None or trace.data_hash not in hashes:
            continue
        if trace.kind == "run":
            runs.add(trace.folder)
        if trace.kind != "checkpoint" or runs.isdisjoint(trace.folder.parents):
            found.append(trace)
    return Traces(tuple(found), tuple(unreadable), tuple(links))


def _files(folder: Path, unreadable: list[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files to read below a folder, and the links that lead out of it or nowhere."""
    files: list[Path] = []
    links: list[Path] = []
    if not folder.is_dir():
        return files, links
    root = folder.resolve()

    def note(error: OSError) -> None:
        unreadable.append(Path(error.filename))

    for place, folders, names in os.walk(folder, onerror=note):
        for path in (Path(place, name) for name in sorted((*folders, *names))):
            if path.is_symlink() and not path.is_file():
                target = Path(os.path.realpath(path))
                if not target.exists() or not target.is_relative_to(root):
                    links.append(path)
            elif path.name in (*_KINDS, PREDICTIONS) and path.is_file():
                files.append(path)
    return files, links


def _read(file: Path, ids: Collection[str]) -> Trace | None:
    """Return the trace that a file describes; None if it names no dataset or none of the adverts.

    Raises:
        InputError: Predictions are damaged or of another release.
        ValueError: A record is damaged.
    """
    if file.name == PREDICTIONS:
        said = read_predictions(file)
        named = sum(name in ids for name in said.ids)
        return Trace("predictions", file.parent, said.data_hash, adverts=named) if named else None
    match read_json(file, finite=False):
        case {"format": "adverts-prepared"}:
            return None
        case {"dataset": {"data_hash": str(data_hash)}, "training": {**training}}:
            run_id = training.get("mlflow_run_id")
        case {"format": "adverts-audit", "origin": {"data_hash": str(data_hash)}}:
            run_id = None
        case {"data_hash": str(data_hash), **record}:
            run_id = record.get("mlflow_run_id")
        case _:
            return None
    kind = _KINDS[file.name]
    return Trace(kind, file.parent, data_hash, run_id if isinstance(run_id, str) else None)


def trace_lines(folder: Path, traces: Traces, *, certain: Collection[str]) -> list[str]:
    """Return the result of a search as lines to print.

    Args:
        folder: Folder that was searched.
        traces: Result of the search.
        certain: Data hashes of the datasets that are known to have held the adverts.
    """
    if not folder.is_dir():
        return [f"{folder} is not a folder, so no runs were searched; give their folder as runs="]
    sure = [t for t in traces.found if t.data_hash in certain or t.adverts]
    unsure = [t for t in traces.found if t not in sure]
    searched = f"what was searched in {folder}" if traces.unreadable or traces.links else folder
    lines = [] if traces.found else [f"nothing in {searched} was made from data with these adverts"]
    if sure:
        lines += [f"{len(sure)} folders in {folder} were made from data with these adverts:"]
        lines += [_line(trace) for trace in sure]
    if unsure:
        lines += [
            f"{len(unsure)} more were made from an earlier dataset in the same folder, before "
            "it was last prepared; whether that had these adverts is unknown:"
        ]
        lines += [_line(trace) for trace in unsure]
    if traces.unreadable:
        lines += [
            f"{len(traces.unreadable)} files or folders could not be read; check them yourself:"
        ]
        lines += [f"  {path}" for path in traces.unreadable]
    if traces.links:
        told = plural(len(traces.links), "link")
        lines += [f"not searched: {told} in {folder}, since a link may lead anywhere"]
        for name in map(printable, map(str, traces.links)):
            told = f"{name} is a link and was not searched; give its folder as runs={name}"
            lines.append(f"  {told}")
    return lines


def _line(trace: Trace) -> str:
    facts = [f"data {trace.data_hash[:12]}"]
    if trace.mlflow_run_id:
        facts.append(f"MLflow run {trace.mlflow_run_id}")
    if trace.adverts:
        facts.append(f"names {trace.adverts} of them")
    return f"  {trace.kind} {trace.folder} ({', '.join(facts)})"
