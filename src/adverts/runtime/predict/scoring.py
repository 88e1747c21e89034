"""From adverts to logits: one is read and encoded while others run.

Shape suffixes: ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, Task
from adverts.errors import InputError
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, MaskedTexts, collate
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.protocol import Reader
from adverts.runtime.predict.adverts import IncomingAdvert, picture_error, read_images
from adverts.runtime.predict.deadline import Deadline, windows
from adverts.runtime.predict.engine import ModelRunner
from adverts.runtime.predict.entries import RefusedError
from adverts.runtime.predict.responses import ItemError
from adverts.runtime.predict.scores import Scores, ScoringJob
from adverts.runtime.rules.languages import Language

LOGITS_PREFIX = "logits."
USUAL_BATCH = 4
"""Adverts in one run of an fp32 encoder: of more, the values between two operators leave the cache,
and a stream takes a third longer (``bench_bundle.py``)."""
_UNREAD = (
    "its pictures were not read, and the model reads the text in them; give their text (an empty "
    "one where there is none) or a reader"
)
_ABSTAINED = (
    "the reader left lines in its pictures unread ({}), since a part of it is not the one of the "
    "training: leave it to a person"
)
_BATCHES_IN_MEMORY = 16
_ALONE_IN_FLIGHT = 8  # of each worker, so that none waits for the encoder


@dataclass(frozen=True, slots=True)
class Asked:
    """How the adverts of one call are scored.

    Attributes:
        reader: Reads pictures that come without their text; None: they stay unread.
        deadline: Adverts that were not reached by then have an error.
        refuse_unread: Whether an advert has an error if the model reads the text in pictures, and
            nobody read its own.
        tell: Returns the language of an advert that was scored, by its masked texts; any thread
            calls it, beside runs of the model. None: nobody asks.
    """

    reader: Reader | None = None
    deadline: Deadline = Deadline(None)
    refuse_unread: bool = False
    tell: Callable[[IncomingAdvert, Advert, MaskedTexts], Language] | None = None


class AdvertScorer:
    """Encodes adverts and runs the model on them, as its manifest says: in batches or alone."""

    def __init__(
        self,
        encoder: AdvertEncoder,
        engine: ModelRunner,
        tasks: Sequence[Task],
        *,
        alone: bool,
        wants_reading: bool,
        limits: ImageLimits,
    ) -> None:
        """Join what turns adverts into numbers to what runs the model.

        Args:
            encoder: Of the model.
            engine: Of the model.
            tasks: That it answers.
            alone: Run each advert by itself, without padding: its score is then its own.
            wants_reading: Whether the model learnt from text that was read from pictures.
            limits: What a picture may be before it is refused.
        """
        self._encoder, self._engine, self._tasks = encoder, engine, tuple(tasks)
        self._alone, self._limits = alone, limits
        self._reads_ocr = "ocr" in encoder.spec.inputs
        self._wants_reading = wants_reading

    def score(
        self,
        candidates: Sequence[IncomingAdvert],
        asked: Asked,
        *,
        batch_size: int,
    ) -> Scores:
        """Return the logits of each advert, in the order given.

        Args:
            candidates: The adverts; one with an error is passed over.
            asked: How they are to be scored.
            batch_size: Adverts in one run, where the model does not run them alone.

        Raises:
            InputError: ``batch_size`` is below 1.
        """
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}, wanted at least 1")
        job, deadline = ScoringJob(candidates, self._tasks), asked.deadline
        if self._alone and asked.reader is None:
            planned = windows(candidates, deadline, usual=1, timed=1)
            works = self._one_by_one(job, asked, planned)
            most = _ALONE_IN_FLIGHT * self._engine.beside
        else:
            size = 1 if self._alone else batch_size
            planned = windows(candidates, deadline, usual=size * _BATCHES_IN_MEMORY, timed=size)
            works, most = self._in_batches(job, asked, planned, size=size), _BATCHES_IN_MEMORY
        at_once = deadline.has_end and len(planned) > 1
        self._engine.run_all(works, most=most, at_once=at_once)
        return job.scores()

    def _one_by_one(
        self, job: ScoringJob, asked: Asked, planned: Sequence[Sequence[int]]
    ) -> Iterator[Callable[[], None]]:
        """Yield what encodes and runs one advert, so that no thread waits for an encoder."""

        def work(row: int) -> None:
            encoded = self._encode_window(job, range(row, row + 1), asked)
            if encoded:
                self._run_into(job, encoded, asked)

        for (row,) in planned:
            yield partial(work, row)

    def _in_batches(
        self, job: ScoringJob, asked: Asked, planned: Sequence[Sequence[int]], *, size: int
    ) -> Iterator[Callable[[], None]]:
        """Encode here, where a reader of pictures may be called, and yield what runs batches."""
        for rows in planned:
            for batch in _batches(self._encode_window(job, rows, asked), size):
                yield partial(self._run_into, job, batch, asked)

    def run(self, encoded: Sequence[EncodedAdvert]) -> dict[str, NDArray[np.float32]]:
        """Return the logits ``(N, K)`` by task of one batch, as it stands: neither cut nor sorted.

        Raises:
            ValueError: The batch is empty, or has several adverts and the model runs each alone.
        """
        if self._alone and len(encoded) > 1:
            raise ValueError(f"{len(encoded)} adverts in one run of a model that runs each alone")
        names = [LOGITS_PREFIX + task.name for task in self._tasks]
        values = self._engine.run(collate(encoded, self._encoder.spec), names)
        return {task.name: value for task, value in zip(self._tasks, values, strict=True)}

    def run_each(self, encoded: Sequence[EncodedAdvert]) -> dict[str, NDArray[np.float32]]:
        """Return what :meth:`run` does, each advert in a run of its own where the model asks so."""
        if not self._alone:
            return self.run(encoded)
        found = [self.run([one]) for one in encoded]
        return {
            task.name: np.concatenate([one[task.name] for one in found]) for task in self._tasks
        }

    def _encode_window(
        self, job: ScoringJob, rows: Sequence[int], asked: Asked
    ) -> dict[int, EncodedAdvert]:
        encoded = {}
        for row in rows:
            try:
                if asked.deadline.is_over():
                    raise _out_of_time()
                encoded[row] = self._encode(job, row, asked)
            except RefusedError as refused:
                job.errors[row] = refused.error
        return encoded

    def _encode(self, job: ScoringJob, row: int, asked: Asked) -> EncodedAdvert:
        """Return an advert as numbers, and note what the model reads of it.

        Raises:
            RefusedError: It cannot be scored.
        """
        candidate = job.candidates[row]
        if asked.reader is not None and self._reads_ocr:
            candidate = read_images(candidate, asked.reader, self._limits)
        if candidate.error is not None:
            raise RefusedError(candidate.error.code, candidate.error.message)
        advert = candidate.advert
        if asked.refuse_unread and self._wants_reading and _is_unread(advert):
            raise RefusedError("pictures_not_read", _UNREAD)
        if candidate.abstained and self._reads_ocr:
            raise RefusedError("pictures_not_read", _ABSTAINED.format(candidate.abstained))
        job.adverts[row] = advert
        job.masked[row] = masked = self._masked(advert)
        if asked.deadline.is_over():  # of a long text: no more is spent on it
            raise _out_of_time()
        try:
            return self._encoder.encode(advert, masked=masked)
        except Exception as error:  # of a decoder; whatever it is, it is one of this advert
            found = picture_error(error)
            raise RefusedError(found.code, found.message) from None

    def _masked(self, advert: Advert) -> MaskedTexts:
        """Return the texts as the model reads them.

        Raises:
            RefusedError: Our rules fail on them, which must not fail the others of the call.
        """
        try:
            return self._encoder.masked(advert)
        except Exception as error:  # whatever it is, its words may quote the text
            reason = f"its text could not be masked ({type(error).__name__}): leave it to a person"
            raise RefusedError("model_failed", reason) from None

    def _run_into(self, job: ScoringJob, batch: Mapping[int, EncodedAdvert], asked: Asked) -> None:
        """Run one batch; where that fails, its adverts one by one, so that it names the culprit."""
        rows = list(batch)
        if asked.deadline.is_over():
            for row in rows:
                job.errors[row] = _out_of_time().error
            return
        try:
            job.note(rows, self.run(list(batch.values())))
        except Exception as error:  # the library's own errors share no base class
            if len(rows) > 1:
                for row, encoded in batch.items():
                    self._run_into(job, {row: encoded}, asked)
                return
            reason = f"the model failed with {type(error).__name__}: leave it to a person"
            job.errors[rows[0]] = ItemError("model_failed", reason)
        for row in rows:
            if asked.tell is not None and job.errors[row] is None:
                self._tell_into(job, row, asked.tell)

    def _tell_into(
        self,
        job: ScoringJob,
        row: int,
        tell: Callable[[IncomingAdvert, Advert, MaskedTexts], Language],
    ) -> None:
        """Note the language of an advert; one that has none to tell fails alone."""
        try:
            job.languages[row] = tell(job.candidates[row], job.adverts[row], job.masked[row])
        except Exception as error:  # of a library; its words may quote the text
            reason = f"its language could not be told ({type(error).__name__})"
            job.errors[row] = ItemError("model_failed", f"{reason}: leave it to a person")


def _out_of_time() -> RefusedError:
    return RefusedError("out_of_time", "the time of the call was over before it was scored")


def _is_unread(advert: Advert) -> bool:
    """Its score would be that of a picture without text, and nobody would know."""
    return bool(advert.images) and advert.ocr_text is None


def _batches(
    encoded: Mapping[int, EncodedAdvert], batch_size: int
) -> Iterator[dict[int, EncodedAdvert]]:
    """Adverts that are alike in pictures and length, so that little is padding."""

    def size(row: int) -> tuple[int, int, int]:
        advert = encoded[row]
        return len(advert.pixels), advert.length, len(advert.feature_ids)

    rows = sorted(encoded, key=size)
    for start in range(0, len(rows), batch_size):
        yield {row: encoded[row] for row in rows[start : start + batch_size]}
