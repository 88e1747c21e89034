"""VERB: bundle + adverts without labels -> scores of any number of adverts, in units.

Usage::

    adverts score new.csv bundle=runs/mine scores=scored.csv
    adverts score bundle=runs/mine/bundle data=csv data.root=/folder 'data.source.paths=[posts.csv]' scores=scores/posts
    adverts score … part=3/500                 # one of 500 jobs; any number of them may run at once
    adverts score scores=scores/posts          # how far it is
    adverts score … evidence=restricted        # also what links and samples the adverts later
    adverts score scores=scores/posts clusters=true  # near-duplicates in that evidence
    adverts score … scores=scored.csv          # a spreadsheet instead: your columns, and the answers beside them
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config.verbs import ExecutorConfig, LocalExecutorConfig, ScoreConfig
from adverts.errors import CannotJudgeError, DriftError, InputError, plural, printable, say
from adverts.runtime.manifest import GATE_NAME, MANIFEST_NAME
from adverts.scoring.collection_counts import CollectionCounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adverts.data.dataset.dataset_manifest import DatasetManifest
    from adverts.data.mapping.guess_columns import Guesses
    from adverts.data.sources.raw_rows import Source
    from adverts.runtime import Classifier
    from adverts.runtime.rules.thresholds import Purpose, Threshold
    from adverts.scoring.collection import Collection
    from adverts.scoring.drift import Drift
    from adverts.work.units.executors.job import Executor
    from adverts.work.units.plan import Plain

_SPREADSHEETS = (".xlsx", ".xls", ".ods")


def score(config: ScoreConfig) -> CollectionCounts:
    """Score the adverts of a source, and return what was counted in all that are scored.

    A folder of scores may be begun, continued or complete: units that have a receipt are not read
    again.

    Raises:
        InputError: Source, columns, bundle or folder cannot be used, or changed since the plan.
        IntegrityError: The bundle differs from what was exported.
        DriftError: ``fail_on_drift``, and the adverts differ from those that the model was judged
            on; everything is written.
        CannotJudgeError: ``fail_on_drift``, and that cannot be said; everything is written.
    """
    from adverts.data.sources.open_source import open_source
    from adverts.scoring.row_requests import require_adverts
    from adverts.scoring.sheet import SUFFIX, write_sheet
    from adverts.work.cpu_session import available_cores

    _refuse_spreadsheet(config)
    evidence = _evidence_settings(config)
    source = open_source(config.data)
    for line in source.told:
        say(line)
    config = config.model_copy(update={"data": require_adverts(config.data, source)})
    classifier = _classifier(config)
    if config.scores.lower().endswith(SUFFIX):
        counts = write_sheet(
            Path(config.scores),
            classifier,
            source,
            config.data,
            batch_size=config.batch_size,
            threads=config.threads or available_cores(),
            ocr_cache=config.ocr_cache,
        )
        _say(f"{config.scores}: ", counts)
        if line := _promise(classifier):
            say(line)
        if counts.order_only:
            say(f"what a promise lacks: {_lack(classifier)}")
        return counts
    collection = _plan(config, classifier, source, evidence)
    del classifier, source  # each process opens its own
    return _run(config, collection)


def _classifier(config: ScoreConfig) -> Classifier:
    """Return the bundle, or the run that is given in its place, to be scored in this process.

    Raises:
        InputError: There is neither, or a run is asked for more than a spreadsheet.
        IntegrityError: It is not as it was written.
    """
    from adverts.runtime import Classifier

    bundle = config.bundle
    assert bundle is not None, "without a bundle nothing is scored"
    folder = exported(bundle)
    if folder is not None:
        if folder != bundle:
            say(f"{bundle} is a run: its export {folder} scores")
        classifier = Classifier.load(folder, threads=config.threads)
        if GATE_NAME not in classifier.manifest.files:
            say("no gate has passed this bundle: its scores are for a trial, not yet for use")
        return classifier
    from adverts.candidates.run_classifier import classifier_of_run
    from adverts.config.overrides import next_export
    from adverts.training.runs.run_folder import dataset_of_run

    prepared = dataset_of_run(bundle)
    if not config.scores.lower().endswith(".csv"):
        raise InputError(
            f"bundle={bundle} is a run that is not exported, which writes a .csv file alone; give "
            "scores=NAME.csv, or export it first:\n"
            + next_export(bundle, prepared, bundle / "bundle")
        )
    say(
        f"{bundle} is a run that is not exported: it scores for you alone, no service loads it and "
        "no gate has passed it"
    )
    return classifier_of_run(bundle, prepared, threads=config.threads)


def exported(place: Path) -> Path | None:
    """Return the folder of a bundle, or of the one in a run; None for a run that has none."""
    if not (place / "config.yaml").is_file() or (place / MANIFEST_NAME).is_file():
        return place
    return place / "bundle" if (place / "bundle" / MANIFEST_NAME).is_file() else None


def _lack(classifier: Classifier) -> str:
    """Return in words what a threshold for recall lacks."""
    _, found = _threshold(classifier, "recall")
    return (found and found.lack) or "label some adverts for validation, train and export again"


def _threshold(classifier: Classifier, purpose: Purpose) -> tuple[str, Threshold | None]:
    """Return the positive label of the headline task, and its threshold for a purpose, if any."""
    schema = classifier.manifest.label_schema
    task = schema.task(schema.headline)
    if task.positive_index is None:
        return "", None
    label = task.labels[task.positive_index]
    return label, classifier.rules.thresholds.find(task.name, label, purpose)


def _promise(classifier: Classifier) -> str:
    """Return what ``priority`` promises, and where; empty where no such threshold ships."""
    from adverts.scoring.drift_wording import percent

    label, found = _threshold(classifier, "precision")
    if found is None or found.value is None or found.operating_prevalence is None:
        return ""
    share = percent(found.operating_prevalence)
    return (
        f"priority: of 100, at least {found.promised * 100:.3g} are “{printable(label)}” where "
        f"{share} of all are; where they are rarer, fewer: export with "
        "decisions.operating_prevalence=, the share in service, for a threshold that holds there"
    )


def _refuse_spreadsheet_alone(config: ScoreConfig) -> None:
    """Refuse to look at a spreadsheet: it has neither units nor receipts.

    Raises:
        InputError: ``scores`` names one.
    """
    if config.scores.lower().endswith(".csv"):
        raise InputError(
            f"scores={config.scores}: a .csv file has no status: it is written as a whole or not "
            "at all; give the folder of scores, or bundle= and data= to write a .csv file"
        )


def _refuse_spreadsheet(config: ScoreConfig) -> None:
    if config.scores.lower().endswith(_SPREADSHEETS):
        raise InputError(
            f"scores={config.scores}: of spreadsheets only CSV files are written; use a name that "
            "ends in .csv"
        )
    if config.part is not None and config.scores.lower().endswith(".csv"):
        raise InputError(
            f"scores={config.scores}: a spreadsheet is written by one job; give the name of a "
            "folder, or leave out part"
        )
    if config.evidence != "none" and config.scores.lower().endswith(".csv"):
        raise InputError(
            f"scores={config.scores}: evidence is only kept beside scores in a folder; give the "
            "name of a folder"
        )
    if config.fail_on_drift and config.scores.lower().endswith(".csv"):
        raise InputError(
            "fail_on_drift is for a folder of scores; give a name that does not end in .csv"
        )


def _evidence_settings(config: ScoreConfig) -> Mapping[str, Plain]:
    """Return what the plan says of the evidence.

    Raises:
        InputError: The key of its tokens is missing.
    """
    from adverts.inputs.contacts.token_key import token_key_id
    from adverts.scoring.evidence.evidence_rows import require_token_key
    from adverts.scoring.evidence.evidence_terms import evidence_settings

    if config.evidence == "none":
        return {"evidence": "none"}
    key = require_token_key(os.environ)
    return evidence_settings(config.evidence_days, token_key_id(key), _today())


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _plan(
    config: ScoreConfig, classifier: Classifier, source: Source, evidence: Mapping[str, Plain]
) -> Collection:
    from adverts.scoring.collection import open_collection, require_open_evidence, without_lost
    from adverts.scoring.plan_scores import USUAL_PICTURES, USUAL_ROWS, plan_scores
    from adverts.work.progress import note_when_slow
    from adverts.work.units.place import open_place

    reads_pictures = classifier.manifest.ocr is not None and config.data.columns.image is not None
    usual = USUAL_PICTURES if reads_pictures else USUAL_ROWS
    place = open_place(config.scores)
    with note_when_slow("planning the units"):
        plan_scores(
            place,
            classifier,
            source,
            config.data,
            kind=config.format,
            rows=config.adverts_per_unit or usual,
            evidence=evidence,
        )
    collection = open_collection(place)
    if require_open_evidence(collection, _today()):
        return without_lost(collection)
    return collection


def _run(config: ScoreConfig, collection: Collection) -> CollectionCounts:
    from adverts.scoring.collection import open_collection
    from adverts.scoring.score_job import ScoreJob
    from adverts.work.progress import counter
    from adverts.work.units.executors.job import share_of

    assert config.bundle is not None, "without a bundle nothing is scored"
    units = collection.left
    if config.part is not None:
        part, _, parts = config.part.partition("/")
        units = share_of(units, int(part), int(parts))
    job = ScoreJob(
        scores=config.scores,
        bundle=str(config.bundle.absolute()),
        data=config.data,
        kind=config.format,
        batch_size=config.batch_size,
        ocr_cache=None if config.ocr_cache is None else config.ocr_cache.absolute(),
    )
    if units:
        with counter("scoring", "adverts", _rows(collection, units)) as bar:
            for done in _executor(config.executor).run(job, units):
                bar.update(done.rows)
    collection = open_collection(collection.place)
    say("\n".join(collection.lines()))
    if not collection.left:
        _finish(collection, fail_on_drift=config.fail_on_drift)
    elif config.fail_on_drift:
        say("fail_on_drift: judged when every unit is done; ask again then, without bundle=")
    return collection.counts


def _finish(collection: Collection, *, fail_on_drift: bool) -> None:
    """Write the summary of a complete collection, and say how its adverts differ.

    Raises:
        DriftError: ``fail_on_drift``, and they differ.
        CannotJudgeError: ``fail_on_drift``, and nobody can say whether they do.
    """
    from adverts.scoring import drift_wording
    from adverts.scoring.summary import PAGE, write_summary

    drift = collection.drift
    write_summary(collection, drift)
    collection.place.sweep()
    say("\n".join(drift_wording.lines(drift)))
    say(f"{collection.place}/{PAGE} shows it all")
    if fail_on_drift:
        _require_no_drift(drift)


def _require_no_drift(drift: Drift | None) -> None:
    """Raise an error if adverts drifted, or if nobody can say whether they did.

    Raises:
        DriftError: They differ from those that the model was judged on.
        CannotJudgeError: Nobody can say.
    """
    if drift is None or drift.verdict == "cannot say":
        raise CannotJudgeError(
            "fail_on_drift: it cannot be said whether the adverts drifted; the scores are kept"
        )
    if drift.verdict == "drifted":
        raise DriftError(
            "fail_on_drift: the adverts differ from those that the model was judged on; the scores "
            "are kept, label some of these adverts and evaluate the model on them"
        )


def _rows(collection: Collection, units: tuple[int, ...]) -> int | None:
    rows = [collection.plan.units[unit]["rows"] for unit in units]
    known = [one for one in rows if isinstance(one, int)]
    return sum(known) if len(known) == len(rows) else None


def _executor(config: ExecutorConfig) -> Executor:
    from adverts.work.cpu_session import available_cores

    if isinstance(config, LocalExecutorConfig):
        from adverts.work.units.executors.local import LocalExecutor

        return LocalExecutor(config.processes or available_cores())
    from adverts.work.units.executors.ray import RayExecutor

    return RayExecutor(config.address, config.retries)


def status(config: ScoreConfig) -> Collection:
    """Say how far a folder of scores is.

    Raises:
        InputError: There is none.
        CannotJudgeError: ``verify`` found that something was changed, or ``fail_on_drift`` cannot
            be answered.
        DriftError: ``fail_on_drift``, and the adverts drifted.
    """
    from adverts.scoring.check_collection import require_unchanged
    from adverts.scoring.collection import open_collection
    from adverts.scoring.drift_wording import lines
    from adverts.scoring.evidence.evidence_terms import evidence_line, terms_of
    from adverts.work.units.place import open_place

    collection = open_collection(open_place(config.scores))
    say("\n".join(collection.lines()))
    terms = terms_of(collection.plan)
    if terms is not None:
        say(evidence_line(collection.place, terms, _today()))
    if not collection.left:
        say("\n".join(lines(collection.drift)))
    if config.fail_on_drift:
        if collection.left:
            raise CannotJudgeError("fail_on_drift: units are left, so drift cannot be judged yet")
        _require_no_drift(collection.drift)
    if config.verify:
        require_unchanged(collection)
        say(f"every file and receipt is as scored: {len(collection.receipts):,} units compared")
    return collection


def purge_evidence(config: ScoreConfig) -> int:
    """Remove the evidence of a folder of scores, and return how many files were removed.

    Raises:
        InputError: The folder holds no scores, or no evidence that ``purge=evidence`` could remove.
    """
    from adverts.scoring.collection import open_collection
    from adverts.scoring.evidence.evidence_terms import evidence_line, is_purged, purge, terms_of
    from adverts.work.units.place import open_place

    place = open_place(config.scores)
    terms = terms_of(open_collection(place).plan)
    if terms is None:
        told = f"{place} was planned without evidence; there is none to remove"
        if config.purge != "expired":
            raise InputError(told)
        say(told)
        return 0
    if config.purge == "expired" and not terms.is_over(_today()) and not is_purged(place):
        say(evidence_line(place, terms, _today()))
        return 0
    removed = purge(place, _today())
    say(f"evidence: removed, {plural(removed, 'file')}; the scores are kept")
    return removed


def clusters(config: ScoreConfig) -> None:
    """Find near-duplicates in the evidence of a folder of scores, and write its clusters.

    Raises:
        InputError: There is no evidence, it has expired, or units are left.
        IntegrityError: A file of it is not that of its receipt.
    """
    from adverts.scoring.collection import open_collection
    from adverts.scoring.evidence_clusters import write_clusters
    from adverts.work.units.place import open_place

    collection = open_collection(open_place(config.scores))
    say(str(write_clusters(collection, today=_today())))


def _say(title: str, counts: CollectionCounts) -> None:
    first, *rest = counts.lines()
    say("\n".join([title + first, *rest]))


def words_of_file(path: Path, others: Sequence[str]) -> list[str]:
    """Return the settings that say which adverts a file holds, guessed as ``adverts init`` does.

    Args:
        path: The file.
        others: The other words of the command; a column that they name is not guessed.

    Raises:
        InputError: The file cannot be read, no column looks like captions or names of pictures, or
            the other words say where adverts are.
    """
    from adverts.data.mapping.guess_columns import guess
    from adverts.data.mapping.one_file import open_file
    from adverts.data.sources.formats.header import shown_names

    keys = [word.partition("=")[0] for word in others]
    if taken := {"data", "data.root", "data.source.paths"} & set(keys):
        raise InputError(f"{path} says where the adverts are, so {min(taken)}= is left out")
    file = open_file(path)
    named = {key.removeprefix("data.columns.") for key in keys if key.startswith("data.columns.")}
    known = _known_columns(path, file.source.columns or (), others)
    columns = {}
    if not named & {"text", "image"}:
        columns = _guessed(guess(file.source, labelled=False), known, named)
    if not columns and not named & {"text", "image"}:
        raise InputError(
            f"{path}: no column looks like captions or names of pictures; name it with "
            f"data.columns.text= or data.columns.image=. The columns are "
            f"{shown_names(file.source.columns or ())}"
        )
    return file.words(columns)


def _known_columns(path: Path, there: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """Return the columns of a file that the training read under the same names.

    Say so if the file is one that the model was made from.
    """
    from adverts.files.file_hash import file_sha256

    given = next((word for word in others if word.startswith("bundle=")), "").partition("=")[2]
    manifest = _trained_on(Path(given.strip("'\""))) if given else None
    if manifest is None:
        return {}
    if file_sha256(path) in manifest.made.source.values():
        say(
            f"caution: the model was made from {path.name} itself; what it says of adverts that it "
            "learnt from shows nothing, so score new ones"
        )
    columns = manifest.made.config.get("columns")
    read = columns if isinstance(columns, dict) else {}
    return {
        field: str(read[field])
        for field in ("id", "text", "image", "lang")
        if read.get(field) in there
    }


def _trained_on(place: Path) -> DatasetManifest | None:
    """Return the manifest of the dataset of a run, or of the run that a bundle lies in, if any."""
    from contextlib import suppress

    from adverts.data.dataset.dataset_manifest import read_manifest
    from adverts.errors import AdvertsError
    from adverts.training.runs.run_folder import dataset_of_run

    for run in (place, place.parent):
        if (run / "config.yaml").is_file():
            with suppress(AdvertsError, OSError):
                return read_manifest(dataset_of_run(run))
    return None


def _guessed(guesses: Guesses, known: Mapping[str, str], named: set[str]) -> dict[str, str]:
    """Return the columns that were guessed, and say which hold captions and pictures."""
    found = {name: one.column for name, one in guesses.columns.items() if one.column is not None}
    found |= known
    wanted = {name: found[name] for name in ("id", "text", "image", "lang") if name in found}
    for name in ("text", "image"):
        if name in wanted:
            why = "as in training" if name in known else guesses.columns[name].why
            say(f"{name}: column {printable(wanted[name])!r}, {why}")
    return {name: column for name, column in wanted.items() if name not in named}


@command("score", ScoreConfig, of_file=words_of_file)
def main(config: ScoreConfig) -> None:
    """Run ``adverts score``."""
    if config.bundle is not None:
        score(config)
        return
    _refuse_spreadsheet_alone(config)
    if config.purge is not None:
        purge_evidence(config)
    elif config.clusters:
        clusters(config)
    else:
        status(config)


if __name__ == "__main__":
    main()
