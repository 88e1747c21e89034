r"""VERB: checkpoint -> bundle, verified before it is written; or a partner's from an internal one.

Usage::

    adverts export checkpoint=runs/train/... prepared=prepared/... bundle_dir=...
    adverts export from_bundle=runs/export/... bundle.audience=partner bundle_dir=...
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config import ExportConfig, TrackingConfig
from adverts.config.overrides import next_step
from adverts.errors import InputError, say
from adverts.work.progress import bar

if TYPE_CHECKING:
    from adverts.bundle.export.write import WrittenBundle
    from adverts.candidates.candidate import Candidate
    from adverts.candidates.checkpoint_logits import ModelLogits
    from adverts.data.dataset.prepared import PreparedDataset
    from adverts.runtime.opening.bundle import Bundle
    from adverts.runtime.rules.decision_rules import DecisionRules
    from adverts.training.runs.checkpoint import Checkpoint


def export(config: ExportConfig) -> WrittenBundle:
    """Write the bundle of a checkpoint and add it to the run that trained it.

    For a partner, the internal bundle is written to ``<bundle_dir>.internal`` and added to the run;
    the partner's bundle is made from it. A draft transparency record is written next to each.

    Raises:
        ParityError: The export does not compute what the checkpoint computes; nothing is left.
        InputError: Checkpoint, dataset or folder cannot be used.
        IntegrityError: A file of the checkpoint or dataset differs from the one that was written.
    """
    _refuse_early(config)
    from adverts.bundle.export.write import write_bundle
    from adverts.bundle.papers.manifest_facts import dataset_facts, weights_facts
    from adverts.bundle.papers.sharing_terms import require_sharable
    from adverts.candidates.candidate import open_candidate
    from adverts.candidates.record_looks import is_another
    from adverts.data.dataset.prepared import open_prepared
    from adverts.signing import read_private_key
    from adverts.training.runs.checkpoint import Checkpoint

    assert config.checkpoint is not None, "the schema wants it"
    assert config.prepared is not None, "the schema wants it"
    candidate = open_candidate(config.checkpoint, threads=0)
    checkpoint, dataset = candidate.model, open_prepared(config.prepared)
    if not isinstance(checkpoint, Checkpoint):
        raise InputError(f"checkpoint={config.checkpoint} is not a run or a checkpoint")
    if config.bundle.signing_key is not None:
        read_private_key(config.bundle.signing_key)
    if _is_for_partner(config):
        require_sharable(
            dataset_facts(dataset.manifest), weights_facts(checkpoint.record.model_spec)
        )
    folder = _internal_folder(config)
    with _marked(config, folder, config.bundle_dir.resolve()) as interrupted:
        known = _known(candidate, dataset)
        written = write_bundle(
            folder,
            checkpoint,
            dataset,
            rules=_rules(config, candidate, dataset, known),
            known=None if known is None else known.logits,
            requirement=config.bundle,
            signing_key=config.bundle.signing_key,
            progress=bar,
            replace=interrupted,
        )
        if is_another(candidate, dataset, config.ledger):
            say(
                "caution: the ledger says that the training of this checkpoint wrote other files, "
                "so no gate will judge its bundle; train it again"
            )
        else:
            _enter(config, written, dataset, checkpoint)
        _finish(config, written, replace=interrupted)
        _track(config.tracking, written, checkpoint.record.mlflow_run_id)
    return written


def _refuse_early(config: ExportConfig) -> None:
    """Check what can be checked quickly, before torch is loaded.

    Raises:
        InputError: There is no checkpoint or dataset, they do not belong together, the folder is
            already used, or the model has nothing to leave early by.
        IntegrityError: A record is damaged.
    """
    from adverts.bundle.export.exportable import is_begun, require_exportable, require_ngrams
    from adverts.data.dataset.dataset_manifest import read_manifest
    from adverts.training.runs.checkpoint_record import find_checkpoint, read_record

    assert config.checkpoint is not None, "the schema wants it"
    assert config.prepared is not None, "the schema wants it"
    record = read_record(find_checkpoint(config.checkpoint))
    manifest, begun = read_manifest(config.prepared), is_begun(config.bundle_dir.resolve())
    folder = _internal_folder(config)
    require_exportable(folder, record, config.prepared, manifest, replace=begun)
    if config.exit.max_loss is not None:
        require_ngrams(record.input_spec)


@contextmanager
def _marked(config: ExportConfig, *folders: Path) -> Iterator[bool]:
    """Yield whether an interrupted export with this config is continued, and report it."""
    from adverts.bundle.export.exportable import unfinished

    with unfinished(folders, config.model_dump_json()) as interrupted:
        if interrupted:
            say(f"continuing the interrupted export into {config.bundle_dir}")
        yield interrupted


def _internal_folder(config: ExportConfig) -> Path:
    """Return the folder of the internal bundle."""
    folder = config.bundle_dir.resolve()
    return folder.with_name(f"{folder.name}.internal") if _is_for_partner(config) else folder


def _is_for_partner(config: ExportConfig) -> bool:
    return config.bundle.audience == "partner"


def _enter(
    config: ExportConfig, written: WrittenBundle, dataset: PreparedDataset, checkpoint: Checkpoint
) -> None:
    """Add to the ledgers which bundle was written, so that no other is taken for it."""
    from adverts.candidates.record_looks import ModelName, compared_with
    from adverts.evaluation.predictions.look_ledger import EXPORTED
    from adverts.runtime.manifest import MANIFEST_NAME, BundleManifest

    record = checkpoint.record
    if record.training:
        manifest = BundleManifest.from_json((written.folder / MANIFEST_NAME).read_bytes())
        name = ModelName(record.model_spec.name, manifest.identity(), record.training)
        compared_with(dataset, name, ledger=config.ledger, gate=EXPORTED)


def _finish(config: ExportConfig, written: WrittenBundle, *, replace: bool) -> None:
    """Write the draft transparency record and, for a partner, the partner's bundle."""
    from adverts.bundle.handing_on.partner import partner_bundle
    from adverts.bundle.papers.transparency_record import write_transparency_record

    say(write_transparency_record(written.folder))
    if _is_for_partner(config):
        key = config.bundle.signing_key
        made = partner_bundle(written.folder, config.bundle_dir, signing_key=key, replace=replace)
        say(write_transparency_record(made.folder))


def export_for_partner(config: ExportConfig) -> Bundle:
    """Make a partner's bundle from the internal bundle at ``from_bundle``, and return it.

    A draft transparency record, with the information the partner receives, is written next to it.

    Raises:
        InputError: The terms of data or weights forbid sharing, the bundle is already a partner's,
            the folder is already used, or ``signing_key`` is not a key.
        IntegrityError: The internal bundle differs from what was written.
        ParityError: The partner's bundle gives other results; nothing is left.
    """
    from adverts.runtime.opening.files import open_files

    assert config.from_bundle is not None, "the caller has looked"
    open_files(config.from_bundle)  # fails quickly if there is no bundle
    from adverts.bundle.handing_on.partner import partner_bundle
    from adverts.bundle.papers.transparency_record import write_transparency_record
    from adverts.signing import read_private_key

    key = config.bundle.signing_key
    if key is not None:
        read_private_key(key)
    with _marked(config, config.bundle_dir.resolve()) as interrupted:
        made = partner_bundle(
            config.from_bundle, config.bundle_dir, signing_key=key, replace=interrupted
        )
        say(write_transparency_record(made.folder))
    return made


def _known(candidate: Candidate, dataset: PreparedDataset) -> ModelLogits | None:
    """Return the logits of the validation adverts; None without any."""
    from adverts.candidates.fit_rules import SPLIT
    from adverts.candidates.predict import validation_logits

    if SPLIT not in dataset.manifest.counts:
        return None
    return validation_logits(candidate, dataset.split(SPLIT), title="score validation")


def _rules(
    config: ExportConfig, candidate: Candidate, dataset: PreparedDataset, known: ModelLogits | None
) -> DecisionRules:
    """Return calibration and thresholds fitted on the validation adverts; empty without labels."""
    from adverts.candidates.fit_rules import fit_rules
    from adverts.runtime.rules.decision_rules import DecisionRules

    found = fit_rules(
        candidate,
        dataset,
        config.decisions,
        config.ledger,
        max_loss=config.exit.max_loss,
        known=known,
    )
    rules = found or DecisionRules()
    split = (rules.calibration.fitted_on or {}).get("split")
    if not rules.calibration.tasks or split == "train":
        kept = "as training calibrated them" if split == "train" else "not calibrated"
        say(
            "caution: no validation advert has a label that the model predicts, so its "
            f"probabilities are {kept} and the bundle has no thresholds"
        )
    return rules


def _track(config: TrackingConfig, written: WrittenBundle, run_id: str | None) -> None:
    if config.kind == "none":
        return
    if run_id is None:
        say("the run of this checkpoint was not recorded, so the bundle is not added to it")
        return
    from adverts.tracking import open_tracker

    folder = written.folder
    spool = folder.with_name(f"{folder.name}.tracking") / "spool.jsonl"
    with open_tracker(config, spool=spool, run_name=folder.name, run_id=run_id) as tracker:
        tracker.bundle(folder, manifest_sha256=written.manifest_sha256)


@command("export", ExportConfig)
def main(config: ExportConfig) -> None:
    """Run ``adverts export``."""
    if config.from_bundle is not None:
        made = export_for_partner(config)
        say(f"{made.folder}: a partner's bundle, made from {config.from_bundle}")
        return
    written = export(config)
    from adverts.bundle.papers.precision_table import trial_lines

    for line in trial_lines(written.record):
        say(line)
    if written.early_exit is not None:
        say(written.early_exit.summary)
    if written.spread < 10 * config.bundle.max_probability_difference:
        say("caution: the model says nearly the same for every advert, so agreement proves little")
    if _is_for_partner(config):
        say(f"{config.bundle_dir}: a partner's bundle, made from the bundle below")
    say(f"{written.folder}: {written.record.shipped}, {written.num_bytes / 1e6:,.1f} MB")
    gate = written.folder.with_name("gate")  # a report there is kept: runs are compared by it
    if config.decisions.operating_prevalence is None:
        say(
            "the share of positives in service is not stated, so thresholds of precision hold "
            "where they are as frequent as in validation, and a gate cannot judge conditions of "
            "service: export with decisions.operating_prevalence=, such as 0.01"
        )
    say(
        next_step(
            "evaluate",
            candidate=_as_typed(written.folder),
            prepared=config.prepared,
            run_dir=_as_typed(gate),
            gate="first",
        )
    )


def _as_typed(path: Path) -> Path:
    """Return ``path`` relative to the current folder if it is below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


if __name__ == "__main__":
    main()
