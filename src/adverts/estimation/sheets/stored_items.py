"""What reviewers see of a sample, kept beside it so that later rounds need no source."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from adverts.errors import InputError, IntegrityError
from adverts.estimation.sheets.items import Item
from adverts.files.staging import open_private

ITEMS = "items.parquet"


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write items to a new file that only its owner can read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            *[(name, pa.string()) for name in ("name", "text", "picture_text", "language")],
            ("pictures", pa.list_(pa.binary())),
        ]
    )
    rows = [asdict(one) for one in items]
    with open_private(path) as file:
        pq.write_table(pa.Table.from_pylist(rows, schema), file, compression="zstd")


def read_items(path: Path) -> dict[str, Item]:
    """Return the items of a sample by name.

    Raises:
        InputError: There is no such file.
        IntegrityError: It is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(io.BytesIO(path.read_bytes())).to_pylist()
        items = [Item(**{**row, "pictures": tuple(row["pictures"])}) for row in rows]
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); it holds what reviewers see: bring it back"
        ) from None
    except (pa.ArrowException, TypeError, KeyError):
        raise IntegrityError(f"{path} is damaged; bring back the file as it was") from None
    return {one.name: one for one in items}
