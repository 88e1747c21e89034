"""The manifest of a prepared dataset: its contents, origin, and the hashes that verify it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from adverts.advert import MAX_LABELS, MAX_TASKS, LabelSchema
from adverts.errors import InputError, IntegrityError, printable
from adverts.files.bounded_reading import read_bounded
from adverts.json_records import first_fault
from adverts.runtime.opening.files import is_plain

FORMAT = "adverts-prepared"
FORMAT_VERSION = 4  # 4: how well pictures could be read; 3: a hash of every file; 2: reader spec
FILE_NAME = "manifest.json"
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Shard:
    """One Parquet file of a prepared dataset, and the hash of its bytes."""

    name: str
    sha256: str
    rows: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """How many adverts of each kind one split holds.

    Attributes:
        adverts: Number of rows.
        clusters: Number of distinct clusters.
        with_image: Number of rows with at least one image.
        unreviewed: Number of rows that may enter no headline figure.
        languages: Maps languages to numbers of rows; the empty string means an advert without text.
        labels: Maps task and label to the sum of target weights; ``unlabelled`` counts rows
            without a label.
        unread_lines: Maps languages to numbers of picture lines that were found but not read.
        campaigns: Number of distinct campaigns.
    """

    adverts: int = 0
    clusters: int = 0
    with_image: int = 0
    unreviewed: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unread_lines: Mapping[str, int] = field(default_factory=dict)
    campaigns: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """Conditions under which the adverts may be used."""

    provenance: str = "unstated"
    licence: str = "unstated"
    sensitivity: str = "operational_restricted"
    purpose: str = "unstated"
    retain_until: str | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """Adverts that were taken out of a dataset after it was prepared.

    Attributes:
        data_hash: Hash of the dataset that still held them.
        adverts: Number of the adverts.
        date: Date of the erasure, ISO 8601.
    """

    data_hash: str
    adverts: int
    date: str


@dataclass(frozen=True, slots=True)
class CampaignsTaken:
    """Where the campaigns of a dataset were taken from, when it was made.

    Attributes:
        kind: A bank of campaigns, or a CSV file.
        sha256: Hash of which advert was in which campaign there, whatever is in the dataset.
        build: Number of the build of the bank; None for a CSV file.
        adverts: Number of adverts of the dataset, in splits or set aside, that are in a campaign.
        elsewhere: Number of adverts in a campaign that are not in the dataset.
    """

    kind: Literal["bank", "csv"]
    sha256: str
    build: int | None = None
    adverts: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Making:
    """What made a dataset, and what it left out.

    Attributes:
        inputs_hash: sha256 over configuration, source files, rules and reader; empty if the
            dataset was not made from files.
        commit: Commit of the code that made it; None if unknown.
        source: Maps names of source files to their sha256.
        rules: Maps names of rules to their versions: masking, folding, clusters, languages.
        ocr: The reader's whole spec and its key, see ``ReaderSpec.facts``; None if nothing was
            read.
        config: The data configuration, without paths of this machine.
        bad_rows: Rows set aside because something in them is wrong.
        unread_rows: Adverts with a picture that the reader could not read.
        rare_label_rows: Rows left out because too few have their headline label.
        leaking_rows: Adverts left out of a given split, since they leak into a later one.
        bridge_rows: Adverts set aside, since they join clusters of two splits.
        kept_rows: Adverts that are in the same place as in the previous dataset.
        relabelled_rows: Adverts whose label a review gave or changed.
        propagated_rows: Adverts that took a label from a reviewed near-duplicate.
        unmatched_reviews: Reviewed adverts that are not in the dataset.
        undecided_reviews: Labels of a review that were not spread, since reviewers disagree.
        unlinked_contacts: Contacts that several adverts show and that join none of them.
        cluster_links: Maps each kind of link to the number of pairs that joined adverts.
        refused_links: Pairs that did not, since a chain of them would join unlike adverts.
        split_overlap: Maps ``test`` and ``validation`` to the number of adverts whose cluster, or
            one that a link joins to it, is also in an earlier split.
        erased_rows: Rows of the source that are left out, since their adverts were erased.
        erasures: Every erasure in this folder, the oldest first.
        former: Data hashes of earlier datasets in this folder, from before this one was made from
            its source; which adverts each of them held is no longer known.
        token_key_id: Id of the key of the tokens of accounts and contacts; None if there are none,
            or if an earlier release made the dataset.
        campaigns: Where its campaigns were taken from; None if the source gives them, or nothing.
    """

    inputs_hash: str = ""
    commit: str | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    ocr: Mapping[str, object] | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    bad_rows: int = 0
    unread_rows: int = 0
    rare_label_rows: int = 0
    leaking_rows: int = 0
    bridge_rows: int = 0
    kept_rows: int = 0
    relabelled_rows: int = 0
    propagated_rows: int = 0
    unmatched_reviews: int = 0
    undecided_reviews: int = 0
    unlinked_contacts: int = 0
    cluster_links: Mapping[str, int] = field(default_factory=dict)
    refused_links: int = 0
    split_overlap: Mapping[str, int] = field(default_factory=dict)
    erased_rows: int = 0
    erasures: tuple[Erasure, ...] = ()
    former: tuple[str, ...] = ()
    token_key_id: str | None = None
    campaigns: CampaignsTaken | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Hashes of the source files, or the pinned revision, without their names."""
        return tuple(sorted(self.source.values()))

    @property
    def ocr_key(self) -> str | None:
        """Key of the reader's spec; None if nothing was read."""
        return str(self.ocr["key"]) if self.ocr else None


@dataclass(frozen=True, slots=True)
class DatasetManifest:
    """Everything about a prepared dataset except its adverts.

    ``side_files`` maps the name of every other file next to the shards to its sha256.
    """

    name: str
    data_hash: str
    label_schema: LabelSchema
    shards: tuple[Shard, ...]
    counts: Mapping[str, SplitCounts]
    terms: Terms
    made: Making
    side_files: Mapping[str, str] = field(default_factory=dict)
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    @property
    def num_adverts(self) -> int:
        """Number of rows in all splits."""
        return sum(shard.rows for shard in self.shards)

    @property
    def num_bytes(self) -> int:
        """Size of all shards, in bytes."""
        return sum(shard.num_bytes for shard in self.shards)


_ADAPTER = TypeAdapter(DatasetManifest)


def data_hash(shards: Sequence[Shard], schema: LabelSchema) -> str:
    """Return the sha256 that identifies a dataset, over its shards' hashes and label schema."""
    value = {"shards": [shard.sha256 for shard in shards], "label_schema": asdict(schema)}
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write_manifest(folder: Path, manifest: DatasetManifest) -> None:
    """Write ``manifest.json`` into a folder that is not in use yet."""
    path = folder / FILE_NAME
    path.touch(mode=0o600)
    plain = _ADAPTER.validate_json(_ADAPTER.dump_json(manifest))
    path.write_bytes(_sealed(_ADAPTER.dump_python(plain, mode="json")))


def read_manifest(folder: Path) -> DatasetManifest:
    """Read the manifest of a prepared dataset.

    Raises:
        IntegrityError: It is not a manifest of this format and version, or it was edited.
        InputError: The folder has no manifest.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise InputError(
            f"{folder} is not a prepared dataset (no {FILE_NAME}); run adverts prepare"
        )
    found = read_bounded(path, most=_MOST_BYTES)
    try:
        manifest = _ADAPTER.validate_json(found)
    except ValidationError as error:
        raise IntegrityError(
            f"{path} is not a manifest of a prepared dataset ({first_fault(error)}); "
            "run adverts prepare again"
        ) from error
    if (manifest.format, manifest.format_version) != (FORMAT, FORMAT_VERSION):
        raise IntegrityError(
            f"{path} is of format {manifest.format} {manifest.format_version}, "
            f"wanted {FORMAT} {FORMAT_VERSION}; run adverts prepare again"
        )
    _require_own_names(path, manifest)
    if manifest.data_hash != data_hash(manifest.shards, manifest.label_schema):
        raise IntegrityError(
            f"{path}: data_hash does not match its shards and label schema; "
            "run adverts prepare again"
        )
    if found != _sealed(_unsealed(found)):
        raise IntegrityError(
            f"{path} was changed: it does not match its own sha256; run adverts prepare again"
        )
    return manifest


def _require_own_names(path: Path, manifest: DatasetManifest) -> None:
    """Refuse names that lead out of the folder, however well the manifest is sealed.

    Raises:
        IntegrityError: One does, or names a file twice; or there are too many labels for a model.
    """
    names = [*(shard.name for shard in manifest.shards), *manifest.side_files]
    seen = {FILE_NAME}
    for name in names:
        if name in seen or not is_plain(name):
            raise IntegrityError(
                f"{path} names {printable(repr(name))}, which is no other file of this folder; "
                "run adverts prepare again"
            )
        seen.add(name)
    tasks = manifest.label_schema.tasks
    num_labels = sum(len(one.labels) for one in tasks)
    if len(tasks) > MAX_TASKS or num_labels > MAX_LABELS:
        raise IntegrityError(
            f"{path}: {len(tasks)} tasks with {num_labels} labels, wanted at most {MAX_TASKS} with "
            f"{MAX_LABELS}; run adverts prepare again"
        )


def _unsealed(found: bytes) -> Mapping[str, object]:
    """Return the values of a manifest as they were written, also those of an earlier release."""
    values: dict[str, object] = json.loads(found)
    values.pop("sha256", None)
    return values


def _sealed(values: Mapping[str, object]) -> bytes:
    """Return the content of a manifest file, which ends with the sha256 of all the rest."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    sealed = {**values, "sha256": digest}
    return (json.dumps(sealed, indent=1, ensure_ascii=False) + "\n").encode()
