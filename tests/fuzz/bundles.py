"""Bundles of a stranger, hashes made anew: JSON, tokenizers, graphs and archives."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from fuzz.graphs import mutated_graph
from fuzz.lines import BUNDLE
from fuzz.measured import Case
from fuzz.tokenizer_parts import mutated_tokenizer
from fuzz.values import hostile_text, mutated_json, size_between

_SECONDS = 4.0
_TEXTS = ("cheap boat tonight, call +44 7700 900142", "")


def draw(rng: random.Random, folder: Path) -> Case:
    """Return a bundle with one part of it hostile, that is loaded, asked and verified."""
    kind = rng.choices(("JSON", "tokenizer", "graph", "archive", "bytes"), weights=(3, 4, 6, 2, 1))[
        0
    ]
    place = folder / "bundle"
    shutil.copytree(BUNDLE, place)
    family = _CHANGES[kind](rng, place)
    asked = (*_TEXTS, _of_its_words(rng, place))
    _rehash(place)
    if kind == "archive":
        place = _packed(rng, place)
    files = [place] if place.is_file() else list(place.iterdir())
    size = sum(one.stat().st_size for one in files)

    def run() -> Sequence[str]:
        from adverts.runtime import Classifier
        from adverts.runtime.verification import verify

        classifier = Classifier.load(place, threads=1)
        answers = classifier.predict(texts=list(asked))
        signs = [] if len(answers) == len(asked) else ["adverts without an answer"]
        verdict = verify(str(place), lambda: classifier)
        print("\n".join(verdict.lines()))
        return signs

    # reading, hashing and parsing may take a second for 10 MB
    return Case("bundles", f"{kind}, {family}", size, _SECONDS + size / 1e7, run)


def _of_its_words(rng: random.Random, place: Path) -> str:
    """Return a long text of pieces that the tokenizer itself names."""
    try:
        raw = json.loads((place / "tokenizer.json").read_bytes())
        vocab = raw["model"]["vocab"]
        names = [one if isinstance(one, str) else str(one[0]) for one in vocab]
        names = [name for name in names[:1_000] if 0 < len(name) < 1_000]
        piece = rng.choice(names) if names else "a"
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        piece = "a"
    return (piece[: rng.randint(1, 5)] * 100_000)[:100_000]


def _change_json(rng: random.Random, place: Path) -> str:
    path = rng.choice(sorted(one for one in place.glob("*.json") if one.name != "tokenizer.json"))
    family, text = mutated_json(rng, json.loads(path.read_bytes()))
    path.write_text(text, errors="surrogatepass")
    return f"{path.name}: {family}"


def _change_tokenizer(rng: random.Random, place: Path) -> str:
    path = place / "tokenizer.json"
    family, text = mutated_tokenizer(rng, path.read_text())
    path.write_text(text, errors="surrogatepass")
    return family


def _change_graph(rng: random.Random, place: Path) -> str:
    path = place / "model.onnx"
    family, data = mutated_graph(rng, path.read_bytes())
    path.write_bytes(data)
    return family


def _change_bytes(rng: random.Random, place: Path) -> str:
    path = rng.choice(sorted(place.iterdir()))
    data = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data)
    return f"flips in {path.name}"


def _change_archive(rng: random.Random, place: Path) -> str:
    """Add files of zeros, or blow one up: what packs well."""
    if rng.random() < 0.5:
        path = rng.choice(sorted(place.iterdir()))
        size = size_between(rng, 1e3, 3e8)
        with path.open("ab") as file:
            file.truncate(path.stat().st_size + size)
        return f"{path.name} with {size} zeros"
    count = size_between(rng, 1, 200)
    size = size_between(rng, 1, 6e8 / count)
    names = [f"more{number}.txt" for number in range(count)]
    if rng.random() < 0.2:
        names = [rng.choice(("..", "a.txt", "link")) + str(one) for one in range(count)]
    for name in names:
        with (place / name).open("wb") as file:
            file.truncate(size)
    return f"{count} more files of {size} bytes"


_CHANGES: dict[str, Callable[[random.Random, Path], str]] = {
    "JSON": _change_json,
    "tokenizer": _change_tokenizer,
    "graph": _change_graph,
    "archive": _change_archive,
    "bytes": _change_bytes,
}


def _rehash(place: Path) -> None:
    """Put honest hashes into the manifest, where it still is one."""
    path = place / "manifest.json"
    try:
        raw = json.loads(path.read_bytes())
        files = raw["files"]
        files |= {
            one.name: hashlib.sha256(one.read_bytes()).hexdigest()
            for one in place.iterdir()
            if one != path
        }
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    path.write_text(json.dumps(raw))


def _packed(rng: random.Random, place: Path) -> Path:
    """Pack a bundle, perhaps with sizes that are not those of its files."""
    path = place.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for one in sorted(place.iterdir()):
            archive.write(one, one.name)
    if rng.random() < 0.6:
        path.write_bytes(_lying(rng, bytearray(path.read_bytes())))
    if rng.random() < 0.1:
        hostile = hostile_text(rng, 100).replace("/", "").replace("\0", "") or "x"
        path = path.rename(path.with_name(hostile[:50].encode("utf-8", "replace").decode()))
    return path


def _lying(rng: random.Random, data: bytearray) -> bytearray:
    """Write other sizes into the directory of an archive, or into the heads of its files."""
    sign, packed, plain = rng.choice(((b"PK\x01\x02", 20, 24), (b"PK\x03\x04", 18, 22)))
    at = -1
    while (at := data.find(sign, at + 1)) >= 0:
        if rng.random() < 0.7:
            field = rng.choice((plain, plain, packed))
            old = struct.unpack_from("<I", data, at + field)[0]
            new = rng.choice((0, 1, 100, old // 1000, old // 100, old * 2, 2**32 - 1))
            struct.pack_into("<I", data, at + field, min(new, 2**32 - 1))
    return data
