"""Records whose file states the hash of everything in them, so that a change is noticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import read_json
from adverts.json_records import parse_record

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
_MOST_BYTES, _MOST_VALUES = (
    1 << 31,
    20_000_000,
)  # each advert drawn holds about 40, each part of the frame about 30


def seal_of(record: DataclassInstance, version: int) -> str:
    """Return the sha256 of everything in a record, and of the version of its form."""
    plain = {"schema_version": version, **asdict(record)}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed_bytes(record: DataclassInstance, version: int, *, key: str) -> bytes:
    """Return the content of the file of a record, whose seal is below ``key``."""
    plain = {"schema_version": version, key: seal_of(record, version), **asdict(record)}
    return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def read_sealed(kind: type[T], path: Path, version: int, *, key: str, lack: str) -> T:
    """Read a record from its file.

    Args:
        kind: Class of the record.
        path: Its file.
        version: The only version that is read.
        key: What its seal is below.
        lack: What to say where there is no file.

    Raises:
        InputError: There is none, or it cannot be read.
        IntegrityError: It differs from what was written, or another release wrote it.
    """
    try:
        raw: Any = read_json(path, most=_MOST_BYTES, max_values=_MOST_VALUES)
        stated = raw.pop(key)
        record = parse_record(kind, json.dumps(raw), version, max_values=_MOST_VALUES)
    except FileNotFoundError:
        raise InputError(lack) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    except (AttributeError, KeyError, TypeError):
        raise IntegrityError(f"{path} is damaged; bring back the file as it was") from None
    except InputError as error:
        raise IntegrityError(str(error)) from None
    except ValueError as error:
        raise IntegrityError(f"{path}: {error}; bring back the file as it was") from None
    if stated != seal_of(record, version):
        raise IntegrityError(
            f"{path} was changed after it was written; bring back the file as it was"
        )
    return record
