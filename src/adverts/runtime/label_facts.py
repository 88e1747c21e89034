"""What a service may do with a label: facts of the label schema that travel with a model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from adverts.advert import LabelSchema
from adverts.errors import IntegrityError
from adverts.runtime.routing import ClassFacts, RoutingFacts
from adverts.runtime.stored_fields import Fields, parse_object

FILE_NAME = "labels.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class SchemaClass:
    """One class of the label schema.

    Attributes:
        task: Whose label it is.
        label: Its name.
        group: ``V`` may violate, ``A`` depends on context, ``N`` does not, ``U`` is unusable.
        routes: What a service may do with an advert of it; never automatic removal.
    """

    task: str
    label: str
    group: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """Facts about the labels of a model; empty where its schema states none.

    Attributes:
        classes: In label order.
        safeguarding: Signals of danger to a person, which nothing may suppress.
    """

    classes: tuple[SchemaClass, ...] = ()
    safeguarding: tuple[str, ...] = ()

    def routing(self, schema: LabelSchema) -> RoutingFacts:
        """Return what routing must know of the label schema of the same model."""
        headline = schema.task(schema.headline)
        place = headline.positive_index
        return RoutingFacts(
            headline.name,
            None if place is None else headline.labels[place],
            class_task=next((one.task for one in self.classes), None),
            classes={one.label: ClassFacts(one.group, one.routes) for one in self.classes},
        )

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> LabelFacts:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: It holds no such facts, or is of another version; names the field.
        """
        try:
            return _read(parse_object(text, ""))
        except (ValueError, RecursionError) as error:
            raise IntegrityError(f"{FILE_NAME} is not valid ({error})") from error


def _read(fields: Fields) -> LabelFacts:
    version = fields.number("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version {version:g}, wanted {SCHEMA_VERSION}")
    classes: dict[tuple[str, str], SchemaClass] = {}
    for one in fields.objects("classes"):
        key = one.text("task"), one.text("label")
        if key in classes:
            raise ValueError(f"{one.path('label')} is {key[1]!r} a second time")
        classes[key] = SchemaClass(*key, one.text("group"), one.texts("routes"))
        one.end()
    safeguarding = fields.texts("safeguarding")
    fields.end()
    return LabelFacts(tuple(classes.values()), safeguarding)
