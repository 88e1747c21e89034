"""Names, headers and cells that ``adverts init`` writes into a configuration: text, never settings.

Each case is drafted twice: as it is, and with harmless words in the place of the hostile ones. The
settings, read back by a YAML loader, must be the same but for those words, and the comments too.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from fuzz.measured import Case, Draw
from fuzz.values import motif

_SECONDS = 6.0
_SECRET, _VARIABLE = "secret-of-the-environment-7431", "ADVERTS_FUZZ_SECRET"
os.environ[_VARIABLE] = _SECRET
_CANARY = "zqforeign"
_BREAKS = ("\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c")
_LINES = (
    *("on_error: quarantine", "unlabelled: true", "image_limits: {max_bytes: 1}", "a: b", "- a"),
    *(f"root: ${{oc.env:{_VARIABLE}}}", "# @package _global_", "name: other", "? a", "...", "---"),
    *("<<: *a", "tasks: null", "next: adverts prepare data=other", "source: {kind: hub}"),
)
_PIECES = (
    *(f"${{oc.env:{_VARIABLE}}}", f"\\${{oc.env:{_VARIABLE}}}", "${name}", "${", "}", "???", "#"),
    *(" #", ": ", "- ", "&a ", "*a", "!!python/name:os.system ", "!!int 1", "%YAML 1.1", "|", ">"),
    *("'", '"', "\\", "`", "$(touch x)", "~", "null", "yes", "no", "1e5", "0x1f", "1_000", "nan"),
    *("2026-07-14", "12:30:45", "=", "<<", "@package _global_", "{a: b}", "[a, b]", ",", "\t", " "),
    *("\x1b[31m", "\x9b2J", "\u202e", "\ufeff", "\x7f", "é", "متن\u200cها", "\U0001f600", "\ue000"),
)
_ROWS = 40


def _hostile(rng: random.Random) -> str:
    """Return a word that is configuration, a comment, a command or a control to someone."""
    shape = rng.random()
    if shape < 0.35:
        text = f"{rng.choice(('', 'x', _CANARY))}{rng.choice(_BREAKS)}{rng.choice(_LINES)}"
        text += rng.choice(("", rng.choice(_BREAKS), " #"))
    elif shape < 0.8:
        text = "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 4)))
    else:
        text = motif(rng)
    return text + rng.choice(("", _CANARY))


@dataclass
class _Data:
    """Data of one case: what stands where; ``words`` maps harmless words to the hostile ones."""

    name: str = "plainname.csv"
    to: str = "plainto"
    header: list[str] = field(default_factory=lambda: ["id", "text", "extra", "label"])
    labels: list[str] = field(default_factory=lambda: ["no", "yes"])
    odd: str | None = None
    positive: str | None = None
    folder: bool = False

    def draft(self, place: Path) -> _Draft:
        """Write it, run ``adverts init`` on it, and return what came of it."""
        from adverts.init import init

        data = place / self.name
        if self.folder:
            for label in self.labels:
                (data / label).mkdir(parents=True)
                (data / label / "1.png").write_bytes(b"x")
        else:
            place.mkdir(parents=True, exist_ok=True)
            with data.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, quoting=csv.QUOTE_ALL).writerows([self.header, *self._rows()])
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            path = init(data, to=place / self.to, positive=self.positive)
        print(said.getvalue())
        return _Draft(path, path.read_bytes().decode(), said.getvalue(), place, self)

    def _rows(self) -> list[list[str]]:
        text = "a text of some words that is long enough, and this is number"
        rows = [
            [f"n{i}", f"{text} {i}", f"w{i % 30}", self.labels[i % len(self.labels)]]
            for i in range(_ROWS if self.odd is None else 4 * _ROWS)
        ]
        if self.odd is not None:
            rows[7][3] = self.odd
        return rows


@dataclass
class _Draft:
    path: Path
    text: str
    said: str
    place: Path
    data: _Data

    def settings(self) -> object:
        return yaml.safe_load(self.text)

    def comments(self) -> list[str]:
        """Return the comments of the file, without numbers and the hash of its settings."""
        lines = re.split(r"[\n\r\x85\u2028\u2029]", self.text)
        marked = [line[line.find("#") :] for line in lines if re.match(r"[^\"']*#", line)]
        known = [re.sub(r"init \([\da-f]{12}\)", "init", line) for line in marked]
        return [re.sub(r"[\d,.]+ ?", "", line) for line in known]


def _put(settings: object, words: Mapping[str, str]) -> object:
    """Return settings with each harmless word replaced by the hostile one in its place."""
    match settings:
        case str():
            return words.get(settings, settings)
        case dict():
            return {_put(key, words): _put(value, words) for key, value in settings.items()}
        case list():
            return [_put(value, words) for value in settings]
        case _:
            return settings


def _signs(draft: _Draft, plain: _Draft, words: Mapping[str, str]) -> Sequence[str]:
    """Return in what a draft differs from the harmless one beyond its words."""
    try:
        found = draft.settings()
    except yaml.YAMLError:
        return ["it wrote no YAML"]
    wanted = _put(plain.settings(), words)
    if not isinstance(found, dict) or not isinstance(wanted, dict):
        return ["it wrote no settings"]
    name = str(found.get("name"))
    wanted |= {"name": name, "root": str(draft.place)}
    signs = []
    if found != wanted:
        signs.append("other settings than those of a harmless word")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) or draft.path.name != f"{name}.yaml":
        signs.append("a name that is not plain")
    if _CANARY in "".join(draft.comments()) or "@package" in "".join(draft.comments()):
        signs.append("foreign text in a comment")
    elif draft.comments() != plain.comments():
        signs.append("other comments than those of a harmless word")
    if _SECRET in draft.text + draft.said:
        signs.append("a secret of the environment")
    return [*signs, *_signs_of_command(draft, name)]


def _signs_of_command(draft: _Draft, name: str) -> Sequence[str]:
    """Return what is wrong with the line that says what to type next."""
    lines = re.split(r"[\n\r\x85\u2028\u2029]", draft.said)
    told = [line for line in lines if re.match(r"\s*next\b", line)]
    if len(told) != 1:
        return [f"{len(told)} lines with a next command"]
    if not told[0].isprintable():
        return ["a next command that is not shown as it is"]
    if "$'" in told[0]:  # escapes that only a shell knows
        return []
    try:
        words = shlex.split(told[0])
    except ValueError:
        return ["a next command that no shell reads"]
    verb = words[2] if len(words) > 2 else ""
    more = {"prepare": ([], ["data.tasks.positive=LABEL"]), "score": (["bundle=BUNDLE"],)}
    if verb == "init":  # which label is looked for must be said first
        asked = [str(draft.place / draft.data.name), "--positive", "LABEL"]
        return [] if words[3:] == asked else ["another next command"]
    wanted = ["next:", "adverts", verb, "-cd", str(draft.place / draft.data.to)]
    key = words[5].partition("=")[2].strip("'") if len(words) > 5 else None
    right = words[:5] == wanted and key == name and words[6:] in more.get(verb, ())
    return [] if right else ["another next command"]


def _drafted(vary: Callable[[random.Random, _Data, _Data], str]) -> Draw:
    """Return a draw: ``vary`` puts hostile words into the first data, and says where."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del number
        hostile, plain = _Data(), _Data()
        family = vary(rng, hostile, plain)

        def run() -> Sequence[str]:
            expected = plain.draft(folder / "plain")
            try:
                found = hostile.draft(folder / "hostile")
            except (OSError, UnicodeError) as error:
                if error.__traceback__ is not None and "partial" not in str(error):
                    return []  # no such file can be written
                raise
            return _signs(found, expected, _words(hostile, plain, found))

        size = len(hostile.name) + sum(map(len, hostile.header + hostile.labels))
        return Case("init", family, size, _SECONDS, run)

    return draw


def _words(hostile: _Data, plain: _Data, found: _Draft) -> Mapping[str, str]:
    """Map harmless words to hostile ones, headers as the reader of the file gives them."""
    words = dict(zip(plain.labels, hostile.labels, strict=True)) | {plain.name: hostile.name}
    if hostile.folder:
        return words
    from adverts.config.data import FileSource
    from adverts.data.mapping.guess_columns import guess
    from adverts.data.sources.open_files import open_files

    config = FileSource(kind="csv", paths=(hostile.name,))
    source = open_files(found.place, config, max_row_bytes=1_000_000)
    read = source.columns or ()
    words |= dict(zip(plain.header, read[: len(plain.header)], strict=True))
    if hostile.positive is not None and plain.positive is not None:
        alike = hostile.positive.strip().casefold()
        answers = guess(source).answers
        words[plain.positive] = next(one for one in answers if one.casefold() == alike)
    return words


def _names(rng: random.Random, hostile: _Data, plain: _Data) -> str:
    word = _file_name(_hostile(rng))
    match rng.randrange(3):
        case 0:
            hostile.to = _file_name(_hostile(rng))
            hostile.name = f"{word}.csv"
            return "file and folder of configurations"
        case 1:
            hostile.folder = plain.folder = True
            plain.name, hostile.name = "plainname", word
            plain.labels = ["plainone", "plaintwo"]
            hostile.labels = sorted(_file_name(_hostile(rng)) + end for end in ("one", "two"))
            return "folders of pictures"
        case _:
            hostile.name = f"{word}.csv"
            return "file"


def _file_name(text: str) -> str:
    """Return a text as a name that a disk takes."""
    kept = text.replace("/", "").replace("\0", "")
    short = kept.encode("utf-8", "ignore")[:120].decode("utf-8", "ignore")
    return short if short.strip(".") else "x" + short


def _headers(rng: random.Random, hostile: _Data, plain: _Data) -> str:
    from adverts.data.mapping.guess_columns import _NAMES, HINTED, LABELS, known_as

    known = [one for names in (*_NAMES.values(), *HINTED.values(), LABELS) for one in names]
    many = rng.sample(range(len(plain.header)), rng.randint(1, len(plain.header)))
    for at in many:
        word = _hostile(rng)
        while known_as(word, known) or not word.strip():
            word = _hostile(rng) + "zq"
        plain.header[at], hostile.header[at] = f"plain{at}", word
    return f"{len(many)} headers"


def _cells(rng: random.Random, hostile: _Data, plain: _Data) -> str:
    """Put hostile labels in a column of that name, or one into a few rows of a known pair."""
    if rng.random() < 0.5:
        plain.header[3] = hostile.header[3] = "marked"  # known by its cells, not by its name
        plain.odd, hostile.odd = "plainodd", _hostile(rng)[:90] + "zq"
        return "a rare label"
    plain.labels = ["plainone", "plaintwo"]
    hostile.labels = [_hostile(rng)[:80] + end for end in ("one", "two")]
    if rng.random() < 0.7:
        plain.positive, hostile.positive = plain.labels[1], hostile.labels[1]
    return "labels"


KINDS: Mapping[str, Draw] = {
    "names": _drafted(_names),
    "headers": _drafted(_headers),
    "cells": _drafted(_cells),
}
