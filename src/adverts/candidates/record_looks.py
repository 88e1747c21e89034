"""Record which models were tried on which adverts, and count them.

Every look is written to two ledger files, and both are read. One, next to the prepared dataset, is
for all who use that folder. The other (``ledger=``) is shared by all copies and preparations of the
same adverts.
"""

from __future__ import annotations

import datetime
import functools
import getpass
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.advert import SPLITS, LabelSchema, Split
from adverts.arrays import Bools
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError, plural
from adverts.evaluation.predictions.advert_set import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    AdvertSet,
    Members,
    content_key,
    member,
    pack,
    set_of,
    unpack,
    written_key,
)
from adverts.evaluation.predictions.look_ledger import (
    AUDITED,
    ERASED,
    EXPORTED,
    LANGUAGE,
    TRAINED,
    WRITTEN,
    Ledger,
    Look,
    add_look,
    add_members,
    joined,
    ledger_beside,
    looks_of_others,
    members_hash,
    models_compared,
    read_ledger,
)
from adverts.evaluation.predictions.lost_adverts import (
    FEWEST_JUDGED,
    Lost,
    first_written,
    lost_adverts,
    moved_language,
    rewritten,
)
from adverts.evaluation.truth import label_truth
from adverts.files.file_hash import producing_commit

if TYPE_CHECKING:  # what is judged loads seconds of other code, and a ledger needs none
    from adverts.candidates.candidate import Candidate

LEDGER = "runs/looks.jsonl"
"""The shared ledger where none is named, in the working folder."""
VALIDATION: Split = "validation"
_FOLDERS_ABOVE = 3  # of a bundle in a run in the folder of the runs
RULES = "rules"
"""What stands for the gate of a look where the thresholds of a model were chosen."""


@dataclass(frozen=True, slots=True)
class ModelName:
    """Names of a model in a ledger.

    Attributes:
        name: Name of the model's configuration.
        identity: Identity of the model's files; empty while it is being trained.
        training: Name of the model's training; empty if not recorded.
    """

    name: str
    identity: str = ""
    training: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the ledgers hold when a model is about to be judged.

    Attributes:
        earlier: Number of looks of other models at these adverts.
        lack: Why there may have been more looks; None if nothing suggests that.
        training_lost: Whether the candidate was trained here, and the ledgers do not say so. Then
            nobody knows how many models were trained beside it.
        lost: What became of adverts that were judged earlier.
        by_now: Counts the looks of other models again, with those that began after this one: two
            evaluations at once each pay for the other.
    """

    earlier: int = 0
    lack: str | None = None
    training_lost: bool = False
    lost: Lost = Lost()
    by_now: Callable[[], int] = int


def name_of(candidate: Candidate) -> ModelName:
    """Return the names of a candidate in a ledger."""
    return ModelName(candidate.facts.name, candidate.facts.identity, candidate.facts.training or "")


def ledger_files(prepared: Path, ledger: Path | None) -> tuple[Path, ...]:
    """Return the ledger files of a prepared dataset; ``ledger`` is the shared one, if any."""
    beside = ledger_beside(prepared)
    return tuple(dict.fromkeys((beside, *(() if ledger is None else (ledger.resolve(),)))))


def read_ledgers(files: Sequence[Path]) -> tuple[list[Ledger], list[str]]:
    """Return the content of each ledger file, and messages about lines that cannot be read.

    Raises:
        InputError: A file cannot be read at all.
    """
    ledgers = [read_ledger(path) for path in files]
    faults = []
    for path, ledger in zip(files, ledgers, strict=True):
        if ledger.damaged:
            lines = ", ".join(map(str, ledger.damaged[:5]))
            count = len(ledger.damaged)
            plural = "line" if count == 1 else "lines"
            faults.append(
                f"{path}: {count} {plural} of the ledger cannot be read ({lines}); each of them "
                "counts as one more model"
            )
    return ledgers, faults


def add_everywhere(
    files: Sequence[Path], add: Callable[[Path], None], *, held: Collection[Path] = ()
) -> dict[Path, str]:
    """Add something to every file that can be written; return the error of each other file.

    Args:
        files: Ledger files.
        add: Adds it to a file.
        held: Files that hold it already, and are left unchanged.

    Raises:
        InputError: No file could be written, so that none holds it.
    """
    faults = {}
    for path in files:
        if path in held:
            continue
        try:
            add(path)
        except InputError as error:
            faults[path] = str(error)
    if len(faults) == len(files):
        raise InputError(faults[files[-1]])
    return faults


def new_look(
    dataset: PreparedDataset,
    split: Split | Literal["all"],
    model: ModelName,
    *,
    gate: str,
    report: str = "open",
) -> Look:
    """Return a new record of a look of a model at the labelled adverts of a split."""
    return Look(
        when=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        who=_account(),
        model=model.identity,
        name=model.name,
        data_hash=dataset.data_hash,
        split=split,
        gate=gate,
        report=report,
        commit=producing_commit() or "",
        training=model.training,
        adverts=labelled_content(dataset, split),
    )


@functools.lru_cache(maxsize=4)
def labelled_content(dataset: PreparedDataset, split: Split | Literal["all"]) -> AdvertSet:
    """Return the content of the labelled adverts of a split: stored text and pictures.

    Labels, ids, clusters and the text read on pictures are not part of it, so adverts that are
    labelled or read again remain the same adverts.
    """
    return set_of(unpack(labelled_members(dataset, split)))


def labelled_members(dataset: PreparedDataset, split: Split | Literal["all"]) -> bytes:
    """Return the adverts of a split that have a label of any task, packed."""
    return pack(_adverts_of(dataset, split).labelled.tolist())


@dataclass(frozen=True, slots=True)
class _Adverts:
    """The ``N`` adverts of a split, and the ``M`` of them that have a label of any task.

    Attributes:
        members: Hashes and headline labels of all, ``(N,)``.
        labelled: Those of the labelled ones, ``(M,)``.
        langs: Codes of their languages, named or identified; empty where none is known, ``(M,)``.
        written: Their hashes by how they are written, ``(M,)``.
    """

    members: Members
    labelled: Members
    langs: NDArray[np.object_]
    written: Members


@functools.lru_cache(maxsize=4)
def _adverts_of(dataset: PreparedDataset, split: Split | Literal["all"]) -> _Adverts:
    """Return the adverts of a split, which is read once."""
    table = dataset.split(split)
    has_label = np.zeros(len(table), dtype=bool)
    for values in table.targets.values():
        has_label |= ~np.isnan(values).all(axis=1)
    rows, members = np.flatnonzero(has_label), members_of(table, dataset.schema)
    return _Adverts(
        members,
        members[rows],
        langs=np.array([table.langs[row] or "" for row in rows.tolist()], dtype=object),
        written=np.array(
            [
                member(written_key(table.texts[row], table.images(row)), SPLITS[0], UNKNOWN)
                for row in rows.tolist()
            ],
            dtype=np.uint64,
        ),
    )


def _by_language(dataset: PreparedDataset, split: Split | Literal["all"]) -> dict[str, Members]:
    """Return the labelled adverts of each language of a split; of none under an empty code."""
    found = _adverts_of(dataset, split)
    codes = sorted(set(found.langs.tolist()))
    return {code: found.labelled[found.langs == code] for code in codes}


def _add_judged(
    path: Path,
    known: Ledger,
    packed: bytes,
    dataset: PreparedDataset,
    split: Split | Literal["all"],
) -> None:
    """Add to a ledger which adverts are judged, how written and in which language, once.

    Raises:
        InputError: The ledger cannot be written.
    """
    for code, members in _by_language(dataset, split).items():
        of_language = pack((members - (members & 15)).tolist())
        if len(members) >= FEWEST_JUDGED and (code, of_language) not in known.languages:
            add_members(path, of_language, gate=f"{LANGUAGE}{code}")
    adverts = _adverts_of(dataset, split)
    unseen = first_written(known, adverts.written, adverts.labelled)
    if len(unseen):
        add_members(path, pack(unseen.tolist()), gate=WRITTEN)
    if members_hash(packed) not in known.members:
        add_members(path, packed)


def _scored_members(
    dataset: PreparedDataset, split: Split | Literal["all"], aside: Bools | None
) -> bytes:
    """Return the adverts of a split without those set aside, packed.

    What has no label is scored, too, so a later look must know that somebody saw its score.
    """
    members = _adverts_of(dataset, split).members
    return pack((members if aside is None else members[~aside]).tolist())


def members_of(table: AdvertTable, schema: LabelSchema) -> Members:
    """Return each advert of a table with the headline label that is judged, ``(N,)``.

    An advert that may enter no headline figure has no such label.
    """
    labels = np.full(len(table), UNKNOWN)
    task = schema.task(schema.headline)
    if task.positive_index is not None:
        truth = label_truth(task, table.targets[task.name], task.labels[task.positive_index])
        labels = np.select([truth == 1, truth == 0], [POSITIVE, NEGATIVE], UNKNOWN)
        labels[~table.reviewed] = UNKNOWN
    return np.array(list(_members(table, labels.tolist())), dtype=np.uint64)


def _members(table: AdvertTable, labels: Sequence[int]) -> Iterator[int]:
    for row, label in enumerate(labels):
        yield member(content_key(table.texts[row], table.images(row)), table.splits[row], label)


def record_erasure(dataset: PreparedDataset, ids: Collection[str]) -> None:
    """Record beside a dataset which contents are about to be erased from it.

    Raises:
        InputError: The ledger cannot be written.
    """
    table = dataset.split("all")
    rows = [row for row, name in enumerate(table.ids) if name in ids]
    if not rows:
        return
    packed = pack(_members(table.select(np.array(rows)), [UNKNOWN] * len(rows)))
    path = ledger_beside(dataset.path)
    try:
        add_members(path, packed, gate=ERASED)
    except InputError as error:
        raise InputError(
            f"{path} cannot be written, so no gate would know that adverts were erased; nothing "
            "was changed: make it a file that you can write, and erase again"
        ) from error


def record_audit(dataset: PreparedDataset, ledger: Path | None) -> None:
    """Record once that somebody is shown the labels of a dataset beside likelier ones.

    What a review labels otherwise from here on was seen to be wrong by a model, so a gate counts it
    at its worst, as after an evaluation.

    Args:
        dataset: The dataset that is audited.
        ledger: Path of the shared ledger; None without one.

    Raises:
        InputError: A ledger cannot be read, or none can be written.
    """
    files = ledger_files(dataset.path, ledger)
    packed = labelled_members(dataset, "all")
    look = new_look(dataset, "all", ModelName(AUDITED), gate=AUDITED, report="restricted")
    look = replace(look, members=members_hash(packed))
    known = dict(zip(files, read_ledgers(files)[0], strict=True))

    def add(path: Path) -> None:
        _add_judged(path, known[path], packed, dataset, "all")
        if not any((one.gate, one.members) == (AUDITED, look.members) for one in known[path].looks):
            add_look(path, look)

    add_everywhere(files, add)


def compared_with(
    dataset: PreparedDataset, model: ModelName, *, ledger: Path | None, gate: str | None
) -> tuple[int, list[str]]:
    """Return how many models were tried on the validation adverts, and faults of the ledgers.

    Without validation adverts nothing is compared or recorded: it is this model alone.

    Args:
        dataset: Dataset with the validation adverts.
        model: This model, which is included in the number.
        ledger: Path of the shared ledger; None without one.
        gate: Word under which this look of the model is recorded, once; None: only count.

    Raises:
        InputError: A ledger cannot be read, or none can be written.
    """
    if VALIDATION not in dataset.manifest.counts:
        return 1, []
    files = ledger_files(dataset.path, ledger)
    look = new_look(dataset, VALIDATION, model, gate=gate or "")
    ledgers, faults = read_ledgers(files)
    if gate is not None:
        held = [path for path, one in zip(files, ledgers, strict=True) if _holds(one, look)]
        unwritten = add_everywhere(files, lambda path: add_look(path, look), held=held)
        faults += [why for path, why in unwritten.items() if _is_of_workshop(path, ledger)]
    return models_compared(joined(ledgers), look), faults


def _holds(ledger: Ledger, look: Look) -> bool:
    """Whether the ledger records that this model was tried on these adverts."""
    return any(look.names <= one.names and one.adverts == look.adverts for one in ledger.looks)


def _is_of_workshop(path: Path, ledger: Path | None) -> bool:
    """Whether a path is the shared ledger; the folder of a dataset may be read-only."""
    return ledger is not None and path == ledger.resolve()


def look_at_split(
    dataset: PreparedDataset,
    split: Split | Literal["all"],
    candidate: Candidate,
    *,
    champion: Candidate | None,
    ledger: Path | None,
    gate: str,
    report: str,
    aside: Bools | None = None,
) -> Looked:
    """Record that a candidate is judged on a split, and return what was recorded earlier.

    Args:
        dataset: Dataset of the adverts.
        split: Its split that is judged.
        candidate: The model.
        champion: The model that it is compared with, if any.
        ledger: Path of the shared ledger; None without one.
        gate: Name of the gate.
        report: Who may see the report.
        aside: Which adverts of the split are not judged since they are not new to the candidate,
            ``(N,)``; None: it judges all.

    Raises:
        InputError: A ledger cannot be read, or none can be written.
    """
    files = ledger_files(dataset.path, ledger)
    files = tuple(dict.fromkeys((*files, *_ledger_of_training(candidate))))
    scored = _scored_members(dataset, split, aside)
    look = new_look(dataset, split, name_of(candidate), gate=gate, report=report)
    look = replace(look, members=members_hash(scored))
    ledgers, faults = read_ledgers(files)
    own = joined(ledgers)
    found = joined([own, *_others_near(dataset.path.resolve(), files)])
    known = dict(zip(files, ledgers, strict=True))

    def add(path: Path) -> None:
        _add_judged(path, known[path], scored, dataset, split)
        add_look(path, look)

    unwritten = add_everywhere(files, add)
    faults += [why for path, why in unwritten.items() if _is_of_workshop(path, ledger)]
    if own.removed:
        faults.append(
            f"the ledger lacks {plural(len(own.removed), 'line')} with judged adverts that its "
            "looks name, so nobody knows what is gone: bring the ledger back as it was"
        )
    if not candidate.facts.training and candidate.facts.trained_on.data_hash == dataset.data_hash:
        faults.append(
            f"the training of {candidate.facts.name} has no recorded name, so no ledger can show "
            "it: judge the model itself, or train it again"
        )
    models = [one for one in (candidate, champion) if one is not None]
    for one in models:
        faults += _faults_of_training(one, found)
    lost = [one for one in models if _is_lost(one, dataset, own)]
    for one in lost:
        faults.append(
            f"the ledger has no record of the training of {one.facts.name} on this dataset: "
            "it was removed, or another ledger was used; bring it back, or name it with ledger="
        )
    return Looked(
        looks_of_others(found, look),
        "; ".join(faults) or None,
        candidate in lost,
        _lost_since(dataset, look, found),
        lambda: looks_of_others(_joined_now(dataset.path, files), look),
    )


def _joined_now(prepared: Path, files: Sequence[Path]) -> Ledger:
    return joined([*read_ledgers(files)[0], *_others_near(prepared.resolve(), files)])


def _ledger_of_training(candidate: Candidate) -> list[Path]:
    """Return the shared ledger of the folder that a model was trained in, if it is there.

    Whoever judges the model from another folder, on a copy of the dataset, is seen there.
    """
    if candidate.place is None:
        return []
    name = Path(LEDGER).name
    above = [folder / name for folder in candidate.place.resolve().parents[:_FOLDERS_ABOVE]]
    return [path for path in above if path.is_file()][:1]


def _others_near(prepared: Path, files: Collection[Path]) -> Iterator[Ledger]:
    """Yield the ledgers beside other datasets of the folder, and that of the working folder.

    Whoever prepares the same adverts under another name and names another ledger has them there.
    What cannot be read of them is not missed: it may be of other adverts.
    """
    beside = sorted(prepared.parent.glob(ledger_beside(Path("*")).name))
    for path in (*beside, Path(LEDGER).resolve()):
        if path not in files:
            with suppress(InputError):
                yield replace(read_ledger(path), damaged=())


def _lost_since(dataset: PreparedDataset, look: Look, found: Ledger) -> Lost:
    judged = [
        one for one in found.looks if one.members or one.gate not in (TRAINED, RULES, EXPORTED)
    ]
    split: Split | Literal["all"] = look.split  # type: ignore[assignment]

    def reviewed() -> Iterator[str]:
        table = dataset.split(split)
        ids = dataset.relabelled(dataset.schema.headline)
        for row in np.flatnonzero([name in ids for name in table.ids]).tolist():
            yield content_key(table.texts[row], table.images(row))

    adverts = _adverts_of(dataset, split)
    lost = lost_adverts(
        replace(found, looks=tuple(judged)),
        look,
        np.sort(adverts.members),
        everywhere=lambda: _adverts_of(dataset, "all").members,
        reviewed=reviewed,
    )
    return replace(
        lost,
        moved=moved_language(found, functools.partial(_by_language, dataset, split)),
        rewritten=rewritten(found, adverts.written, adverts.labelled),
    )


def _faults_of_training(model: Candidate, found: Ledger) -> Iterator[str]:
    """Yield why the ledgers do not tell that a model is what its training wrote."""
    if _is_another(model, found):
        yield (
            f"the ledger says that the training of {model.facts.name}, or an export of it, wrote "
            "other files than these: use what it wrote, or train and export again"
        )
    if _is_unfinished(model, found):
        yield (
            f"the ledger says that the training of {model.facts.name} began, not which files it "
            "wrote, as if it never ended: train it again"
        )
    if _learnt_elsewhere(model, found):
        yield (
            f"the ledger says that {model.facts.name} was trained on another dataset than its "
            "files say, so nobody knows what it learnt from: train it again"
        )


def _learnt_elsewhere(model: Candidate, found: Ledger) -> bool:
    """Whether the ledgers record the training of a model, but on another dataset only."""
    trained = {
        one.data_hash
        for one in found.looks
        if one.gate == TRAINED and one.training == model.facts.training
    }
    return bool(model.facts.training and trained) and (
        model.facts.trained_on.data_hash not in trained
    )


def is_another(model: Candidate, dataset: PreparedDataset, ledger: Path | None) -> bool:
    """Whether the ledgers know which files the training of a checkpoint wrote, but not these.

    Raises:
        InputError: A ledger cannot be read.
    """
    return _is_another(model, joined(read_ledgers(ledger_files(dataset.path, ledger))[0]))


def _is_another(model: Candidate, found: Ledger) -> bool:
    """Whether the ledgers know which files a training wrote, but not those of this model.

    A bundle is known by its export, which enters none of other files than the training wrote.
    """
    known = [one for one in found.looks if one.model and one.training == model.facts.training]
    trained = {one.model for one in known if one.gate == TRAINED}
    exported = {one.model for one in known if one.gate == EXPORTED}
    made = exported if model.facts.kind == "bundle" else trained
    return bool(model.facts.training and trained) and model.facts.identity not in made


def _is_unfinished(model: Candidate, found: Ledger) -> bool:
    """Whether the ledgers know that a training began, and none of the files that it wrote."""
    known = [
        bool(one.model)
        for one in found.looks
        if one.gate == TRAINED and one.training == model.facts.training
    ]
    return bool(model.facts.training and known) and not any(known)


def _is_lost(model: Candidate, dataset: PreparedDataset, found: Ledger) -> bool:
    """Whether a model was trained here with a ledger, but ``found`` lacks its training.

    A look of an export or an evaluation is no record of it: they come after what may be gone.
    """
    is_of_here = model.facts.trained_on.data_hash == dataset.data_hash
    if not model.facts.training or not is_of_here or VALIDATION not in dataset.manifest.counts:
        return False
    return not any(
        one.gate == TRAINED and one.training == model.facts.training for one in found.looks
    )


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"
