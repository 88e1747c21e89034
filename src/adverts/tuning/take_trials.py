"""Take one trial of a study after the other, until none is left or all fail for one reason."""

from __future__ import annotations

import shutil

from adverts.errors import InputError
from adverts.tuning.run_trial import run_trial
from adverts.tuning.space import Space
from adverts.tuning.study import TrialQueue
from adverts.tuning.study_job import StudyJob
from adverts.work.cpu_session import available_cores

FROZEN = "frozen"
"""Folder of a study, while it runs, with the weights that no trial changes."""


class SameFailuresError(InputError):
    """The last trials failed for one reason."""


def take_trials(job: StudyJob, space: Space, queue: TrialQueue) -> None:
    """Take one trial after the other until none is left.

    Raises:
        InputError: The last trials failed for one reason.
    """
    from adverts.training.kept_fits import KeptFits  # torch: not before a process runs trials
    from adverts.training.runs.kept_frozen import KeptFrozen

    config = job.config
    threads = config.trainer.threads or max(1, available_cores() // config.processes)
    kept = KeptFits(KeptFrozen(config.study_dir / FROZEN))
    while True:
        with queue.take() as taken:
            if taken is None:
                return
            run_trial(job, space, queue, taken, threads=threads, kept=kept)
        if config.keep == "best":
            _remove_checkpoints(queue)
        refuse_same_failures(queue, job.same_failures)


def _remove_checkpoints(queue: TrialQueue) -> None:
    """Remove the checkpoints of every ended trial but the best, which take most of the disk."""
    for place in queue.beaten():
        shutil.rmtree(queue.folder_of(place) / "checkpoints", ignore_errors=True)


def refuse_same_failures(queue: TrialQueue, count: int) -> None:
    """Raise an error if trials are left, and the last ``count`` failed for one reason.

    Raises:
        SameFailuresError: The next trial would fail, too.
    """
    reason = queue.same_failures(count)
    if reason is not None and queue.is_any_left():
        raise SameFailuresError(f"the last {count} trials failed in the same way: {reason}")
