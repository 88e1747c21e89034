"""Requests of a service: JSON lines, beside which ordinary ones must be answered."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from fuzz.measured import MOST_MESSAGE, Case, Draw
from fuzz.texts import ALWAYS, CHARACTERS, costliest, functions
from fuzz.values import MOST_JSON, draw_size, hostile_text, json_text, mutated_json, text_of

BUNDLE = Path(__file__).parents[1] / "bundles" / "5.0-text"
PLAIN = {"id": "plain", "text": "call +44 7700 900142 cheap ferry", "lang": "en"}
_FULL = PLAIN | {"ocr_text": ["room sale"], "ocr_quality": {"lines": 2}, "image": "aGVsbG8="}
_MAX_SECONDS, _LOADING_SECONDS = 5.0, 3.0  # of a clock that other processes slow down


def _kind(change: Callable[[random.Random], tuple[str, list[str]]]) -> Draw:
    """Return a draw of a few lines, of which those in the middle are hostile in one way."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del folder, number
        family, hostile = change(rng)
        plain = json.dumps(PLAIN)
        data = "\n".join((plain, *hostile, plain, "")).encode("utf-8", "surrogatepass")
        # parsing a line may cost a second for 20 MB, and the deadline lets one advert end
        seconds = _LOADING_SECONDS + _MAX_SECONDS + len(data) / 2e7
        return Case("lines", family, len(data), seconds, lambda: _signs(data))

    return draw


def _signs(data: bytes) -> Sequence[str]:
    """Ask a service, and return what it answered that must not be."""
    from adverts.files.bounded_reading import bounded_lines
    from adverts.runtime import Classifier
    from adverts.runtime.predict.caller_input import Limits
    from adverts.runtime.stream.json_lines import MAX_LINE_BYTES, predict_lines

    limits = Limits(max_seconds=_MAX_SECONDS)
    classifier = Classifier.load(BUNDLE, threads=1, limits=limits)
    lines = bounded_lines(io.BytesIO(data), most=MAX_LINE_BYTES)
    windows = predict_lines(classifier, lines)
    answers = [answer for window in windows for answer in window]
    wanted = sum(bool(line.strip()) for line in data.split(b"\n"))
    signs = [] if len(answers) == wanted else ["lines without an answer"]
    long = (one for one in answers if len(one) > MOST_MESSAGE)
    signs += ["a long error"] * any(
        len(str(json.loads(one).get("error"))) > MOST_MESSAGE for one in long
    )
    ends = [json.loads(one) for one in (answers[0], answers[-1])]
    signs += ["a neighbour is not answered"] * any(one.get("error") for one in ends)
    return signs


def _long_texts(rng: random.Random) -> tuple[str, list[str]]:
    hostile = hostile_text(rng, CHARACTERS)
    if rng.random() < 0.5:
        of = functions()[rng.choice(ALWAYS)]
        hostile = text_of(costliest(rng, of), CHARACTERS)
    asked = json.dumps(PLAIN | {"text": hostile})
    return "long texts", [asked] * rng.randint(1, 4)


def _mutated(rng: random.Random) -> tuple[str, list[str]]:
    family, line = mutated_json(rng, _FULL, draw_size(rng, MOST_JSON))
    return f"mutated, {family}", [line.replace("\n", " ")]


def _raw(rng: random.Random) -> tuple[str, list[str]]:
    line = json_text(rng, draw_size(rng, MOST_JSON))
    return "raw JSON", [line if rng.random() < 0.7 else line[: rng.randint(1, len(line))]]


KINDS = {"texts": _kind(_long_texts), "mutated": _kind(_mutated), "raw": _kind(_raw)}
