"""Bundles of a stranger, hashes made anew: JSON, tokenizers, graphs and archives."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fuzz.archives import filler, number_of_files, packed, write_archive
from fuzz.graphs import growing, operators
from fuzz.lines import BUNDLE
from fuzz.measured import MOST_BYTES, Case, Meter, signs_of_message
from fuzz.tokenizer_parts import mutated_tokenizer
from fuzz.values import MOST_JSON, hostile_text, mutated_json, size_between

_SECONDS = 4.0
_SEARCH_SECONDS = 60.0
_MOST_TOKENIZER = 2e7
Steps = Iterator[Sequence[str]]
_TEXTS = ("cheap boat tonight, call +44 7700 900142", "")


def draw_json(rng: random.Random, folder: Path, number: int) -> Case:
    """Return a bundle, a value in one of whose files of JSON grows."""
    place = _copied(folder)
    names = sorted(one.name for one in place.glob("*.json") if one.name != "tokenizer.json")
    path = place / names[number % len(names)]
    plain, seed = json.loads(path.read_bytes()), rng.random()

    def steps() -> Steps:
        for size in sizes:
            text = mutated_json(random.Random(seed), plain, size)[1]
            path.write_text(text, errors="surrogatepass")
            yield _TEXTS

    sizes = _sizes(rng, MOST_JSON)
    family = mutated_json(random.Random(seed), plain, 30)[0]
    return _search(f"JSON, {path.name}: {family}", place, lambda: iter([steps()]))


def draw_tokenizer(rng: random.Random, folder: Path, number: int) -> Case:
    """Return a bundle with a tokenizer, a value of which grows, and texts of its own pieces."""
    place = _copied(folder)
    path = place / "tokenizer.json"
    plain, seed = path.read_text(), rng.random()

    def steps() -> Steps:
        for size in sizes:
            own = random.Random(seed)
            text = mutated_tokenizer(own, plain, number, size)[1]
            path.write_text(text, errors="surrogatepass")
            yield (*_TEXTS, *_of_its_words(own, text), hostile_text(own, 1e5)[:100_000])

    sizes = _sizes(rng, _MOST_TOKENIZER)
    family = mutated_tokenizer(random.Random(seed), plain, number, 30)[0]
    return _search(f"tokenizer, {family}", place, lambda: iter([steps()]))


def _sizes(rng: random.Random, most: float) -> Sequence[int]:
    """Return ever larger sizes, or a large one alone: what is refused may be dear all the same."""
    last = int(most * rng.uniform(0.3, 1))
    return (last,) if rng.random() < 0.15 else (30, 1_000, 30_000, 1_000_000, last)


def draw_archive(rng: random.Random, folder: Path, number: int) -> Case:
    """Return a bundle in an archive, with files that pack well and sizes that may lie."""
    del number
    place = _copied(folder)
    files = {one.name: one.read_bytes() for one in sorted(place.iterdir())}
    content = filler(rng)
    if rng.random() < 0.3:
        grown = rng.choice(sorted(files))
        files[grown] += b" " * len(content)
        family, more = f"{grown} with {len(content)} spaces", []
    else:
        more = [f"more{one}.txt" for one in range(number_of_files(rng))]
        family = f"{len(more)} more files of {len(content)} bytes"
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    hashes |= dict.fromkeys(more, hashlib.sha256(content).hexdigest())
    files["manifest.json"] = _with_hashes(files["manifest.json"], hashes)
    same = packed(content)
    path = place.with_suffix(".zip")
    lie = write_archive(
        rng, path, {name: packed(data) for name, data in files.items()} | dict.fromkeys(more, same)
    )
    return _case(f"archive, {family}{f', {lie} lies' * bool(lie)}", path)


def draw_bytes(rng: random.Random, folder: Path, number: int) -> Case:
    """Return a bundle, a few bytes of which are others."""
    place = _copied(folder)
    paths = sorted(place.iterdir())
    path = paths[number % len(paths)]
    data = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data)
    _rehash(place)
    return _case(f"bytes, flips in {path.name}", place)


def draw_graph(rng: random.Random, folder: Path, number: int) -> Case:
    """Return a bundle whose model has one more operator, the numbers of which grow."""
    place = _copied(folder)
    schema = operators()[number % len(operators())]
    path, seed = place / "model.onnx", rng.random()
    plain = path.read_bytes()

    def written(models: Iterator[bytes]) -> Steps:
        for data in models:
            path.write_bytes(data)
            yield _TEXTS

    def searches() -> Iterator[Steps]:
        return map(written, growing(random.Random(seed), plain, schema))

    return _search(f"graph, {schema.name}", place, searches)


KINDS = {
    "json": draw_json,
    "tokenizer": draw_tokenizer,
    "archive": draw_archive,
    "bytes": draw_bytes,
    "graph": draw_graph,
}


def _search(family: str, place: Path, searches: Callable[[], Iterator[Steps]]) -> Case:
    """Return the case that tries ever larger versions of a bundle, in each search until two fail.

    Each step of a search writes a version, and says which texts it is asked.
    """

    def run() -> Sequence[str]:
        for steps in searches():
            signs = _first_signs(place, steps)
            if signs:
                return signs
        return []

    return Case("bundles", family, 0, _SEARCH_SECONDS, run, num_bytes=2 * MOST_BYTES)


def _first_signs(place: Path, steps: Steps) -> Sequence[str]:
    from adverts.errors import AdvertsError

    refused = 0
    for asked in steps:
        _rehash(place)
        meter, signs = Meter(_seconds_of(place)), list[str]()
        try:
            signs += _answered(place, asked)
            refused = 0
        except AdvertsError as error:
            signs += signs_of_message(str(error), len(str(error)))
            refused += 1
        signs += meter.signs()
        if signs or refused == 2:
            return signs
    return []


def _copied(folder: Path) -> Path:
    return Path(shutil.copytree(BUNDLE, folder / "bundle"))


def _case(family: str, place: Path) -> Case:
    """Return the case that loads a bundle, asks it and verifies it."""
    return Case(
        "bundles", family, _size(place), _seconds_of(place), lambda: _answered(place, _TEXTS)
    )


def _answered(place: Path, asked: Sequence[str]) -> Sequence[str]:
    from adverts.runtime import Classifier
    from adverts.runtime.stream.verification import verify

    classifier = Classifier.load(place, threads=1)
    answers = classifier.predict(texts=list(asked))
    verdict = verify(str(place), lambda: classifier)
    said = "\n".join(verdict.lines())
    signs = [] if len(answers) == len(asked) else ["adverts without an answer"]
    return [*signs, *signs_of_message(said, len(said))]


def _size(place: Path) -> int:
    files = [place] if place.is_file() else list(place.iterdir())
    return sum(one.stat().st_size for one in files)


def _seconds_of(place: Path) -> float:
    """Return what it may cost: reading, hashing and parsing may take a second for 10 MB."""
    return _SECONDS + _size(place) / 1e7


def _of_its_words(rng: random.Random, tokenizer: str) -> tuple[str, str]:
    """Return long texts of pieces that the tokenizer itself names: one of them, and words."""
    try:
        vocab = json.loads(tokenizer)["model"]["vocab"]
        names = [one if isinstance(one, str) else str(one[0]) for one in vocab]
        names = sorted(filter(None, names[:1_000]), key=len) or ["a"]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        names = ["a"]
    one = rng.choice((names[-1], rng.choice(names)))
    one = one[: rng.choice((len(one), size_between(rng, 1, len(one) + 1)))] or "a"
    short = [name[:30] for name in names if name[:30].isalnum()] or ["a"]
    words = ("".join(rng.choices(short, k=rng.randint(1, 6)))[:90] for _ in range(2_000))
    return (one * (100_000 // len(one) + 1))[:100_000], " ".join(words)[:100_000]


def _rehash(place: Path) -> None:
    """Put honest hashes into the manifest, where it still is one."""
    path = place / "manifest.json"
    others = (one for one in place.iterdir() if one != path)
    hashes = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in others}
    path.write_bytes(_with_hashes(path.read_bytes(), hashes))


def _with_hashes(manifest: bytes, hashes: dict[str, str]) -> bytes:
    try:
        raw = json.loads(manifest)
        raw["files"] |= {name: one for name, one in hashes.items() if name != "manifest.json"}
    except (ValueError, TypeError, KeyError, RecursionError):
        return manifest
    return json.dumps(raw).encode()
