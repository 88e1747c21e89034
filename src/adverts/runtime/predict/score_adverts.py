"""Compute the logits of adverts: some are read and encoded while the model runs others.

Shape suffixes: ``N`` adverts, ``B`` adverts of a batch, ``K`` logits of a task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, Task
from adverts.errors import InputError
from adverts.inputs.encoding import (
    AdvertEncoder,
    EncodedAdvert,
    Feeds,
    MaskedTexts,
    collate,
)
from adverts.inputs.hashing import HashedNgrams
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import BranchName, InputSpec
from adverts.ocr.protocol import Reader
from adverts.runtime.predict.caller_input import RefusedError
from adverts.runtime.predict.deadline import Deadline, windows
from adverts.runtime.predict.engine import Runner
from adverts.runtime.predict.read_adverts import picture_error, read_images
from adverts.runtime.predict.responses import ItemError
from adverts.runtime.rules.early_exit import may_leave
from adverts.runtime.rules.languages import Language

USUAL_BATCH = 4
"""Adverts in one run of an fp32 encoder. With more, the values between two operators leave the
cache, and a stream takes a third longer (``bench_bundle.py``)."""
NO_NUMBER = ItemError("model_failed", "the model gave no valid number for it: leave it to a person")
_BATCHES_IN_MEMORY = 16
_ALONE_IN_FLIGHT = 8  # for each worker, so that none waits for the encoder
_HASHED_TOGETHER = 16  # where most leave early, and hashing one by one is most of the work
T = TypeVar("T")
Logits = Mapping[str, NDArray[np.float32]]
_MEAN, _NGRAMS = "logits", "ngrams"


def output_names(spec: InputSpec, tasks: Sequence[str]) -> list[str]:
    """Return the outputs of a model: ``logits.<task>``, then ``<branch>.<task>`` of any branches.

    Args:
        spec: Inputs of the model.
        tasks: Names of the tasks, in order.
    """
    return [f"{group}.{task}" for group in (_MEAN, *spec.branches) for task in tasks]


def ngram_names(tasks: Sequence[str]) -> list[str]:
    """Return the outputs of a model that its n-grams alone give, in the order of the tasks."""
    return [f"{_NGRAMS}.{task}" for task in tasks]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The scores of ``N`` adverts, before they become probabilities.

    Attributes:
        logits: Maps each task name to logits ``(N, K)``, float32; a row is NaN where the advert
            could not be scored.
        errors: Why each advert could not be scored; None where it could.
        adverts: Adverts as they were scored, with what was read from their pictures.
        masked: Caption and OCR text of each advert as the model read them.
        languages: Language of each advert; None where it was not scored, or not asked for.
        branches: Maps each branch of the model to its calibrated logits, as ``logits`` are; empty
            for a model of one branch. The network has NaN where an advert left early.
        exited: Whether each advert left early; its ``logits`` are then those of the n-grams.
    """

    logits: Logits
    errors: list[ItemError | None]
    adverts: list[Advert]
    masked: list[MaskedTexts]
    languages: list[Language | None]
    branches: Mapping[BranchName, Logits]
    exited: list[bool] = field(default_factory=list)


class Leaving(Protocol):
    """Says which adverts leave early: their n-grams judge them, and the network does not run."""

    def is_under(self, ngrams: Logits) -> bool:
        """Return whether one advert is under every limit by its n-grams, ``(1, K)`` by task."""
        ...

    def is_allowed(
        self, advert: Advert, masked: MaskedTexts, language: Language, ngrams: Logits
    ) -> bool:
        """Return whether an advert that is under every limit may leave."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings that say how the adverts of one call are scored.

    Attributes:
        reader: Reader of pictures that come without their text; None: they stay unread.
        deadline: Time by which the call must end; adverts not reached by then have an error.
        refused: Maps the rows of adverts that cannot be scored to the reason.
        tell: Function that returns the language of the advert in a row from its masked texts. Any
            thread calls it while the model runs. None: no language is wanted.
        leaving: Says which adverts leave early; None: none does. It needs ``tell``.
    """

    reader: Reader | None = None
    deadline: Deadline = Deadline(None)
    refused: Mapping[int, ItemError] = field(default_factory=dict)
    tell: Callable[[int, Advert, MaskedTexts], Language] | None = None
    leaving: Leaving | None = None


class AdvertScorer:
    """Encodes adverts and runs the model on them, as its manifest says: in batches or alone."""

    def __init__(
        self,
        encoder: AdvertEncoder,
        engine: Runner,
        tasks: Sequence[Task],
        *,
        alone: bool,
        limits: ImageLimits,
    ) -> None:
        """Join the encoder of adverts to the engine that runs the model.

        Args:
            encoder: Encoder of the model.
            engine: Runner of the model.
            tasks: Tasks that the model answers.
            alone: Whether to run each advert by itself, without padding, so that no other advert
                changes its score.
            limits: Largest picture that is accepted.
        """
        self._encoder, self._engine, self._tasks = encoder, engine, tuple(tasks)
        self._alone, self._limits = alone, limits
        self._reads_ocr = "ocr" in encoder.spec.inputs

    def score(self, adverts: Sequence[Advert], asked: Asked, *, batch_size: int) -> Scores:
        """Return the logits of each advert, in the order given.

        Args:
            adverts: The adverts.
            asked: How they are to be scored.
            batch_size: Adverts in one run, where the model does not run them alone.

        Raises:
            InputError: ``batch_size`` is below 1.
        """
        if batch_size < 1:
            raise InputError(f"batch_size is {batch_size}, wanted at least 1")
        scores = _without_results(adverts, self._tasks, self._encoder.spec.branches)
        deadline = asked.deadline
        if self._alone and asked.reader is None:
            usual = 1 if asked.leaving is None else _HASHED_TOGETHER
            planned = windows(adverts, deadline, usual=usual, timed=1)
            works = self._one_by_one(scores, asked, planned)
            most = _ALONE_IN_FLIGHT * self._engine.beside
        else:
            size = 1 if self._alone else batch_size
            planned = windows(adverts, deadline, usual=size * _BATCHES_IN_MEMORY, timed=size)
            works, most = self._in_batches(scores, asked, planned, size=size), _BATCHES_IN_MEMORY
        at_once = deadline.has_end and len(planned) > 1
        self._engine.run_all(works, most=most, at_once=at_once)
        for logits in (scores.logits, *scores.branches.values()):
            for values_NK in logits.values():
                values_NK[[error is not None for error in scores.errors]] = np.nan
        return scores

    def _one_by_one(
        self, scores: Scores, asked: Asked, planned: Sequence[Sequence[int]]
    ) -> Iterator[Callable[[], None]]:
        """Yield functions that encode adverts and run each alone: no thread waits for encoding."""

        def work(rows: Sequence[int]) -> None:
            for row, encoded in self._encode_window(scores, rows, asked).items():
                self._run_into(scores, {row: encoded}, asked)

        for rows in planned:
            yield partial(work, rows)

    def _in_batches(
        self, scores: Scores, asked: Asked, planned: Sequence[Sequence[int]], *, size: int
    ) -> Iterator[Callable[[], None]]:
        """Encode on this thread, which may call a reader, and yield functions that run batches."""
        waiting: dict[int, EncodedAdvert] = {}
        fills = asked.leaving is not None and not asked.deadline.has_end
        for number, rows in enumerate(planned, 1):
            waiting |= self._encode_window(scores, rows, asked)
            if fills and number < len(planned) and len(waiting) < size * _BATCHES_IN_MEMORY:
                continue  # most adverts left, and a batch of one costs as much as a third of four
            for batch in _batches(waiting, size):
                yield partial(self._run_into, scores, batch, asked)
            waiting = {}

    def run(self, encoded: Sequence[EncodedAdvert]) -> dict[str, NDArray[np.float32]]:
        """Return the logits ``(N, K)`` by task of one batch, which is neither cut nor sorted.

        Raises:
            ValueError: The batch is empty, or has several adverts and the model runs each alone.
        """
        return self._run(encoded, (_MEAN,))[_MEAN]

    def _run(
        self, encoded: Sequence[EncodedAdvert], groups: Sequence[str]
    ) -> dict[str, dict[str, NDArray[np.float32]]]:
        """Return the outputs of one batch by group and task."""
        if self._alone and len(encoded) > 1:
            raise ValueError(f"{len(encoded)} adverts in one run of a model that runs each alone")
        tasks = [task.name for task in self._tasks]
        names = [f"{group}.{task}" for group in groups for task in tasks]
        values = iter(self._engine.run(collate(encoded, self._encoder.spec), names))
        return {group: {task: next(values) for task in tasks} for group in groups}

    def run_each(
        self, encoded: Sequence[EncodedAdvert], *, ngrams_alone: bool = False
    ) -> dict[str, NDArray[np.float32]]:
        """Return what :meth:`run` does, with a run for each advert if the model needs that.

        Args:
            encoded: The adverts.
            ngrams_alone: Whether to return the logits of the n-grams alone, which judge an advert
                that left early.
        """
        if ngrams_alone:
            hashed = [(one.feature_ids, one.feature_counts) for one in encoded]
            found = [dict(self._ngram_logits(ngrams)) for ngrams in hashed]
        elif not self._alone:
            return self.run(encoded)
        else:
            found = [self.run([one]) for one in encoded]
        return {
            task.name: np.concatenate([one[task.name] for one in found]) for task in self._tasks
        }

    def _encode_window(
        self, scores: Scores, rows: Sequence[int], asked: Asked
    ) -> dict[int, EncodedAdvert]:
        """Return the adverts of a window as numbers, without those that leave early or fail."""
        read = [row for row in rows if self._keeping_error(scores, row, asked, self._read)]
        hashed = dict(zip(read, self._hashed(scores, read), strict=True))

        def encode(scores: Scores, row: int, asked: Asked) -> EncodedAdvert | None:
            return self._encode(scores, row, hashed[row], asked)

        encoded = {row: self._keeping_error(scores, row, asked, encode) for row in read}
        return {row: one for row, one in encoded.items() if one is not None}

    def _keeping_error(
        self, scores: Scores, row: int, asked: Asked, work: Callable[[Scores, int, Asked], T]
    ) -> T | None:
        """Return what a step makes of an advert; None where it cannot be scored, which is kept."""
        try:
            if asked.deadline.is_over():
                raise _out_of_time()
            return work(scores, row, asked)
        except RefusedError as refused:
            scores.errors[row] = refused.error
            return None

    def _read(self, scores: Scores, row: int, asked: Asked) -> bool:
        """Read an advert, and record the texts of it that the model reads.

        Raises:
            RefusedError: The advert cannot be scored.
        """
        if row in asked.refused:
            raise RefusedError(asked.refused[row].code, asked.refused[row].message)
        advert = scores.adverts[row]
        if asked.reader is not None and self._reads_ocr:
            advert = read_images(advert, asked.reader, self._limits)
        scores.adverts[row] = advert
        scores.masked[row] = self._masked(advert)
        return True

    def _hashed(self, scores: Scores, rows: Sequence[int]) -> list[HashedNgrams | None]:
        """Return the n-grams of some adverts; None for all where one fails, to find which."""
        try:
            return [*self._encoder.ngrams_of([scores.masked[row] for row in rows])]
        except Exception:  # the error is met again, and kept, where each is hashed alone
            return [None] * len(rows)

    def _encode(
        self, scores: Scores, row: int, hashed: HashedNgrams | None, asked: Asked
    ) -> EncodedAdvert | None:
        """Return an advert as numbers; None for one that leaves early, which has its logits then.

        Raises:
            RefusedError: The advert cannot be scored.
        """
        advert, masked = scores.adverts[row], scores.masked[row]
        try:
            ngrams = self._encoder.ngrams(masked) if hashed is None else hashed
            if self._leaves(scores, row, ngrams, asked):
                return None
            return self._encoder.encode(advert, masked=masked, ngrams=ngrams)
        except Exception as error:  # any error of a decoder is this advert's own
            found = picture_error(error)
            raise RefusedError(found.code, found.message) from None

    def _leaves(self, scores: Scores, row: int, ngrams: HashedNgrams, asked: Asked) -> bool:
        """Return whether an advert leaves early, and keep its logits if it does.

        Its n-grams are run alone, whatever else is in the call, so no other advert changes the
        answer. Where that or its language fails, the whole model answers, or reports the error.
        """
        advert, masked = scores.adverts[row], scores.masked[row]
        if asked.leaving is None or asked.tell is None or not may_leave(advert, masked, ngrams):
            return False
        try:
            logits = self._ngram_logits(ngrams)
            if not asked.leaving.is_under(logits):
                return False
            scores.languages[row] = language = asked.tell(row, advert, masked)
            leaves = asked.leaving.is_allowed(advert, masked, language, logits)
        except Exception:  # of a library; the whole model meets it too, and its message is kept
            return False
        if leaves:
            scores.exited[row] = True
            for name, values_1K in logits.items():
                scores.logits[name][row] = scores.branches["ngrams"][name][row] = values_1K[0]
        return leaves

    def _ngram_logits(self, ngrams: HashedNgrams) -> Logits:
        """Return the logits of the n-grams alone, ``(1, K)`` by task."""
        ids, counts = ngrams
        given: Feeds = {"feature_ids": ids[None].astype(np.int64), "feature_counts": counts[None]}
        found = self._engine.run_path(given)
        return {task.name: one for task, one in zip(self._tasks, found, strict=True)}

    def _masked(self, advert: Advert) -> MaskedTexts:
        """Return the texts as the model reads them.

        Raises:
            RefusedError: Masking fails on them; the other adverts of the call must not fail.
        """
        try:
            return self._encoder.masked(advert)
        except Exception as error:  # whatever it is, its message may quote the text
            reason = f"its text could not be masked ({type(error).__name__}): leave it to a person"
            raise RefusedError("model_failed", reason) from None

    def _run_into(self, scores: Scores, batch: Mapping[int, EncodedAdvert], asked: Asked) -> None:
        """Run one batch; if that fails, run its adverts one by one to find those that fail."""
        rows = list(batch)
        if asked.deadline.is_over():
            for row in rows:
                scores.errors[row] = _out_of_time().error
            return
        try:
            found = self._run(list(batch.values()), (_MEAN, *scores.branches))
            _keep(scores, rows, found)
        except Exception as error:  # the library's own errors share no base class
            if len(rows) > 1:
                for row, encoded in batch.items():
                    self._run_into(scores, {row: encoded}, asked)
                return
            reason = f"the model failed with {type(error).__name__}: leave it to a person"
            scores.errors[rows[0]] = ItemError("model_failed", reason)
        for row in rows:
            told = scores.languages[row] is not None
            if asked.tell is not None and not told and scores.errors[row] is None:
                self._tell_into(scores, row, asked.tell)

    def _tell_into(
        self, scores: Scores, row: int, tell: Callable[[int, Advert, MaskedTexts], Language]
    ) -> None:
        """Record the language of an advert; if that fails, only this advert has an error."""
        try:
            scores.languages[row] = tell(row, scores.adverts[row], scores.masked[row])
        except Exception as error:  # of a library; its message may quote the text
            reason = f"its language could not be identified ({type(error).__name__})"
            scores.errors[row] = ItemError("model_failed", f"{reason}: leave it to a person")


def _out_of_time() -> RefusedError:
    return RefusedError("out_of_time", "the time of the call ran out before it was scored")


def _without_results(
    adverts: Sequence[Advert], tasks: Sequence[Task], branches: Sequence[BranchName]
) -> Scores:
    """Return the scores to fill, in which each thread writes only to its own rows."""
    count = len(adverts)

    def empty() -> Logits:
        return {task.name: np.full((count, task.num_logits), np.nan, np.float32) for task in tasks}

    return Scores(
        logits=empty(),
        errors=[None] * count,
        adverts=list(adverts),
        masked=[(None, None)] * count,
        languages=[None] * count,
        branches={branch: empty() for branch in branches},
        exited=[False] * count,
    )


def _keep(scores: Scores, rows: list[int], found: Mapping[str, Logits]) -> None:
    """Keep the outputs of some rows; a row that is not finite becomes an error.

    Raises:
        ValueError: The logits are of another shape, so their rows are unknown.
    """
    for group, kept in ((_MEAN, scores.logits), *scores.branches.items()):
        for name, values_BK in found[group].items():
            wanted = (len(rows), kept[name].shape[1])
            if values_BK.shape != wanted:
                raise ValueError(f"{name} has logits of shape {values_BK.shape}, wanted {wanted}")
            kept[name][rows] = values_BK
            for row in np.flatnonzero(~np.isfinite(values_BK).all(axis=1)):
                scores.errors[rows[row]] = NO_NUMBER


def _batches(
    encoded: Mapping[int, EncodedAdvert], batch_size: int
) -> Iterator[dict[int, EncodedAdvert]]:
    """Yield batches of adverts that are similar in pictures and length, for little padding."""

    def size(row: int) -> tuple[int, int, int]:
        advert = encoded[row]
        return len(advert.pixels), advert.length, len(advert.feature_ids)

    rows = sorted(encoded, key=size)
    for start in range(0, len(rows), batch_size):
        yield {row: encoded[row] for row in rows[start : start + batch_size]}
