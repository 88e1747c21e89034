"""Labels for a dataset, from whichever file people filled in; what is not agreed gives none."""

import pytest
from asked_sample import asked_sample, fill, name, said

from adverts.advert import Task
from adverts.data.review.answer_sheet import write_answer_sheet
from adverts.data.review.read_labels import GivenLabels, read_labels
from adverts.data.review.reviews import append_reviews
from adverts.errors import InputError, IntegrityError

TASKS = (
    Task("refer", "single", ("no", "yes"), "yes"),
    Task("signals", "multi", ("price_mention", "urgency")),
)
SAMPLE = asked_sample()
ITEMS = [name(i) for i in range(3)]


def sheet(tmp_path, task="refer"):
    path = tmp_path / "labelled.csv"
    write_answer_sheet(path, ITEMS, task=task, reason="sampled", sample=SAMPLE.seal, number=1)
    return path


def stored(tmp_path, *reviews):
    append_reviews(tmp_path / "reviews.jsonl", reviews)
    return tmp_path / "reviews.jsonl"


def labels(given):
    return {one.example: dict(one.labels) for one in given.rows}


def test_the_sheet_of_a_sample_gives_its_labels(tmp_path):
    given = read_labels(fill(sheet(tmp_path), {name(0): "yes", name(2): "no"}), TASKS)
    assert labels(given) == {name(0): {"refer": ("yes",)}, name(2): {"refer": ("no",)}}
    assert list(given.told()) == []


def test_an_untouched_sheet_gives_none(tmp_path):
    assert read_labels(sheet(tmp_path), TASKS) == GivenLabels()


def test_a_file_of_reviews_gives_its_labels_whatever_it_is_called(tmp_path):
    path = stored(tmp_path, said(SAMPLE, 0, "yes", "anna"), said(SAMPLE, 1, "no", "anna"))
    path.with_name("reviews_count.json").rename(tmp_path / "labelled_count.json")
    path = path.rename(tmp_path / "labelled.csv")
    found = {name(0): {"refer": ("yes",)}, name(1): {"refer": ("no",)}}
    assert labels(read_labels(path, TASKS)) == found


def test_one_advert_may_have_labels_of_two_tasks(tmp_path):
    path = stored(
        tmp_path,
        said(SAMPLE, 0, "yes", "anna"),
        said(SAMPLE, 0, "urgency|price_mention", "anna", task="signals"),
    )
    assert labels(read_labels(path, TASKS)) == {
        name(0): {"refer": ("yes",), "signals": ("price_mention", "urgency")}
    }


def test_who_cannot_tell_or_is_contradicted_gives_no_label_and_is_counted(tmp_path):
    path = stored(
        tmp_path,
        said(SAMPLE, 0, "unsure", "anna"),
        said(SAMPLE, 1, "yes", "anna"),
        said(SAMPLE, 1, "no", "ben", round=2),
        said(SAMPLE, 2, "yes", "anna"),
        said(SAMPLE, 2, "no", "ben", round=2),
        said(SAMPLE, 2, "no", "cleo", round=3),
    )
    given = read_labels(path, TASKS)
    assert labels(given) == {name(2): {"refer": ("no",)}}
    assert (given.undecided, given.unsure) == (1, 1)
    assert [line.split(":")[0] for line in given.told()] == ["1 label left out"] * 2


def test_two_rounds_in_one_sheet_are_two_words_on_an_advert(tmp_path):
    path = fill(sheet(tmp_path), {name(0): "yes"})
    row = path.read_text().splitlines()[1].replace("yes", "no").replace("anna", "ben")
    path.write_text(path.read_text() + row.replace(",1,ben", ",2,ben") + "\n")
    assert read_labels(path, TASKS) == GivenLabels(undecided=1)


def test_reviews_of_other_tasks_are_skipped_beside_those_of_the_dataset(tmp_path):
    path = stored(
        tmp_path, said(SAMPLE, 0, "yes", "anna"), said(SAMPLE, 1, "x", "anna", task="other")
    )
    assert labels(read_labels(path, TASKS)) == {name(0): {"refer": ("yes",)}}


def test_reviews_of_other_tasks_alone_are_refused(tmp_path):
    path = stored(tmp_path, said(SAMPLE, 0, "yes", "anna", task="reefer"))
    with pytest.raises(InputError, match="no such task 'reefer'; nearest: refer"):
        read_labels(path, TASKS)


def test_a_sheet_of_another_task_is_refused(tmp_path):
    path = fill_other(sheet(tmp_path, task="reefer"))
    with pytest.raises(InputError, match="no such task 'reefer'; nearest: refer"):
        read_labels(path, TASKS)


def fill_other(path):
    path.write_bytes(path.read_bytes().replace(b"reefer", b"refer"))
    fill(path, {name(0): "yes"})
    path.write_bytes(path.read_bytes().replace(b"label.refer", b"label.reefer"))
    return path


def test_a_label_that_the_dataset_does_not_have_is_refused_by_its_row(tmp_path):
    path = fill(sheet(tmp_path), {name(1): "yse"})
    with pytest.raises(InputError, match="row 3: label.refer: no such label 'yse'; nearest: yes"):
        read_labels(path, TASKS)


def test_a_stored_label_that_the_dataset_does_not_have_names_the_advert(tmp_path):
    path = stored(tmp_path, said(SAMPLE, 0, "yes", "anna"), said(SAMPLE, 1, "other", "anna"))
    with pytest.raises(InputError, match=f"{name(1)}: label.refer: no such label 'other'"):
        read_labels(path, TASKS)


def test_a_damaged_line_is_no_label(tmp_path):
    path = stored(tmp_path, said(SAMPLE, 0, "yes", "anna"))
    path.write_bytes(path.read_bytes() + b'{"half\n')
    with pytest.raises(IntegrityError, match="line 2"):
        read_labels(path, TASKS)


@pytest.mark.parametrize("content", [b"", b"[]", b"id,text\na,b\n"])
def test_any_other_file_is_refused(tmp_path, content):
    path = tmp_path / "labelled.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match="the header has no column"):
        read_labels(path, TASKS)


def test_the_sheet_of_an_audit_is_read_as_before(tmp_path):
    path = tmp_path / "review.csv"
    path.write_text(
        "part,cluster,example,adverts,reason,label.refer,label.signals,note\n"
        "p1,c1,a1,3,large,yes,none,\np2,c2,a2,1,large,,,\n"
    )
    (row,) = read_labels(path, TASKS).rows
    assert (row.part, row.example, row.adverts, row.row) == ("p1", "a1", 3, 2)
    assert row.labels == {"refer": ("yes",), "signals": ()}
