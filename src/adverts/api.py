"""The verbs as functions, for notebooks and programs.

Usage::

    from adverts import api

    data = api.prepare(frame, "prepared/mine", text="post", labels="spam")
    run = api.train(data, model="text", run_dir="runs/mine")
    report = api.evaluate(run)
    report.figures["average_precision"]
    bundle = api.export(run)
    scored = api.score(bundle, frame)

Wherever a result is accepted, so is its path. Every function raises the errors of
:mod:`adverts.errors`, ends no process, and leaves environment, signals, working folder, random
state, ``sys.argv`` and the Hydra of the program as they were. With ``progress=False`` nothing is
printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adverts.calls.prepare_source import Named, settings_of
from adverts.calls.prepare_words import Labels, tasks_of
from adverts.calls.results import (
    Bundle,
    Place,
    Prepared,
    Report,
    Run,
    Scored,
    Study,
    UnexportedRun,
    is_report,
    place_of,
)
from adverts.calls.rows import is_table, rows_of
from adverts.calls.score_source import score_path, score_table
from adverts.calls.settings import Overrides, checked, words
from adverts.calls.undisturbed import undisturbed
from adverts.compose import compose
from adverts.config import EvaluateConfig, ExportConfig, PrepareConfig, TrainConfig, TuneConfig
from adverts.config.override_words import as_word
from adverts.data.mapping.one_file import KEYS
from adverts.errors import InputError, say

if TYPE_CHECKING:
    import pandas as pd

    from adverts.judging.run_comparison import RunComparison

__all__ = [
    "Bundle",
    "Prepared",
    "Report",
    "Run",
    "Scored",
    "Study",
    "compare",
    "evaluate",
    "export",
    "open_bundle",
    "open_prepared",
    "open_report",
    "open_run",
    "predictions",
    "prepare",
    "score",
    "train",
    "tune",
    "write_encoder",
]


def prepare(
    source: object,
    prepared: Place,
    *,
    text: object | None = None,
    image: object | None = None,
    labels: Labels | None = None,
    positive: object | None = None,
    split: object | None = None,
    lang: object | None = None,
    group: object | None = None,
    account: object | None = None,
    posted_week: object | None = None,
    id: object | None = None,
    name: str | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> Prepared:
    """Map, check, mask, cluster and split labelled adverts, and write them as a prepared dataset.

    An unchanged source is not prepared again. Rows of a table are written once to a private file
    beside the dataset, and removed afterwards.

    Where ``id``, ``split``, ``lang``, ``group``, ``account`` or ``posted_week`` is None, a column
    of a table or a file is taken by its name, as ``adverts init`` takes it: if its cells suit it,
    such as an id that no two adverts have. False: none is taken. One line says which columns are
    taken so and which are not used.

    Args:
        source: A pandas DataFrame; a ``Dataset`` or ``DatasetDict`` of ``datasets``, whose splits
            are then the splits; the path of a file, or of a folder with one folder of pictures for
            each label; the name of a packaged dataset such as ``sample``; or None, if
            ``overrides`` say it all. ``Path("sample")`` is a path.
        prepared: Folder of the prepared dataset, a restricted store.
        text: Column of captions.
        image: Column of pictures: paths, bytes, pictures of PIL, or lists of them.
        labels: Column of labels, or a mapping from each task to its column, the headline first.
            A value may be ``{"column": …, "kind": "multi", "labels": […]}``. Missing cells are
            adverts without a label. None: those of a folder of pictures or a packaged dataset, or
            the column ``label`` of a file; of a table it must be named, unless no advert has one,
            and ``overrides`` say which labels there may be.
        positive: The label of the first task that is looked for; None: 1, yes or true.
        split: Column of splits: train, validation, test. Where there is none, they are made.
        lang: Column of languages, BCP-47.
        group: Column of groups, each of which stays in one split.
        account: Column of accounts.
        posted_week: Column of ISO weeks, such as 2026-W30.
        id: Column of ids. Where there is none, ids are made from text and picture.
        name: Name of the dataset; None: that of its folder.
        overrides: Further settings of ``adverts prepare``.
        progress: Whether to write lines and bars of progress.

    Raises:
        InputError: Source, columns, cells or settings are wrong; nothing is written.
        MissingExtraError: A package is not installed.
    """
    fields = (id, text, image, lang, group, account, posted_week)
    said = {one: column for one, column in zip(KEYS, fields, strict=True) if column is not None}
    without = frozenset(one for one, column in {**said, "split": split}.items() if column is False)
    columns = {one: column for one, column in said.items() if column is not False}
    split = None if split is False else split
    if positive is not None and labels is None:
        raise InputError("positive is given without labels; name the column of labels, too")
    folder = Path(prepared)
    named = Named(columns, tasks_of(labels, positive), split, name, without)
    taken: dict[str, object] = {KEYS[one]: column for one, column in columns.items()}
    taken |= {"data.name": name, "data.columns.split": split, "prepared": folder}
    taken |= {"data.tasks.column": labels, "data.tasks.positive": positive}
    keywords = {key: key.rpartition(".")[2] for key in taken} | {"data.tasks.column": "labels"}
    further = checked(taken, overrides, keywords=keywords)
    with undisturbed(progress=progress):
        from adverts.prepare import prepare as run_prepare

        with settings_of(source, named, folder, further) as found:
            words_of_all = [*found.words, as_word("prepared", folder), *further]
            run_prepare(compose("prepare", PrepareConfig, words_of_all))
            return Prepared(folder, found.columns, found.unused)


def train(
    data: Place | Prepared,
    *,
    model: str | None = None,
    run_dir: Place | None = None,
    trainer: str | None = None,
    seed: int | None = None,
    resume: Place | Run | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> Run:
    """Train a model on a prepared dataset.

    Args:
        data: The prepared dataset.
        model: ``text``, ``ocr_image``, ``fusion``, ``tfidf`` or another configuration.
        run_dir: New folder of the run; None: one below ``runs/train``.
        trainer: ``cpu``, ``frozen``, ``upper_layers`` or another configuration.
        seed: Seed of every random choice.
        resume: An interrupted run to continue.
        overrides: Further settings of ``adverts train``.
        progress: Whether to write lines and bars of progress.

    Raises:
        InputError: The settings do not fit the data, the folder or the machine.
        IntegrityError: Data or state differ from those that were written.
        MissingExtraError: A package is not installed.
    """
    given = {
        "prepared": _text(data),
        "model": model,
        "trainer": trainer,
        "run_dir": None if run_dir is None else str(run_dir),
        "seed": seed,
        "resume": None if resume is None else _text(resume),
    }
    with undisturbed(progress=progress):
        from adverts.train import settle
        from adverts.train import train as run_train

        settings = words(given, overrides)
        run, _ = run_train(compose("train", TrainConfig, settings, settle=settle))
    return Run(run.path)


def tune(
    data: Place | Prepared | None = None,
    *,
    study_dir: Place,
    model: str | None = None,
    space: str | None = None,
    trials: int | None = None,
    seed: int | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> Study:
    """Search for the best settings of a training by validation alone, or go on with a search.

    Args:
        data: The prepared dataset; None: that of the study that is in ``study_dir``.
        study_dir: Folder of the study; one that is there goes on.
        model: ``text``, ``tfidf`` or another configuration.
        space: The search space, which is ``tune=`` of the command: ``fine_tune``, ``frozen``,
            ``tfidf``; None: the one for the model.
        trials: Number of trials in all.
        seed: Seed of the study.
        overrides: Further settings of ``adverts tune``, such as ``processes=2``.
        progress: Whether to write lines and bars of progress.

    Raises:
        InputError: Space, data or folder cannot be used, or trials fail in a row for one reason.
        CannotJudgeError: No trial was trained to its end.
        IntegrityError: Data or a record was damaged.
        MissingExtraError: A package is not installed.
    """
    given = {
        "prepared": None if data is None else _text(data),
        "study_dir": str(study_dir),
        "model": model,
        "tune": space,
        "trials": trials,
        "seed": seed,
    }
    with undisturbed(progress=progress):
        from adverts.tune import settle
        from adverts.tune import tune as run_tune

        settings = words(given, overrides, keywords={"tune": "space"})
        done = run_tune(compose("tune", TuneConfig, settings, settle=settle))
    return Study(done.path, Run(done.checkpoint), done.models_compared)


def evaluate(
    candidate: Place | Run | Bundle | Report,
    *,
    prepared: Place | Prepared | None = None,
    split: str | None = None,
    run_dir: Place | None = None,
    champion: Place | Run | Bundle | Report | None = None,
    gate: str | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> Report:
    """Judge a model on adverts of a prepared dataset, and write report and predictions.

    Args:
        candidate: A run, a bundle, or stored predictions.
        prepared: The dataset; None: that of the run.
        split: ``test``, ``validation``, ``train`` or ``all``.
        run_dir: Folder of the evaluation; None: ``report`` in the folder of the run, or
            ``<name>-report`` beside a bundle or another evaluation, so that none replaces that of
            the run; with the name of the split appended unless it is ``test``.
        champion: Another model to compare with.
        gate: ``first``, ``release`` or another gate.
        overrides: Further settings of ``adverts evaluate``.
        progress: Whether to write lines and bars of progress.

    Raises:
        InputError: Candidate, dataset, labels or folder cannot be used.
        IntegrityError: Stored bytes differ from those that were recorded.
        GateFailedError: The candidate failed the gate; :func:`open_report` opens the folder.
        CannotJudgeError: There is too little evidence; :func:`open_report` opens the folder.
    """
    place = place_of(candidate)
    data = _dataset_of(candidate, prepared)
    folder = _report_folder(place, split) if run_dir is None else Path(run_dir)
    given = {
        "candidate": str(place),
        "prepared": str(data),
        "split": split,
        "champion": None if champion is None else _text(champion),
        "gate": gate,
    }
    with undisturbed(progress=progress):
        from adverts.evaluate import abstention_lines
        from adverts.evaluate import evaluate as run_evaluate

        settings = words({**given, "run_dir": str(folder)}, overrides)
        done = run_evaluate(compose("evaluate", EvaluateConfig, settings))
        for line in abstention_lines(done):
            say(line)
    return Report(done.folder, data)


def _report_folder(place: Path, split: str | None) -> Path:
    name = "report" if split in (None, "test") else f"report-{split}"
    if (place / "config.yaml").is_file():
        return place / name
    return place.absolute().with_name(f"{place.name}-{name}")


def _dataset_of(one: object, prepared: Place | Prepared | None) -> Path:
    """Return the folder of a dataset: as given, or that of a run.

    Raises:
        InputError: None is given, and nothing says which it was.
    """
    if prepared is not None:
        return place_of(prepared)
    if isinstance(one, Report) and one.prepared is not None:
        return one.prepared
    place = place_of(one)  # type: ignore[arg-type]
    for folder in (place, place.parent):
        if (folder / "config.yaml").is_file():
            return Run(folder).prepared
    raise InputError(f"{place} does not say which dataset it is of; give prepared=")


def export(
    run: Place | Run,
    *,
    prepared: Place | Prepared | None = None,
    bundle_dir: Place | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> Bundle:
    """Write the model of a run as a bundle, verified before it is written.

    Args:
        run: The run.
        prepared: Its dataset; None: where the run found it.
        bundle_dir: New folder of the bundle; None: ``bundle`` in the folder of the run.
        overrides: Further settings of ``adverts export``.
        progress: Whether to write lines and bars of progress.

    Raises:
        ParityError: The export does not compute what the checkpoint computes; nothing is left.
        InputError: Checkpoint, dataset or folder cannot be used.
        IntegrityError: A file of the checkpoint or dataset differs from the one that was written.
    """
    place, data = place_of(run), _dataset_of(run, prepared)
    folder = place / "bundle" if bundle_dir is None else Path(bundle_dir)
    given = {"checkpoint": str(place), "prepared": str(data), "bundle_dir": str(folder)}
    with undisturbed(progress=progress):
        from adverts.export import export as run_export

        config = compose("export", ExportConfig, words(given, overrides))
        run_export(config)
    return Bundle(config.bundle_dir, prepared.columns if isinstance(prepared, Prepared) else {})


def score(
    bundle: Place | Bundle | Run,
    source: object,
    *,
    text: object | None = None,
    image: object | None = None,
    lang: object | None = None,
    id: object | None = None,
    scores: Place | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> pd.DataFrame | Scored:
    """Score adverts without labels: a table in memory, or a source of any size by its path.

    Args:
        bundle: The bundle; or a run, which need not be exported to answer a table.
        source: A DataFrame or ``Dataset``, whose answers are returned as a DataFrame with the same
            index and order; or the path of a file, or None, which ``adverts score`` scores.
        text: Column of captions; None: that of the same name, or the one that was prepared; or,
            for a bundle of an earlier session that reads text alone, the only column of a table
            with a name of captions, such as ``comment`` or ``post``.
        image: Column of pictures; the same.
        lang: Column of languages.
        id: Column of ids, which is then the first one of the answer.
        scores: For a path: folder of the scores, or a new ``.csv`` file.
        overrides: Further settings of ``adverts score``.
        progress: Whether to write lines and bars of progress.

    Returns:
        A DataFrame with band, score, probabilities and reason of each row; or :class:`Scored`.

    Raises:
        InputError: Source, columns or bundle cannot be used.
        IntegrityError: The bundle is not as it was exported.
    """
    held = bundle if isinstance(bundle, Bundle) else _scorer(place_of(bundle))
    columns = {"text": text, "image": image, "lang": lang, "id": id}
    given = {one: column for one, column in columns.items() if column is not None}
    with undisturbed(progress=progress):
        if is_table(source):
            if scores is not None:
                raise InputError("scores= is for a path; a table is answered by a DataFrame")
            return score_table(held, rows_of(source, may_be_empty=True), given, overrides)
        return score_path(held.path, source, given, scores, overrides)


def _scorer(place: Path) -> Bundle:
    """Return a bundle, that of a run, or the run itself where it is not exported."""
    from adverts.score import exported

    folder = exported(place)
    return UnexportedRun(place) if folder is None else Bundle(folder)


def predictions(
    report: Place | Report, *, prepared: Place | Prepared | None = None
) -> pd.DataFrame:
    """Return the predictions of an evaluation, one row for each advert, without any text.

    The columns are ``id``, ``split``, ``lang``, ``answer``, ``probability.<task>.<label>``,
    ``predicted.<task>``, ``review_band`` and ``reason``, which says why it is in that band; with a
    dataset also ``label.<task>``.

    Args:
        report: The evaluation.
        prepared: The dataset that was judged, for its labels; None: the one that is known.

    Raises:
        InputError: There are no predictions, or the dataset is another one.
        IntegrityError: A file differs from what was written.
    """
    known = report.prepared if isinstance(report, Report) else None
    return Report(place_of(report), known if prepared is None else place_of(prepared)).predictions


def compare(
    runs: Sequence[Place | Run | Bundle | Report],
    *,
    progress: bool = True,
    **options: Any,  # noqa: ANN401 - those of compare_runs
) -> RunComparison:
    """Compare runs on the same adverts: settings, data, figures with intervals, decisions.

    Args:
        runs: Two or more runs, bundles or reports, each with a report near it.
        progress: Whether to write lines and bars of progress.
        options: Those of :func:`adverts.judging.compare_runs.compare_runs`, such as ``reference``,
            ``split`` and ``prepared``.

    Raises:
        InputError: A run, its report or its dataset cannot be used.
        IntegrityError: A file is not the one that was written.
    """
    with undisturbed(progress=progress):
        from adverts.judging.compare_runs import compare_runs

        for name in ("reference", "prepared"):
            found = options.get(name)
            if isinstance(found, list | tuple):
                options[name] = [place_of(one) for one in found]
            elif found is not None:
                options[name] = place_of(found)
        return compare_runs([place_of(one) for one in runs], **options)


def write_encoder(run: Place | Run, folder: Place) -> Path:
    """Write the trained text encoder of a run as a Hugging Face folder, and return the folder.

    ``AutoModel.from_pretrained`` and ``AutoTokenizer.from_pretrained`` load it; its hidden states
    are those of the checkpoint. It is the encoder alone, not an
    ``AutoModelForSequenceClassification``: the heads read pooled and standardised features of
    several layers, answer several tasks, and may be averaged with n-grams, which no class of
    transformers does. :func:`export` writes the whole model.

    Args:
        run: The run.
        folder: New folder.

    Raises:
        InputError: There is no checkpoint, or the model has no text encoder.
        IntegrityError: A file of the checkpoint differs from the one that was written.
    """
    with undisturbed(progress=False):
        from adverts.training.runs.checkpoint import read_checkpoint
        from adverts.training.runs.encoder_folder import write_encoder_folder

        return write_encoder_folder(read_checkpoint(place_of(run)), Path(folder))


def open_prepared(path: Place) -> Prepared:
    """Open a prepared dataset of an earlier session.

    Raises:
        InputError: The folder is not a prepared dataset.
        IntegrityError: Its manifest was changed.
    """
    found = Prepared(Path(path))
    _ = found.manifest
    return found


def open_run(path: Place) -> Run:
    """Open a run of an earlier session.

    Raises:
        InputError: The folder is not a run.
    """
    found = Run(Path(path))
    _ = found.record
    return found


def open_report(path: Place, *, prepared: Place | Prepared | None = None) -> Report:
    """Open an evaluation of an earlier session, or one whose gate failed.

    Raises:
        InputError: The folder is not one of an evaluation.
    """
    place = Path(path)
    if not is_report(place):
        raise InputError(f"{place} holds no evaluation; give the run_dir of api.evaluate")
    return Report(place, None if prepared is None else place_of(prepared))


def open_bundle(path: Place) -> Bundle:
    """Open a bundle of an earlier session.

    Raises:
        InputError: There is no bundle.
        IntegrityError: It is not as it was exported.
    """
    found = Bundle(Path(path))
    _ = found.classifier
    return found


def _text(one: Place | Prepared | Run | Bundle | Report) -> str:
    return str(place_of(one))
