"""Export the current build of a bank for other tools, after that was logged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from adverts.errors import InputError
from adverts.files.staging import partial_of
from adverts_findings.campaigns.bank.access_log import read_log
from adverts_findings.campaigns.bank.asked_value import require_key_of_bank
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.build import memory_of
from adverts_findings.campaigns.desk import EXPORTS, Desk
from adverts_findings.campaigns.exports.graph import READ, graph_of
from adverts_findings.campaigns.exports.write_exports import (
    RECORD,
    facts_of,
    require_place,
    write_exports,
)


def exports_elsewhere(desk: Desk) -> tuple[str, ...]:
    """Return a line on each export that was written outside the bank and is still there.

    An export that was killed leaves its folder under the name ``.partial``, which is named too.

    Raises:
        InputError: The log of the bank cannot be read.
        IntegrityError: It is damaged.
    """
    asked = [one.asked.value for one in read_log(desk.folder) if one.act == "export"]
    places = dict.fromkeys(Path(one.partition(": ")[2]) for one in asked if ": " in one)
    own = (desk.folder / EXPORTS).absolute()
    return tuple(
        f"caution: {left} is an export of this bank, which may hold what leaves now: delete it"
        for place in places
        if place.parent != own
        for left in _left_at(place)
    )


def _left_at(place: Path) -> Iterator[Path]:
    if (place / RECORD).is_file():
        yield place
    partial = partial_of(place.resolve())
    if partial.is_dir():
        yield partial


def export_bank(
    desk: Desk,
    formats: Sequence[str],
    *,
    key: bytes,
    out: Path | None = None,
    addresses: bool = False,
) -> Path:
    """Write the current build for other tools into a new folder, and return the folder.

    Args:
        desk: Who exports, why, and which bank.
        formats: Formats, see :data:`adverts_findings.campaigns.exports.write_exports.FORMATS`.
        key: Secret key of the tokens.
        out: The folder; None: one in ``exports`` of the bank.
        addresses: Whether addresses of postings and ids of the source are in it.

    Raises:
        InputError: There is no bank, the key is another one, the folder is there already, or the
            bank was built or erased from meanwhile.
        IntegrityError: The bank is damaged.
    """
    known = desk.state()
    with open_bank(desk.folder) as bank:
        builds = bank.table("builds")
        require_key_of_bank(key, memory_of({"builds": builds}).token_key_id)
        place = out or desk.free_place(EXPORTS, f"build-{bank.build:04d}")
        require_place(place, desk.folder, own=desk.folder / EXPORTS)
        told = [*formats, "with addresses"] if addresses else formats
        desk.log("export", f"{', '.join(told)}: {place.absolute()}")
        tables = {name: bank.table(name, columns) for name, columns in READ.items()}
    graph = graph_of(tables, key=key, today=desk.now.date(), addresses=addresses)
    write_exports(place, graph, facts_of(builds, formats, addresses=addresses))
    if desk.state() != known:
        shutil.rmtree(place)
        raise InputError(
            f"{desk.folder} was built or erased from meanwhile, so the export was removed; run the "
            "same command again"
        )
    return place
