"""VERB: prepared dataset -> what is wrong with it, and a review sheet by cluster.

Usage::

    adverts audit prepared=prepared/tubespam
    adverts audit prepared=prepared/tubespam fail_on.conflicting_clusters=0
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config import AuditConfig
from adverts.config.overrides import free_folder, next_step
from adverts.errors import say
from adverts.work.progress import bar

if TYPE_CHECKING:  # numpy and scikit-learn are loaded only when there is something to audit
    from adverts.auditing.audit_conditions import AuditCondition
    from adverts.auditing.findings import AuditOrigin, AuditSettings, Findings
    from adverts.data.dataset.prepared import PreparedDataset


@dataclass(frozen=True, slots=True)
class Audited:
    """The result of :func:`audit`.

    Attributes:
        folder: Folder of the audit.
        findings: What the audit found.
        conditions: The conditions that were set, and their outcomes.
        review_rows: Number of rows of the review sheet.
        shows_test: Whether it shows labels of test adverts.
    """

    folder: Path
    findings: Findings
    conditions: tuple[AuditCondition, ...]
    review_rows: int
    shows_test: bool


def audit(config: AuditConfig) -> Audited:
    """Write a report on the faults of a dataset; the folder appears complete or not at all.

    Raises:
        InputError: The dataset or the folder cannot be used, a filled-in review sheet would be
            lost, or no ledger can be written.
        IntegrityError: Stored bytes differ from those that were recorded.
    """
    from adverts.data.dataset.dataset_manifest import read_manifest

    read_manifest(config.prepared)  # fails quickly if there is no dataset
    from adverts.auditing import audit_pages
    from adverts.auditing.audit_conditions import judge
    from adverts.auditing.audited_adverts import open_subject
    from adverts.auditing.findings import examine
    from adverts.auditing.restricted_page import write_restricted
    from adverts.auditing.review_order import parts_to_review
    from adverts.candidates.record_looks import record_audit
    from adverts.data.dataset.cluster_evidence import LINKS, read_links
    from adverts.data.dataset.prepared import open_prepared
    from adverts.data.review.review_sheet import write_review
    from adverts.files.staging import staging

    dataset = open_prepared(config.prepared)
    audit_pages.refuse_filled_in(config.audit_dir)
    table = dataset.split("all")
    subject = open_subject(
        table,
        read_links(config.prepared / LINKS, table.ids),
        families=dataset.seen.families(table.ids),
        of_labels=("campaign",) if dataset.manifest.made.campaigns else (),
    )
    settings, headline = _settings(config), subject.headline.name
    record_audit(dataset, config.ledger)
    with staging(config.audit_dir, marker=audit_pages.FILE_NAME, also=audit_pages.HOLDS) as folder:
        findings = examine(subject, settings, bar)
        conditions = judge(findings, headline, config.fail_on)
        rows = parts_to_review(subject, findings, max_rows=config.review_rows)
        write_review(folder / audit_pages.SHEET, rows, subject.schema.tasks)
        write_restricted(
            folder / audit_pages.RESTRICTED,
            subject,
            findings,
            clusters=config.restricted_clusters,
            review=rows,
        )
        origin = _origin(config, dataset)
        audit_pages.write_report(
            folder, findings, conditions, origin=origin, settings=settings, review_rows=len(rows)
        )
    return Audited(
        config.audit_dir, findings, conditions, len(rows), "test" in dataset.manifest.counts
    )


def _settings(config: AuditConfig) -> AuditSettings:
    from adverts.auditing.findings import AuditSettings

    return AuditSettings(
        folds=config.folds,
        fit_adverts=config.fit_adverts,
        every_task=config.label_errors == "all",
        resamples=config.bootstrap_resamples,
        shortcut_margin=config.shortcut_margin,
        largest_clusters=config.largest_clusters,
        min_cell_clusters=config.min_cell_clusters,
        seed=config.seed,
    )


def _origin(config: AuditConfig, dataset: PreparedDataset) -> AuditOrigin:
    import datetime

    from adverts import __version__
    from adverts.auditing.findings import AuditOrigin
    from adverts.config.overrides import overrides, shareable
    from adverts.data.dataset.cluster_evidence import LINKS
    from adverts.data.dataset.dataset_counts import notes
    from adverts.files.file_hash import producing_commit

    manifest = dataset.manifest
    told = list(notes(manifest))
    if LINKS not in manifest.side_files:
        told.append("the dataset holds no links, so what joins its clusters is not known")
    given, places = {"prepared": shareable(config.prepared)}, ["audit_dir", "ledger"]
    return AuditOrigin(
        dataset=manifest.name,
        data_hash=manifest.data_hash,
        schema=manifest.label_schema.name,
        headline=manifest.label_schema.headline,
        command=f"adverts audit {overrides('audit', config, given=given, left_out=places)}",
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        created_by=f"adverts {__version__}",
        commit=producing_commit(),
        notes=tuple(told),
    )


@command("audit", AuditConfig)
def main(config: AuditConfig) -> None:
    """Run ``adverts audit``."""
    audited = audit(config)
    for condition in audited.conditions:
        say(f"{condition.outcome:<21}{condition.sentence}")
    if flagged := audited.findings.shortcuts.flagged:
        say(f"columns that alone predict the label: {', '.join(flagged)}")
    say(f"{audited.folder}: audit.html, audit.json, review.csv ({audited.review_rows} rows)")
    say(f"{audited.folder / 'restricted' / 'clusters.html'}  shows adverts: keep it here")
    if audited.shows_test:
        say(
            "recorded as a look at the labels of test: what a review of this sheet changes there "
            "counts at its worst in every gate"
        )
    _require(audited)
    from adverts.auditing.audit_conditions import passed_words
    from adverts.errors import plural

    labels = plural(audited.review_rows, "label")
    say(
        f"{passed_words(audited.conditions)}; review.csv lists {labels} to check, "
        "the most doubtful first"
    )
    run = free_folder(Path("runs") / config.prepared.name)
    say(next_step("train", prepared=config.prepared, model="text", run_dir=run))


def _require(audited: Audited) -> None:
    """Raise an error if a condition fails or cannot be judged.

    Raises:
        AuditFailedError: A condition fails.
        CannotJudgeError: No condition fails, but one cannot be judged.
    """
    from adverts.errors import AuditFailedError, CannotJudgeError

    failed = [one.sentence for one in audited.conditions if one.outcome == "failed"]
    unknown = [one.sentence for one in audited.conditions if one.outcome == "could not be judged"]
    if failed:
        raise AuditFailedError("\n".join(failed))
    if unknown:
        raise CannotJudgeError("\n".join(unknown))


if __name__ == "__main__":
    main()
