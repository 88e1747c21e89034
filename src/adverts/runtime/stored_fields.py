"""Read the fields of stored JSON strictly; each error names the field and what is wanted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from adverts.files.bounded_reading import parse_json

Built = TypeVar("Built")


def parse_object(text: str | bytes, place: str) -> Fields:
    """Return the fields of the one object that a JSON text holds.

    Raises:
        ValueError: The text is not one object, or :func:`parse_json` does not accept it.
    """
    return Fields(parse_json(text), place)


class Fields:
    """The fields of one object; each can be read once, and :meth:`end` refuses any others."""

    def __init__(self, raw: object, place: str) -> None:
        """Take an object.

        Args:
            raw: Object, as ``json`` returns it.
            place: Name of the object in messages, e.g. ``tasks[0]``.

        Raises:
            ValueError: ``raw`` is not an object.
        """
        if not isinstance(raw, dict):
            raise ValueError(f"{place or 'the file'} is {_kind(raw)}, wanted an object")
        self._raw: dict[str, object] = dict(raw)
        self._place = place

    def path(self, name: str) -> str:
        """Return the full name of a field, as messages show it."""
        return f"{self._place}.{name}" if self._place else name

    def has(self, name: str) -> bool:
        """Return whether there is such a field; one that a later release added may be missing."""
        return name in self._raw

    def names(self) -> tuple[str, ...]:
        """Return the names of the fields that have not been read yet."""
        return tuple(self._raw)

    def value(self, name: str) -> object:
        """Return a field as it is.

        Raises:
            ValueError: The field is missing. The readers below raise this too.
        """
        return self._take(name)

    def text(self, name: str) -> str:
        """Return a text.

        Raises:
            ValueError: The field is missing or not a text. The readers below do the same.
        """
        value = self._take(name)
        if not isinstance(value, str):
            raise ValueError(f"{self.path(name)} is {_kind(value)}, wanted text")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or None for null."""
        return None if self._takes_null(name) else self.text(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = []
        for place, value in self._listed(name):
            if not isinstance(value, str):
                raise ValueError(f"{place} is {_kind(value)}, wanted text")
            found.append(value)
        return tuple(found)

    def number(self, name: str) -> float:
        """Return a finite number."""
        return _number(self._take(name), self.path(name))

    def optional_number(self, name: str) -> float | None:
        """Return a finite number, or None for null."""
        return None if self._takes_null(name) else self.number(name)

    def count(self, name: str) -> int:
        """Return a whole number from 0."""
        found = self.number(name)
        if found < 0 or found != int(found):
            raise ValueError(f"{self.path(name)} is {found:g}, wanted a whole number")
        return int(found)

    def optional_share(self, name: str) -> float | None:
        """Return a number from 0 to 1, or None for null."""
        found = self.optional_number(name)
        if found is not None and not 0 <= found <= 1:
            raise ValueError(f"{self.path(name)} is {found:g}, wanted a number in [0, 1] or null")
        return found

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a list of finite numbers."""
        return tuple(_number(value, place) for place, value in self._listed(name))

    def numbers_by_name(self, name: str) -> dict[str, float]:
        """Return an object of finite numbers."""
        value, path = self._take(name), self.path(name)
        if not isinstance(value, dict):
            raise ValueError(f"{path} is {_kind(value)}, wanted an object of numbers")
        return {key: _number(one, f"{path}.{key}") for key, one in value.items()}

    def words(self, name: str) -> Mapping[str, str | int] | None:
        """Return an object of texts and whole numbers, or None for null."""
        value, path = self._take(name), self.path(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ValueError(f"{path} is {_kind(value)}, wanted an object")
        for key, one in value.items():
            if isinstance(one, bool) or not isinstance(one, str | int):
                raise ValueError(f"{path}.{key} is {_kind(one)}, wanted text or a whole number")
        return value

    def fields(self, name: str) -> Fields:
        """Return the fields of an object."""
        return Fields(self._take(name), self.path(name))

    def objects(self, name: str) -> Iterator[Fields]:
        """Yield each object of a list."""
        for place, value in self._listed(name):
            yield Fields(value, place)

    def end(self) -> None:
        """Refuse fields that have not been read.

        Raises:
            ValueError: There is such a field.
        """
        if self._raw:
            raise ValueError(f"{self.path(min(self._raw))} is not a known field")

    def build(self, make: Callable[[], Built]) -> Built:
        """Return what ``make`` builds from fields that were read; its errors name the place.

        Raises:
            ValueError: The fields do not fit together.
        """
        try:
            return make()
        except ValueError as error:
            raise ValueError(self.path(str(error))) from error

    def _take(self, name: str) -> object:
        if name not in self._raw:
            raise ValueError(f"{self.path(name)} is missing")
        return self._raw.pop(name)

    def _takes_null(self, name: str) -> bool:
        if self._raw.get(name, name) is not None:
            return False
        del self._raw[name]
        return True

    def _listed(self, name: str) -> Iterator[tuple[str, object]]:
        value, path = self._take(name), self.path(name)
        if not isinstance(value, list):
            raise ValueError(f"{path} is {_kind(value)}, wanted a list")
        for i, one in enumerate(value):
            yield f"{path}[{i}]", one


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{path} is {_kind(value)}, wanted a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{path} is {number}, wanted a finite number")
    return number


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
