"""Ids for a source that has none: made from what an advert says and shows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adverts.config.data import ColumnsConfig
from adverts.data.sources.bad_rows import BadRow, reason_of
from adverts.data.sources.raw_rows import RawRow


def with_ids(rows: Iterable[RawRow | BadRow], columns: ColumnsConfig) -> Iterator[RawRow | BadRow]:
    """Yield rows with an id that stays when rows come, go or change places, or a label is mended.

    Adverts that say and show the same are numbered in their order: the last of them is the one
    that is gone when there is one fewer.

    Args:
        rows: Of a source without a column of ids.
        columns: Tells the columns of caption and picture.
    """
    meant = [name for name in (columns.text, columns.image) if name is not None]
    seen: Counter[str] = Counter()
    for raw in rows:
        if isinstance(raw, BadRow):
            yield raw
            continue
        try:
            content = repr([raw.values.get(name) for name in meant])
        except Exception as error:  # a list in a list in a list: what one cell does is its row's
            yield BadRow(raw.file, raw.row, "", reason_of(error))
            continue
        made = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[made] += 1
        yield replace(raw, made_id=made if seen[made] == 1 else f"{made}-{seen[made]}")
