"""Open the prepared datasets that a bank was built from, and refuse all others."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.dataset_manifest import Terms
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class BankDataset:
    """A prepared dataset that a bank was built from.

    Attributes:
        folder: Its folder.
        names: Names of the inputs of the bank that are this dataset. An id is an advert's own only
            within these.
        terms: Conditions under which its adverts may be used.
        adverts: All its adverts.
    """

    folder: Path
    names: frozenset[str]
    terms: Terms
    adverts: AdvertTable


def open_datasets(folders: Sequence[Path], builds: pa.Table) -> tuple[BankDataset, ...]:
    """Open datasets and check that a bank was built from each of them.

    Args:
        folders: Folders of prepared datasets.
        builds: The table ``builds`` of the bank.

    Raises:
        InputError: A folder is no prepared dataset, or not one of the bank's.
        IntegrityError: A file of one has changed.
    """
    inputs = inputs_by_hash(builds)
    return tuple(_opened(folder, inputs) for folder in folders)


def inputs_by_hash(builds: pa.Table) -> Mapping[str, frozenset[str]]:
    """Return the names of the inputs of all builds by the hash of their content."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in builds["inputs"].to_pylist():
        for name, told in json.loads(one).items():
            if isinstance(told, dict) and isinstance(told.get("hash"), str):
                found[told["hash"]].add(name)
    return {digest: frozenset(names) for digest, names in found.items()}


def names_in_bank(
    dataset: PreparedDataset, folder: Path, inputs: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Return the names under which a dataset is an input of the bank.

    An id is an advert's own only within its dataset, so another dataset is refused.

    Args:
        dataset: The dataset.
        folder: Its folder as the person gave it.
        inputs: The inputs of the bank, see :func:`inputs_by_hash`.

    Raises:
        InputError: The bank was not built from it as it is now.
    """
    names = inputs.get(dataset.data_hash)
    if not names:
        raise InputError(
            f"the bank was not built from {folder} as it is now; link it first: "
            f"adverts link prepared={folder} bank=…"
        )
    return names


def _opened(folder: Path, inputs: Mapping[str, frozenset[str]]) -> BankDataset:
    dataset = open_prepared(folder)
    names = names_in_bank(dataset, folder, inputs)
    return BankDataset(folder, names, dataset.manifest.terms, dataset.split("all"))
