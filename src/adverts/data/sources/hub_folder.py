"""Checks that ``datasets`` may read a local folder: only files below it, of bounded size.

The folder may be untrusted. Its README may name files anywhere, also on the web, and a compressed
file may unpack to any size. The folder is therefore checked before the library opens it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import yaml

from adverts.config.yaml_bounds import YamlBoundError, refuse_yaml_bomb
from adverts.data.sources.formats.arrow_rows import check_arrow
from adverts.data.sources.formats.parquet_files import check_parquet
from adverts.errors import InputError
from adverts.files.bounded_reading import bounded_lines, read_json

_NOTES = ("README.md", ".huggingface.yaml", "dataset_infos.json", "dataset_info.json")
_MAX_NOTE_BYTES = 1_000_000
_STATE, _SPLITS = "state.json", "dataset_dict.json"
_PARQUET = {".parquet", ".geoparquet", ".gpq"}
_LINES = {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt"}
_PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp", ".tif", ".tiff"}
_LEGAL = _PARQUET | _LINES | _PICTURES | {".arrow"}
_PLACES = ("data_files", "data_dir", "path")
_SEPARATORS = ("sep", "delimiter")


def check_folder(folder: Path) -> None:
    """Refuse a folder with links that lead out of it, or notes that name files elsewhere.

    Raises:
        InputError: The folder is refused; the message names the file.
    """
    inside = folder.resolve()
    for path in folder.rglob("*"):
        if not path.resolve().is_relative_to(inside):
            raise InputError(f"{path} is a link that leads out of {folder}; copy the file into it")
        if stat.S_IFMT(path.stat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
            raise InputError(f"{path} is neither a file nor a folder; remove it")
    for name in _NOTES:
        note = folder / name
        if note.is_file() and note.stat().st_size > _MAX_NOTE_BYTES:
            raise InputError(
                f"{note} has {note.stat().st_size:,} bytes, at most {_MAX_NOTE_BYTES:,} are read"
            )
    for note, text in _yaml_notes(folder):
        _check_note(note, text)


def check_saved(folder: Path) -> None:
    """Refuse a saved dataset that names splits or files by more than a plain name.

    Raises:
        InputError: A note is damaged, or names something other than a file next to it.
    """
    parts = [folder]
    if (folder / _SPLITS).is_file():
        names = _read_json(folder / _SPLITS).get("splits")
        parts = [folder / name for name in _plain_names(folder / _SPLITS, names)]
    for part in parts:
        state = part / _STATE
        files = _read_json(state).get("_data_files")
        listed = [one.get("filename") for one in files] if isinstance(files, list) else files
        for name in _plain_names(state, listed):
            check_arrow(part / name)


def check_files(folder: Path, files: Iterable[str], *, max_row_bytes: int) -> None:
    """Refuse data files that lie elsewhere, are packed, of another kind, or of unbounded rows.

    Args:
        folder: Folder that must hold the files.
        files: Paths of the files as found by ``datasets``.
        max_row_bytes: Largest size of a line or a row.

    Raises:
        InputError: A file is refused; the message names it.
    """
    from datasets.utils.extract import Extractor

    inside = folder.resolve()
    for name in files:
        path = Path(name)
        if "://" in name or not path.is_file() or not path.resolve().is_relative_to(inside):
            raise InputError(f"{name} is not a file below {folder}; nothing else is read")
        if path.suffix.lower() not in _LEGAL:
            raise InputError(
                f"{path}: files of the kind {path.suffix!r} are not read; give CSV, JSON, "
                "Parquet, Arrow, text or pictures, not compressed"
            )
        if path.suffix.lower() in _LINES and Extractor.infer_extractor_format(path):
            raise InputError(f"{path} is compressed; unpack it, so that its size is known")
        _check_content(path, max_row_bytes)


def _check_content(path: Path, max_row_bytes: int) -> None:
    suffix = path.suffix.lower()
    if suffix in _PARQUET:
        check_parquet(path, max_bytes=max_row_bytes)
    elif suffix == ".arrow":
        check_arrow(path)
    elif suffix in _LINES:
        with path.open("rb") as file:
            for number, line in enumerate(bounded_lines(file, most=max_row_bytes), start=1):
                if line is None:
                    raise InputError(
                        f"{path}, line {number} has more than {max_row_bytes:,} bytes; write one "
                        "row per line, or raise data.row_limits.max_bytes"
                    )


def _yaml_notes(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the YAML texts in the notes of a folder, as ``datasets`` finds them."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    readme, alone = folder / "README.md", folder / ".huggingface.yaml"
    if readme.is_file() and (block := REGEX_YAML_BLOCK.search(_read_text(readme))):
        yield readme, block[2]
    if alone.is_file():
        yield alone, _read_text(alone)


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; save it as UTF-8") from None


def _check_note(note: Path, text: str) -> None:
    try:
        refuse_yaml_bomb(text)
        about = yaml.safe_load(text)
    except (yaml.YAMLError, YamlBoundError, ValueError, RecursionError):
        raise InputError(f"{note}: its YAML is damaged, or nested or repeated too much") from None
    configs = about.get("configs") if isinstance(about, Mapping) else None
    for key, value in _strings("", configs):
        if key in _PLACES and not _is_below(value):
            raise InputError(
                f"{note}: {key} names {value[:100]!r}; only files below the folder are read, "
                "without the network"
            )
        if key in _SEPARATORS and len(value) != 1:
            raise InputError(f"{note}: {key} is {value[:100]!r}; it must be one character")


def _strings(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield every text in a value, with the key that it belongs to."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        # the name of a split may be a key below ``data_files``; all texts there are files
        for name, inner in value.items():
            yield from _strings(key if key in _PLACES else str(name), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(key, inner)


def _is_below(pattern: str) -> bool:
    """Return whether a file pattern can match only files below a folder."""
    path = PurePosixPath(pattern)
    foreign = "://" in pattern or "::" in pattern or "\\" in pattern or pattern.startswith("~")
    return not foreign and not path.is_absolute() and ".." not in path.parts


def _read_json(path: Path) -> Mapping[str, object]:
    try:
        value = read_json(path, most=_MAX_NOTE_BYTES, finite=False)
    except (OSError, ValueError):
        raise InputError(
            f"{path} is missing, damaged or too large; save the dataset again"
        ) from None
    if not isinstance(value, Mapping):
        raise InputError(f"{path} is not a JSON object; save the dataset again")
    return value


def _plain_names(note: Path, names: object) -> list[str]:
    """Return names of files or folders next to a note; refuse anything that is no plain name."""
    found = names if isinstance(names, list) else [None]
    for name in found:
        if not isinstance(name, str) or name in {"", ".", ".."} or set(name) & set("/\\:\0"):
            raise InputError(
                f"{note} names {str(name)[:100]!r}; it may name only files in its own folder"
            )
    return [str(name) for name in found]
