"""Read adverts of scores again from their source, with their contacts as written."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from adverts.data.mapping.read_unmasked import Unmasked
from adverts.scoring.evidence_reader import OpenedEvidence
from adverts.scoring.read_again import Place, read_again


def read_unmasked_scores(opened: OpenedEvidence, ids: Collection[str]) -> Iterator[Unmasked]:
    """Yield some adverts of a folder of scores as its source has them; pictures are read again.

    Args:
        opened: Evidence of the folder.
        ids: Ids of the adverts.

    Raises:
        InputError: A file of the source changed after it was scored, or is gone.
        IntegrityError: A file of the folder is not that of its receipt.
    """
    wanted = pa.array(sorted(ids), pa.string())
    names: dict[Place, str] = {}
    for table in opened.scored_tables(("unit", "file", "row")):
        for row in table.filter(pc.is_in(table["id"], value_set=wanted)).to_pylist():
            names[row["unit"], row["file"], row["row"]] = row["id"]
    found = read_again(opened.collection, names, ocr_cache=None, masked=False)
    for place, content in found.items():
        texts = (content.text, content.picture_text)
        yield Unmasked(names[place], texts, content.account)
