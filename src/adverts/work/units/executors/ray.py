"""Run units as tasks of a Ray cluster; retries and lost nodes are Ray's, receipts are ours."""

from __future__ import annotations

import itertools
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adverts.errors import AdvertsError, InputError, MissingExtraError
from adverts.work.units.executors.job import Done, Job

_AHEAD = 4  # units for each core of the cluster that wait at Ray
_PATIENCE_SECONDS = 10.0
_opened: dict[Job, Callable[[int], Done]] = {}


@dataclass(frozen=True, slots=True)
class RayExecutor:
    """Tasks of a Ray cluster, one core each.

    Attributes:
        address: Address of the cluster, or ``auto``; None: one of this machine, begun for the run.
        retries: Times that a unit whose process or node is lost is done again.
    """

    address: str | None
    retries: int

    def run(self, job: Job, units: Sequence[int]) -> Iterator[Done]:
        """Do the units, and yield each when it has its receipt, in any order.

        Raises:
            AdvertsError: A unit cannot be done, or there is no cluster at the address.
        """
        try:
            import ray
        except ImportError:
            raise MissingExtraError("ray", "scale") from None
        self._require_reachable()
        try:
            ray.init(
                self.address,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except ConnectionError as error:
            raise InputError(f"executor.address={self.address}: no Ray cluster ({error})") from None
        try:
            yield from self._finished(job, units)
        except ray.exceptions.RayError as error:
            raise InputError(
                f"Ray gave up on a unit ({type(error).__name__}); what is done is kept: run the "
                "same command again"
            ) from error
        finally:
            ray.shutdown()

    def _require_reachable(self) -> None:
        """Refuse an address where nothing listens, for which Ray would wait for minutes."""
        host, _, port = (self.address or "").rpartition("://")[2].rpartition(":")
        if not host or not port.isdigit():
            return  # auto, or a cluster of this run
        try:
            socket.create_connection((host, int(port)), _PATIENCE_SECONDS).close()
        except OSError as error:
            raise InputError(
                f"executor.address={self.address}: no Ray cluster ({error.strerror or error})"
            ) from None

    def _finished(self, job: Job, units: Sequence[int]) -> Iterator[Done]:
        import ray

        task = ray.remote(num_cpus=1, max_retries=self.retries)(_do)
        shared, left = ray.put(job), iter(units)
        running: list[ray.ObjectRef[Done | AdvertsError]] = []
        cores = ray.cluster_resources().get("CPU", 1)
        most = _AHEAD * max(1, int(cores))
        while True:
            next_ones = itertools.islice(left, most - len(running))
            running.extend(task.remote(shared, unit) for unit in next_ones)
            if not running:
                return
            finished, running = ray.wait(running)
            for one in ray.get(finished):
                if isinstance(one, AdvertsError):
                    raise one
                yield one


def _do(job: Job, unit: int) -> Done | AdvertsError:
    """Do a unit in a process of Ray, which keeps what it opened for the next one."""
    try:
        if job not in _opened:
            _opened.clear()
            _opened[job] = job.open()
        return _opened[job](unit)
    except AdvertsError as error:  # no fault of Ray: it must not be tried again
        return error
