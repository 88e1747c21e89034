"""Find the adverts of a dataset that a model of another dataset learnt from, by their content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import yaml

from adverts.arrays import Bools
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.dataset_manifest import FILE_NAME
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.data.dataset.seen_adverts import Seen, nothing_known
from adverts.errors import AdvertsError
from adverts.evaluation.predictions.advert_set import content_key
from adverts.evaluation.predictions.model_facts import DatasetName
from adverts.files.bounded_reading import read_json

_FOUND: WeakKeyDictionary[AdvertTable, dict[str, Seen]] = WeakKeyDictionary()
_CONFIG = "config.yaml"  # repeated: the module that writes it imports torch
_PARENTS = 3


def seen_elsewhere(
    trained_on: DatasetName,
    dataset: PreparedDataset,
    table: AdvertTable,
    *,
    place: Path | None,
    who: str,
) -> Seen:
    """Return which adverts are identical to ones that a model of another dataset learnt from.

    The other dataset is looked for where the run of the model names it, and beside this one. It is
    known by its data hash. An advert counts as seen if the other dataset has its content in
    ``train`` or ``validation``, or if it is in one family with such an advert here. Links of other
    kinds between the two datasets are not looked for, so the result always has a ``lack``.

    Args:
        trained_on: The dataset of the model.
        dataset: The dataset of the adverts.
        table: The adverts.
        place: Folder that the model was opened from; None: unknown.
        who: What learnt from it, for the ``lack``.
    """
    known = _FOUND.setdefault(table, {})
    key = f"{trained_on.data_hash} {trained_on.name} {dataset.data_hash} {who}"
    if key not in known:
        known[key] = _seen(trained_on, dataset, table, place, who)
    return known[key]


def _seen(
    trained_on: DatasetName,
    dataset: PreparedDataset,
    table: AdvertTable,
    place: Path | None,
    who: str,
) -> Seen:
    named = f"another dataset, {trained_on.name or 'whose name is not known'}"
    if trained_on.name == dataset.manifest.name:
        named = f"another state of the dataset {trained_on.name}, which changed since"
    trained = f"{who} was trained on {named}"
    places = (*_named_by_run(place), *_beside(dataset.path))
    other = _opened(places, trained_on.data_hash)
    if other is None:
        return nothing_known(
            table.splits, f"{trained}, whose links to these adverts are not known here"
        )
    families = dataset.seen.families(table.ids)
    learnt = other.split("all")
    in_training, in_validation = (
        np.isin(families, families[_same_content(table, learnt, split)])
        for split in ("train", "validation")
    )
    lack = f"{trained}, in which only identical adverts were looked for, not other links to these"
    return Seen(in_training, in_validation, table.splits, lack, elsewhere=True)


def _same_content(table: AdvertTable, learnt: AdvertTable, split: str) -> Bools:
    """Return which adverts of a table have the content of an advert of a split, ``(N,)``."""
    rows = [row for row, name in enumerate(learnt.splits) if name == split]
    theirs, ours = {learnt.texts[row] for row in rows}, set(table.texts)
    # pictures are read only where the texts, one of which may be empty, can be the same
    shared = {_text_key(text) for text in ours} & {_text_key(text) for text in theirs}
    keys = {
        content_key(learnt.texts[row], learnt.images(row))
        for row in rows
        if _text_key(learnt.texts[row]) in shared
    }
    return np.array(
        [
            _text_key(text) in shared and content_key(text, table.images(row)) in keys
            for row, text in enumerate(table.texts)
        ],
        dtype=bool,
    )


def _text_key(text: str) -> str:
    return content_key(text, ())


def _named_by_run(place: Path | None) -> Iterator[Path]:
    """Yield the folder of the dataset that the config of the run around a folder names."""
    if place is None:
        return
    whole = place.absolute()
    for folder in (whole, *whole.parents[:_PARENTS]):
        try:
            values = yaml.safe_load((folder / _CONFIG).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue
        if isinstance(values, dict) and isinstance(values.get("prepared"), str):
            yield Path(values["prepared"])


def _beside(folder: Path) -> Iterator[Path]:
    """Yield the folders of prepared datasets next to one, in the order of their names."""
    try:
        yield from sorted(path.parent for path in folder.absolute().parent.glob(f"*/{FILE_NAME}"))
    except OSError:
        return


def _opened(places: Iterable[Path], data_hash: str) -> PreparedDataset | None:
    """Return the first dataset with this hash whose files are unchanged; None if there is none."""
    for place in places:
        try:
            record = read_json(place / FILE_NAME, finite=False)
            if data_hash and isinstance(record, dict) and record.get("data_hash") == data_hash:
                return open_prepared(place)
        except (OSError, ValueError, AdvertsError):
            continue
    return None
