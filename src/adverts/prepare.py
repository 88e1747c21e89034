"""VERB: raw labelled files -> prepared dataset (mapped, checked, masked, OCR'd, split, hashed)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from adverts.command import command
from adverts.config import PrepareConfig

if TYPE_CHECKING:
    from adverts.data.prepared import PreparedDataset

T = TypeVar("T")
TOKEN_KEY = "ADVERTS_TOKEN_KEY"


def prepare(config: PrepareConfig) -> PreparedDataset:
    """Write the prepared dataset of ``config``; return the one that stands if nothing changed.

    Raises:
        InputError: The source, its rows or the mapping are at fault; nothing is written.
        MissingExtraError: The reader of images is not installed.
    """
    from adverts.data.preparation import Surroundings, prepare_dataset

    key = os.environ.get(TOKEN_KEY)
    surroundings = Surroundings(
        tell=print, progress=_bar, token_key=key.encode() if key else None, key_name=TOKEN_KEY
    )
    return prepare_dataset(config, surroundings)


def _bar(items: Iterable[T], title: str, unit: str, total: int | None) -> Iterable[T]:
    from tqdm import tqdm

    return tqdm(items, desc=title, unit=f" {unit}", total=total, disable=None, leave=False)


@command("prepare", PrepareConfig)
def main(config: PrepareConfig) -> None:
    """Run ``adverts prepare``."""
    from adverts.data.summary import summary_lines

    dataset = prepare(config)
    print("\n".join(summary_lines(dataset.manifest)))
    print(
        f"{dataset.path}: {dataset.manifest.num_bytes / 1e6:,.2f} MB, data {dataset.data_hash[:12]}"
    )


if __name__ == "__main__":
    main()
