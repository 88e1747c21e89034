"""The adverts that a bundle is proved on: a whole split and extremes, with labels and slices."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, LabelSchema, Task
from adverts.arrays import Ints
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.truth import Judged, align_targets, judge, label_truth, unjudged_where
from adverts.inputs.spec import InputName, InputSpec
from adverts.runtime.rules.coverage import UNKNOWN
from adverts.runtime.rules.thresholds import Threshold, Thresholds

_VARIED = 4
_LONG_CHARACTERS = 20_000
_WINDOW = 256


class ProofAdverts:
    """The adverts of a proof in a fixed order: those of a split, lengths mixed, then the extremes.

    Pictures are read only on demand, so that a large split needs little memory.

    Attributes:
        rows: Table row of each advert of the split, in the order of the proof.
        ids: Id of every advert.
    """

    def __init__(self, table: AdvertTable, spec: InputSpec) -> None:
        """Take every advert of a table, at least one, in an order that mixes their lengths."""
        self._table, self._read = table, set(spec.inputs)
        self._extremes = extremes(table, spec)
        self.rows = list(range(len(table)))
        random.Random(0).shuffle(self.rows)  # noqa: S311 - not a secret
        self.ids = [*(table.ids[row] for row in self.rows), *(one.id for one in self._extremes)]
        self._window = _WINDOW if spec.image is not None else len(self.ids)

    def __len__(self) -> int:
        """Return the number of adverts, including the extremes."""
        return len(self.ids)

    @property
    def table(self) -> AdvertTable:
        """The table of the split."""
        return self._table

    @property
    def num_extremes(self) -> int:
        """Number of made-up adverts, which come last."""
        return len(self._extremes)

    def read(self, places: Sequence[int]) -> list[Advert]:
        """Return the adverts at some places, with only the parts that the model reads."""
        split = len(self.rows)
        return [
            _read(self._table, self.rows[place], self._read)
            if place < split
            else self._extremes[place - split]
            for place in places
        ]

    def windows(self) -> Iterator[range]:
        """Yield the places of all adverts, in parts that fit into memory with their pictures."""
        for start in range(0, len(self), self._window):
            yield range(start, min(start + self._window, len(self)))


def extremes(table: AdvertTable, spec: InputSpec) -> list[Advert]:
    """Return made-up adverts, unlike any of a split, from the adverts of a table.

    They are the empty advert, adverts with each part left out, one with the text of many, and one
    of three letters. A model that sees pictures also gets an advert with several. Those that are
    alike in all that the model reads are one.
    """
    read = set(spec.inputs)
    found: dict[tuple[object, ...], Advert] = {}
    for one in (*_long(table, read), *_lacking(table, read)):
        found.setdefault(_parts(one, read), one)
    return list(found.values())


def _parts(advert: Advert, read: set[InputName]) -> tuple[object, ...]:
    """Return what a model reads of an advert."""
    ocr = (advert.ocr_text, advert.ocr_quality) if "ocr" in read else None
    return (advert.text if "text" in read else "", advert.images if "image" in read else (), ocr)


def _read(table: AdvertTable, row: int, read: set[InputName]) -> Advert:
    """Return an advert with only the parts that the model reads, since pictures are large.

    Missing OCR text becomes an empty text, which is the same for the model.
    """
    return Advert(
        id=table.ids[row],
        text=table.texts[row] if "text" in read else "",
        images=table.images(row) if "image" in read else (),
        ocr_text=(table.ocr_texts[row] or "") if "ocr" in read else None,
        ocr_quality=table.ocr_qualities[row] if "ocr" in read else None,
    )


def _long(table: AdvertTable, read: set[InputName]) -> Iterator[Advert]:
    told = zip(table.texts, table.ocr_texts, strict=True)
    texts = "\n".join(text or ocr_text or "" for text, ocr_text in told)[:_LONG_CHARACTERS]
    long = Advert("long", texts if "text" in read else "", (), texts if "ocr" in read else None)
    yield long
    yield replace(long, id="one-word", text=long.text[:3], ocr_text=long.ocr_text and "x")


def _lacking(table: AdvertTable, read: set[InputName]) -> Iterator[Advert]:
    """Yield an empty advert, the fullest adverts without one part each, and several pictures."""
    yield Advert("empty")
    rows = sorted(
        range(len(table)), key=lambda row: (-int(table.has_image[row]), -len(table.texts[row]), row)
    )
    whole = [_read(table, row, read) for row in rows[:_VARIED]]
    for advert in whole:
        yield replace(advert, id=f"{advert.id}, no caption", text="")
        yield replace(advert, id=f"{advert.id}, no OCR", ocr_text="")
        yield replace(advert, id=f"{advert.id}, quality unknown", ocr_quality=None)
        yield replace(advert, id=f"{advert.id}, no image", images=())
    images = tuple(image for advert in whole for image in advert.images)[:_VARIED]
    yield replace(
        whole[0],
        id="several images",
        images=images * 2 if len(images) == 1 else images,
        ocr_text=whole[0].ocr_text or "",
    )


@dataclass(frozen=True, slots=True, eq=False)
class OtherLabel:
    """A label with a shipped threshold, of a task other than the headline one.

    Attributes:
        task: Task of the label.
        threshold: Threshold of the label, which has a value.
        positives: Rows of the adverts that have the label and that the threshold applies to.
    """

    task: Task
    threshold: Threshold
    positives: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Labels and slices of the adverts of a split, in the order of their probabilities.

    Attributes:
        task: The headline task.
        targets_NL: Target weights of the headline task; a row of NaN for an unlabelled advert.
        judged: Labels that result from ``targets_NL``.
        thresholds: Shipped thresholds of the headline task that have a value.
        clusters: Cluster of each advert.
        langs: BCP-47 tag of each advert, or None.
        slices: Name and rows of each slice.
        others: Labels of other tasks, such as signs of danger to a person.
    """

    task: Task
    targets_NL: NDArray[np.float32]
    judged: Judged
    thresholds: tuple[Threshold, ...]
    clusters: Sequence[str]
    langs: Sequence[str | None]
    slices: tuple[tuple[str, Ints], ...]
    others: tuple[OtherLabel, ...] = ()

    def first(self, count: int) -> Truth:
        """Return the labels of the headline task of the first adverts, without slices."""
        targets_NL = self.targets_NL[:count]
        return replace(
            self,
            targets_NL=targets_NL,
            judged=judge(self.task, targets_NL),
            clusters=self.clusters[:count],
            langs=self.langs[:count],
            slices=(),
            others=(),
        )


def truth_of(
    adverts: ProofAdverts,
    schema: LabelSchema,
    thresholds: Thresholds,
    inputs: tuple[InputName, ...],
) -> Truth:
    """Return the labels of all tasks with decisions, and the slices by language and modality.

    Args:
        adverts: Adverts of the proof; the made-up ones have no label and are left out.
        schema: Label schema of the model.
        thresholds: Thresholds that ship with the model.
        inputs: Inputs that the model reads; an advert with none of them is not judged.

    Raises:
        InputError: The labels of the split do not fit those of the model.
    """
    table = adverts.table.select(adverts.rows)
    task = next(one for one in schema.tasks if one.name == schema.headline)
    targets = _targets(table, schema.tasks, inputs)
    targets_NL = targets[task.name]
    return Truth(
        task=task,
        targets_NL=targets_NL,
        judged=judge(task, targets_NL),
        thresholds=_shipped(thresholds, task),
        clusters=table.clusters,
        langs=table.langs,
        slices=tuple(_slices(table)),
        others=tuple(
            OtherLabel(other, one, holding_rows(other, targets[other.name], one, table.langs))
            for other in schema.tasks
            if other.name != schema.headline
            for one in _shipped(thresholds, other)
        ),
    )


def holding_rows(
    task: Task, targets_NL: NDArray[np.float32], one: Threshold, langs: Sequence[str | None]
) -> Ints:
    """Return the rows of adverts with the label of a threshold that the threshold applies to."""
    holds_N = label_truth(task, targets_NL, one.label) == 1
    if one.language is not None:
        holds_N &= np.array([lang == one.language for lang in langs], dtype=bool)
    return np.flatnonzero(holds_N)


def _shipped(thresholds: Thresholds, task: Task) -> tuple[Threshold, ...]:
    return tuple(
        one for one in thresholds.thresholds if one.task == task.name and one.value is not None
    )


def _targets(
    table: AdvertTable, tasks: tuple[Task, ...], inputs: tuple[InputName, ...]
) -> dict[str, NDArray[np.float32]]:
    aligned = align_targets(table.schema.tasks, tasks, table.targets)
    judged = unjudged_where(~table.readable(inputs), aligned)
    return {
        task.name: judged.get(
            task.name, np.full((len(table), task.num_labels), np.nan, dtype=np.float32)
        )
        for task in tasks
    }


def _slices(table: AdvertTable) -> list[tuple[str, NDArray[np.int64]]]:
    """Return the slices by language and modality, without a dimension that has only one value."""
    found = []
    for dimension, values in (("language", table.langs), ("modality", table.modalities())):
        named = np.array([value or UNKNOWN for value in values], dtype=object)
        parts = sorted(set(named))
        if len(parts) > 1:
            found += [(f"{dimension}={part}", np.flatnonzero(named == part)) for part in parts]
    return found
