"""The shared data types: adverts, their tasks and labels, and how well pictures could be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

TaskKind = Literal["single", "multi", "ordinal"]
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
MAX_TASKS, MAX_LABELS = 100, 1_000
"""Most tasks of a dataset or model, and most labels of them all."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question asked of every advert.

    Attributes:
        name: Identifier; the suffix of columns, logits and metrics.
        kind: ``single`` (exclusive classes), ``multi`` (independent signals) or ``ordinal``.
        labels: Names in index order; for ``ordinal`` from lowest to highest.
        positive: Label whose probability orders a queue, for ``single``; None where no label is
            special. Ignored for the other kinds.
    """

    name: str
    kind: TaskKind
    labels: tuple[str, ...]
    positive: str | None = None

    @property
    def num_labels(self) -> int:
        """Number of labels ``L``."""
        return len(self.labels)

    @property
    def num_logits(self) -> int:
        """Width of the head: ``L``, or ``L - 1`` cumulative logits for ``ordinal``."""
        return len(self.labels) - (self.kind == "ordinal")

    @property
    def positive_index(self) -> int | None:
        """Index of ``positive``; without it 1 for a ``single`` task of two labels, else None."""
        if self.positive is not None:
            return self.labels.index(self.positive)
        return 1 if self.kind == "single" and len(self.labels) == 2 else None


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """The tasks of a dataset, and the name of its headline task."""

    name: str
    tasks: tuple[Task, ...]
    headline: str

    def task(self, name: str) -> Task:
        """Return the task called ``name``.

        Raises:
            KeyError: No task has this name.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class ReadQuality:
    """How well the pictures of an advert could be read, whatever their text.

    Attributes:
        confidence: Mean confidence of all lines with text, in [0, 1]; 0.0 where nothing was read.
        smallest_text_px: Height of the smallest line with text, in pixels; 0.0 without text.
        sharpness: Sharpness of the picture with the least sharp text, in [0, 1]; 0.0 without text.
        lines: Number of lines that were found.
        unread_lines: Number of those lines that could not be read.
    """

    confidence: float
    smallest_text_px: float
    sharpness: float
    lines: int
    unread_lines: int


def advert_quality(pictures: Sequence[ReadQuality]) -> ReadQuality | None:
    """Return the quality of all pictures of an advert; None if there is no picture.

    Text height and sharpness are the lowest over pictures with text. The confidence is the mean
    over all lines with text. Lines and unread lines are totals.
    """
    if not pictures:
        return None
    with_text = [picture for picture in pictures if picture.lines > picture.unread_lines]
    lines = sum(picture.lines for picture in pictures)
    unread = sum(picture.unread_lines for picture in pictures)
    total = sum(
        picture.confidence * (picture.lines - picture.unread_lines) for picture in with_text
    )
    return ReadQuality(
        confidence=total / (lines - unread) if with_text else 0.0,
        smallest_text_px=min((picture.smallest_text_px for picture in with_text), default=0.0),
        sharpness=min((picture.sharpness for picture in with_text), default=0.0),
        lines=lines,
        unread_lines=unread,
    )


def advert_text(pictures: Iterable[str]) -> str:
    """Return the texts of the pictures of an advert, joined by newlines without empty ones."""
    return "\n".join(filter(None, pictures))


@dataclass(frozen=True, slots=True)
class Advert:
    """One advert as a model may see it, with context that is never a feature.

    Attributes:
        id: Opaque identifier.
        text: Caption or post text, contacts masked; may be empty.
        images: Encoded image files (JPEG, PNG, ...), possibly none.
        ocr_text: Text read from the images, contacts masked; None where no image was read.
        ocr_quality: How well the images could be read; None where they were not read, or where
            it is not known.
    """

    id: str
    text: str = ""
    images: tuple[bytes, ...] = ()
    ocr_text: str | None = None
    ocr_quality: ReadQuality | None = None
