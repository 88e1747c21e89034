"""Every function of one text, and those of many: time must grow as the text does."""

from __future__ import annotations

import inspect
import random
import signal
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from walking import modules

from fuzz.measured import Case
from fuzz.values import Shape, mutated_shape, text_of, text_shape

CHARACTERS = 100_000
SECONDS = 1.0
_PACKAGES = (
    "adverts.inputs",
    "adverts.ocr.repair",
    "adverts.clusters",
    "adverts.evaluation.robustness",
)
_OF_PATTERNS = {"named", "one_of", "any_of", "name_cluster"}  # of our own constants, never of input
_PROBE = 500
ALWAYS = (
    "adverts.inputs.contacts.masking.mask_contacts",
    "adverts.inputs.letters.folding.fold",
    "adverts.inputs.letters.language.identify",
    "adverts.inputs.hashing.hashed_features",
    "adverts.clusters.shingles.shingle",
    "adverts.ocr.repair.line.repair",
)
_TURNS, _POOL = 250, 6
_MOST = 3.0


@cache
def functions() -> dict[str, Callable[[str], object]]:
    """Return, by dotted name, each public function that takes one text or one list of texts."""
    found: dict[str, Callable[[str], object]] = {}
    for module in modules(*_PACKAGES):
        for name, value in vars(module).items():
            takes = _takes(module.__name__, name, value)
            if takes == "str":
                found[f"{module.__name__}.{name}"] = value
            elif takes:
                found[f"{module.__name__}.{name}"] = lambda text, of=value: of([text])
    from adverts.inputs.hashing import hashed_features
    from adverts.inputs.spec import HashSpec

    spec = HashSpec(num_features=2**18, word_ngrams=(1, 2), char_ngrams=(2, 5))
    found["adverts.inputs.hashing.hashed_features"] = lambda text: hashed_features(text, spec)
    return found


def _takes(module: str, name: str, value: object) -> str:
    if not inspect.isfunction(value) or value.__module__ != module or name in _OF_PATTERNS:
        return ""
    given = [
        one
        for one in inspect.signature(value).parameters.values()
        if one.default is inspect.Parameter.empty
    ]
    if name.startswith("_") or len(given) != 1:
        return ""
    kind = str(given[0].annotation)
    return kind if kind in ("str", "Iterable[str]", "Sequence[str]") else ""


def draw(rng: random.Random, folder: Path, number: int) -> Case:
    """Return a search for texts that cost a function ever more, and the costliest of them whole."""
    del folder
    others = sorted(set(functions()) - set(ALWAYS))
    names = ALWAYS if number % 2 else others
    name = names[number // 2 % len(names)]
    seed = rng.random()

    def run() -> Sequence[str]:
        of = functions()[name]
        shape = costliest(random.Random(seed), of)
        return [f"slow {name} on {shape!r}"] * is_slow(of, shape)

    return Case("texts", "search", CHARACTERS, 60.0, run)


KINDS = {"search": draw}


def is_slow(of: Callable[[str], object], shape: Shape) -> bool:
    """Return whether a text costs over a second, and four times the text over six times as much.

    What grows as the text does may cost up to three seconds: beside other work, a machine counts
    two or three times the CPU seconds that it counts when nothing else runs.
    """
    whole = _seconds(of, text_of(shape, CHARACTERS))
    if whole <= SECONDS or whole > _MOST * SECONDS:
        return whole > SECONDS
    return whole > 6 * _seconds(of, text_of(shape, CHARACTERS // 4))


def costliest(rng: random.Random, of: Callable[[str], object]) -> Shape:
    """Return the shape whose growth is steepest of some tens, each of a draw or of a better one."""
    pool: list[tuple[float, Shape]] = []
    for turn in range(_TURNS):
        shape = text_shape(rng)
        if pool and turn > _TURNS // 3 and rng.random() < 0.7:
            shape = mutated_shape(rng, rng.choice(pool)[1])
        small, large = (_seconds(of, text_of(shape, count * _PROBE)) for count in (1, 4))
        if large > 0.04 * SECONDS * 5 and large > 8 * small:
            return shape
        # beyond what is linear, or what a character costs at all
        steepness = large * min(4.0, max(1.0, large / max(small, 1e-4) / 4))
        pool = sorted([*pool, (steepness, shape)], reverse=True)[:_POOL]
    return pool[0][1]


def _seconds(of: Callable[[str], object], text: str) -> float:
    """Return the least CPU time of two, one where it is far from the bound."""
    least = float("inf")
    for _ in range(2):
        start = time.process_time()
        try:
            _call(of, text)
        except (ValueError, LookupError):
            if of not in (functions()[name] for name in ALWAYS):
                return 0.0  # a helper whose callers know what it takes
            raise
        least = min(least, time.process_time() - start)
        if least < 0.01 or least > 2 * SECONDS:
            break
    return least


class _TooLongError(BaseException):
    """The bound is passed far enough."""


def _stop(*_: object) -> None:
    raise _TooLongError


def _call(of: Callable[[str], object], text: str) -> None:
    """Call a function, and read what it yields; end it well beyond the bound."""
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, 1.2 * _MOST * SECONDS)
    try:
        found = of(text)
        if hasattr(found, "__next__"):
            for _one in found:  # type: ignore[attr-defined]
                pass
    except _TooLongError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
