"""VERB: raw labelled files -> prepared dataset (mapped, checked, masked, OCR'd, split, hashed).

With ``part=3/50`` it only reads a part of the pictures, in a job of an array.
With ``erase=`` it takes adverts out of one that stands instead::

    adverts prepare erase=ids.txt prepared=prepared/mine
"""

from __future__ import annotations

import datetime
import getpass
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adverts.command import SweepJob, Values, command
from adverts.config import PrepareConfig
from adverts.config.overrides import free_folder, next_step, shell_word
from adverts.errors import AdvertsError, InputError, say
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_of
from adverts.work.progress import bar

if TYPE_CHECKING:
    from adverts.data.dataset.dataset_manifest import DatasetManifest
    from adverts.data.dataset.prepared import PreparedDataset
    from adverts.data.erasing.erasure import Erased
    from adverts.data.preparing.given_campaigns import GivenCampaigns
    from adverts.data.preparing.preparation import Surroundings

_MADE_TOLD = 5


def prepare(config: PrepareConfig) -> PreparedDataset:
    """Write and return the prepared dataset of ``config``; an unchanged one is reused.

    Raises:
        InputError: The source, its rows or the mapping are wrong; nothing is written.
        MissingExtraError: The OCR reader is not installed.
    """
    from adverts.data.preparing.preparation import prepare_dataset

    return prepare_dataset(config, _surroundings(config))


def read_part(config: PrepareConfig) -> int:
    """Read part K of N of the pictures of a dataset into the OCR cache; no dataset is written.

    The first job also checks the pictures and lists them for the others.

    Returns:
        How many pictures of the part are in the cache now.

    Raises:
        InputError: No picture is read, the source is at fault, or another job is listing pictures.
        MissingExtraError: The OCR reader is not installed.
    """
    from adverts.data.preparing.part_of_reading import read_part_of

    return read_part_of(config, _surroundings(config))


def erase(config: PrepareConfig, ids: Path, tell: Callable[[str], None] = say) -> Erased:
    """Remove the adverts whose ids are in a file from the prepared dataset.

    Args:
        config: Configuration with the dataset, the OCR cache, and the folder of runs to search.
        ids: File of ids, one per line.
        tell: Prints a line of the report for the user.

    Raises:
        InputError: The file or the dataset cannot be used; nothing is changed.
        IntegrityError: A file of the dataset differs from what was written; nothing is changed.
    """
    from adverts.candidates.record_looks import record_erasure
    from adverts.data.erasing.erasure import erase_adverts, read_ids
    from adverts.data.erasing.erasure_report import erasure_lines
    from adverts.ocr.cache import OcrCache
    from adverts.training.runs.trained_on import find_traces, trace_lines

    wanted = read_ids(ids)
    erased = erase_adverts(
        config.prepared,
        wanted,
        cache=OcrCache(config.ocr.cache),
        today=datetime.datetime.now(datetime.UTC).date(),
        record=record_erasure,
    )
    for line in erasure_lines(erased):
        tell(line)
    hashes = {*erased.held_by, *erased.perhaps_held_by}
    traces = find_traces(config.runs, hashes, set(erased.ids) or set(wanted))
    for line in trace_lines(config.runs, traces, certain=erased.held_by):
        tell(line)
    for line in _bank_lines(config.bank, wanted, ids):
        tell(line)
    return erased


def _bank_lines(bank: Path, wanted: Sequence[str], ids: Path) -> Iterator[str]:
    """Yield what the bank of campaigns holds of the adverts; nothing where there is no bank."""
    from adverts.data.erasing.erasure_report import bank_line
    from adverts.formats.campaigns import POINTER

    if not (bank / POINTER).exists():
        return
    take_out = f"adverts link {shell_word('bank', str(bank))} {shell_word('erase', str(ids))}"
    try:
        yield bank_line(bank, wanted, take_out)
    except AdvertsError as error:
        yield f"caution: {bank} was not searched: {error}. Take them out of it: {take_out}"


def _surroundings(config: PrepareConfig) -> Surroundings:
    from adverts.data.preparing.preparation import Surroundings

    given, key = config.data.campaigns, token_key_of(os.environ)
    return Surroundings(
        tell=say,
        progress=bar,
        token_key=key,
        key_name=TOKEN_KEY,
        campaigns=None if given is None else lambda: _campaigns(given, key),
    )


def _campaigns(given: Path, key: bytes | None) -> GivenCampaigns:
    """Return the campaigns of a bank, or those of a CSV file."""
    from adverts.data.preparing.given_campaigns import read_campaign_csv, read_campaigns_of_bank

    if not given.is_dir():
        return read_campaign_csv(given)
    now = datetime.datetime.now(datetime.UTC)
    hash_texts = None if key is None else partial(_hashes, key)
    who = getpass.getuser()
    return read_campaigns_of_bank(given, key=key, hash_texts=hash_texts, who=who, now=now)


def _hashes(key: bytes, texts: Sequence[str]) -> list[bytes | None]:
    """Return the hash of captions with masked contacts, as a bank holds it."""
    from adverts.inputs.letters.folding import fold
    from adverts.scoring.evidence.evidence_rows import documents_of

    found = documents_of([fold(one) for one in texts], key=key)
    return [None if one is None else one.hash for one in found]


def _standing(folder: Path) -> DatasetManifest | None:
    """Return the manifest of the dataset in a folder; None if there is no valid one."""
    from adverts.data.dataset.dataset_manifest import read_manifest
    from adverts.errors import IntegrityError

    try:
        return read_manifest(folder)
    except (InputError, IntegrityError):
        return None


def _review_left_out(config: PrepareConfig, before: DatasetManifest) -> str | None:
    """Return a caution if review labels of the former dataset are lost; otherwise None."""
    given = before.made.relabelled_rows
    if config.data.review is not None or not given:
        return None
    return (
        f"caution: {given:,} adverts have lost the labels that a review gave them; set "
        "data.review= to that sheet each time"
    )


def _replaced(config: PrepareConfig, before: str) -> str:
    """Return a caution that other data replaced a dataset, with what was made from the former."""
    from adverts.training.runs.trained_on import find_traces

    told = f"caution: {config.prepared} held other data earlier ({before[:12]})"
    found = find_traces(config.runs, {before}, ()).found
    made = [
        str(one.folder)
        for one in found
        if one.kind in ("run", "checkpoint", "bundle") and "artifacts" not in one.folder.parts
    ]  # folders in a tracking store are copies
    if not made:
        return told
    more = f" and {len(made) - _MADE_TOLD} more" if len(made) > _MADE_TOLD else ""
    return (
        f"{told}, from which {', '.join(made[:_MADE_TOLD])}{more} were made. Train again, or "
        "prepare into another folder with prepared= to keep both"
    )


def settle(values: Values, job: SweepJob) -> Values:
    """Refuse to make up adverts where nobody asked for any.

    Raises:
        InputError: No dataset was chosen.
    """
    data = cast("Values", values["data"])
    is_chosen = any(one.lstrip("+~").startswith("data") for one in job.overrides)
    if data["name"] == "synthetic" and values["erase"] is None and not is_chosen:
        raise InputError(
            "data: not chosen; adverts init FILE writes conf/data/NAME.yaml for adverts of your "
            "own, and data=NAME with -cd conf chooses it; data=synthetic makes adverts up"
        )
    return values


def _model_for(config: PrepareConfig) -> str:
    """Return the model that reads what the adverts of a dataset have."""
    if not config.data.has_pictures:
        return "text"
    return "ocr_image" if config.data.columns.text is None else "fusion"


@command("prepare", PrepareConfig, settle=settle)
def main(config: PrepareConfig) -> None:
    """Run ``adverts prepare``."""
    from adverts.data.dataset.dataset_counts import summary_lines

    if config.erase is not None:
        erase(config, config.erase)
        return
    if config.part is not None:
        read_part(config)
        return
    before = _standing(config.prepared)
    dataset = prepare(config)
    say("\n".join(summary_lines(dataset.manifest)))
    if before is not None and before.data_hash != dataset.data_hash:
        say(_replaced(config, before.data_hash))
        if told := _review_left_out(config, before):
            say(told)
    say(
        f"{dataset.path}: {dataset.manifest.num_bytes / 1e6:,.2f} MB, data {dataset.data_hash[:12]}"
    )
    run = free_folder(config.runs / config.prepared.name)
    if "train" in dataset.manifest.counts:
        say(next_step("train", prepared=config.prepared, model=_model_for(config), run_dir=run))
    else:  # adverts that are judged alone
        say(next_step("evaluate", candidate="MODEL", prepared=config.prepared, run_dir=run))


if __name__ == "__main__":
    main()
