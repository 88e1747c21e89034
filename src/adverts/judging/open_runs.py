"""Open the runs that are compared: their stored predictions, rules, settings and adverts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.candidates.candidate import Candidate, open_candidate
from adverts.config.acting_settings import acting_settings
from adverts.config.overrides import free_folder, next_step
from adverts.data.dataset.dataset_manifest import read_manifest
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.errors import AdvertsError, InputError, IntegrityError
from adverts.evaluation.figures.planned_figures import EvaluationSettings
from adverts.evaluation.predictions.prediction_file import FILE_NAME, read_maker
from adverts.evaluation.predictions.stored_model import REPORT
from adverts.files.bounded_reading import read_json
from adverts.files.file_hash import file_sha256
from adverts.json_records import from_plain
from adverts.runtime.manifest import MANIFEST_NAME, BundleManifest
from adverts.training.runs.checkpoint_record import RECORD, find_checkpoint, read_record
from adverts.training.runs.run_folder import RunFolder, decisive, read_config

_ALL = "all"
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class OpenRun:
    """A run whose predictions can be compared.

    Attributes:
        name: Name that no other of the compared runs has.
        report: Folder with its stored predictions.
        model: The model, as its stored predictions say.
        origin: What its report says about model and adverts.
        settings: How its report judged it.
        config: Dotted keys and values that act on the model; empty where they are not known.
        dataset: The prepared dataset of the adverts that it was judged on.
    """

    name: str
    report: Path
    model: Candidate
    origin: Values
    settings: EvaluationSettings
    config: Values
    dataset: PreparedDataset


@dataclass(frozen=True, slots=True)
class _Model:
    """A run or a bundle that was named instead of its report."""

    identity: str
    training: str | None


def open_runs(
    folders: Sequence[Path], *, split: str, prepared: Sequence[Path] = ()
) -> tuple[OpenRun, ...]:
    """Open the runs in these folders, each a run, a bundle or a report.

    Args:
        folders: The folders, in the order in which they are shown.
        split: Split on which they must have been judged.
        prepared: Folders of prepared datasets; without any, those that the runs name.

    Raises:
        InputError: Fewer than two are given, one is given twice or is none of the three, was not
            judged on this split, or its dataset is not found.
        IntegrityError: A file is not the one that was written.
    """
    if len(folders) < 2:
        raise InputError(f"{len(folders)} run to compare; give at least two")
    reports = [_report_of(folder, split) for folder in folders]
    for place, report in enumerate(reports):
        first = reports.index(report)
        if first != place:
            raise InputError(
                f"{folders[first]} and {folders[place]} are the same evaluation ({report}); give "
                "each run once"
            )
    opened: dict[str, PreparedDataset] = {}
    return tuple(
        _open(name, folder, report, prepared=prepared, opened=opened)
        for name, folder, report in zip(unique_names(folders), folders, reports, strict=True)
    )


def unique_names(folders: Sequence[Path]) -> list[str]:
    """Return a name for each folder: its last part, with as many before it as tell them apart."""
    parts = [folder.resolve().parts for folder in folders]
    names = []
    for own in parts:
        count = 2 if own[-1] in ("report", "bundle") and len(own) > 2 else 1
        while count < len(own) and sum(one[-count:] == own[-count:] for one in parts) > 1:
            count += 1
        names.append("/".join(own[-count:]))
    return names


def _open(
    name: str,
    folder: Path,
    report: Path,
    *,
    prepared: Sequence[Path],
    opened: dict[str, PreparedDataset],
) -> OpenRun:
    raw = _read_report(report)
    origin = _part(raw, "origin")
    settings = _settings(_part(_part(raw, "evaluation"), "settings"))
    model = open_candidate(report, threads=0)
    stored = model.stored
    assert stored is not None, "a folder with predictions and without a manifest is a report"
    data_hash = stored.predictions.data_hash
    if origin.get("data_hash") != data_hash:
        raise IntegrityError(f"{report}: {REPORT} and {FILE_NAME} are of other data; {_AGAIN}")
    run = _run_of(model.facts.training, (folder, report.parent, *_places(origin)))
    config = {} if run is None else read_config(RunFolder(run))
    if data_hash not in opened:
        named = (*_named(config.get("prepared")), *_named(_word(origin, "prepared")))
        opened[data_hash] = _dataset(name, data_hash, tuple(prepared) or named)
    acting = decisive(acting_settings(config))
    return OpenRun(name, report, model, origin, settings, acting, opened[data_hash])


_AGAIN = "run adverts evaluate again"


def _report_of(folder: Path, split: str) -> Path:
    """Return the folder of the report on a run; the folder itself where it is a report."""
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; give the folder of a run, a bundle or a report"
        )
    if (folder / FILE_NAME).is_file() and not (folder / MANIFEST_NAME).is_file():
        judged_on = _part(_read_report(folder), "origin").get("split")
        if judged_on not in (split, _ALL):
            raise InputError(
                f"{folder} was judged on the split {judged_on}, and {split} is compared; "
                f"run: {_same_on(folder, split)}"
            )
        return folder.resolve()
    asked = _model_in(folder)
    found = max(_reports_on(asked, _near(folder), split), default=None)
    if found is None:
        is_bundle = (folder / MANIFEST_NAME).is_file()
        place = folder.with_name(f"{folder.name}-report") if is_bundle else folder / "report"
        raise InputError(
            f"{folder} has no report on the split {split} near it, and the figures of one are "
            f"compared; run: {_command(str(folder), _trained_on(folder), split, place)}"
        )
    return found[-1].resolve()


def _trained_on(folder: Path) -> object:
    """Return the dataset that a run was trained on; None for a bundle or a checkpoint."""
    run = RunFolder(folder)
    return read_config(run).get("prepared") if run.config.is_file() else None


def _model_in(folder: Path) -> _Model:
    try:
        if (folder / MANIFEST_NAME).is_file():
            manifest = BundleManifest.from_json((folder / MANIFEST_NAME).read_bytes())
            named = manifest.training.get("training")
            return _Model(manifest.identity(), named if isinstance(named, str) else None)
        checkpoint = find_checkpoint(folder)
    except InputError:
        raise InputError(
            f"{folder} holds neither a finished run nor a bundle nor a report (no "
            f"{RECORD}, {MANIFEST_NAME} or {FILE_NAME}); give one of the three"
        ) from None
    return _Model(file_sha256(checkpoint / RECORD), read_record(checkpoint).training)


def _near(folder: Path) -> Iterator[Path]:
    """Yield folders that may be reports on the run or bundle in ``folder``, each once."""
    here = folder.resolve()
    places = (here, here.parent, here.parent.parent / "evaluate", here.parent / "evaluate")
    for place in dict.fromkeys(places):
        if place.is_dir():
            yield from (one for one in sorted(place.iterdir()) if _is_report(one))


def _is_report(place: Path) -> bool:
    try:
        return (place / FILE_NAME).is_file() and (place / REPORT).is_file()
    except PermissionError:
        return False  # of somebody else


def _reports_on(
    asked: _Model, places: Iterator[Path], split: str
) -> Iterator[tuple[bool, bool, str, Path]]:
    """Yield the reports on a model: of these very files last, then of the split alone, then new."""
    for place in places:
        try:
            made_by, origin = read_maker(place / FILE_NAME), _part(_read_report(place), "origin")
        except (AdvertsError, OSError):
            continue  # nobody named this folder
        same = made_by is not None and made_by.identity == asked.identity
        kin = made_by is not None and asked.training and made_by.training == asked.training
        if (same or kin) and origin.get("split") in (split, _ALL):
            yield same, origin["split"] == split, str(origin.get("created")), place


def _read_report(folder: Path) -> Values:
    path = folder / REPORT
    try:
        raw = read_json(path, finite=False)
    except FileNotFoundError:
        raise InputError(
            f"{folder} has predictions and no {REPORT}: that evaluation was not finished, or its "
            f"adverts have no labels; {_AGAIN}"
        ) from None
    except ValueError:
        raise IntegrityError(f"{path} is damaged; {_AGAIN}") from None
    if not isinstance(raw, dict):
        raise IntegrityError(f"{path} is damaged; {_AGAIN}")
    return raw


def _part(raw: Values, name: str) -> Values:
    found = raw.get(name)
    if not isinstance(found, dict):
        raise IntegrityError(f"{REPORT} has no {name}; {_AGAIN}")
    return found


def _settings(raw: Values) -> EvaluationSettings:
    try:
        return from_plain(EvaluationSettings, raw)
    except ValueError as error:
        raise IntegrityError(f"the settings in {REPORT} are damaged ({error}); {_AGAIN}") from None


def _run_of(training: str | None, places: Sequence[Path]) -> Path | None:
    """Return the first of the folders that is the run of a training; None if none is."""
    for place in places:
        try:
            if training and read_record(find_checkpoint(place)).training == training:
                read_config(RunFolder(place))
                return place
        except (AdvertsError, OSError):
            continue
    return None


def _places(origin: Values) -> tuple[Path, ...]:
    """Return where the report says that its model was, and the folder around it."""
    place = origin.get("place")
    return (Path(place), Path(place).parent) if isinstance(place, str) and place else ()


def _word(origin: Values, key: str) -> str | None:
    """Return the value of a key in the command of a report; None where it has none."""
    try:
        words = shlex.split(str(origin.get("command")))
    except ValueError:
        return None
    found = (one.partition("=") for one in words)
    return next((value.strip("'") for name, _, value in found if name == key), None)


def _named(place: object) -> tuple[Path, ...]:
    return (Path(place),) if isinstance(place, str) and place else ()


def _same_on(report: Path, split: str) -> str:
    """Return the command that judges the model of a report on another split."""
    origin = _part(_read_report(report), "origin")
    place, data = str(origin.get("place") or "CANDIDATE"), _word(origin, "prepared")
    return _command(place, data, split, report.with_name(f"{report.name}-{split}"))


def _command(candidate: str, prepared: object, split: str, run_dir: Path) -> str:
    values = {"candidate": candidate, "prepared": prepared or "PREPARED", "split": split}
    return next_step("evaluate", **values, run_dir=free_folder(run_dir)).removeprefix("next: ")


def _dataset(name: str, data_hash: str, places: Sequence[Path]) -> PreparedDataset:
    """Return the dataset with this hash, whose files are all checked."""
    found = []
    for place in places:
        try:
            held = read_manifest(place).data_hash
        except InputError:
            continue
        if held == data_hash:
            return open_prepared(place)
        found.append(f"{place} is data {held[:12]}")
    seen = f" ({'; '.join(found)})" if found else ""
    raise InputError(
        f"{name} was judged on data {data_hash[:12]}, which is not found{seen}; give "
        "prepared=[...] with the folder of that prepared dataset"
    )
