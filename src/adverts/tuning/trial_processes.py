"""Run the trials of a study in this process, or in several that end with it."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import sys
from contextlib import nullcontext

from adverts.errors import AdvertsError, InputError, is_silent, say, silence
from adverts.tuning.space import Space, build_space
from adverts.tuning.study import TrialQueue
from adverts.tuning.study_job import StudyJob
from adverts.tuning.take_trials import SameFailuresError, refuse_same_failures, take_trials
from adverts.work.child_process import end_with_parent, without_this_program


def run_trials(job: StudyJob, space: Space, queue: TrialQueue) -> None:
    """Run trials in this process, or in several others, until all of them have ended.

    Raises:
        InputError: The last trials failed for one reason, or processes die before they run one.
    """
    if job.config.processes == 1:
        take_trials(job, space, queue)
        return
    if not queue.is_any_left():
        return
    context = multiprocessing.get_context("spawn")
    arguments = (job, is_silent())
    running = [_started(context, arguments) for _ in range(job.config.processes)]
    idle, known = 0, queue.ended()
    try:
        while running:
            multiprocessing.connection.wait([one.sentinel for one in running])
            ended = [one for one in running if one.exitcode is not None]
            running = [one for one in running if one not in ended]
            for one in ended:
                if one.exitcode:
                    worked = queue.settle(dead=True) or queue.ended() > known
                    idle, known = 0 if worked else idle + 1, queue.ended()
                    _refuse_idle(idle, one.exitcode, most=job.same_failures)
                    refuse_same_failures(queue, job.same_failures)
                    running.append(_started(context, arguments))
    finally:
        for one in running:
            one.kill()
        for one in running:
            one.join()
    refuse_same_failures(queue, job.same_failures)


def _refuse_idle(deaths: int, status: int, *, most: int) -> None:
    """Raise InputError if processes die before they run a trial: the next one would, too."""
    if deaths >= most:
        raise InputError(
            f"{deaths} processes in a row ended (status {status}) without a trial; what they "
            "printed says why"
        )


def _started(
    context: multiprocessing.context.SpawnContext, arguments: tuple[StudyJob, bool]
) -> multiprocessing.context.SpawnProcess:
    process = context.Process(target=_work_apart, args=arguments)
    with without_this_program():
        process.start()
    return process


def _work_apart(job: StudyJob, silent: bool) -> None:  # noqa: FBT001
    """Run trials in a process that ends with the one that started it."""
    end_with_parent()
    try:
        space = build_space(job.config)
        with silence() if silent else nullcontext():
            take_trials(job, space, TrialQueue(job.config, space))
    except SameFailuresError:
        return  # the parent finds the same failures, and says so
    except AdvertsError as error:
        say(f"adverts: {error}", error=True)
        sys.exit(error.exit_status)
