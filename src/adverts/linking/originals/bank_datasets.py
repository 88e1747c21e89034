"""Which prepared datasets a bank was built from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError


def inputs_of_bank(builds: pa.Table) -> Mapping[str, set[str]]:
    """Return the names of the inputs of all builds by the hash of their content.

    Args:
        builds: The table of builds of the bank.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for one in builds["inputs"].to_pylist():
        for name, told in json.loads(one).items():
            if isinstance(told, dict) and isinstance(told.get("hash"), str):
                found[told["hash"]].add(name)
    return found


def names_in_bank(
    dataset: PreparedDataset, folder: Path, inputs: Mapping[str, set[str]]
) -> set[str]:
    """Return the names under which a dataset is an input of the bank.

    An id is an advert's own only within its dataset, so another dataset is refused.

    Args:
        dataset: The dataset.
        folder: Its folder as the person gave it.
        inputs: The inputs of the bank, see :func:`inputs_of_bank`.

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
