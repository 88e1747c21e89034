"""The label schema of the project."""

import re
from importlib.resources import files

from adverts.data.mapping.taxonomy import read_taxonomy


def test_the_schema_has_the_tasks_that_the_models_learn():
    schema = read_taxonomy().label_schema()
    assert [(task.name, task.kind, task.num_labels) for task in schema.tasks] == [
        ("refer", "single", 2),
        ("coarse", "single", 8),
        ("advert_class", "single", 21),
        ("signals", "multi", 57),
        ("risk", "ordinal", 7),
    ]
    assert schema.headline == "refer"
    assert schema.task("refer").positive == "yes"


def test_only_candidates_are_positive_and_the_unusable_are_no_label():
    refer = {item.id: item.refer for item in read_taxonomy().classes}
    assert refer["offer_crossing"] == "yes"
    assert refer["seek_service"] == refer["glorify_journey"] == refer["news_journalism"] == "no"
    assert refer["unusable"] is None
    assert sum(value == "yes" for value in refer.values()) == 6


def test_every_class_it_mentions_exists():
    classes = read_taxonomy().classes
    known = {item.id for item in classes}
    assert all(set(item.confusable_with) <= known for item in classes)
    assert {item.coarse for item in classes} == set(read_taxonomy().coarse)


def test_its_contacts_are_fictional():
    text = (files("adverts.data") / "taxonomy.yaml").read_text(encoding="utf-8")
    handles = set(re.findall(r"(?<![\w.])@[a-z_]+\w*", text)) - {"@demo_fictional_NN", "@xi", "@fe"}
    numbers = re.findall(r"(?:\+44 |0)\d[\d ]{8,}\d", text)
    assert all(handle.startswith("@demo_fictional_") for handle in handles)
    assert numbers
    assert all(re.fullmatch(r"\+44 7700 900\d{3}|01632 960\d{3}", number) for number in numbers)
