"""The size of a value of a graph, for many sizes of the inputs at once.

A size is an array with one number for each set of input sizes that is considered (``K``), or a
single number where it is the same for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints

MAX_NUMBERS = 64
"""Most numbers of a value that are followed, since they may be sizes of other values."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known about a value before anything runs.

    Attributes:
        shape: Sizes of its axes, each ``(K,)`` or ``(1,)``.
        item_bytes: Number of bytes of one element.
        numbers: Whole numbers that it holds, ``(K, n)`` or ``(1, n)``, where it is a single one or
            a short list of them that depend on sizes only; otherwise None.
        is_constant: Whether it depends on no input, so that it is computed once and kept.
    """

    shape: tuple[Ints, ...]
    item_bytes: int
    numbers: Ints | None = None
    is_constant: bool = False

    @property
    def elements(self) -> NDArray[np.float64]:
        """Number of elements; in float64, which does not overflow to a small number."""
        return reduce(np.multiply, (one.astype(np.float64) for one in self.shape), np.ones(1))

    @property
    def num_bytes(self) -> NDArray[np.float64]:
        """Number of bytes of all elements."""
        return self.elements * self.item_bytes


def size(number: int) -> Ints:
    """Return a size that is the same for all inputs."""
    return np.array([number], dtype=np.int64)


def constant(dims: Sequence[int], item_bytes: int, numbers: Sequence[int] | None = None) -> Value:
    """Return what is known about a constant."""
    held = None if numbers is None else np.array([numbers], dtype=np.int64).reshape(1, -1)
    return Value(tuple(map(size, dims)), item_bytes, held, is_constant=True)


def broadcast(shapes: Iterable[tuple[Ints, ...]]) -> tuple[Ints, ...]:
    """Return the shape that results from broadcasting values to each other.

    Raises:
        ValueError: Two sizes differ and neither is 1.
    """
    wanted = list(shapes)
    rank = max(map(len, wanted))
    padded = [(size(1),) * (rank - len(one)) + one for one in wanted]
    return tuple(reduce(_stretched, column) for column in zip(*padded, strict=True))


def _stretched(left: Ints, right: Ints) -> Ints:
    if not ((left == right) | (left == 1) | (right == 1)).all():
        raise ValueError("the shapes of two of its values do not match")
    return np.where(left == 1, right, left)


def known(value: Value | None, what: str) -> Ints:
    """Return the numbers of a value that says how large another one is.

    Raises:
        ValueError: The numbers depend on more than sizes, or there are too many.
    """
    if value is None or value.numbers is None:
        raise ValueError(f"{what} depends on more than the sizes of its inputs")
    return value.numbers


def single(value: Value | None, what: str) -> list[int]:
    """Return numbers that are the same for all inputs, such as axes.

    Raises:
        ValueError: The numbers differ between inputs, or are not known.
    """
    numbers = known(value, what)
    if (numbers != numbers[:1]).any():
        raise ValueError(f"{what} depends on its inputs")
    return [int(one) for one in numbers[0]]
