"""Messages to the user about a new prepared dataset, or about why there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from adverts.config.data import ISO_WEEK
from adverts.data.dataset.dataset_counts import notes
from adverts.data.dataset.dataset_manifest import DatasetManifest
from adverts.data.mapping.map_rows import MappedRow, MappedRows
from adverts.data.sources.bad_rows import BadRow
from adverts.errors import shown
from adverts.ocr.alphabets import warning_for
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.protocol import Reader

_BAD_ROWS_TOLD = 5
_UNREAD_TOLD = 20
_LARGE_FAMILY = 0.2


def spelling_warnings(reader: Reader | None, languages: Iterable[str | None]) -> Iterator[str]:
    """Yield a line for each language that the reader cannot spell, the commonest first.

    Args:
        reader: Reader of the pictures; None, or one whose letters are unknown, yields no line.
        languages: Language of every advert with a picture.
    """
    if not isinstance(reader, PageReader):
        return
    alphabet = reader.engine.alphabet
    for language, adverts in Counter(languages).most_common():
        warning = warning_for(reader.spec.engine, alphabet, language) if language else None
        if warning is not None:
            yield f"{warning} ({adverts:,} adverts with pictures)"


def advice(manifest: DatasetManifest, *, keyless: str | None) -> Iterator[str]:
    """Yield, line by line, what a user should know of a new dataset before training on it.

    Args:
        manifest: Manifest of the dataset.
        keyless: Environment variable that could hold the key of tokens but does not; None if
            there is a key.
    """
    yield from notes(manifest)
    columns = manifest.made.config["columns"]
    account = columns["account"] if isinstance(columns, dict) else None
    if manifest.made.ocr is None and any(split.with_image for split in manifest.counts.values()):
        yield "pictures were not read (ocr=none); ocr=auto reads them"
    if account and keyless:
        yield f"accounts were left out: ${keyless} holds no key to replace them with tokens"
    if account is None and manifest.made.cluster_links.get("shared_contact"):
        yield (
            "data.columns.account names no column, so even a contact that everybody quotes joins "
            "adverts"
        )
    if keyless:
        yield (
            f"shared contacts join no adverts, since ${keyless} holds no key (a secret of 16 bytes "
            "or more); a first try needs none: copies are joined by text, pictures and groups"
        )


def empties(rows: Sequence[MappedRow]) -> Iterator[str]:
    """Yield a line on adverts with neither caption nor picture, if there are any."""
    empty = sum(not row.text.strip() and not row.images for row in rows)
    if empty:
        yield (
            f"{empty:,} of {len(rows):,} adverts have no caption and no picture: a model learns "
            "nothing from them, and leaves such adverts to people"
        )


def carved(rows: Sequence[MappedRow], splits: Sequence[str | None]) -> Iterator[str]:
    """Yield a line on adverts that the source gives as ``train`` and that became validation.

    Args:
        rows: The adverts.
        splits: Split of each of them.
    """
    pairs = Counter(zip((row.split for row in rows), splits, strict=True))
    if number := pairs["train", "validation"]:
        yield (
            f"{number:,} of the adverts given as train became validation, which the data lacks "
            "(data.split.validation_fraction)"
        )


def odd_weeks(rows: Sequence[MappedRow]) -> Iterator[str]:
    """Yield a line on adverts whose week cannot be used by a split by weeks, if there are any."""
    found = [row.context.get("posted_week") for row in rows]
    odd = [week for week in found if week and not re.fullmatch(ISO_WEEK, week)]
    if odd:
        yield (
            f"{len(odd):,} of {len(rows):,} adverts have a posted_week that is not an ISO week "
            f"such as 2026-W30, for example {shown(odd[0], 30)!r}: "
            "data.split.kind=later cannot use them"
        )


def large_family(families: Sequence[str], clusters: Sequence[str]) -> Iterator[str]:
    """Yield a line if a family is so large that the other splits hold none of its kind.

    It stays in one split all the same: cutting it would put near-duplicates into two splits, and
    setting some aside would lose them.

    Args:
        families: Families of all adverts.
        clusters: Clusters of the same adverts.
    """
    name, count = Counter(families).most_common(1)[0]
    if count > _LARGE_FAMILY * len(families):
        parts = {c for c, family in zip(clusters, families, strict=True) if family == name}
        yield (
            f"{count:,} of {len(families):,} adverts are connected by copies, contacts, "
            f"campaigns or data.columns.group (clusters: {len(parts):,}); a split that is made "
            "here holds all of them or none"
        )


def empty_message(name: str, reading: MappedRows, *, rare: int) -> str:
    """Return a message that says why nothing is left of a source.

    Args:
        name: Name of the dataset.
        reading: Result of reading the source.
        rare: Number of rows whose label is too rare.
    """
    bad, erased = len(reading.bad), reading.erased
    if erased:
        return f"dataset {name} is empty: {erased} rows were erased and no other can be used"
    if not bad and not rare:
        return f"dataset {name} is empty: the source has no row; check data.source"
    return (
        f"dataset {name} is empty: of {rare + bad} rows {bad} are bad and {rare} have a label that "
        "is too rare; correct them, or lower data.min_label_count"
    )


def bad_rows_message(reading: MappedRows, report: Path) -> str:
    """Return a message on the rows that cannot be used, the first by name, and what to do."""
    bad = reading.bad
    total = len(bad) + len(reading.rows)
    lines = [f"{len(bad)} of {total} rows cannot be used; {report} lists them"]
    lines += [str(row) for row in bad[:_BAD_ROWS_TOLD]]
    if len(bad) > _BAD_ROWS_TOLD:
        lines.append(f"and {len(bad) - _BAD_ROWS_TOLD} more")
    lines.append("correct them, or set data.on_error=quarantine to continue without them")
    return "\n".join(lines)


def unread_lines(reasons: Mapping[str, str]) -> Iterator[str]:
    """Yield lines on the adverts with a picture that could not be read, and why.

    Args:
        reasons: Maps ids of adverts to reasons.
    """
    for reason in dict.fromkeys(reasons.values()):
        ids = [name for name, found in reasons.items() if found == reason]
        rest = f" and {len(ids) - _UNREAD_TOLD} more" if len(ids) > _UNREAD_TOLD else ""
        yield f"pictures not read, {reason}: adverts {', '.join(ids[:_UNREAD_TOLD])}{rest}"


def unread_message(rows: Sequence[BadRow], report: Path) -> str:
    """Return a message on pictures that cannot be read, the first by name, and what to do."""
    lines = [f"pictures of {len(rows)} adverts cannot be read; {report} lists them"]
    lines += [str(row) for row in rows[:_BAD_ROWS_TOLD]]
    if len(rows) > _BAD_ROWS_TOLD:
        lines.append(f"and {len(rows) - _BAD_ROWS_TOLD} more")
    lines.append(
        "run adverts prepare again to retry them (text already read is kept), or set "
        "data.on_error=quarantine to continue without their text"
    )
    return "\n".join(lines)
