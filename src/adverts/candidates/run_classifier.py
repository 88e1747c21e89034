"""Score adverts with a run that is not exported: the classifier of a bundle, computed by torch.

What an export would freeze is fitted anew each time: calibration and thresholds, on the validation
adverts of the dataset that the run was trained on. Nothing is proved and nothing is written, so a
service gets a bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import torch

from adverts.bundle.export.draft import draft_manifest
from adverts.bundle.export.served_inputs import inputs_of
from adverts.candidates.candidate import open_candidate
from adverts.candidates.fit_rules import fit_rules
from adverts.config import shipped_decisions
from adverts.data.dataset.prepared import open_prepared
from adverts.data.mapping.taxonomy import label_facts
from adverts.errors import InputError
from adverts.inputs.encoding import Feeds, feed_names
from adverts.models.built_model import with_branches
from adverts.runtime.manifest import MODEL_NAME
from adverts.runtime.opening.bundle import Bundle
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.engine import Outputs
from adverts.runtime.predict.score_adverts import output_names
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.training.runs.checkpoint import Checkpoint
from adverts.work.cpu_session import available_cores


def classifier_of_run(run: Path, prepared: Path, *, threads: int | None = None) -> Classifier:
    """Return a run as a classifier, with the rules that its export would ship.

    Args:
        run: Folder of the run, or a checkpoint.
        prepared: The dataset that it was trained on.
        threads: Cores to use; None: every core of this process.

    Raises:
        InputError: There is no run, or the dataset is another one.
        IntegrityError: A file of either differs from what was written.
    """
    candidate = open_candidate(run, threads=threads or 0)
    checkpoint, dataset = candidate.model, open_prepared(prepared)
    if not isinstance(checkpoint, Checkpoint):
        raise InputError(f"{run} is not a run or a checkpoint")
    if checkpoint.record.data_hash != dataset.data_hash:
        raise InputError(
            f"{run} was trained on other adverts than {prepared} holds now, so it cannot be "
            "calibrated: train again, or give a bundle that was exported before"
        )
    fitted = fit_rules(candidate, dataset, shipped_decisions(), None, remember=False)
    rules = fitted or DecisionRules()
    versions = {name: sha256(text.encode()).hexdigest() for name, text in rules.files().items()}
    inputs = inputs_of(checkpoint, frozenset())
    manifest = draft_manifest(checkpoint, dataset.manifest, inputs)
    bundle = Bundle(
        folder=run,
        manifest=replace(manifest, files=versions | {MODEL_NAME: candidate.facts.identity}),
        tokenizer=checkpoint.tokenizer,
        rules=rules,
        label_facts=label_facts(checkpoint.record.label_schema),
        coverage=Coverage(),
        seen=None,
        texts={},
    )
    return Classifier(bundle, threads=threads, runner=_TorchRunner(checkpoint, threads))


class _TorchRunner:
    """Runs a checkpoint, one batch at a time, on a GPU where there is one."""

    beside = 1

    def __init__(self, checkpoint: Checkpoint, threads: int | None) -> None:
        spec = checkpoint.record.input_spec
        tasks = [task.name for task in checkpoint.record.label_schema.tasks]
        self.inputs = tuple(feed_names(spec))
        self.outputs = tuple(output_names(spec, tasks))
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._module = checkpoint.module.to(self._device)
        torch.set_num_threads(threads or available_cores())

    def run(self, feeds: Feeds, outputs: Sequence[str]) -> Outputs:
        """Return the outputs of one run, in the given order."""
        given = {name: torch.from_numpy(feeds[name]).to(self._device) for name in self.inputs}
        with torch.inference_mode():
            logits, branches = with_branches(self._module, given)
        found = {f"logits.{task}": values for task, values in logits.items()}
        for branch, of_branch in branches.items():
            found |= {f"{branch}.{task}": values for task, values in of_branch.items()}
        return [found[name].float().cpu().numpy() for name in outputs]

    def run_path(self, feeds: Feeds) -> Outputs:
        """Refuse: rules that are fitted here let no advert leave early."""
        raise NotImplementedError("only a bundle has an early exit")

    def run_all(
        self, works: Iterator[Callable[[], None]], *, most: int, at_once: bool = False
    ) -> None:
        """Run all works on this thread, since torch uses every core for one."""
        del most, at_once
        for work in works:
            work()
