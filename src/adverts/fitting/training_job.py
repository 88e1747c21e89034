"""Everything that the steps of one run have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts.advert import LabelSchema, Split
from adverts.config import ModelConfig, TrainConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.evaluation.predictions.look_ledger import TRAINED
from adverts.evaluation.predictions.model_facts import Selection
from adverts.fitting.compared_models import count_compared, name_training
from adverts.models.built_model import BuiltModel
from adverts.tracking import Tracker
from adverts.training.curve_journal import validations
from adverts.training.run_process import RunProcess
from adverts.training.runs.checkpoint_record import CheckpointRecord
from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.run_record import RunRecord, checkpoint_record
from adverts.training.watch import Watch, never

if TYPE_CHECKING:  # torch takes seconds to load, and tf-idf does not need it
    from adverts.training.kept_fits import KeptFits


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What is trained on which adverts, in which run, and who records and watches it.

    Attributes:
        config: Config of the run, in which nothing is ``auto``.
        schema: Tasks that are trained.
        adverts: Training adverts.
        held_out: Validation adverts; there may be none for a model that is fitted at once.
        run: Folder of the run.
        record: Record of the run so far.
        processes: This process among those of the run.
        tracker: Where the run is recorded.
        prepared: Dataset of the adverts.
        watch: Called after each validation; None if nobody watches.
        parent: Id of the tracked run that this run is a part of; empty if there is none.
        kept: Fits of earlier trainings in this process; None if there are none.
    """

    config: TrainConfig
    schema: LabelSchema
    adverts: AdvertTable
    held_out: AdvertTable
    run: RunFolder
    record: RunRecord
    processes: RunProcess
    tracker: Tracker
    prepared: PreparedDataset
    watch: Watch | None
    parent: str
    kept: KeptFits | None

    def record_of(self, model: BuiltModel, selection: Selection) -> CheckpointRecord:
        """Return the record of a checkpoint of the main model of this run."""
        return self.record_of_training(model, selection, self.training(self.config.model))

    def record_of_training(
        self, model: BuiltModel, selection: Selection, training: str
    ) -> CheckpointRecord:
        """Return the record of a checkpoint of this run for the training named ``training``."""
        record = checkpoint_record(
            self.record,
            self.schema,
            model,
            selection=selection,
            ocr_key=self.prepared.manifest.made.ocr_key,
            training=training,
        )
        if model.spec.kind == "tfidf" or not self.config.augment.share:
            return record  # the baseline always learns from adverts as they are
        return dataclasses.replace(record, disguises=self.config.augment.disguises)

    def training(self, model: ModelConfig) -> str:
        """Return the name of the training of ``model`` in this run."""
        return name_training(self.config, model, self.record)

    @property
    def judged_on(self) -> Split:
        """The split of its own figures; without validation, training, each fold by the others."""
        return "validation" if len(self.held_out) else "train"

    @property
    def tables(self) -> tuple[AdvertTable, AdvertTable]:
        """The training adverts and the validation adverts."""
        return self.adverts, self.held_out

    def watched_before(self) -> bool:
        """Tell the watch of every validation that a resumed run had; return its last answer."""
        watch, answer = self.watch or never, False
        for done, figures in validations(self.run.log):
            answer = watch(done, figures)
        return answer

    def enter_in_ledgers(self, model: ModelConfig) -> None:
        """Add the model to the ledgers before any of its validation figures is seen."""
        count_compared(self.config, self.prepared, model, self.record, gate=TRAINED)

    def record_figures(self, split: Split, figures: Mapping[str, float], step: int) -> None:
        """Record figures of a split with the tracker, after so many steps."""
        self.tracker.metrics({f"{split}/{name}": value for name, value in figures.items()}, step)
