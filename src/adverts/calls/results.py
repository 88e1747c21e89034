"""What the functions of :mod:`adverts.api` return: paths, and what is read from them when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adverts.calls.undisturbed import undisturbed
from adverts.errors import InputError
from adverts.evaluation.predictions.prediction_file import FILE_NAME as PREDICTIONS
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.files.bounded_reading import read_json

if TYPE_CHECKING:
    import pandas as pd

    from adverts.data.dataset.dataset_manifest import DatasetManifest
    from adverts.runtime import BundleManifest, Classifier
    from adverts.scoring.collection_counts import CollectionCounts
    from adverts.training.runs.run_record import RunRecord

Place = str | Path


class Figures(dict[str, Estimate]):
    """Figures by name; a name that is none of them is an error that says the nearest one."""

    def __missing__(self, name: str) -> Estimate:
        """Refuse a name.

        Raises:
            KeyError: No figure has this name; the message has the nearest one, and all of them.
        """
        raise KeyError(f"no figure {name!r}{_nearest(str(name), self)} Figures: {', '.join(self)}")


def _nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint at the name that is meant; initials, such as ``ap``, mean a name, too."""
    from adverts.data.mapping.columns import nearest

    low = name.casefold()
    meant = [one for one in names if "".join(word[0] for word in one.split("_")) == low]
    return f"; did you mean {meant[0]!r}?" if meant else nearest(name, list(names)) or "."


@dataclass(frozen=True)
class Prepared:
    """A prepared dataset.

    Attributes:
        path: Its folder.
        columns: Names of the columns that the caller gave, or that were taken by their names, by
            keyword; without those of labels.
        unused: Columns of the source that were not read; empty where it is opened again.
    """

    path: Path
    columns: Mapping[str, object] = field(default_factory=dict, repr=False)
    unused: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def manifest(self) -> DatasetManifest:
        """What is recorded of it: counts by split, labels, hashes, how it was made.

        Raises:
            InputError: There is no prepared dataset any more.
            IntegrityError: The manifest was changed.
        """
        from adverts.data.dataset.dataset_manifest import read_manifest

        return read_manifest(self.path)

    @property
    def data_hash(self) -> str:
        """The sha256 that identifies these rows and their labels."""
        return self.manifest.data_hash


@dataclass(frozen=True)
class Run:
    """A training run.

    Attributes:
        path: Its folder.
    """

    path: Path

    @cached_property
    def record(self) -> RunRecord:
        """What is recorded of it: data, code, machine, time, figures on validation.

        Raises:
            InputError: There is no run any more.
        """
        from adverts.training.runs.run_record import read_run

        return read_run(self.path)

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """Every setting of the run, without credentials.

        Raises:
            InputError: There is no run any more.
        """
        from adverts.training.runs.run_folder import RunFolder, read_config

        return read_config(RunFolder(self.path))

    @property
    def prepared(self) -> Path:
        """The folder of its dataset, where the run found it."""
        return Path(str(self.config["prepared"]))


@dataclass(frozen=True)
class Study:
    """A search for the best settings.

    Attributes:
        path: Its folder, with ``best.yaml``, ``trials.csv`` and ``study.png``.
        best: The run of the best trial, to be evaluated and exported like another one.
        models_compared: Number of models known to be compared on the validation adverts, for which
            thresholds pay.
    """

    path: Path
    best: Run
    models_compared: int

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Every trial, one row each: its value, its state, its settings, why it failed."""
        import pandas as pd

        return pd.read_csv(self.path / "trials.csv")


@dataclass(frozen=True)
class Report:
    """A judged model.

    Attributes:
        path: Folder of the evaluation, with ``report.html``.
        prepared: Folder of the judged adverts; None where it is not known.
    """

    path: Path
    prepared: Path | None = None

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """The whole report, as ``report.json`` holds it.

        Raises:
            InputError: The adverts had no label, so there is no report, or it is damaged.
        """
        path = self.path / "report.json"
        try:
            found = read_json(path, finite=False)
        except FileNotFoundError:
            raise InputError(
                f"{path} does not exist: there is no evaluation here, or none of its adverts had a "
                "label and was new to the model"
            ) from None
        except ValueError:
            raise InputError(f"{path} is not a report.json; evaluate again") from None
        if not isinstance(found, dict):
            raise InputError(f"{path} is not a report.json; evaluate again")
        return found

    @cached_property
    def figures(self) -> Mapping[str, Estimate]:
        """The figures of the model on the headline task, each with its interval of 95 %.

        Each has ``value``, ``low`` and ``high``, which are None where the evidence is too little,
        and ``reason``, which then says why.
        """
        return self.figures_of(self.report["evaluation"]["headline"])

    def __str__(self) -> str:
        """Return what the evaluation says in short, with its place."""
        return f"{self.report['in_short']['text']} See {self.path}/report.html"

    def figures_of(self, task: str) -> Mapping[str, Estimate]:
        """Return the figures of the model on a task, on the reviewed adverts.

        Raises:
            InputError: No advert was judged on it.
        """
        reviewed = self.report["evaluation"]["reviewed"] or {"tasks": ()}
        tasks = {one["task"]["name"]: one for one in reviewed["tasks"]}
        if task not in tasks:
            raise InputError(f"no advert was judged on task {task!r}; judged: {sorted(tasks)}")
        figures = tasks[task]["models"][0]["figures"]
        return Figures({name: Estimate(**one) for name, one in figures.items()})

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """One row an advert, see :func:`adverts.api.predictions`."""
        from adverts.calls.prediction_frame import prediction_frame

        with undisturbed(progress=True):
            return prediction_frame(self.path, self.prepared)


@dataclass(frozen=True)
class Bundle:
    """A model as a service loads it.

    Attributes:
        path: Its folder.
        columns: Names of the columns that the caller gave when the data was prepared.
    """

    path: Path
    columns: Mapping[str, object] = field(default_factory=dict, repr=False)

    @cached_property
    def classifier(self) -> Classifier:
        """The bundle, ready to score.

        Raises:
            InputError: There is no bundle any more.
            IntegrityError: It is not as it was exported.
        """
        from adverts.runtime import Classifier

        return Classifier.load(self.path)

    @property
    def manifest(self) -> BundleManifest:
        """Everything that is recorded about the model."""
        return self.classifier.manifest


class UnexportedRun(Bundle):
    """A run that scores by itself, before it is exported; no service loads it."""

    @cached_property
    def classifier(self) -> Classifier:
        """The run, ready to score.

        Raises:
            InputError: There is no run any more, or its dataset is another one.
            IntegrityError: A file of it is not the one that was written.
        """
        from adverts.candidates.run_classifier import classifier_of_run

        return classifier_of_run(self.path, Run(self.path).prepared)


@dataclass(frozen=True)
class Scored:
    """The scores of a source that was given by its path.

    Attributes:
        path: Folder or file of the scores, or their address.
        counts: What was counted in all that are scored.
    """

    path: str
    counts: CollectionCounts


def place_of(one: Place | Prepared | Run | Report | Bundle) -> Path:
    """Return the folder of a result, or a path as it is.

    Raises:
        InputError: It is another object.
    """
    if isinstance(one, Prepared | Run | Report | Bundle):
        return one.path
    if isinstance(one, str | Path):
        return Path(one)
    raise InputError(f"found a {type(one).__name__}; give a result of adverts.api, or a path")


def is_report(path: Path) -> bool:
    """Return whether a folder is that of an evaluation."""
    return (path / PREDICTIONS).is_file()
