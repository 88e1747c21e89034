"""Score disguised adverts: changed captions, or changed pictures that are read again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts.arrays import Bools
from adverts.candidates.predict import read_pictures, unread_pictures
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.preparing.build_reader import build_workers
from adverts.evaluation.robustness.disguise_attempt import Strength, randomness
from adverts.evaluation.robustness.drawn_adverts import Repeated, decide_again
from adverts.evaluation.robustness.picture_disguises import perturb_picture
from adverts.evaluation.robustness.text_disguises import TEXT
from adverts.judging.judge import EvaluationJob
from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import Reader

Kind = Literal["text", "image"]


@dataclass(frozen=True, slots=True)
class Disguise:
    """One perturbation at one strength.

    Attributes:
        kind: Whether it changes the text or the picture.
        name: Name of the perturbation.
        strength: How much it changes.
    """

    kind: Kind
    name: str
    strength: Strength

    @property
    def names(self) -> tuple[str, str]:
        """Names that its randomness depends on."""
        return self.name, self.strength

    @property
    def title(self) -> str:
        """Title of the progress bar of its scoring."""
        return f"score {self.strength} {self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class DisguisedAdverts:
    """The drawn adverts, the decision on each undisguised one, and how to decide again.

    Attributes:
        job: The evaluation.
        table: The ``N`` drawn adverts.
        positive_N: Whether the true label of each advert is the positive one.
        before_N: Whether each undisguised advert is flagged.
        flag: Decides on the adverts of a table; the text is the title of the progress bar.
        reader: Reads pictures again; None if none is needed or given.
    """

    job: EvaluationJob
    table: AdvertTable
    positive_N: Bools
    before_N: Bools
    flag: Callable[[AdvertTable, str], Bools]
    reader: Reader | None


def texts_again(
    subject: DisguisedAdverts, disguise: Disguise, told: Callable[[int], object]
) -> Repeated:
    """Disguise captions and decide again; the text read on pictures is unchanged.

    Args:
        subject: The drawn adverts.
        disguise: A perturbation of text.
        told: Called with the number of draws just done.
    """
    table, config = subject.table, subject.job.config.robustness

    def change(row: int, draw: int) -> str:
        way = randomness(config.seed, *disguise.names, draw, table.ids[row])
        perturb = TEXT[disguise.name]
        return perturb(table.texts[row], disguise.strength, way, lang=table.langs[row])

    def flag(rows: Sequence[int], texts: Sequence[str]) -> Bools:
        return subject.flag(table.select(rows).with_texts(texts), disguise.title)

    texts = [text if text.strip() else "" for text in table.texts]
    return decide_again(
        texts, subject.before_N, draws=config.draws, disguise=change, flag=flag, told=told
    )


def pictures_again(
    subject: DisguisedAdverts, disguise: Disguise, told: Callable[[int], object]
) -> Repeated:
    """Disguise each picture, read it again if the model reads picture text, and decide again.

    Args:
        subject: The drawn adverts.
        disguise: A perturbation of pictures.
        told: Called with the number of draws just done.
    """
    table, config = subject.table, subject.job.config.robustness

    def change(row: int, draw: int) -> tuple[bytes, ...]:
        names = (config.seed, *disguise.names, draw, table.ids[row])
        return tuple(
            perturb_picture(disguise.name, data, disguise.strength, randomness(*names, number))
            for number, data in enumerate(table.images(row))
        )

    def flag(rows: Sequence[int], pictures: Sequence[tuple[bytes, ...]]) -> Bools:
        disguised = table.select(rows).with_images(pictures)
        if subject.reader is not None:
            _read(disguised, subject.reader, subject.job)
        return subject.flag(disguised, disguise.title)

    pictures = [table.images(row) for row in range(len(table))]
    return decide_again(
        pictures, subject.before_N, draws=config.draws, disguise=change, flag=flag, told=told
    )


def _read(table: AdvertTable, reader: Reader, job: EvaluationJob) -> None:
    """Read disguised pictures; the text is not kept, since no erasure could find it later."""
    with tempfile.TemporaryDirectory(prefix="adverts-") as folder:
        read_pictures(
            table,
            unread_pictures(job.candidate, table),
            reader=reader,
            cache=OcrCache(Path(folder)),
            workers=build_workers(job.config.ocr),
        )
