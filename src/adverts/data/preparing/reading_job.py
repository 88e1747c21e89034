"""Reads listed pictures in units, here or on a cluster; the cache proves what has been read."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from adverts.config.ocr import OcrConfig
from adverts.config.verbs import LocalExecutorConfig, PrepareConfig
from adverts.data.dataset.picture_list import PictureList, read_list
from adverts.data.dataset.picture_spool import spool_folder
from adverts.data.preparing.build_reader import build_reader, build_workers
from adverts.data.sources.pictures import image_limits
from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache
from adverts.ocr.processes.pool import Pool, Workers
from adverts.ocr.processes.workers import EncodedImage, Outcome, ReadFailure, read_images
from adverts.ocr.protocol import Reader
from adverts.work.progress import Progress
from adverts.work.units.executors.job import Done
from adverts.work.units.executors.ray import RayExecutor

_ReadImages: TypeAlias = Callable[[Iterable[EncodedImage]], Iterator[Outcome]]
_PATIENCE_SECONDS = 120.0  # in which a network folder shows what another machine has written


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """How units of listed pictures are read, in values that can be sent to another process.

    Attributes:
        dataset: Folder of the dataset, beside which the pictures wait.
        ocr: Configuration of the reader and its cache, as JSON.
        limits: Limits above which a picture is refused.
    """

    dataset: Path
    ocr: str
    limits: ImageLimits

    def open(self) -> Callable[[int], Done]:
        """Start a process that reads, and return the function that reads one unit.

        A picture that is in the cache is not read again, and one that cannot be read is left to
        whoever writes the dataset. ``Done.rows`` counts the pictures that are in the cache.

        Raises:
            InputError: This machine does not reach the pictures, or reads them otherwise.
        """
        config = OcrConfig.model_validate_json(self.ocr)
        reader = build_reader(config)
        assert reader is not None, "without a reader nothing is listed"
        self._require_list(reader)
        cache = OcrCache(config.cache, tell=_refuse)
        pool = Pool(reader, self.limits, build_workers(config, 1))  # ends with this process
        read = functools.partial(
            read_images, reader=reader, cache=cache, limits=self.limits, workers=pool
        )

        def do(unit: int) -> Done:
            listed = self._require_list(reader)
            return Done(unit, sum(_readable(listed, [unit], read)))

        return do

    def _require_list(self, reader: Reader) -> PictureList:
        folder = spool_folder(self.dataset)
        listed = read_list(folder)
        if listed is None:
            raise InputError(
                f"{folder} is not on a machine of the cluster; prepared= and ocr.cache= have to be "
                "folders that every machine reaches under the same names"
            )
        if listed.reader != reader.spec.key:
            raise InputError(
                "a machine of the cluster reads pictures otherwise than the one that began: the "
                "release, a package of the reader or its language data differs; install the same"
            )
        return listed


def read_listed(
    listed: PictureList,
    units: Sequence[int],
    config: PrepareConfig,
    *,
    reader: Reader,
    progress: Progress,
) -> tuple[int, int]:
    """Read units of listed pictures into the cache, by the processes that a configuration names.

    Args:
        listed: The pictures.
        units: Numbers of the units; one whose pictures are all in the cache is left out.
        config: Configuration of the preparation.
        reader: Reader of the pictures.
        progress: Shows how many pictures have been read.

    Returns:
        How many pictures of these units are in the cache now, and how many are not, since they
        cannot be read.

    Raises:
        AdvertsError: No picture can be read, or not by each of the processes.
    """
    cache = OcrCache(config.ocr.cache, tell=_refuse)
    sizes = {unit: len(listed.pictures(unit)) for unit in units}
    left = [unit for unit in units if not all(_stored(listed, unit, cache))]
    if not left:
        return sum(sizes.values()), 0
    if isinstance(config.executor, LocalExecutorConfig):
        read_here = functools.partial(
            read_images,
            reader=reader,
            cache=cache,
            limits=image_limits(config.data),
            workers=local_workers(config),
        )
        read = _readable(listed, left, read_here)
    else:
        executor = RayExecutor(config.executor.address, config.executor.retries)
        read = _seen(executor.run(_job_of(config), left), listed, cache, config.ocr.cache)
    total = sum(sizes[unit] for unit in left)
    unread = total - sum(progress(read, "reading pictures", "pictures", total))
    return sum(sizes.values()) - unread, unread


def local_workers(config: PrepareConfig) -> Workers:
    """Return the processes of this machine that read pictures of a preparation."""
    executor = config.executor
    count = executor.processes if isinstance(executor, LocalExecutorConfig) else None
    return build_workers(config.ocr, count)


def _readable(listed: PictureList, units: Sequence[int], read: _ReadImages) -> Iterator[bool]:
    """Read pictures, and yield for each whether it could be read."""
    pictures = (
        EncodedImage(functools.partial(listed.read, one), one.sha256)
        for unit in units
        for one in listed.pictures(unit)
    )
    return (not isinstance(outcome, ReadFailure) for outcome in read(pictures))


def _seen(
    done: Iterable[Done], listed: PictureList, cache: OcrCache, folder: Path
) -> Iterator[bool]:
    """Yield for each picture of finished units whether it could be read.

    Raises:
        InputError: What other machines read is not in the cache of this one.
    """
    for one in done:
        end = time.monotonic() + _PATIENCE_SECONDS
        while one.rows and not any(_stored(listed, one.unit, cache)):
            if time.monotonic() > end:
                raise InputError(
                    f"ocr.cache={folder} lacks what the cluster has read; name a folder that every "
                    "machine reaches under the same name"
                )
            time.sleep(1)
        yield from (i < one.rows for i in range(len(listed.pictures(one.unit))))


def _stored(listed: PictureList, unit: int, cache: OcrCache) -> Iterator[bool]:
    """Yield for each picture of a unit whether the cache holds its text."""
    for one in listed.pictures(unit):
        yield cache.stored(one.sha256, listed.reader) is not None


def _job_of(config: PrepareConfig) -> ReadingJob:
    """Return the job of a preparation; its paths do not depend on the folder of a process."""
    engine = config.ocr.engine
    paths = {name: path.absolute() for name, path in engine if isinstance(path, Path)}
    changed = {"engine": engine.model_copy(update=paths), "cache": config.ocr.cache.absolute()}
    ocr = config.ocr.model_copy(update=changed)
    limits = image_limits(config.data)
    return ReadingJob(config.prepared.absolute(), ocr.model_dump_json(), limits)


def _refuse(line: str) -> None:
    raise InputError(line)
