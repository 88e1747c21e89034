"""Labels that a source gives are settled before anything is made of them."""

import pytest

from adverts.advert import Task
from adverts.data.mapping.collect_labels import evenly_spelt, settle_labels
from adverts.data.mapping.label_cells import LabelPlan, Votes
from adverts.errors import InputError

LISTED = LabelPlan(Task("refer", "single", ("no", "yes"), "yes"), "label", None, (), {})
FOUND = LabelPlan(Task("refer", "single", ()), "label", None, (), {}, evenly_spelt=True)


def settled(plan, *labels, minimum=0):
    votes = [{} if one is None else {"refer": Votes(((one,),), (one,))} for one in labels]
    return settle_labels(votes, [plan], name="demo", headline="refer", minimum=minimum)


def test_rare_labels_are_dropped_and_unlabelled_adverts_are_not():
    kept, _, told = settled(LISTED, "no", "no", "yes", None, minimum=2)
    assert (list(kept), told) == ([0, 1, 3], [])


@pytest.mark.parametrize(
    "label",
    ["call me +447700900555 now boat tonight", "jo@demo.example", "# @package _global_", "b" * 81],
)
def test_what_may_be_a_contact_or_a_text_is_no_label_and_is_not_shown(label):
    for read in (lambda: settled(FOUND, "yes", "no", label), lambda: evenly_spelt(["no", label])):
        with pytest.raises(InputError, match="1 value that may be a contact or a text") as told:
            read()
        assert label not in str(told.value)


def test_labels_that_are_found_are_evenly_spelt_and_keep_what_the_source_has():
    kept, schema, told = settled(FOUND, "YES", None, "no", "yes")
    assert schema.tasks == (Task("refer", "single", ("no", "yes"), "yes"),)
    assert [votes["refer"].chosen[0][0] for votes in kept.values() if votes] == ["yes", "no", "yes"]
    assert kept[0]["refer"].raw == ("YES",)
    assert told == ["labels found: no ×1, yes ×2; positive: yes"]
