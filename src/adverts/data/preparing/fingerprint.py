"""Hashes all inputs of a prepared dataset, so that equal inputs need no second run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from adverts.clusters.links import CLUSTERS_VERSION
from adverts.clusters.picture_hash import PICTURE_HASH_VERSION
from adverts.config.data import DataConfig
from adverts.data.dataset.dataset_manifest import FORMAT_VERSION, Making
from adverts.data.dataset.linked_families import FAMILIES_VERSION
from adverts.data.mapping.columns import effective_columns
from adverts.data.preparing.given_campaigns import GivenCampaigns
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.locations import openable, stamp_of
from adverts.data.sources.parts import Stamp
from adverts.data.sources.pictures import pictures_of
from adverts.data.sources.raw_rows import Source
from adverts.errors import InputError
from adverts.files.file_hash import file_sha256, producing_commit
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.contacts.token_key import token_key_id
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.letters.language import rule_version
from adverts.ocr.protocol import Reader

_PATHS = {"root", "review", "campaigns"}  # paths of this machine; their content is hashed
_FOUND = {"encoding", "delimiter", "sheet"}
_BYTES_OF_SYNTHETIC_ADVERT = 600  # a line of JSON
_BYTES_OF_SYNTHETIC_PICTURE = 30_000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes and total size of everything that is read.

    Attributes:
        files: Maps names to the sha256 of a file or of a set of files, or to a pinned revision.
        num_bytes: Total size in bytes.
    """

    files: Mapping[str, str]
    num_bytes: int


def rule_versions() -> dict[str, str]:
    """Return the version of each rule that shapes a prepared dataset."""
    return {
        "format": str(FORMAT_VERSION),
        "masking": str(MASKING_VERSION),
        "folding": str(FOLDING_VERSION),
        "clusters": str(CLUSTERS_VERSION),
        "families": str(FAMILIES_VERSION),
        "pictures": str(PICTURE_HASH_VERSION),
        "languages": rule_version(),
    }


def fingerprint_source(config: DataConfig, source: Source) -> Fingerprint:
    """Hash a source and the pictures that its rows name; rows that cannot be read are skipped."""
    column = effective_columns(config).image
    if column is None or not source.pictures_are_files:
        return Fingerprint(source.fingerprint, source.num_bytes)
    digest, num_bytes = hashlib.sha256(), source.num_bytes
    for row in source.read([column]):
        if isinstance(row, BadRow):
            continue
        try:
            pictures = pictures_of(
                row.values.get(column), column=column, folder=row.folder, folders=source.folders
            )
        except RowFault:
            continue
        for picture in pictures:
            stamp = None if picture.path is None else stamp_of(picture.path)
            if picture.path is not None and stamp is not None:
                digest.update(file_sha256(openable(picture.path)).encode())
                num_bytes += stamp.size
    return Fingerprint({**source.fingerprint, "pictures": digest.hexdigest()}, num_bytes)


def fingerprint_generator(*, adverts: int, pictures: int) -> Fingerprint:
    """Hash the code and the templates of the synthetic corpus, and the version of Pillow.

    Args:
        adverts: Number of adverts to write; the size is estimated from this and ``pictures``.
        pictures: Number of pictures to draw.
    """
    lines = sorted(_hashes(files("adverts.data.synthetic")))
    lines.append(f"Pillow {version('Pillow')}")
    return Fingerprint(
        {"generator": hashlib.sha256("\n".join(lines).encode()).hexdigest()},
        adverts * _BYTES_OF_SYNTHETIC_ADVERT + pictures * _BYTES_OF_SYNTHETIC_PICTURE,
    )


def making_of(
    data: DataConfig,
    made_from: Fingerprint,
    reader: Reader | None,
    *,
    token_key: bytes | None,
    campaigns: GivenCampaigns | None = None,
) -> Making:
    """Return what the manifest says about the making, before a row is read.

    Args:
        data: The configuration.
        made_from: Fingerprint of its source.
        reader: Reader of pictures, or None.
        token_key: Key of the tokens of accounts and contacts; only its hash and its id are used.
        campaigns: Campaigns of adverts; None if the source gives them, or nothing does.

    Raises:
        InputError: The review sheet that the config names does not exist.
    """
    if data.review is not None:
        made_from = _with_review(made_from, data.review)
    taken = campaigns.taken if campaigns else None
    if taken is not None:
        made_from = replace(made_from, files={**made_from.files, "campaigns": taken.sha256})
    spec = reader.spec if reader else None
    key = spec.key if spec else None
    return Making(
        inputs_hash=inputs_hash(data, made_from, ocr_key=key, token_key=token_key),
        commit=producing_commit(),
        source=made_from.files,
        rules=rule_versions(),
        ocr=spec.facts if spec else None,
        config=_values(data),
        token_key_id=token_key_id(token_key) if token_key else None,
        campaigns=taken,
    )


def _with_review(made_from: Fingerprint, sheet: Path) -> Fingerprint:
    if not sheet.is_file():
        raise InputError(
            f"data.review: there is no file {sheet}; give the filled-in sheet of an audit or of a "
            "sample, or a file of reviews"
        )
    return replace(made_from, files={**made_from.files, "review": file_sha256(sheet)})


def inputs_hash(
    config: DataConfig, source: Fingerprint, *, ocr_key: str | None, token_key: bytes | None
) -> str:
    """Return the sha256 over configuration, source, rules and reader; paths do not count."""
    value = {
        "config": _values(config),
        "files": dict(source.files),
        "rules": rule_versions(),
        "ocr": ocr_key,
        "token_key": hashlib.sha256(b"token key" + token_key).hexdigest() if token_key else None,
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def listing_key(
    config: DataConfig, stamps: Mapping[str, Stamp], reader: Reader, *, token_key: bytes | None
) -> str:
    """Return a key of what the pictures of a source are listed for; no file is read.

    Args:
        config: The configuration.
        stamps: Stamps of the files of the source; pictures that rows name have none.
        reader: Reader of the pictures.
        token_key: As in :func:`making_of`.
    """
    known = Fingerprint({name: repr(stamp) for name, stamp in stamps.items()}, 0)
    return inputs_hash(config, known, ocr_key=reader.spec.key, token_key=token_key)


def _values(config: DataConfig) -> dict[str, object]:
    """Return a configuration as JSON values, without settings that are left to be detected."""
    values = config.model_dump(mode="json", exclude=_PATHS)
    source = values["source"]
    values["source"] = {
        name: one for name, one in source.items() if one is not None or name not in _FOUND
    }
    return values


def _hashes(folder: Traversable) -> list[str]:
    lines = []
    for entry in folder.iterdir():
        if entry.is_dir():
            lines += [f"{entry.name}/{line}" for line in _hashes(entry)]
        elif entry.name.endswith((".py", ".yaml")):
            lines.append(f"{entry.name} {hashlib.sha256(entry.read_bytes()).hexdigest()}")
    return lines
