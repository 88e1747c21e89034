"""VERB: checkpoint -> bundle, verified before it is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adverts.command import command
from adverts.config import BundleConfig, ExportConfig, TrackingConfig

if TYPE_CHECKING:
    from adverts.bundle.requirement import Requirement
    from adverts.bundle.write import WrittenBundle
    from adverts.data.prepared import PreparedDataset
    from adverts.runtime.decision_rules import DecisionRules

_BATCH_SIZE = 32
T = TypeVar("T")


def export(config: ExportConfig) -> WrittenBundle:
    """Write the bundle of a checkpoint and add it to the run that trained it.

    Raises:
        ParityError: The export does not compute what the checkpoint computes; nothing is left.
        InputError: Checkpoint, dataset or folder cannot be used.
        IntegrityError: A file of the checkpoint or dataset is not the one that was written.
    """
    from adverts.bundle.write import require_exportable, write_bundle
    from adverts.data.prepared import open_prepared
    from adverts.training.checkpoint import read_checkpoint

    checkpoint, dataset = read_checkpoint(config.checkpoint), open_prepared(config.prepared)
    require_exportable(config.bundle_dir, checkpoint, dataset)
    written = write_bundle(
        config.bundle_dir,
        checkpoint,
        dataset,
        rules=_rules(config, dataset),
        requirement=_requirement(config.bundle),
        progress=_bar,
    )
    _track(config.tracking, written, checkpoint.mlflow_run_id)
    return written


def _requirement(config: BundleConfig) -> Requirement:
    from adverts.bundle.requirement import Requirement

    return Requirement(
        precision=config.precision,
        scripts=frozenset(config.scripts),
        audience=config.audience,
        max_probability_difference=config.max_probability_difference,
        max_neighbour_difference=config.max_neighbour_difference,
        max_lower=config.max_lower,
        max_lower_in_slice=config.max_lower_in_slice,
        min_slice_positives=config.min_slice_positives,
        opset=config.opset,
        signing_key=config.signing_key,
    )


def _rules(config: ExportConfig, dataset: PreparedDataset) -> DecisionRules:
    """Fit calibration and thresholds on the validation adverts."""
    from adverts.evaluating.candidate import open_candidate
    from adverts.evaluating.deciding import fit_rules
    from adverts.runtime.decision_rules import DecisionRules

    candidate = open_candidate(config.checkpoint, batch_size=_BATCH_SIZE, threads=0)
    rules = fit_rules(candidate, dataset, config.decisions)
    if rules is None:
        print(
            "caution: no validation advert has a label that the model answers, so its "
            "probabilities are not calibrated and it ships no threshold"
        )
    return rules or DecisionRules()


def _bar(items: Iterable[T], title: str, total: int) -> Iterable[T]:
    from tqdm import tqdm

    return tqdm(items, desc=title, total=total, disable=None, leave=False)


def _track(config: TrackingConfig, written: WrittenBundle, run_id: str | None) -> None:
    if config.kind == "none":
        return
    if run_id is None:
        print("the run of this checkpoint was not recorded, so the bundle is not added to it")
        return
    from adverts.bundle.facts import runtime_requirements
    from adverts.tracking import open_tracker

    folder = written.folder
    spool = folder.with_name(f"{folder.name}.tracking") / "spool.jsonl"
    code = Path(__file__).parent / "bundle" / "pyfunc_model.py"
    with open_tracker(config, spool=spool, run_name=folder.name, run_id=run_id) as tracker:
        tracker.bundle(
            folder,
            code=code,
            requirements=runtime_requirements(),
            manifest_sha256=written.manifest_sha256,
        )


@command("export", ExportConfig)
def main(config: ExportConfig) -> None:
    """Run ``adverts export``."""
    from adverts.bundle.precision_card import told_lines

    written = export(config)
    for line in told_lines(written.record):
        print(line)
    if written.spread < 10 * config.bundle.max_probability_difference:
        print("caution: the model says nearly the same of every advert, so agreement means little")
    print(f"{written.folder}: {written.record.shipped}, {written.num_bytes / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
