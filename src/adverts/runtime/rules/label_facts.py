"""What a service may do with a label: facts of the label schema that ship with a model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from adverts.advert import LabelSchema
from adverts.errors import IntegrityError
from adverts.runtime.rules.routing import ClassFacts, RoutingFacts
from adverts.runtime.rules.thresholds import MAX_SAFEGUARDING
from adverts.runtime.stored_fields import Fields, parse_object

FILE_NAME = "labels.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class SchemaClass:
    """One class of the label schema.

    Attributes:
        task: Name of the task that has the label.
        label: Name of the label.
        group: ``V`` may violate, ``A`` depends on context, ``N`` does not, ``U`` is unusable.
        routes: What a service may do with an advert of the class; never automatic removal.
    """

    task: str
    label: str
    group: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """Facts about the labels of a model; empty where its schema states none.

    Attributes:
        classes: Classes in label order.
        safeguarding: Labels that signal danger to a person, which nothing may suppress.
    """

    classes: tuple[SchemaClass, ...] = ()
    safeguarding: tuple[str, ...] = ()

    def routing(self, schema: LabelSchema) -> RoutingFacts:
        """Return what routing needs to know about the label schema of the same model."""
        headline = schema.task(schema.headline)
        place = headline.positive_index
        return RoutingFacts(
            headline.name,
            None if place is None else headline.labels[place],
            class_task=next((one.task for one in self.classes), None),
            classes={one.label: ClassFacts(one.group, one.routes) for one in self.classes},
            safeguarding=self.safeguarding,
        )

    def check(self, schema: LabelSchema) -> None:
        """Refuse facts that do not match a model's labels: some adverts could not be routed.

        Raises:
            IntegrityError: A class or a signal is not a label of the model, or a class lacks facts.
        """
        labels = {task.name: set(task.labels) for task in schema.tasks}
        told: dict[str, set[str]] = {}
        for one in self.classes:
            told.setdefault(one.task, set()).add(one.label)
        for task, found in told.items():
            if found != labels.get(task, set()):
                odd = min(found ^ labels.get(task, set()))
                raise IntegrityError(
                    f"{FILE_NAME} does not fit: the class {odd!r} of the task {task!r} is in only "
                    "one of file and model; export labels of the taxonomy"
                )
        require_labels(FILE_NAME, self.safeguarding, schema)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> LabelFacts:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: The text holds no such facts, or is of another version; the message
                names the field.
        """
        try:
            return _read(parse_object(text, ""))
        except ValueError as error:
            raise IntegrityError(f"{FILE_NAME} is not valid ({error})") from error


def require_labels(file: str, signals: tuple[str, ...], schema: LabelSchema) -> None:
    """Refuse safeguarding signals that a model does not answer: none may be left out.

    Raises:
        IntegrityError: There is one; the message names the file that holds it, and the signal.
    """
    answered = {label for task in schema.tasks for label in task.labels}
    for one in signals:
        if one not in answered:
            raise IntegrityError(
                f"{file} names the safeguarding signal {one!r}, which the model does not have; "
                "export the bundle again"
            )


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
    if len(safeguarding) > MAX_SAFEGUARDING:
        raise ValueError(
            f"safeguarding holds {len(safeguarding)} signals, wanted at most {MAX_SAFEGUARDING}"
        )
    fields.end()
    return LabelFacts(tuple(classes.values()), safeguarding)
