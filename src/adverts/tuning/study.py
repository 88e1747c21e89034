"""The trials of a study: hand them out, take results, and queue again those that were killed."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adverts.config import TuneConfig
from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import exclusive, in_turn
from adverts.training.runs.run_record import RECORD, RunOutcome, read_run
from adverts.tuning.journal import open_journal
from adverts.tuning.pruning import build_pruner
from adverts.tuning.space import Param, Space

if TYPE_CHECKING:  # optuna takes half a second to load
    from optuna import Study, Trial
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

MOST_DEATHS = 3
"""A trial whose process died this often, while its study lived, is not queued again."""
_PLACE, _DEATHS, REASON = "place", "deaths", "reason"
SECONDS, PROCESSOR_SECONDS = "seconds", "processor_seconds"
KILLED = "its process was killed; queued again"


@dataclass(frozen=True, slots=True)
class Spent:
    """The time that the last process of a trial took.

    Attributes:
        seconds: Wall time.
        processor_seconds: Processor time, of all threads.
    """

    seconds: float
    processor_seconds: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A trial that this process runs.

    Attributes:
        trial: The trial in the study.
        place: Number of the trial for people, from 0; its folder has this number. A trial that is
            queued again keeps it.
        params: Values of its settings.
        folder: Folder of its training run.
    """

    trial: Trial
    place: int
    params: Mapping[str, Param]
    folder: Path


class TrialQueue:
    """The trials of one study, shared by all of its processes."""

    def __init__(self, config: TuneConfig, space: Space) -> None:
        """Open the study in ``config.study_dir``, or begin it."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        self._config, self._space, self._folder = config, space, config.study_dir
        (self._folder / "trials").mkdir(parents=True, exist_ok=True)
        (self._folder / "locks").mkdir(exist_ok=True)
        self.study: Study = optuna.create_study(
            storage=open_journal(self._folder / "journal.log"),
            sampler=optuna.samplers.RandomSampler(seed=0),
            pruner=build_pruner(config),
            study_name="tune",
            direction="minimize" if config.trainer.select_by == "loss" else "maximize",
            load_if_exists=True,
        )

    @contextmanager
    def take(self) -> Iterator[Taken | None]:
        """Hand out the next trial and lock it during the block; None if all were handed out."""
        with ExitStack() as held:
            with self._in_turn():
                self._settle_stale(dead=False)
                trial = self._ask()
                if trial is not None:
                    held.enter_context(self._lock(trial.number))
            yield None if trial is None else self._taken(trial)

    def settle(self, *, dead: bool) -> int:
        """Mark every trial whose process is gone as failed, and queue it again once.

        A trial whose training was finished is recorded as that instead.

        Args:
            dead: Whether the processes died while their study lived, which counts as a death.

        Returns:
            Number of trials that were marked.
        """
        with self._in_turn():
            return self._settle_stale(dead=dead)

    def complete(self, taken: Taken, outcome: RunOutcome, spent: Spent) -> None:
        """Record the result of a trial whose training is finished."""
        self._note(taken, spent)
        self._tell(taken.trial.number, outcome)

    def fail(self, taken: Taken, reason: str, spent: Spent) -> None:
        """Record that a trial failed, and why."""
        from optuna.trial import TrialState

        self._note(taken, spent)
        taken.trial.set_user_attr(REASON, reason)
        self.study.tell(taken.trial.number, state=TrialState.FAIL)

    def _note(self, taken: Taken, spent: Spent) -> None:
        taken.trial.set_user_attr(SECONDS, spent.seconds)
        taken.trial.set_user_attr(PROCESSOR_SECONDS, spent.processor_seconds)

    def trials(self) -> list[FrozenTrial]:
        """Return every trial by its place; of one that was queued again, the last."""
        found = self.study.get_trials(deepcopy=False)
        last = dict(zip(places(found), found, strict=True))
        return [last[place] for place in sorted(last)]

    def begins_as_given(self) -> bool:
        """Return whether the first trial has the settings as given, or will have them."""
        given, first = self._space.whole_as_given(), self.trials()[:1]
        return given is not None and all(
            given in (one.params, one.system_attrs.get("fixed_params")) for one in first
        )

    def ended(self) -> int:
        """Return the number of trials that have ended, in whatever way."""
        return sum(one.state.is_finished() for one in self.trials())

    def best(self) -> tuple[int, FrozenTrial] | None:
        """Return place and trial of the best that was trained whole; the first of equal ones."""
        return self._best_of(self.trials())

    def beaten(self) -> list[int]:
        """Return the place of every ended trial that is not the best and never will be.

        The trials are read once: another process may end a better one at any moment.
        """
        trials = self.trials()
        best = self._best_of(trials)
        return [
            place
            for place, one in enumerate(trials)
            if one.state.is_finished() and (best is None or place != best[0])
        ]

    def is_any_left(self) -> bool:
        """Return whether a trial is still to be run, or runs."""
        trials = self.trials()
        return len(trials) < self._config.trials or not all(
            one.state.is_finished() for one in trials
        )

    def _best_of(self, trials: Sequence[FrozenTrial]) -> tuple[int, FrozenTrial] | None:
        from optuna.trial import TrialState

        whole = [
            (place, one) for place, one in enumerate(trials) if one.state == TrialState.COMPLETE
        ]
        sign = 1 if self._config.trainer.select_by == "loss" else -1
        return min(whole, key=lambda pair: sign * float(pair[1].value or 0.0), default=None)

    def folder_of(self, place: int) -> Path:
        """Return the folder of the run of a trial."""
        return self._folder / "trials" / f"{place:04}"

    def same_failures(self, count: int) -> str | None:
        """Return the reason of the last ``count`` ended trials if all failed with it, else None."""
        from optuna.trial import TrialState

        ended = [one for one in self.trials() if one.datetime_complete is not None]
        ended.sort(key=lambda one: str(one.datetime_complete))
        last = ended[-count:]
        reasons = {one.user_attrs.get(REASON) for one in last}
        failed = all(one.state == TrialState.FAIL for one in last)
        return str(reasons.pop()) if len(last) == count and failed and len(reasons) == 1 else None

    def _taken(self, trial: Trial) -> Taken:
        place = self._place_of(trial.number)
        return Taken(trial, place, self._space.suggest(trial), self.folder_of(place))

    def _place_of(self, number: int) -> int:
        return places(self.study.get_trials(deepcopy=False))[number]

    def _ask(self) -> Trial | None:
        from optuna.trial import TrialState

        found = self.study.get_trials(deepcopy=False)
        known = places(found)
        waiting = [one.number for one in found if one.state == TrialState.WAITING]
        place = known[waiting[0]] if waiting else len(set(known))
        if not waiting and place >= self._config.trials:
            return None
        if not waiting and place == 0 and (given := self._space.whole_as_given()):
            self.study.enqueue_trial(given)
        self.study.sampler = self._sampler(place)
        return self.study.ask()

    def _sampler(self, place: int) -> BaseSampler:
        """Return the sampler of one trial: seeded by its place, whatever was killed before."""
        from optuna.samplers import RandomSampler, TPESampler

        seed = int(np.random.SeedSequence([self._config.seed, place]).generate_state(1)[0])
        if self._config.sampler == "random":
            return RandomSampler(seed=seed)
        return TPESampler(seed=seed, n_startup_trials=self._config.startup_trials)

    def _settle_stale(self, *, dead: bool) -> int:
        from optuna.trial import TrialState

        settled = 0
        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            try:
                with self._lock(trial.number):
                    self._settle_one(trial, dead=dead)
                    settled += 1
            except _RunningError:
                continue
        return settled

    def _settle_one(self, trial: FrozenTrial, *, dead: bool) -> None:
        """Settle a trial that no process runs any more."""
        from optuna.trial import TrialState

        place = self._place_of(trial.number)
        outcome = finished_outcome(self.folder_of(place))
        if outcome is not None:
            self._tell(trial.number, outcome)
            return
        deaths = int(trial.user_attrs.get(_DEATHS, 0)) + dead
        reason = KILLED
        if deaths >= MOST_DEATHS:
            reason = f"its process died {deaths} times; the kernel kills what uses too much memory"
        elif not self._is_queued_again(trial, place):
            # a trial that was killed while its values were chosen has them chosen anew, alike
            is_whole = len(trial.params) == len(self._space.settings)
            fixed = trial.params if is_whole else trial.system_attrs.get("fixed_params", {})
            again = {_PLACE: place, _DEATHS: deaths}
            self.study.enqueue_trial(dict(fixed), user_attrs=again)
        self._give_reason(trial.number, reason)
        self.study.tell(trial.number, state=TrialState.FAIL)

    def _give_reason(self, number: int, reason: str) -> None:
        storage = self.study._storage  # a trial of another process has no public setter
        trial = self.study.get_trials(deepcopy=False)[number]
        storage.set_trial_user_attr(trial._trial_id, REASON, reason)

    def _is_queued_again(self, trial: FrozenTrial, place: int) -> bool:
        """Return whether a later trial has its place: this process was killed between the two."""
        return place in places(self.study.get_trials(deepcopy=False))[trial.number + 1 :]

    def _tell(self, number: int, outcome: RunOutcome) -> None:
        from optuna.trial import TrialState

        if outcome.pruned:
            self.study.tell(number, state=TrialState.PRUNED)
            return
        value = outcome.selected_on.value
        if math.isnan(value):
            metric = self._config.trainer.select_by
            self._give_reason(number, f"its {metric} on validation is no number")
            self.study.tell(number, state=TrialState.FAIL)
        else:
            self.study.tell(number, value, state=TrialState.COMPLETE)

    @contextmanager
    def _lock(self, number: int) -> Iterator[None]:
        with ExitStack() as held:
            try:
                held.enter_context(
                    exclusive(self._folder / "locks" / f"{number:04}", busy="it is running")
                )
            except InputError:
                raise _RunningError from None
            yield

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        with in_turn(self._folder / "queue.lock"):
            yield


class _RunningError(Exception):
    """Another process runs this trial."""


def places(trials: Sequence[FrozenTrial]) -> list[int]:
    """Return the place of each trial of a study: counted from 0, without those queued again."""
    found: list[int] = []
    new = 0
    for trial in trials:
        again = trial.user_attrs.get(_PLACE)
        found.append(new if again is None else int(again))
        new += again is None
    return found


def finished_outcome(folder: Path) -> RunOutcome | None:
    """Return the outcome of a run that needs no more work; None for any other folder."""
    if not (folder / RECORD).is_file():
        return None
    try:
        record = read_run(folder)
    except IntegrityError:
        return None
    return record.outcome if record.finished else None
