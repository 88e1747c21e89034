"""What is told of a prepared dataset."""

from dataclasses import replace

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.dataset_counts import notes, summary_lines
from adverts.data.dataset.dataset_manifest import (
    CampaignsTaken,
    DatasetManifest,
    Making,
    SplitCounts,
    Terms,
)


def manifest(labels, counts, made=None):
    schema = LabelSchema("demo", (Task("refer", "single", labels),), "refer")
    return DatasetManifest("demo", "hash", schema, (), counts, Terms(), made or Making())


def counts(adverts, **labels):
    return SplitCounts(adverts, adverts, 0, 0, {"": 1, "en": 2}, {"refer": labels})


def test_the_table_shows_each_label_of_few():
    lines = summary_lines(
        manifest(("no", "yes"), {"train": counts(3, no=1.5, yes=0.5, unlabelled=1)})
    )
    assert lines[0].split() == (
        ["split", "adverts", "clusters", "pictures", "no", "yes", "unlabelled", "languages"]
    )
    assert lines[1].split() == [
        "train",
        "3",
        "3",
        "0",
        "1.5",
        "0.5",
        "1",
        "en",
        "2,",
        "unknown",
        "1",
    ]


def test_the_table_shows_the_spread_of_many_labels():
    labels = dict.fromkeys("abcde", 4.0) | {"e": 0.0, "a": 9.0, "unlabelled": 0.0}
    lines = summary_lines(manifest(tuple("abcde"), {"test": counts(21, **labels)}))
    assert "4 of 5 labels (4 to 9)" in lines[1]


def test_what_is_doubtful_is_told():
    made = Making(bad_rows=2, rare_label_rows=3, erased_rows=5, split_overlap={"test": 4})
    of_splits = {
        "train": counts(9, no=9.0, yes=0.0, unlabelled=0.0),
        "test": counts(5, no=4.0, yes=1.0, unlabelled=0.0),
    }
    lines = notes(manifest(("no", "yes"), of_splits, made))
    assert len(lines) == 5
    assert lines[2] == "5 rows of the source were left out: they were erased"
    assert lines[3].startswith("4 of 5 test adverts have a copy, near-duplicate or quote in an")
    assert lines[4].startswith("train has only one label of refer")


def with_campaigns(train, validation, test):
    numbers = {"train": train, "validation": validation, "test": test}
    plain = counts(9, no=4.0, yes=5.0, unlabelled=0.0)
    return {split: replace(plain, campaigns=number) for split, number in numbers.items()}


def test_campaigns_are_told_with_their_origin_and_where_they_are_few():
    made = Making(campaigns=CampaignsTaken("bank", "hash", 4, adverts=12, elsewhere=3))
    assert notes(manifest(("no", "yes"), with_campaigns(90, 59, 60), made)) == [
        "12 adverts got a campaign from build 4 of a bank; 3 more are in campaigns there, but not "
        "in this dataset",
        "campaigns: train 90, validation 59, test 60; intervals resample them, and other adverts "
        "by cluster",
        "validation holds 59 campaigns: with fewer than 60, intervals of figures at a threshold "
        "are too narrow, so read them as rough",
    ]


def test_a_split_without_campaigns_is_told_where_others_have_some():
    lines = notes(manifest(("no", "yes"), with_campaigns(90, 0, 70)))
    assert lines[-1] == "validation holds no advert of a campaign, so it says nothing on new ones"
    assert not notes(manifest(("no", "yes"), with_campaigns(0, 0, 0)))
