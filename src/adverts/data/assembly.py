"""From mapped rows to prepared ones: pictures read, copies joined, language told, split dealt."""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from adverts.advert import LabelSchema, Split
from adverts.clusters.find import Clustering, find_clusters
from adverts.config.data import (
    DataConfig,
    FoldSplit,
    GivenSplit,
    LeaveOneOutSplit,
    MadeSplit,
)
from adverts.cores import available_cores
from adverts.data.labels import TaskPlan, majority, target_weights, with_labels
from adverts.data.language import Identified, identify, script_of
from adverts.data.records import PreparedRow
from adverts.data.rows import MappedRow, drop_rare
from adverts.data.splitting import (
    settle_leaks,
    split_folds,
    split_given,
    split_leave_one_out,
    split_made,
)
from adverts.data.spool import ImageSpool
from adverts.inputs.masking import mask_contacts
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import OcrResult, Reader
from adverts.ocr.workers import read_images
from adverts.progress import told_when_slow

Watch = Callable[[Sequence[str]], Iterable[str]]  # passes items through and shows how far one is


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on the pictures of one advert, contacts masked."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Assembled:
    """Adverts ready to be written, but for their pictures.

    Attributes:
        rows: Mapped rows, in the order of the source.
        clustering: Cluster of each row, and what joins them.
        splits: Split of each row; None where it is left out, since it leaks into another.
        languages: Language and script of each row as identified.
        pages: Text of each row's pictures; None where none was read.
    """

    rows: Sequence[MappedRow]
    clustering: Clustering
    splits: Sequence[Split | None]
    languages: Sequence[Identified]
    pages: Sequence[PageText | None]


def settle_labels(
    rows: Sequence[MappedRow], plans: Sequence[TaskPlan], *, name: str, headline: str, minimum: int
) -> tuple[list[MappedRow], LabelSchema]:
    """Return the rows whose headline label is frequent enough, and the schema of all tasks.

    Raises:
        InputError: A task's labels were to be found and there is none.
    """
    kept = list(rows)
    if minimum > 1:
        kept = drop_rare(rows, [majority(row.votes.get(headline)) for row in rows], minimum)
    tasks = tuple(
        with_labels(
            plan, (row.votes[plan.task.name] for row in kept if plan.task.name in row.votes)
        ).task
        for plan in plans
    )
    return kept, LabelSchema(name=name, tasks=tasks, headline=headline)


def read_pages(
    rows: Sequence[MappedRow],
    spool: ImageSpool,
    *,
    reader: Reader,
    cache: OcrCache,
    limits: ImageLimits,
    workers: int,
    progress: Watch,
) -> list[PageText | None]:
    """Read the text of every picture, each once, through the cache."""
    hashes = list(dict.fromkeys(image.sha256 for row in rows for image in row.images))
    found = read_images(
        [functools.partial(spool.read, sha256) for sha256 in hashes],
        reader=reader,
        cache=cache,
        limits=limits,
        workers=workers,
    )
    read = {sha256: _read(one) for sha256, one in zip(progress(hashes), found, strict=True)}
    return [_page([read[image.sha256] for image in row.images]) for row in rows]


def assemble(
    config: DataConfig,
    rows: Sequence[MappedRow],
    *,
    headline: str,
    pages: Sequence[PageText | None],
    progress: Watch,
) -> Assembled:
    """Find clusters and languages, and deal the splits.

    Raises:
        InputError: There are too few adverts for the splits that are wanted.
    """
    whole = config.split.kind != "leave_one_out"  # there the group is what is left out
    with told_when_slow(f"looking for near-duplicates among {len(rows):,} adverts"):
        clustering = find_clusters(
            [row.text for row in rows],
            [tuple(image.sha256 for image in row.images) for row in rows],
            [row.context.get("group") if whole else None for row in rows],
            ids=[row.id for row in rows],
            threads=available_cores(),
        )
    clusters = clustering.names
    strata = [majority(row.votes.get(headline)) for row in rows]
    return Assembled(
        rows=rows,
        clustering=clustering,
        splits=_deal(config, rows, clusters, strata),
        languages=_languages(rows, pages, progress),
        pages=pages,
    )


def prepared_rows(
    assembled: Assembled,
    schema: LabelSchema,
    spool: ImageSpool,
    *,
    ocr_key: str | None,
    account_key: bytes | None,
) -> Iterator[PreparedRow]:
    """Yield the rows to write, one by one, with their pictures from the spool."""
    for row, cluster, split, found, page in zip(
        assembled.rows,
        assembled.clustering.names,
        assembled.splits,
        assembled.languages,
        assembled.pages,
        strict=True,
    ):
        if split is None:
            continue
        context = row.context
        votes = {task.name: row.votes[task.name] for task in schema.tasks if task.name in row.votes}
        yield PreparedRow(
            id=row.id,
            split=split,
            cluster=cluster,
            text=row.text,
            images=spool.stored(row.images),
            ocr_text=page.text if page else None,
            ocr_confidence=page.confidence if page else None,
            ocr_engine=ocr_key if page else None,
            lang=context.get("lang", found.lang),
            lang_predicted="lang" not in context and found.lang is not None,
            script=context.get("script", found.script),
            script_predicted="script" not in context and found.script is not None,
            platform=context.get("platform"),
            posted_week=context.get("posted_week"),
            account=_keyed(context.get("account"), account_key),
            campaign=context.get("campaign"),
            stratum=context.get("stratum"),
            inclusion_probability=row.inclusion_probability,
            reviewed=row.reviewed,
            targets={
                t.name: target_weights(t, votes[t.name]) for t in schema.tasks if t.name in votes
            },
            annotations={name: vote.raw for name, vote in votes.items() if len(vote.raw) > 1},
        )


def _read(result: OcrResult) -> tuple[str, tuple[float, ...]]:
    """Return text and confidences of the lines; their places, which take far more, are let go."""
    return result.text, tuple(line.confidence for line in result.lines if line.text)


def _page(read: Sequence[tuple[str, tuple[float, ...]]]) -> PageText | None:
    if not read:
        return None
    texts = [text for text, _ in read if text]
    confidences = [confidence for _, of_lines in read for confidence in of_lines]
    mean = sum(confidences) / len(confidences) if confidences else 0.0
    return PageText(mask_contacts("\n".join(texts)), mean)


def _deal(
    config: DataConfig, rows: Sequence[MappedRow], clusters: Sequence[str], strata: Sequence[str]
) -> Sequence[Split | None]:
    match config.split:
        case GivenSplit(validation_fraction=fraction, leakage=leakage, seed=seed):
            given = [row.split for row in rows if row.split is not None]
            kept = settle_leaks(given, clusters, leakage=leakage)
            return split_given(kept, clusters, strata, validation_fraction=fraction, seed=seed)
        case MadeSplit(validation_fraction=validation, test_fraction=test, seed=seed):
            return split_made(
                clusters, strata, validation_fraction=validation, test_fraction=test, seed=seed
            )
        case FoldSplit(folds=folds, fold=fold, unit=unit, seed=seed):
            units = clusters if unit == "cluster" else [row.id for row in rows]
            return split_folds(units, strata, folds=folds, fold=fold, seed=seed)
        case LeaveOneOutSplit(group=group, validation_fraction=fraction, seed=seed):
            groups = [row.context.get("group") for row in rows]
            return split_leave_one_out(
                groups, clusters, strata, group=group, validation_fraction=fraction, seed=seed
            )


def _languages(
    rows: Sequence[MappedRow], pages: Sequence[PageText | None], progress: Watch
) -> list[Identified]:
    """Identify what the source does not tell; where it tells both, nothing is computed."""
    texts = [
        f"{row.text}\n{page.text}" if page else row.text
        for row, page in zip(rows, pages, strict=True)
    ]
    unknown = [i for i, row in enumerate(rows) if "lang" not in row.context]
    identified = identify(progress([texts[i] for i in unknown])) if unknown else []
    found = dict(zip(unknown, identified, strict=True))
    return [
        found[i] if i in found else Identified(None, script_of(text))
        for i, text in enumerate(texts)
    ]


def _keyed(account: str | None, key: bytes | None) -> str | None:
    """Return a token of 128 bits that only the key's holder can make; None without a key."""
    if account is None or key is None:
        return None
    return hmac.new(key, account.encode(), hashlib.sha256).hexdigest()[:32]
