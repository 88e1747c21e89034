"""What reviewers see of a sample, kept beside it so that later rounds need no source."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import read_bounded
from adverts_findings.survey.sheets.items import Item

ITEMS = "items.parquet"

_MOST_BYTES = 1 << 33


def items_bytes(items: Iterable[Item]) -> bytes:
    """Return the content of the file of some items."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            *[(name, pa.string()) for name in ("name", "text", "picture_text", "language")],
            ("pictures", pa.list_(pa.binary())),
        ]
    )
    rows = [asdict(one) for one in items]
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema), content, compression="zstd")
    return content.getvalue()


def read_items(path: Path, sha256: str) -> dict[str, Item]:
    """Return the items of a sample by name.

    Args:
        path: Their file.
        sha256: The hash of its content that was sealed.

    Raises:
        InputError: There is no such file.
        IntegrityError: It is not what was sealed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = read_bounded(path, most=_MOST_BYTES)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise IntegrityError(
                f"{path} was changed after the draw; bring back the file as it was"
            )
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
        items = [Item(**{**row, "pictures": tuple(row["pictures"])}) for row in rows]
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); it holds what reviewers see: bring it back"
        ) from None
    except (pa.ArrowException, TypeError, KeyError):
        raise IntegrityError(f"{path} is damaged; bring back the file as it was") from None
    return {one.name: one for one in items}
