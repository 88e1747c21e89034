"""Files of reviews and judgements that somebody changed: refused in one line, or as written."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from adverts.errors import AdvertsError
from fuzz.measured import Case, Draw
from fuzz.values import MOST_JSON, draw_size, json_text, mutated_json

_SECONDS = 6.0
_NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
_OTHER = {
    "yes": "no", "no": "yes", "same": "different", "different": "same", "suspect": "victim",
    "minor_present": "closed",
}  # fmt: skip


def _at(rng: random.Random, minutes: int) -> str:
    """Return a time, so many minutes after noon, with some offset."""
    zone = datetime.timezone(datetime.timedelta(minutes=30 * rng.randint(-24, 28)))
    return (_NOON + datetime.timedelta(minutes=minutes)).astimezone(zone).isoformat()


def _review(rng: random.Random, number: int, at: str) -> object:
    from adverts.data.review.reviews import Review

    task, labels = rng.choice((("refer", ("yes", "no")), ("safeguarding", ("minor_present",))))
    label = rng.choice(labels)
    return Review(f"i{number}", task, label, "Ana", at, True, 1, "5" * 64, "learn", "book")


def _judgement(rng: random.Random, number: int, at: str) -> object:
    from adverts_findings.campaigns.judgements.judgements import Judgement

    ends = (f"a{number}", f"b{number}")
    said = rng.choice(("same", "different"))
    at = datetime.datetime.fromisoformat(at).astimezone(datetime.UTC).isoformat()
    return Judgement(said, *ends, (ends,), "Ana", at, "why", recorded_at=at)


def _add(path: Path, words: Sequence[object]) -> None:
    from adverts.data.review.reviews import append_reviews
    from adverts_findings.campaigns.judgements.judgement_file import append_judgements

    if path.stem == "reviews":
        append_reviews(path, words)
    else:
        append_judgements(path, lambda known: words)


def _read(path: Path) -> Sequence[object]:
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.campaigns.judgements.judgement_file import read_judgements

    return {"reviews": read_reviews, "judgements": read_judgements}[path.stem](path)


def _drawn(rng: random.Random, folder: Path) -> tuple[Path, list[object]]:
    name, make = rng.choice((("reviews", _review), ("judgements", _judgement)))
    words = [make(rng, number, _at(rng, number)) for number in range(rng.randint(3, 9))]
    return folder / f"{name}.jsonl", words


def _is_one_line(act: Callable[[], object]) -> list[str]:
    try:
        act()
    except AdvertsError as error:
        return ["a message of several lines"] * ("\n" in str(error))
    return []


def _kind(change: Callable[[random.Random, list[bytes]], tuple[str, bytes]]) -> Draw:
    """Return a draw of a file whose lines are changed after they were written."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del number
        path, words = _drawn(rng, folder)
        _add(path, words[:2])
        _add(path, words[2:])
        family, data = change(rng, path.read_bytes().splitlines(keepends=True))

        def run() -> Sequence[str]:
            path.write_bytes(data)
            signs = _is_one_line(lambda: _read(path))
            try:
                found = _read(path)
            except AdvertsError:
                return signs
            return [*signs, *["not what was written"] * (list(found) != words)]

        return Case("reviews", family, len(data), _SECONDS + len(data) / 5e6, run)

    return draw


def _lines(rng: random.Random, lines: list[bytes]) -> tuple[str, bytes]:
    place, other = rng.sample(range(len(lines)), 2)
    way = rng.choice(("drop", "double", "swap", "move", "cut", "plain"))
    match way:
        case "drop":
            del lines[place : place + rng.randint(1, 3)]
        case "double":
            lines.insert(other, lines[place])
        case "swap":
            lines[place], lines[other] = lines[other], lines[place]
        case "move":
            lines.append(lines.pop(rng.randrange(len(lines) - 1)))
        case "cut":
            lines = lines[: max(place, 1)]
        case _:
            chain = ("number", "before", "hash")
            plain = {k: v for k, v in json.loads(lines[place]).items() if k not in chain}
            lines.append(json.dumps(plain).encode() + b"\n")
    return f"lines, {way}", b"".join(lines)


def _words(rng: random.Random, lines: list[bytes]) -> tuple[str, bytes]:
    """Say the opposite in place, or at another time."""
    place = rng.randrange(len(lines))
    line = json.loads(lines[place])
    names = [name for name in ("label", "said", "reviewed_at", "at", "item", "by") if name in line]
    name = rng.choice(names)
    if name in ("reviewed_at", "at"):
        year = rng.choice(("2020", "2036", "9999"))
        line[name] = year + line[name][4:]
    else:
        line[name] = _OTHER.get(line[name], "other")
    lines[place] = json.dumps(line).encode() + b"\n"
    return f"words, {name}", b"".join(lines)


def _bytes(rng: random.Random, lines: list[bytes]) -> tuple[str, bytes]:
    data = bytearray(b"".join(lines))
    place = rng.randrange(len(data))
    way = rng.choice(("changed", "inserted", "removed", "cut"))
    match way:
        case "changed":
            data[place] ^= 1 << rng.randrange(8)
        case "inserted":
            data[place:place] = rng.randbytes(rng.randint(1, 40))
        case "removed":
            del data[place : place + rng.randint(1, 40)]
        case _:
            del data[place:]
    return f"bytes, {way}", bytes(data)


def _values(rng: random.Random, lines: list[bytes]) -> tuple[str, bytes]:
    place, size = rng.randrange(len(lines)), draw_size(rng, MOST_JSON / 10)
    family, line = mutated_json(rng, json.loads(lines[place]), size)
    if rng.random() < 0.3:
        family, line = "raw JSON", json_text(rng, size)
    lines[place] = line.replace("\n", " ").encode("utf-8", "surrogatepass") + b"\n"
    return f"values, {family}", b"".join(lines)


def _times(rng: random.Random, folder: Path, number: int) -> Case:
    """Two answers of one person with any offsets, one of which may be of the future."""
    del number
    path, years = folder / "reviews.jsonl", rng.choice((0, 0, 0, 10, 500))
    first, last = sorted(rng.sample(range(2_000), 2))
    words = [_review(rng, 1, _at(rng, minutes)) for minutes in (first, last)]
    family = f"times, in {years} years" if years else "times, other offsets"

    def run() -> Sequence[str]:
        from dataclasses import replace

        from adverts.data.review.reviews import last_words

        earlier, later = (
            replace(one, task="refer", label=label)
            for one, label in zip(words, ("yes", "no"), strict=True)
        )
        if years:
            at = str(2026 + years) + later.reviewed_at[4:]
            later = replace(later, reviewed_at=at)
        given = [earlier, later]
        rng.shuffle(given)
        for one in given:
            signs = _is_one_line(lambda one=one: _add(path, [one]))
            if signs:
                return signs
        counted = [one.label for one in last_words(_read(path))]
        wanted = ["yes"] if years else ["no"]
        return [] if counted == wanted else ["another answer counts than the latest"]

    return Case("reviews", family, 1_000, _SECONDS, run)


KINDS: dict[str, Draw] = {
    "lines": _kind(_lines),
    "words": _kind(_words),
    "bytes": _kind(_bytes),
    "values": _kind(_values),
    "times": _times,
}
