"""Labels of a review: where they go, and above all where they do not."""

from dataclasses import dataclass, field, replace

from adverts.advert import Task
from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.links import Traits
from adverts.data.mapping.label_cells import LabelPlan, Votes
from adverts.data.review.apply_review import apply_review
from adverts.data.review.review_sheet import ReviewedCluster
from adverts.data.review.reviews import item_name
from adverts.inputs.contacts.contact_tokens import ContactToken

SEATS = "Two seats left for Friday, {} each, family price, write to Karim <HANDLE>"
FERRY = "Ferry timetable for the summer: three crossings a day, bicycles travel free"
REFER = LabelPlan(Task("refer", "single", ("no", "yes"), "yes"), "label", None, (), {})
CLASS = LabelPlan(Task("advert_class", "single", ("V1", "N1", "U1")), "class", None, (), {})
DERIVED = LabelPlan(
    Task("refer", "single", ("no", "yes"), "yes"),
    "class",
    None,
    (),
    {"V1": "yes", "N1": "no", "U1": None},
)


@dataclass(frozen=True)
class Row:
    traits: Traits
    votes: dict[str, Votes] = field(default_factory=dict)


def row(name, text="", *, label=None, images=(), contacts=()):
    votes = {} if label is None else {"refer": Votes(((label,),), (label,))}
    return Row(Traits(name, text, images=tuple(images), contacts=contacts), votes)


def reviewed(example, **labels):
    return ReviewedCluster("p", "c", example, 1, "large", {k: (v,) for k, v in labels.items()})


def applied(rows, *sheet, plans=(REFER,)):
    traits = [r.traits for r in rows]
    return apply_review(
        [r.votes for r in rows],
        sheet,
        find_clusters(traits).links,
        ids=[one.id for one in traits],
        pictured=[bool(one.images) for one in traits],
        plans=plans,
    )


def labels(result):
    return [votes["refer"].chosen[0][0] if "refer" in votes else None for votes in result.votes]


def test_a_label_goes_to_the_advert_and_spreads_to_its_near_duplicates():
    result = applied(
        [row("a", SEATS.format(900)), row("b", SEATS.format(950)), row("c", FERRY)],
        reviewed("a", refer="yes"),
    )
    assert labels(result) == ["yes", "yes", None]
    assert result.propagated == ((), ("refer",), ())
    assert result.relabelled == 1


def test_a_label_never_spreads_over_a_contact_or_a_picture():
    token = (ContactToken("PHONE:1", None),)
    rows = [
        row("a", SEATS.format(900), contacts=token, images=("x",)),
        row("b", FERRY, contacts=token),
        row("c", "", images=("x",)),
    ]
    result = applied(rows, reviewed("a", refer="yes"))
    assert labels(result) == ["yes", None, None]


def test_the_same_words_beside_another_picture_take_no_label():
    rows = [
        row("a", SEATS.format(900), images=("x",)),
        row("b", SEATS.format(900), images=("y",)),
        row("c", SEATS.format(900)),
        row("d", SEATS.format(900), images=("x",)),
    ]
    result = applied(rows, reviewed("a", refer="yes"))
    assert labels(result) == ["yes", None, None, "yes"]


def test_a_label_of_a_person_stays_and_stops_the_spreading():
    rows = [
        row("a", SEATS.format(900)),
        row("b", SEATS.format(950), label="no"),
        row("c", SEATS.format(970)),
    ]
    result = applied(rows, reviewed("a", refer="yes"))
    assert labels(result) == ["yes", "no", None]
    assert result.held_back == 1


def test_the_label_of_the_advert_that_was_looked_at_is_corrected():
    result = applied([row("a", FERRY, label="yes")], reviewed("a", refer="no"))
    assert labels(result) == ["no"]
    assert result.propagated == ((),)


def test_two_reviews_that_differ_spread_to_nobody():
    rows = [row(name, SEATS.format(price)) for name, price in (("a", 900), ("b", 950), ("c", 970))]
    result = applied(rows, reviewed("a", refer="yes"), reviewed("b", refer="no"))
    assert labels(result) == ["yes", "no", None]


def test_adverts_that_are_gone_are_counted():
    result = applied([row("a", FERRY)], reviewed("gone", refer="no"))
    assert (result.relabelled, result.missing) == (0, 1)


def test_what_follows_from_a_class_is_relabelled_with_it():
    rows = [row("a", FERRY, label="yes"), row("b", SEATS.format(900), label="yes")]
    result = applied(
        rows,
        reviewed("a", advert_class="N1"),
        reviewed("b", advert_class="U1"),
        plans=(CLASS, DERIVED),
    )
    assert labels(result) == ["no", None]
    assert result.votes[0]["advert_class"].chosen == (("N1",),)


def test_a_label_that_another_reviewer_found_none_for_spreads_to_nobody_in_any_order():
    rows = [row(name, SEATS.format(900 + i)) for i, name in enumerate("abc")]
    sheet = [reviewed("a", advert_class="U1"), reviewed("b", advert_class="N1")]
    for order in (rows, rows[::-1]):
        result = applied(order, *sheet, plans=(CLASS, DERIVED))
        found = zip(order, result.votes, strict=True)
        assert {r.traits.id: "refer" in votes for r, votes in found} == {
            "a": False,
            "b": True,
            "c": False,
        }


def test_nothing_follows_from_what_itself_follows_from_a_class():
    coarse = replace(DERIVED, task=Task("coarse", "single", ("v", "n")), translate={"V1": "v"})
    advert = replace(row("a", FERRY), votes={"coarse": Votes((("v",),), ("V1",))})
    result = applied([advert], reviewed("a", refer="no"), plans=(CLASS, DERIVED, coarse))
    assert labels(result) == ["no"]
    assert result.votes[0]["coarse"].chosen == (("v",),)


def test_an_advert_is_found_by_its_id_or_by_its_name_on_sheets_of_samples():
    result = applied(
        [row("a", SEATS.format(900)), row("b", FERRY)],
        reviewed(item_name("a"), refer="yes"),
        reviewed("b", refer="no"),
        reviewed(item_name("planted"), refer="yes"),
    )
    assert labels(result) == ["yes", "no"]
    assert (result.relabelled, result.missing) == (2, 1)


def test_an_id_that_is_the_name_of_another_advert_is_an_id():
    rows = [row("a", SEATS.format(900)), row(item_name("a"), FERRY)]
    assert labels(applied(rows, reviewed(item_name("a"), refer="yes"))) == [None, "yes"]
