"""The frame: the adverts that were scored, in columns, from which a sample is drawn."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adverts.advert import LabelSchema
from adverts.arrays import Bools, Floats, Ints
from adverts.errors import CannotJudgeError
from adverts.runtime.rules.routing import ReviewBand
from adverts.scoring.evidence_reader import OpenedEvidence
from adverts_findings.survey.sample import FIELDS, UNKNOWN, Field, FrameFacts, Unit

if TYPE_CHECKING:
    import pyarrow as pa

_CONTEXT = ("unit", "file", "row", "account", "platform", "posted_at", "collected_at", "views")
_COLUMNS = (*_CONTEXT, "text_hash", "picture_sha256")
_MODALITIES = ("nothing", "text", "picture", "text and picture")
_ALONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """A division of the frame: the value of each advert.

    Attributes:
        values: The values.
        codes: Place of each advert's value among them, ``(N,)``.
    """

    values: tuple[str, ...]
    codes: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The adverts of a frame, ``N`` of them, in the order of the source.

    Attributes:
        facts: What is known of it as a whole.
        labels: Label schema of the model that scored it.
        ids: Id of each advert; no two are equal.
        units: Number of the unit of the scores that holds each advert.
        files: Source file of each advert.
        rows: Its line or number there, as in messages about it.
        probabilities: Calibrated probability that it is positive; the mean where it has no score.
        scored: Whether it has a score.
        clusters: Cluster of near-duplicates of each advert, as numbers from 0 on.
        cluster_names: Name of each cluster.
        sizes: What each advert counts, by unit; a unit that is not known is absent.
        fields: What the frame can be divided by.
        thresholds: Lowest probability of each band for review: where adverts are decided.
    """

    facts: FrameFacts
    labels: LabelSchema
    ids: Sequence[str]
    units: Ints
    files: Sequence[str]
    rows: Ints
    probabilities: Floats
    scored: Bools
    clusters: Ints
    cluster_names: Sequence[str]
    sizes: Mapping[Unit, Floats]
    fields: Mapping[Field, Divided]
    thresholds: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.probabilities)


def read_frame(opened: OpenedEvidence, description: str) -> Frame:
    """Read the frame of a complete folder of scores with evidence and clusters.

    Args:
        opened: Its evidence.
        description: What was collected, in the words of the person who draws.

    Raises:
        InputError: The folder was planned by an earlier release.
        IntegrityError: A file is not that of its receipt.
        CannotJudgeError: No advert has a score.
    """
    import pyarrow as pa

    schema = opened.labels
    table = pa.concat_tables(opened.tables(_COLUMNS), promote_options="permissive")
    readable = table["error"].is_null().to_numpy(zero_copy_only=False)
    first = _first_of_its_id(table, readable)
    kept = table.filter(pa.array(readable & first))
    score = _numbers(kept["score"])
    scored = ~np.isnan(score)
    if not scored.any():
        raise CannotJudgeError(
            f"{opened.collection.place}: no advert has a score, so no sample can be drawn; score "
            "with a bundle whose headline task has a positive label"
        )
    names, clusters = _coded(kept["cluster"])
    accounts = _coded(kept["account"], unknown=_ALONE)[1]
    views = _numbers(kept["views"])
    sizes: dict[Unit, Floats] = {"adverts": np.ones(len(kept)), "templates": _shares(clusters)}
    if (accounts != _ALONE).any():
        sizes["accounts"] = _shares(accounts)
    if not np.isnan(views).any():
        sizes["views"] = views
    collected = sorted(one.as_py() for one in _ends(kept["collected_at"]))
    facts = FrameFacts(
        description=description,
        scores=str(opened.collection.place),
        hash=opened.hash,
        bundle=str(opened.collection.plan.settings["bundle"]),
        adverts=len(kept),
        templates=len(names),
        accounts=int(accounts.max()) + 1 if "accounts" in sizes else None,
        views=float(views.sum()) if "views" in sizes else None,
        first_collected=_iso(collected[0]) if collected else None,
        last_collected=_iso(collected[-1]) if collected else None,
        unscored=int((~scored).sum()),
        unreadable=int((~readable).sum()),
        repeated=int((readable & ~first).sum()),
        token_key_id=opened.terms.token_key_id,
        expires=opened.terms.expires.isoformat(),
    )
    return Frame(
        facts=facts,
        labels=schema,
        ids=kept["id"].to_pylist(),
        units=kept["unit"].to_numpy().astype(np.int64),
        files=kept["file"].to_pylist(),
        rows=kept["row"].to_numpy(),
        probabilities=np.where(scored, score, score[scored].mean()).clip(0.0, 1.0),
        scored=scored,
        clusters=clusters,
        cluster_names=names,
        sizes=sizes,
        fields={name: _divided(kept, name) for name in FIELDS},
        thresholds=tuple(_lowest(kept, band) for band in ("priority", "review")),
    )


def _lowest(table: pa.Table, band: ReviewBand) -> float:
    """Return the lowest score in a band; 1.0 where no advert is in it."""
    import pyarrow.compute as pc

    inside = table.filter(pc.equal(table["review_band"], band))["score"]
    found = pc.min(inside).as_py()
    return 1.0 if found is None else float(found)


def _first_of_its_id(table: pa.Table, readable: Bools) -> Bools:
    """Return whether each row is the first readable one with its id."""
    codes = _coded(table["id"])[1]
    places = np.flatnonzero(readable)
    first = np.zeros(len(table), dtype=np.bool_)
    first[places[np.unique(codes[places], return_index=True)[1]]] = True
    return first


def _coded(column: pa.ChunkedArray, *, unknown: int = 0) -> tuple[list[str], Ints]:
    """Return the distinct values of a column, and the place of each cell's value among them."""
    import pyarrow as pa

    plain = column.cast(pa.string()).combine_chunks()
    encoded = plain.dictionary_encode()
    codes = encoded.indices.fill_null(unknown).to_numpy(zero_copy_only=False).astype(np.int64)
    return encoded.dictionary.to_pylist(), codes


def _shares(codes: Ints) -> Floats:
    """Return one divided by the number of adverts with the same code; 0 for those alone."""
    known = codes != _ALONE
    counts = np.bincount(codes[known])
    return np.where(known, 1 / counts[np.where(known, codes, 0)].clip(1), 0.0)


def _numbers(column: pa.ChunkedArray) -> Floats:
    import pyarrow as pa

    found: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return found


def _ends(column: pa.ChunkedArray) -> list[pa.Scalar]:
    import pyarrow.compute as pc

    ends = pc.min_max(column)
    return [ends[name] for name in ("min", "max") if ends[name].is_valid]


def _iso(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).isoformat(timespec="seconds")


def _divided(table: pa.Table, field: Field) -> Divided:
    import pyarrow as pa

    match field:
        case "week":
            return _weeks(table)
        case "modality":
            return _modalities(table)
        case _:
            names, codes = _coded(table[field].cast(pa.string()).fill_null(UNKNOWN))
            return Divided(tuple(names), codes)


def _weeks(table: pa.Table) -> Divided:
    import pyarrow.compute as pc

    posted = table["posted_at"]
    number = pc.add(pc.multiply(pc.iso_year(posted), 100), pc.iso_week(posted))
    weeks, codes = np.unique(_numbers(number.fill_null(0)).astype(np.int64), return_inverse=True)
    told = tuple(f"{one // 100}-W{one % 100:02d}" if one else UNKNOWN for one in weeks.tolist())
    return Divided(told, codes.astype(np.int64))


def _modalities(table: pa.Table) -> Divided:
    import pyarrow.compute as pc

    has_text = table["text_hash"].is_valid().to_numpy(zero_copy_only=False)
    pictures = _numbers(pc.list_value_length(table["picture_sha256"]).fill_null(0))
    codes = has_text.astype(np.int64) + 2 * (pictures > 0)
    return Divided(_MODALITIES, codes)
