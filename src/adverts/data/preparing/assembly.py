"""Turns mapped rows into prepared ones: labels, clusters, languages and splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.advert import SPLITS, LabelSchema, Split
from adverts.clusters.find_clusters import Clustering, find_clusters
from adverts.clusters.link_excerpts import Passages, link_held, passages
from adverts.clusters.links import Traits, join_links
from adverts.clusters.picture_hash import PictureHash
from adverts.config.data import DataConfig
from adverts.data.dataset.linked_families import find_families
from adverts.data.dataset.picture_spool import ImageSpool
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.data.dataset.split_assignments import Assignment, is_split
from adverts.data.mapping.label_cells import LabelPlan, Votes, majority, target_weights
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.preparing.picture_texts import PageText
from adverts.data.review.apply_review import Reviewed, apply_review
from adverts.data.review.review_sheet import ReviewedCluster
from adverts.data.splits.assign_splits import Dealt, deal
from adverts.data.splits.split_clusters import Strata
from adverts.inputs.contacts.contact_tokens import account_token
from adverts.inputs.letters.folding import fold
from adverts.inputs.letters.language import Identified, identify
from adverts.inputs.letters.scripts import script_of
from adverts.work.cpu_session import available_cores
from adverts.work.progress import Progress, note_when_slow


@dataclass(frozen=True, slots=True)
class Assembled:
    """Adverts ready to be written, except for their pictures.

    Attributes:
        rows: Mapped rows, in the order of the source.
        reviewed: Votes of each row after the review.
        clustering: Clusters of the rows, and the links that join them.
        dealt: Cluster and split of each row.
        languages: Language and script of each row as identified.
        pages: Text of each row's pictures; None if none was read.
    """

    rows: Sequence[MappedRow]
    reviewed: Reviewed
    clustering: Clustering
    dealt: Dealt
    languages: Sequence[Identified]
    pages: Sequence[PageText | None]


def assemble(
    config: DataConfig,
    rows: Sequence[MappedRow],
    *,
    schema: LabelSchema,
    plans: Sequence[LabelPlan],
    sheet: Sequence[ReviewedCluster],
    pages: Sequence[PageText | None],
    recorded: Mapping[str, Assignment],
    progress: Progress,
) -> Assembled:
    """Find clusters and languages, and deal the splits.

    Args:
        config: Configuration of the dataset.
        rows: Mapped rows.
        schema: Tasks of the rows.
        plans: How their labels are found.
        sheet: Labels that a review gives to clusters.
        pages: Text that was read on the pictures of each row.
        recorded: Maps ids of adverts to their earlier assignments.
        progress: Shows progress.

    Raises:
        InputError: There are too few adverts for the wanted splits.
    """
    whole = config.split.kind != "leave_one_out"  # which leaves out one of these groups itself
    with note_when_slow(f"looking for near-duplicates among {len(rows):,} adverts"):
        clustering = find_clusters(
            [_traits(row, page, whole=whole) for row, page in zip(rows, pages, strict=True)],
            looks=_looks(rows),
            max_contact_accounts=config.clusters.max_contact_accounts,
            threads=available_cores(),
        )
    reviewed = apply_review(
        [row.votes for row in rows],
        sheet,
        clustering.links,
        ids=[row.id for row in rows],
        pictured=[bool(row.images) for row in rows],
        plans=plans,
    )
    languages = _languages(rows, pages, progress)
    tasks = [task.name for task in schema.tasks if task.kind != "multi"]
    strata = [
        _strata(row, votes, found, tasks=tasks)
        for row, votes, found in zip(rows, reviewed.votes, languages, strict=True)
    ]
    found = _passages(rows, pages)
    if config.split.kind == "given":
        given = [row.split for row in rows]
        clustering = _with_held(clustering, found, given, list(clustering.names))
    dealt = deal(config.split, rows, clustering, strata, recorded=recorded)
    clustering = _with_held(clustering, found, dealt.splits, dealt.families)
    families = find_families(dealt.clusters, [clustering.links, clustering.refused])
    dealt = replace(dealt, families=tuple(families))
    return Assembled(
        rows=rows,
        reviewed=reviewed,
        clustering=clustering,
        dealt=dealt,
        languages=languages,
        pages=pages,
    )


def _passages(rows: Sequence[MappedRow], pages: Sequence[PageText | None]) -> Passages:
    """Return the passages of the caption and the picture text of each row."""
    read = [page.text if page else "" for page in pages]
    return passages([fold(f"{row.text}\n{text}") for row, text in zip(rows, read, strict=True)])


def _with_held(
    clustering: Clustering,
    found: Passages,
    splits: Sequence[Split | None],
    families: Sequence[str],
) -> Clustering:
    """Return the clusters with links from adverts of which earlier splits hold a tenth or more.

    Args:
        clustering: The clusters.
        found: Passages of each advert.
        splits: Split of each advert; None if it is in none.
        families: Family of each advert; what is in one with an advert of an earlier split is known.
    """
    place = np.array([-1 if one is None else SPLITS.index(one) for one in splits])
    _, family = np.unique(np.array(families, dtype=str), return_inverse=True)
    earliest = np.full(int(family.max(initial=-1)) + 1, len(SPLITS))
    np.minimum.at(earliest, family[place >= 0], place[place >= 0])
    new = (place > 0) & (earliest[family] == place)
    held = [
        link_held(found, (place >= 0) & (place < later), new & (place == later))
        for later in range(1, len(SPLITS))
    ]
    return replace(clustering, links=join_links([clustering.links, *held]))


def languages_with_pictures(assembled: Assembled) -> Iterator[str | None]:
    """Yield the language of each advert with a picture; None if unknown."""
    for row, found in zip(assembled.rows, assembled.languages, strict=True):
        if row.images:
            yield row.context.get("lang", found.lang)


def prepared_rows(
    assembled: Assembled,
    schema: LabelSchema,
    spool: ImageSpool,
    *,
    ocr_key: str | None,
    token_key: bytes | None,
) -> Iterator[PreparedRow]:
    """Yield the rows to write, one by one, with their pictures from the spool."""
    for row, voted, spread, cluster, place, found, page in zip(
        assembled.rows,
        assembled.reviewed.votes,
        assembled.reviewed.propagated,
        assembled.dealt.clusters,
        assembled.dealt.places,
        assembled.languages,
        assembled.pages,
        strict=True,
    ):
        if not is_split(place):
            continue
        context = row.context
        hidden = spread if place == "test" else ()  # spread labels are never judged on
        votes = {
            task.name: voted[task.name]
            for task in schema.tasks
            if task.name in voted and task.name not in hidden
        }
        yield PreparedRow(
            id=row.id,
            split=place,
            cluster=cluster,
            text=row.text,
            images=spool.stored(row.images),
            ocr_text=page.text if page else None,
            ocr_quality=page.quality if page else None,
            ocr_engine=ocr_key if page else None,
            lang=context.get("lang", found.lang),
            lang_predicted="lang" not in context and found.lang is not None,
            script=found.script or context.get("script"),  # what the letters show is no opinion
            script_predicted="script" not in context and found.script is not None,
            platform=context.get("platform"),
            posted_week=context.get("posted_week"),
            account=_keyed(context.get("account"), token_key),
            campaign=context.get("campaign"),
            stratum=context.get("stratum"),
            inclusion_probability=row.inclusion_probability,
            reviewed=row.reviewed,
            targets={
                t.name: target_weights(t, votes[t.name]) for t in schema.tasks if t.name in votes
            },
            annotations={name: vote.raw for name, vote in votes.items() if len(vote.raw) > 1},
            propagated=() if hidden else spread,
            contacts=_tokens(row, page),
        )


def _traits(row: MappedRow, page: PageText | None, *, whole: bool) -> Traits:
    return Traits(
        id=row.id,
        text=row.text,
        page=page.text if page else "",
        images=tuple(image.sha256 for image in row.images),
        group=row.context.get("group") if whole else None,
        campaign=row.context.get("campaign"),
        account=row.context.get("account"),
        contacts=row.contacts + (page.contacts if page else ()),
    )


def _looks(rows: Sequence[MappedRow]) -> dict[str, PictureHash]:
    """Return the perceptual hash of each picture, by its sha256."""
    return {
        image.sha256: PictureHash.from_bytes(image.description)
        for row in rows
        for image in row.images
    }


def _strata(
    row: MappedRow, votes: Mapping[str, Votes], found: Identified, *, tasks: Sequence[str]
) -> Strata:
    """Return what is balanced over splits: the label of each task, the language, the modality."""
    labels = [f"{name} {majority(votes.get(name))}" for name in tasks]
    modality = f"text {bool(row.text.strip())} picture {bool(row.images)}"
    return (*labels, f"language {row.context.get('lang', found.lang)}", modality)


def _tokens(row: MappedRow, page: PageText | None) -> tuple[str, ...]:
    contacts = row.contacts + (page.contacts if page else ())
    return tuple(dict.fromkeys(contact.token for contact in contacts))


def _languages(
    rows: Sequence[MappedRow], pages: Sequence[PageText | None], progress: Progress
) -> list[Identified]:
    """Identify the languages that the source does not give, and count the scripts of all texts."""
    texts = [
        f"{row.text}\n{page.text}" if page else row.text
        for row, page in zip(rows, pages, strict=True)
    ]
    unknown = [i for i, row in enumerate(rows) if "lang" not in row.context]
    asked = [texts[i] for i in unknown]
    watched = progress(asked, "identifying languages", "texts", len(asked))
    identified = identify(watched) if asked else []
    found = dict(zip(unknown, identified, strict=True))
    return [
        found[i] if i in found else Identified(None, script_of(text))
        for i, text in enumerate(texts)
    ]


def _keyed(account: str | None, key: bytes | None) -> str | None:
    """Return the token of an account; None without a key."""
    return None if account is None or key is None else account_token(account, key=key)
