"""No pattern of ours may match one text in many ways: where it then fails, it tries them all.

Python's own parser of patterns tells what each holds. A repeated choice whose alternatives share a
character, or a repeat within a repeat that takes the same character once or twice, doubles the
ways with every character.
"""

import re
from re import _compiler, _constants, _parser  # private, and alike since Python 3.11

import pytest
from walking import modules

PACKAGES = ("adverts.inputs", "adverts.ocr.repair", "adverts.runtime", "adverts.evaluation")
CHARACTERS = [*map(chr, range(0x3000)), "\u3000", "\ufe0f", "\uff10", "\uff21", "中", "😀"]
REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)


def patterns():
    """Yield each pattern that stands in a module of the packages, with the name of its place."""
    for module in modules(*PACKAGES):
        for name, value in vars(module).items():
            held = list(value.values()) if isinstance(value, dict) else value
            among = held if isinstance(held, (list, tuple)) else [held]
            for one in among:
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    yield f"{module.__name__}.{name}", one


def ambiguities(pattern):
    """Return what may be matched in more than one way."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    return list(_in(tree, tree.state, repeated=False))


def _in(tree, state, *, repeated):
    for operator, value in tree:
        match operator:
            case _constants.MAX_REPEAT | _constants.MIN_REPEAT:
                _, most, inner = value
                if most > 1 and any(one in REPEATS for one, _ in inner):
                    yield from _shared([inner], state, times=(1, 2))
                yield from _in(inner, state, repeated=repeated or most > 1)
            case _constants.BRANCH:
                if repeated:
                    yield from _shared(value[1], state)
                for one in value[1]:
                    yield from _in(one, state, repeated=repeated)
            case _constants.SUBPATTERN:
                yield from _in(value[3], state, repeated=repeated)
            case _:
                pass  # what looks ahead or is atomic is not gone through again


def _shared(alternatives, state, times=(1,)):
    """Yield the characters that two alternatives take, or one both once and twice."""
    made = [
        _compiler.compile(_parser.SubPattern(state, one.data), state.flags) for one in alternatives
    ]
    found = [
        one
        for one in CHARACTERS
        if sum(bool(each.fullmatch(one * count)) for each in made for count in times) > 1
    ]
    if found:
        yield "".join(found[:10])


@pytest.mark.parametrize(
    "ambiguous", [r"\d(?:(?:[\s_]|[^\w@]){0,5}\d){6,}", r"(?:a+)+b", r"(?:[ab]|[^b])*"]
)
def test_a_pattern_that_matches_in_many_ways_is_found(ambiguous):
    assert ambiguities(re.compile(ambiguous))


@pytest.mark.parametrize("plain", [r"\d(?:(?:_|[^\w@]){0,5}\d){6,}", r"(?:a+b)+c", r"(?:a|b)*"])
def test_a_pattern_that_matches_in_one_way_is_not(plain):
    assert not ambiguities(re.compile(plain))


def test_no_pattern_of_ours_matches_in_many_ways():
    found = dict(patterns())
    assert len(found) > 50
    assert {name: bad for name, one in found.items() if (bad := ambiguities(one))} == {}
