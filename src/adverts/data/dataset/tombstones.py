"""Records which adverts were erased and when, and passes it on to the next dataset in a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from adverts.data.dataset.dataset_manifest import FILE_NAME as MANIFEST
from adverts.data.dataset.dataset_manifest import Erasure, read_manifest
from adverts.errors import IntegrityError
from adverts.files.bounded_reading import parse_json, read_bounded
from adverts.files.staging import open_private

FILE_NAME = "erased.json"
_FORMAT = "adverts-erased 1"
_MOST_BYTES, _MOST_IDS = 1 << 31, 30_000_000


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Erased adverts, each known only by the sha256 of its id.

    The hash has no key. With a key, a run without it would silently bring every erased advert back,
    which must never happen; and anyone who has the folder would have the key too. Anyone who knows
    an id can thus see that it was erased, and short or consecutive ids can be guessed. The file is
    therefore as restricted as the dataset that it belongs to.

    Attributes:
        hashes: Hex sha256 of each id.
    """

    hashes: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Number of adverts."""
        return len(self.hashes)

    def __contains__(self, advert_id: object) -> bool:
        """Return whether the advert of this id was erased."""
        return bool(self.hashes) and isinstance(advert_id, str) and _hash(advert_id) in self.hashes

    def and_of(self, ids: Iterable[str]) -> Tombstones:
        """Return these tombstones and those of more adverts."""
        return Tombstones(self.hashes | {_hash(advert_id) for advert_id in ids})

    def write(self, path: Path) -> None:
        """Write a new file that only its owner can read."""
        with open_private(path) as file:
            file.write(_sealed(sorted(self.hashes)))


@dataclass(frozen=True, slots=True)
class Heritage:
    """What remains known of the earlier datasets in a folder.

    Attributes:
        tombstones: Adverts that must not come back.
        erasures: Date and data of each erasure, the oldest first.
        former: Data hashes of all datasets that were there, the oldest first.
    """

    tombstones: Tombstones = Tombstones()
    erasures: tuple[Erasure, ...] = ()
    former: tuple[str, ...] = ()


def read_heritage(folder: Path) -> Heritage:
    """Return what the dataset in a folder passes on; empty if there is none.

    Raises:
        IntegrityError: Its tombstones are damaged or missing.
    """
    tombstones = read_tombstones(folder)
    if not (folder / MANIFEST).is_file():
        return Heritage(tombstones)
    try:
        manifest = read_manifest(folder)
    except IntegrityError:
        return Heritage(tombstones)  # the tombstones have a checksum of their own
    if FILE_NAME in manifest.side_files and not tombstones:
        raise IntegrityError(_advice(folder / FILE_NAME, "is missing"))
    erasures = manifest.made.erasures
    hashes = (*manifest.made.former, *(e.data_hash for e in erasures), manifest.data_hash)
    return Heritage(tombstones, erasures, tuple(dict.fromkeys(hashes)))


def read_tombstones(folder: Path) -> Tombstones:
    """Return the tombstones in a folder; empty if it has no such file.

    Raises:
        IntegrityError: The file is damaged or was changed.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Tombstones()
    try:
        found = read_bounded(path, most=_MOST_BYTES)
        hashes = [str(value) for value in parse_json(found, max_values=_MOST_IDS)["ids_sha256"]]
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(_advice(path, "is damaged")) from error
    if found != _sealed(hashes):
        raise IntegrityError(_advice(path, "was changed"))
    return Tombstones(frozenset(hashes))


def _sealed(hashes: list[str]) -> bytes:
    digest = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    value = {"format": _FORMAT, "ids_sha256": hashes, "sha256": digest}
    return (json.dumps(value, indent=1) + "\n").encode()


def _hash(advert_id: str) -> str:
    return hashlib.sha256(advert_id.encode("utf-8", "surrogatepass")).hexdigest()


def _advice(path: Path, fault: str) -> str:
    return (
        f"{path} {fault}: it keeps erased adverts from coming back. Restore it from a backup, or "
        f"remove {path.parent}, prepare it again and erase the same adverts again"
    )
