"""VERB: bundle + adverts without labels -> scores of any number of adverts, in units.

Usage::

    adverts score bundle=runs/mine/bundle data=csv data.root=/folder 'data.source.paths=[posts.csv]' scores=scores/posts
    adverts score … part=3/500                 # one of 500 jobs; any number of them may run at once
    adverts score scores=scores/posts          # how far it is
    adverts score … scores=scored.csv          # a spreadsheet instead: your columns, and the answers beside them
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config.verbs import ExecutorConfig, LocalExecutorConfig, ScoreConfig
from adverts.errors import InputError, say
from adverts.scoring.collection_counts import CollectionCounts

if TYPE_CHECKING:
    from adverts.data.sources.raw_rows import Source
    from adverts.runtime import Classifier
    from adverts.scoring.collection import Collection
    from adverts.work.units.executors.job import Executor

_SPREADSHEETS = (".xlsx", ".xls", ".ods")


def score(config: ScoreConfig) -> CollectionCounts:
    """Score the adverts of a source, and return what was counted in all that are scored.

    A folder of scores may be begun, continued or complete: units that have a receipt are not read
    again.

    Raises:
        InputError: Source, columns, bundle or folder cannot be used, or changed since the plan.
        IntegrityError: The bundle differs from what was exported.
    """
    from adverts.data.sources.open_source import open_source
    from adverts.runtime import Classifier
    from adverts.scoring.row_requests import require_adverts
    from adverts.scoring.sheet import SUFFIX, write_sheet
    from adverts.work.cpu_session import available_cores

    assert config.bundle is not None, "without a bundle nothing is scored"
    _refuse_spreadsheet(config)
    source = open_source(config.data)
    for line in source.told:
        say(line)
    require_adverts(config.data, source)
    classifier = Classifier.load(config.bundle, threads=config.threads)
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
        return counts
    collection = _plan(config, classifier, source)
    del classifier, source  # each process opens its own
    return _run(config, collection)


def _refuse_spreadsheet(config: ScoreConfig) -> None:
    if config.scores.lower().endswith(_SPREADSHEETS):
        raise InputError(
            f"scores={config.scores}: of spreadsheets only CSV files are written; use a name that "
            "ends in .csv"
        )


def _plan(config: ScoreConfig, classifier: Classifier, source: Source) -> Collection:
    from adverts.scoring.collection import open_collection, without_lost
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
        )
    return without_lost(open_collection(place))


def _run(config: ScoreConfig, collection: Collection) -> CollectionCounts:
    from adverts.scoring.collection import open_collection, write_summary
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
    if not collection.left:
        write_summary(collection)
        collection.place.sweep()
    say("\n".join(collection.lines()))
    return collection.counts


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
        CannotJudgeError: ``verify`` found a file that is not that of its receipt.
    """
    from adverts.scoring.collection import open_collection, require_unchanged
    from adverts.work.units.place import open_place

    collection = open_collection(open_place(config.scores))
    say("\n".join(collection.lines()))
    if config.verify:
        require_unchanged(collection)
        say(f"every file is that of its receipt: {len(collection.receipts):,} units compared")
    return collection


def _say(title: str, counts: CollectionCounts) -> None:
    first, *rest = counts.lines()
    say("\n".join([title + first, *rest]))


@command("score", ScoreConfig)
def main(config: ScoreConfig) -> None:
    """Run ``adverts score``."""
    if config.bundle is None:
        status(config)
    else:
        score(config)


if __name__ == "__main__":
    main()
