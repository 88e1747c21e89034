"""Label Studio: what it imports shows no contact or score; what it exports becomes reviews."""

import base64
import io
import json
import stat
from xml.etree import ElementTree

import pytest
from asked_sample import NOW, QUESTION, asked_sample, name, said
from PIL import Image

from adverts.errors import InputError
from adverts_findings.survey.sample import Choice, ReviewQuestion
from adverts_findings.survey.sheets.items import Item
from adverts_findings.survey.sheets.label_studio import labelling_config, write_tasks
from adverts_findings.survey.sheets.label_studio_export import read_export

SAMPLE = asked_sample()
WHEN = "2026-03-02T10:00:00+00:00"


def picture():
    buffer = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(buffer, "PNG")
    return buffer.getvalue()


def item(**changes):
    facts = {
        "name": name(0),
        "text": 'Call <PHONE> "now" & <b>here</b>',
        "picture_text": "",
        "pictures": (),
        "language": "en",
    }
    return Item(**facts | changes)


def tasks(tmp_path, *items):
    path = tmp_path / "tasks.json"
    write_tasks(path, items, SAMPLE, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return [task["data"] for task in json.loads(path.read_bytes())]


def test_a_task_names_its_item_sample_and_round_and_nothing_else(tmp_path):
    (data,) = tasks(tmp_path, item())
    assert data == {
        "item": name(0),
        "text": 'Call <PHONE> "now" & <b>here</b>',
        "picture_text": "(no text)",
        "pictures": [],
        "sample": SAMPLE.seal,
        "round": 1,
    }


def test_tasks_keep_the_order_of_the_items(tmp_path):
    found = tasks(tmp_path, item(name=name(3)), item(name=name(1)), item(name=name(2)))
    assert [data["item"] for data in found] == [name(3), name(1), name(2)]


def test_an_empty_post_says_so(tmp_path):
    assert tasks(tmp_path, item(text=" \n"))[0]["text"] == "(no text)"


def test_control_and_direction_characters_are_left_out(tmp_path):
    assert tasks(tmp_path, item(text="a\u202eb\x07c"))[0]["text"] == "ab c"


def test_half_a_letter_does_not_stop_a_round(tmp_path):
    assert tasks(tmp_path, item(text="a\ud83db"))[0]["text"] == "a?b"


def test_the_pixels_of_a_picture_are_blurred(tmp_path):
    (data,) = tasks(tmp_path, item(pictures=(picture(), picture())))
    assert len(data["pictures"]) == 2
    kind, _, encoded = data["pictures"][0].partition(",")
    shown = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert (kind, max(shown.size)) == ("data:image/png;base64", 128)
    assert base64.b64encode(picture()).decode() not in json.dumps(data)


def test_a_picture_that_cannot_be_decoded_is_counted(tmp_path):
    (data,) = tasks(tmp_path, item(picture_text="sale", pictures=(b"no picture", picture())))
    assert len(data["pictures"]) == 1
    assert data["picture_text"] == "sale\n(1 picture cannot be shown)"


def config(question=QUESTION):
    return ElementTree.fromstring(labelling_config(question))


def choices(view, wanted):
    (found,) = view.findall(f"Choices[@name='{wanted}']")
    assert found.attrib.items() >= {"required": "true", "choice": "single-radio"}.items()
    return {one.get("value"): one.get("hint") for one in found}


def test_the_config_offers_each_answer_with_its_definition_and_unsure():
    found = choices(config(), "label")
    assert list(found) == ["no", "yes", "unsure"]
    assert found["yes"] == "It offers <what> & needs a referral."
    shown = [one.get("value") for one in config().findall("Header")]
    assert "yes: It offers <what> & needs a referral." in shown


def test_unsure_is_offered_once_where_the_question_has_it():
    question = ReviewQuestion("refer", (Choice("unsure", "", None), Choice("a", "", True)), "1")
    assert choices(config(question), "label") == {
        "unsure": None,
        "a": None,
    }


def test_the_config_asks_what_the_annotator_saw_and_presets_nothing():
    assert list(choices(config(), "saw_others")) == ["no", "yes"]
    assert "selected" not in labelling_config(QUESTION)


def test_everything_that_the_config_shows_is_in_a_task(tmp_path):
    (data,) = tasks(tmp_path, item())
    view = config()
    texts = {one.get("value") for one in view.findall("Text")}
    assert texts <= {f"${key}" for key in data}
    assert view.find("Repeater").get("on") == "$pictures"
    assert {one.get("toName") for one in view.iter() if one.get("toName")} == {"text"}


def test_a_hostile_definition_is_only_text():
    choice = Choice('a"/><Text value="$sample"/>', "\x00\u202e</View>", positive=True)
    view = config(ReviewQuestion("refer", (choice,), "1"))
    assert choices(view, "label")['a"/><Text value="$sample"/>'] == " </View>"
    assert len(view.findall("Text")) == 2


def annotation(label="yes", saw="no", note=None, **changes):
    result = [
        {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}},
        {"from_name": "saw_others", "type": "choices", "value": {"choices": [saw]}},
        {"from_name": "note", "type": "textarea", "value": {"text": note or []}},
    ]
    facts = {
        "id": 1001,
        "completed_by": 3,
        "was_cancelled": False,
        "created_at": "2026-03-02T09:00:00.728353Z",
        "updated_at": "2026-03-02T10:00:00.400000Z",
        "result": result,
    }
    return facts | changes


def exported(*annotations, number=0, sample=SAMPLE, **data):
    facts = {"item": name(number), "text": "…", "sample": sample.seal, "round": 1}
    return {"id": 5, "data": facts | data, "annotations": list(annotations), "predictions": []}


def read(tmp_path, *found, reviews=()):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(found))
    return read_export(path, SAMPLE, reviews, now=NOW)


def test_an_annotation_becomes_a_review(tmp_path):
    (found,) = read(tmp_path, exported(annotation(note=["one", "two"])))
    assert found == said(SAMPLE, 0, "yes", "3", reviewed_at=WHEN, note="one\ntwo")


@pytest.mark.parametrize(
    ("completed_by", "reviewer"),
    [
        (3, "3"),
        ({"id": 3, "email": "anna@office.example"}, "anna@office.example"),
        ({"id": 3}, "3"),
    ],
)
def test_the_annotator_is_the_reviewer(tmp_path, completed_by, reviewer):
    (found,) = read(tmp_path, exported(annotation(completed_by=completed_by)))
    assert found.reviewer == reviewer


def test_an_annotator_whose_address_is_blank_is_nobody(tmp_path):
    with pytest.raises(InputError, match="reviewer is empty"):
        read(tmp_path, exported(annotation(completed_by={"email": "  "})))


def test_cancelled_and_unanswered_annotations_are_left_out(tmp_path):
    cancelled, empty = annotation(was_cancelled=True), annotation(result=[])
    found = read(tmp_path, exported(cancelled, empty, annotation("no")), exported(number=1))
    assert [one.label for one in found] == ["no"]


def test_a_task_may_have_several_annotations(tmp_path):
    found = read(tmp_path, exported(annotation("yes"), annotation("no", completed_by=4)))
    assert [(one.reviewer, one.label) for one in found] == [("3", "yes"), ("4", "no")]


def test_what_was_created_and_never_updated_has_its_time(tmp_path):
    (found,) = read(tmp_path, exported(annotation(updated_at=None)))
    assert found.reviewed_at == "2026-03-02T09:00:00+00:00"


def test_an_annotation_without_a_time_has_that_of_reading(tmp_path):
    (found,) = read(tmp_path, exported(annotation(updated_at=None, created_at=None)))
    assert found.reviewed_at == NOW


def test_who_saw_others_is_not_blind(tmp_path):
    assert not read(tmp_path, exported(annotation(saw="yes")))[0].blind


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (exported(annotation(), sample=asked_sample(draws=6)), "task 1: is of another sample"),
        (exported(annotation(), number=7), "is no item of sample made"),
        (exported(annotation("yse")), "no such label 'yse'; nearest: yes"),
        (exported(annotation(saw="")), "saw_others: found '', wanted yes or no"),
        (exported(annotation(completed_by=None)), "reviewer is empty"),
        (exported(annotation(completed_by=True)), "reviewer is empty"),
        (exported(annotation(updated_at="soon")), "found 'soon', wanted a time"),
        (exported(annotation(note=["n" * 20_000])), "the note has 20,000 characters"),
        (exported(annotation(), round=2), "round 1 is complete: 6 of 6 items"),
        (exported(annotation(), round=4), "has no item, sample, round or annotations"),
        (exported("annotation"), "found str, wanted an annotation"),
        ({"text": "…", "label": "yes", "annotator": 1}, "not as JSON-MIN"),
        ({"data": {}, "annotations": []}, "has no item, sample, round or annotations"),
        ("task", "has no item, sample, round or annotations"),
    ],
)
def test_a_wrong_task_is_refused_by_its_number(tmp_path, task, words):
    with pytest.raises(InputError) as found:
        read(tmp_path, task)
    assert words in str(found.value)
    assert "\n" not in str(found.value)


def test_two_choices_are_no_answer(tmp_path):
    both = {"from_name": "label", "type": "choices", "value": {"choices": ["yes", "no"]}}
    with pytest.raises(InputError, match="task 1: label: wanted one choice"):
        read(tmp_path, exported(annotation(result=[both])))


def test_one_annotator_cannot_be_first_and_second(tmp_path):
    first = [said(SAMPLE, i, "no", "3") for i in (0, 1, 2, 3, 4, 90)]
    with pytest.raises(InputError, match="3 reviewed 1 item .* in two rounds"):
        read(tmp_path, exported(annotation(), number=1, round=2), reviews=first)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no export of Label Studio"),
        (b'[{"data": {"item"', "is no export of Label Studio"),
        (b"\xff\xfe", "is no export of Label Studio"),
        (b"[" * 100_000, "is no export of Label Studio"),
        (b"{}", "holds no task"),
        (b"[]", "holds no task"),
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path, content, words):
    path = tmp_path / "export.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_export(path, SAMPLE, [], now=NOW)


def test_an_export_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_export(tmp_path / "none.json", SAMPLE, [], now=NOW)
