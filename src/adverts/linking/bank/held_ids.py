"""Whether a bank holds some adverts: for whoever erases them elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import plural
from adverts.linking.bank.read_bank import open_bank

_TABLES = ("adverts", "candidates", "restricted")


def bank_lines(folder: Path, ids: Collection[str], asked: Path) -> Iterator[str]:
    """Yield what a bank holds of some adverts, and how they leave it.

    Args:
        folder: Folder of the bank.
        ids: Their ids.
        asked: File of the ids, for the command that takes them out.

    Raises:
        InputError: There is no bank, or it cannot be read.
        IntegrityError: It is damaged.
    """
    wanted = pa.array(sorted(ids), pa.string())
    with open_bank(folder) as bank:
        found = {
            name: int(pc.sum(pc.is_in(bank.table(name, ("id",))["id"], wanted)).as_py() or 0)
            for name in _TABLES
        }
    if not any(found.values()):
        yield f"the bank {folder} holds none of them"
        return
    told = ", ".join(f"{number:,} in {name}" for name, number in found.items() if number)
    yield (
        f"the bank {folder} holds {plural(sum(found.values()), 'advert')} of them ({told}); take "
        f"them out: adverts link bank={folder} erase={asked}"
    )
