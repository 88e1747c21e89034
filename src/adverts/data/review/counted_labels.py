"""Which answers of people say that an advert is what is looked for."""

from __future__ import annotations

from collections.abc import Mapping

from adverts.advert import LabelSchema
from adverts.data.mapping.taxonomy import CLASS_TASK, REFER, read_taxonomy
from adverts.errors import InputError


def counted_labels(schema: LabelSchema) -> Mapping[tuple[str, str], bool | None]:
    """Return for task and label whether such an advert counts; None if it could not be judged.

    Of the headline task the positive label counts. Where the labels are those of the taxonomy, a
    class counts too if its group is V.

    Raises:
        InputError: The headline task has no positive label.
    """
    headline = schema.task(schema.headline)
    if headline.kind != "single" or headline.positive_index is None:
        raise InputError(
            f"the headline task {headline.name} has no positive label, so no label says that an "
            "advert is what is looked for, and there is nothing to count; prepare and train with "
            "data.tasks.positive"
        )
    positive = headline.labels[headline.positive_index]
    found: dict[tuple[str, str], bool | None] = {
        (headline.name, label): label == positive for label in headline.labels
    }
    taxonomy = read_taxonomy().label_schema()
    if headline == taxonomy.task(taxonomy.headline):
        for one in read_taxonomy().classes:
            refer = REFER[one.group]
            found[CLASS_TASK, one.id] = None if refer is None else refer == positive
    return found
