"""Train a recorded run again and compare: ``python -m adverts.reproduce RUN``.

RUN is the folder of a finished run or its MLflow run id. Same config, same data (by hash) and same
commit give the same figures; what differs is said.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from adverts.command import exit_status
from adverts.config import TrainConfig
from adverts.config.fault_messages import describe_faults
from adverts.errors import InputError, ParityError, say
from adverts.files.staging import keep_others_from_writing
from adverts.tracking import find_run

if TYPE_CHECKING:
    from adverts.training.runs.run_record import RunOutcome, RunRecord

# The same processor gives the same bits; another one may add numbers in another order.
TOLERANCE = 1e-3


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status: 0 if the figures agree, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m adverts.reproduce", description=__doc__)
    parser.add_argument("run", help="folder of a finished run, or an MLflow run id")
    parser.add_argument("--prepared", type=Path, help="default: where the run had its dataset")
    parser.add_argument("--run-dir", type=Path, help="default: runs/reproduce/<name of the run>")
    parser.add_argument(
        "--uri", help="default: $MLFLOW_TRACKING_URI, or the local store if that is not set"
    )
    parser.add_argument("--store", type=Path, default=Path("runs/mlflow"))
    options = parser.parse_args(arguments)
    keep_others_from_writing()

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = _find(options.run, options.uri, options.store, Path(folder))
            name = Path(options.run).name
            run_dir = options.run_dir or Path("runs/reproduce") / name
            reproduce(source, prepared=options.prepared, run_dir=run_dir)

    return exit_status("reproduce", TrainConfig, run)


def reproduce(source: Path, *, prepared: Path | None, run_dir: Path) -> None:
    """Train the run in ``source`` again, into ``run_dir``, and print both sets of figures.

    Args:
        source: Folder with the ``run.json`` and ``config.yaml`` of a finished run.
        prepared: Folder of its dataset; None if that did not move.
        run_dir: New folder for the repeated run.

    Raises:
        InputError: The run is not finished, has no figure, or the dataset is another one.
        ParityError: The figures differ.
    """
    from adverts.train import train
    from adverts.training.runs.run_folder import RunFolder, read_config
    from adverts.training.runs.run_record import read_run

    old = read_run(source)
    if old.outcome is None:
        raise InputError(f"{source}: the run is not finished, so there is nothing to compare with")
    values = {
        "ledger": None,  # runs of older releases have no such key
        **read_config(RunFolder(source)),
        "run_dir": run_dir,
        "resume": None,
        **({"prepared": prepared} if prepared else {}),
    }
    config = _validated(values, source)
    config = config.model_copy(
        update={"tracking": config.tracking.model_copy(update={"kind": "none"})}
    )
    _check_data(config.prepared, old)
    _, new = train(config)
    assert new.outcome is not None, "a run of one process is finished when it returns"
    for line in (*_differences(old, new), *_figures(old.outcome, new.outcome)):
        say(line)
    _judge(old.outcome, new.outcome)


def _find(run: str, uri: str | None, store: Path, folder: Path) -> Path:
    if Path(run).is_dir():
        return Path(run)
    for artifact in ("run.json", "config.yaml"):
        find_run(run, uri=uri, store=store, artifact=artifact, folder=folder)
    return folder


def _validated(values: Mapping[str, object], source: Path) -> TrainConfig:
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        faults = describe_faults(error, TrainConfig, ())
        raise InputError(
            f"{source} was trained with a config that this release cannot read; use the commit "
            f"that trained it\n{faults}"
        ) from None


def _check_data(prepared: Path, old: RunRecord) -> None:
    from adverts.data.dataset.prepared import open_prepared

    found = open_prepared(prepared).data_hash
    if found != old.data_hash:
        raise InputError(
            f"{prepared} has data_hash {found[:12]}, but the run was trained on "
            f"{old.data_hash[:12]} ({old.dataset_name}); prepare that dataset again "
            "or name it with --prepared"
        )


def _differences(old: RunRecord, new: RunRecord) -> list[str]:
    before, after = old.provenance, new.provenance
    lines = []
    if before.commit != after.commit or before.dirty or after.dirty:
        lines.append(
            f"code: {_code(before.commit, before.dirty)} then, "
            f"{_code(after.commit, after.dirty)} now"
        )
    lines += [
        f"{name}: {version} then, {after.versions.get(name, 'not installed')} now"
        for name, version in before.versions.items()
        if after.versions.get(name) != version
    ]
    return lines


def _code(commit: str | None, dirty: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    return f"{(commit or 'unknown')[:12]}{' with changes' if dirty else ''}"


def _figures(old: RunOutcome, new: RunOutcome) -> list[str]:
    lines = [f"{'':28}{'then':>10}{'now':>10}{'difference':>12}"]
    for name, before, after in _pairs(old, new):
        lines.append(f"{name:28}{before:>10.4f}{after:>10.4f}{after - before:>+12.2e}")
    equal = old.weights_sha256 == new.weights_sha256
    lines.append("the weights are the same, bit for bit" if equal else "the weights differ")
    return lines


def _judge(old: RunOutcome, new: RunOutcome) -> None:
    """Raise an error if figures differ; otherwise print that the run is reproduced.

    Raises:
        InputError: The two runs have no figure in common.
        ParityError: A figure differs by more than :data:`TOLERANCE`.
    """
    pairs = _pairs(old, new)
    if not pairs:
        raise InputError("the two runs have no figure in common, so there is nothing to compare")
    worst = max(abs(after - before) for _, before, after in pairs)
    if not worst <= TOLERANCE:
        raise ParityError(
            f"not reproduced: figures differ by up to {worst:.2g}; the limit is {TOLERANCE:g}"
        )
    say("reproduced")


def _pairs(old: RunOutcome, new: RunOutcome) -> list[tuple[str, float, float]]:
    pairs = _common("validation", old.validation, new.validation)
    return pairs + _common("tf-idf", old.baseline or {}, new.baseline or {})


def _common(
    prefix: str, old: Mapping[str, float], new: Mapping[str, float]
) -> list[tuple[str, float, float]]:
    return [(f"{prefix} {name}", value, new[name]) for name, value in old.items() if name in new]


if __name__ == "__main__":
    sys.exit(main())
