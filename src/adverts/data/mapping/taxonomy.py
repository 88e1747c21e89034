"""The label schema that ships with the project: classes, signals and the risk scale of adverts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from adverts.advert import LabelSchema, Task
from adverts.runtime.rules.label_facts import LabelFacts, SchemaClass

Group = Literal["V", "A", "N", "U"]
CLASS_TASK = "advert_class"
REFER: dict[Group, str | None] = {"V": "yes", "A": "no", "N": "no", "U": None}


@dataclass(frozen=True, slots=True)
class AdvertClass:
    """A class of adverts, by what the advert does.

    Attributes:
        id: Name of the label.
        name: What people call it, in a few words.
        group: ``V`` may violate, ``A`` depends on context, ``N`` does not, ``U`` is unusable.
        coarse: Its class in the coarse view.
        definition: When an advert is of this class.
        confusable_with: Classes that are easily confused with this one.
        routes: What a service may do with such an advert; never automatic removal.
    """

    id: str
    name: str
    group: Group
    coarse: str
    definition: str
    confusable_with: tuple[str, ...]
    routes: tuple[str, ...]

    @property
    def refer(self) -> str | None:
        """``yes`` for a candidate for referral, ``no``, or None if it cannot be judged."""
        return REFER[self.group]


@dataclass(frozen=True, slots=True)
class Signal:
    """One independent sign in an advert, and the family it belongs to."""

    id: str
    family: str
    definition: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Classes, signals and the scale of risk, each in label order."""

    version: str
    classes: tuple[AdvertClass, ...]
    coarse: tuple[str, ...]
    signals: tuple[Signal, ...]
    risks: tuple[str, ...]

    def label_schema(self) -> LabelSchema:
        """Return the five tasks; the headline is ``refer``, whether an advert is a candidate."""
        return LabelSchema(
            name=f"taxonomy-{self.version}",
            tasks=(
                Task("refer", "single", ("no", "yes"), positive="yes"),
                Task("coarse", "single", self.coarse),
                Task(CLASS_TASK, "single", tuple(item.id for item in self.classes)),
                Task("signals", "multi", tuple(signal.id for signal in self.signals)),
                Task("risk", "ordinal", self.risks),
            ),
            headline="refer",
        )


@cache
def read_taxonomy() -> Taxonomy:
    """Return the taxonomy in ``data/taxonomy.yaml``."""
    import yaml

    raw = yaml.safe_load((files("adverts.data") / "taxonomy.yaml").read_text(encoding="utf-8"))
    coarse = {name: view for view, names in raw["coarse_map"].items() for name in names}
    return Taxonomy(
        version=str(raw["schema_version"]),
        classes=tuple(
            AdvertClass(
                id=item["id"],
                name=item["name"],
                group=item["group"],
                coarse=coarse[item["id"]],
                definition=item["definition"],
                confusable_with=tuple(item.get("confusable_with", ())),
                routes=tuple(item["default_route"]),
            )
            for item in raw["classes"]
        ),
        coarse=tuple(raw["coarse_map"]),
        signals=tuple(
            Signal(id=name, family=family, definition=signal["def"])
            for family, signals in raw["signals"].items()
            for name, signal in signals.items()
        ),
        risks=tuple(str(step) for step in raw["risk_scale"]["anchors"]),
    )


def safeguarding_signals() -> tuple[str, ...]:
    """Return the signals of danger to a person, which no rule may suppress."""
    return tuple(s.id for s in read_taxonomy().signals if s.family == "safeguarding")


def label_facts(schema: LabelSchema) -> LabelFacts:
    """Return the facts that the taxonomy holds about a schema's labels; other labels have none.

    Classes are the labels of the task ``advert_class``; a signal may be a label of any task of kind
    ``multi``.
    """
    known = {one.id: one for one in read_taxonomy().classes}
    classes = tuple(
        SchemaClass(task.name, label, known[label].group, known[label].routes)
        for task in schema.tasks
        if task.name == CLASS_TASK
        for label in task.labels
        if label in known
    )
    asked = {label for task in schema.tasks if task.kind == "multi" for label in task.labels}
    return LabelFacts(classes, tuple(one for one in safeguarding_signals() if one in asked))
