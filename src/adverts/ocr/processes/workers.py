"""Read many images in order, each distinct image only once, through the cache."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.processes.child import (
    Decoded,
    Outcome,
    ReadFailure,
    decode,
    pixel_digest,
    read_pixels,
)
from adverts.ocr.processes.pool import Lost, Pool, Workers
from adverts.ocr.protocol import Reader

_FEW = 8  # a process takes longer to start than this many images take to read
_AHEAD = 1000  # most outcomes held while an earlier image is being read


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image to read.

    Attributes:
        fetch: Function that returns the bytes, called only when they are needed.
        sha256: sha256 of these bytes, or None if unknown.
    """

    fetch: Callable[[], bytes]
    sha256: str | None = None


def read_images(
    images: Iterable[EncodedImage],
    *,
    reader: Reader,
    cache: OcrCache,
    limits: ImageLimits,
    workers: Workers | Pool,
) -> Iterator[Outcome]:
    """Yield the outcome of each image in order, from the cache or from the reader.

    Images of equal bytes, or of equal size and pixels, are read once and share the result. Each has
    a separate entry in the cache. Similar images never share a result, since they may differ in one
    digit of a price. An image fails without ending the run if it is damaged, takes too long, or two
    processes died while reading it.

    Args:
        images: Images, which are fetched in order, a few ahead of the yielded outcomes.
        reader: Reader, which must be picklable if ``workers`` has processes.
        cache: Cache of all results; failures are not stored.
        limits: Limits above which an image is refused.
        workers: Number of processes that read, and their limits; or processes of the same reader
            and limits, which then go on living: not to be used again after a run that did not end.

    Raises:
        AdvertsError: The reader cannot work with any image.
    """
    with ExitStack() as stack:
        if isinstance(workers, Pool):
            pool: Pool | None = workers
        else:
            own = Pool(reader, limits, workers) if workers.count else None
            pool = None if own is None else stack.enter_context(own)
        run = _Run(reader, cache, limits, pool)
        ahead: deque[_Slot] = deque()
        for image in images:
            ahead.append(run.enter(image))
            run.advance(block=False)
            while ahead and (ahead[0].outcome or run.is_full or len(ahead) > _AHEAD):
                yield run.outcome(ahead.popleft())
        while ahead:
            yield run.outcome(ahead.popleft())


@dataclass(slots=True, eq=False)
class _Slot:
    """One image that is being processed."""

    sha256: str
    fetch: Callable[[], bytes]
    data: bytes | None = None  # if it was fetched, until there is an outcome
    outcome: Outcome | None = None
    deaths: int = 0
    same_bytes: list[_Slot] = field(default_factory=list)
    same_pixels: list[_Slot] = field(default_factory=list)

    def bytes(self) -> bytes:
        """Return the encoded image."""
        return self.fetch() if self.data is None else self.data


class _Run:
    """State of one call of :func:`read_images`."""

    def __init__(
        self, reader: Reader, cache: OcrCache, limits: ImageLimits, pool: Pool | None
    ) -> None:
        self._reader, self._key = reader, reader.spec.key
        self._cache, self._limits, self._pool = cache, limits, pool
        self._open: dict[str, _Slot] = {}  # maps sha256 to an image without outcome
        self._failed: dict[str, ReadFailure] = {}
        self._first: dict[bytes, str] = {}  # maps digest of pixels to sha256 of the image read
        self._queue: deque[_Slot] = deque()
        self._given: dict[int, _Slot] = {}
        self._tickets = 0

    @property
    def is_full(self) -> bool:
        """Whether enough images are waiting for a process."""
        return len(self._queue) > 2 * _FEW

    def enter(self, image: EncodedImage) -> _Slot:
        """Return the slot of a new image, which has its outcome already if that is known."""
        data = None if image.sha256 else image.fetch()
        sha256 = image.sha256 or sha256_of(data or b"")
        slot = _Slot(sha256, image.fetch)
        if sha256 in self._open:
            self._open[sha256].same_bytes.append(slot)
            return slot
        slot.outcome = self._failed.get(sha256) or self._cache.stored(sha256, self._key)
        if slot.outcome is None:
            self._open[sha256], slot.data = slot, data
            if self._pool is None:
                self._read_here(slot)
            else:
                self._queue.append(slot)
        return slot

    def outcome(self, slot: _Slot) -> Outcome:
        """Wait for the outcome of an image and return it."""
        while slot.outcome is None:
            self.advance(block=True)
        return slot.outcome

    def advance(self, *, block: bool) -> None:
        """Start processes, handle their messages, and give images to idle processes."""
        if self._pool is None or not (self._queue or self._given):
            return
        self._start(self._pool)
        for ticket, message in self._pool.messages(block=block):
            self._take(self._pool, ticket, message)
        while self._queue and self._pool.num_idle:
            self._tickets += 1
            slot = self._queue.popleft()
            if self._pool.give(self._tickets, slot.bytes()):
                self._given[self._tickets] = slot
            else:
                self._queue.appendleft(slot)

    def _start(self, pool: Pool) -> None:
        waiting = len(self._queue) - pool.num_idle - pool.num_starting
        if waiting > 0 and pool.has_room and (len(pool) == 0 or waiting >= _FEW):
            pool.start()

    def _take(self, pool: Pool, ticket: int, message: Decoded | Outcome | Lost) -> None:
        slot = self._given[ticket]
        match message:
            case Decoded(pixels):
                wanted = not self._shares(slot, pixels)
                pool.reply(ticket, wanted=wanted)
                if not wanted:
                    del self._given[ticket]
                return
            case Lost(reason, hung):
                slot.deaths += 1
                if hung or slot.deaths > 1:
                    self._settle(slot, ReadFailure(reason))
                else:  # another image may be the cause of the death: try again
                    self._queue.appendleft(slot)
            case _:
                self._settle(slot, message)
        del self._given[ticket]

    def _read_here(self, slot: _Slot) -> None:
        image = decode(slot.bytes(), self._limits)
        if isinstance(image, ReadFailure):
            self._settle(slot, image)
        elif not self._shares(slot, pixel_digest(image)):
            self._settle(slot, read_pixels(image, self._reader))

    def _shares(self, slot: _Slot, pixels: bytes) -> bool:
        """Return whether an image shares the outcome of another image of equal pixels."""
        first = self._first.setdefault(pixels, slot.sha256)
        if first == slot.sha256:
            return False
        if first in self._open:
            self._open[first].same_pixels.append(slot)
            return True
        result = self._cache.stored(first, self._key)
        if result is None:  # it failed, or is not in the cache
            return False
        self._settle(slot, result)
        return True

    def _settle(self, slot: _Slot, outcome: Outcome) -> None:
        """Set the outcome of an image and of the images that share it."""
        del self._open[slot.sha256]
        if isinstance(outcome, ReadFailure):
            self._failed[slot.sha256] = outcome
        else:
            self._cache.keep(slot.sha256, self._key, outcome)
        slot.data = None
        for same in (slot, *slot.same_bytes):
            same.outcome = outcome
        for other in slot.same_pixels:
            if isinstance(outcome, ReadFailure):
                self._queue.append(other)  # it is read separately
            else:
                self._settle(other, outcome)


__all__ = ["EncodedImage", "Outcome", "ReadFailure", "Workers", "read_images"]
