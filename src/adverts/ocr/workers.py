"""Read many images in several processes; what they read goes into the cache."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits, open_image, rgb_array
from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import OcrResult, Reader

ReadBytes = Callable[[], bytes]
_FEW = 8  # a process takes longer to start than so many images take to read


def read_images(
    images: Sequence[ReadBytes],
    *,
    reader: Reader,
    cache: OcrCache,
    limits: ImageLimits,
    workers: int,
) -> Iterator[OcrResult]:
    """Yield what the reader says of each image, in order, through the cache.

    Images that the cache does not hold are read by ``workers`` processes, each with a copy of the
    reader, a few of them ahead of what is yielded.

    Args:
        images: Each returns the encoded bytes of one image; called twice at the most.
        reader: Can be pickled where ``workers`` is above 1.
        cache: Where every result ends.
        limits: What an image may be.
        workers: Processes that read.

    Raises:
        InputError: An image cannot be read, or a process died.
    """
    unread = [i for i, image in enumerate(images) if not cache.holds(reader, image())]
    if workers < 2 or len(unread) <= _FEW:
        yield from (read_image(image(), reader, cache, limits) for image in images)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(reader, cache, limits)
    ) as pool:
        ahead: deque[Future[None]] = deque()
        waiting = iter(unread)
        missing = set(unread)
        try:
            for i, image in enumerate(images):
                while len(ahead) < 2 * workers and (following := next(waiting, None)) is not None:
                    ahead.append(pool.submit(_read, images[following]()))
                if i in missing:
                    ahead.popleft().result()
                yield read_image(image(), reader, cache, limits)
        except BrokenProcessPool:
            raise InputError(
                "a process that reads pictures died, perhaps for want of memory; "
                "start again with fewer ocr.workers: what was read is kept"
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read_image(data: bytes, reader: Reader, cache: OcrCache, limits: ImageLimits) -> OcrResult:
    """Return what the reader says of one encoded image, through the cache.

    Raises:
        InputError: It cannot be read.
    """
    return cache.read_through(reader, data, lambda: rgb_array(open_image(data, limits)))


class _Worker:
    """What one process keeps between images."""

    parts: tuple[Reader, OcrCache, ImageLimits] | None = None


def _begin(reader: Reader, cache: OcrCache, limits: ImageLimits) -> None:
    _Worker.parts = (reader, cache, limits)


def _read(data: bytes) -> None:
    assert _Worker.parts is not None
    read_image(data, *_Worker.parts)
