"""What every process that runs trials of a study is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adverts.config import TrainConfig, TuneConfig
from adverts.training.watch import Watch

if TYPE_CHECKING:  # torch is loaded when the first trial begins
    from adverts.training.kept_fits import KeptFits
    from adverts.training.runs.run_folder import RunFolder
    from adverts.training.runs.run_record import RunRecord


class Train(Protocol):
    """A function that trains what a config describes, such as that of ``adverts train``."""

    def __call__(
        self,
        config: TrainConfig,
        *,
        watch: Watch | None = None,
        parent: str = "",
        kept: KeptFits | None = None,
    ) -> tuple[RunFolder, RunRecord]:
        """Return folder and record of the run."""


@dataclass(frozen=True, slots=True)
class StudyJob:
    """How the trials of one study are run, in any of its processes.

    Attributes:
        config: Config of the study.
        train: Trains one trial; another process imports it by its name.
        parent: Id of the tracked run of the study; empty if it is not tracked.
        same_failures: After this many failures in a row for one reason, no more trials are run.
    """

    config: TuneConfig
    train: Train
    parent: str
    same_failures: int
