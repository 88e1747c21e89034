"""Labels that a source gives are settled before anything is made of them."""

from adverts.advert import Task
from adverts.data.mapping.collect_labels import settle_labels
from adverts.data.mapping.label_cells import LabelPlan, Votes

LISTED = LabelPlan(Task("refer", "single", ("no", "yes"), "yes"), "label", None, (), {})
FOUND = LabelPlan(Task("refer", "single", ()), "label", None, (), {}, evenly_spelt=True)


def settled(plan, *labels, minimum=0):
    votes = [{} if one is None else {"refer": Votes(((one,),), (one,))} for one in labels]
    return settle_labels(votes, [plan], name="demo", headline="refer", minimum=minimum)


def test_rare_labels_are_dropped_and_unlabelled_adverts_are_not():
    kept, _, told = settled(LISTED, "no", "no", "yes", None, minimum=2)
    assert (list(kept), told) == ([0, 1, 3], [])


def test_labels_that_are_found_are_evenly_spelt_and_keep_what_the_source_has():
    kept, schema, told = settled(FOUND, "YES", None, "no", "yes")
    assert schema.tasks == (Task("refer", "single", ("no", "yes"), "yes"),)
    assert [votes["refer"].chosen[0][0] for votes in kept.values() if votes] == ["yes", "no", "yes"]
    assert kept[0]["refer"].raw == ("YES",)
    assert told == ["labels found: no ×1, yes ×2; positive: yes"]
