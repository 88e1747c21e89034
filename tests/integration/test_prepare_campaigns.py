"""The verb `prepare` with campaigns of a bank or of a CSV file: splits, and what is seen."""

import datetime
import random
from collections import defaultdict

import pyarrow.parquet as pq
import pytest
from made_bank import advert, build_row, tables
from preparing import GIVEN, config, places, sentences, write_csv
from pydantic import ValidationError

from adverts.advert import SPLITS
from adverts.data.dataset.dataset_manifest import read_manifest
from adverts.errors import InputError
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.inputs.letters.folding import fold
from adverts.prepare import prepare
from adverts.scoring.evidence.evidence_rows import documents_of
from adverts_findings.campaigns.bank.write_bank import write_build

KEY = "a key of at least thirty-two bytes for tests"


@pytest.fixture(autouse=True)
def _with_the_key(monkeypatch):
    monkeypatch.setenv(TOKEN_KEY, KEY)


def write_bank(tmp_path, of, *, build=1, replaced=(), key=KEY, texts=None, **more):
    """Write a build of a bank in which adverts are in campaigns; `more` is given to every row."""
    builds = [build_row(i) for i in range(1, build + 1)]
    key_id = token_key_id(key.encode())
    write_build(
        tmp_path / "bank",
        tables(
            builds=[one | {"token_key_id": key_id} for one in builds],
            adverts=[
                advert(id, campaign=campaign, text_hash=(texts or {}).get(id), **more)
                for id, campaign in of.items()
            ],
            replaced=replaced,
        ),
        expected=build - 1 or None,
    )


def write_campaigns(tmp_path, of):
    text = "".join(f"{id},{campaign}\n" for id, campaign in of.items())
    (tmp_path / "campaigns.csv").write_text(f"id,campaign\n{text}")


def with_bank(tmp_path, **changes):
    return config(tmp_path, campaigns=tmp_path / "bank", **changes)


def with_file(tmp_path, **changes):
    return config(tmp_path, campaigns=tmp_path / "campaigns.csv", **changes)


def of_campaigns(rows, *, size=5):
    """Campaigns of `size` positive adverts each; negative ones and the last few are in none."""
    positive = [one["id"] for one in rows if one["label"] == "yes"]
    random.Random(1).shuffle(positive)
    return {id: f"c{place // size:06d}" for place, id in enumerate(positive[: -2 * size])}


def splits_of(dataset):
    table = dataset.split("all")
    return dict(zip(table.ids, table.splits, strict=True))


def campaigns_of(dataset):
    table = dataset.split("all")
    return {
        id: campaign
        for id, campaign in zip(table.ids, table.values("campaign"), strict=True)
        if campaign is not None
    }


def test_every_advert_in_a_campaign_of_the_bank_has_its_id_and_no_other_has_one(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    write_bank(tmp_path, of | {"not here": "c000000"})
    dataset = prepare(with_bank(tmp_path))
    assert campaigns_of(dataset) == of
    taken = dataset.manifest.made.campaigns
    assert (taken.kind, taken.build, taken.adverts, taken.elsewhere) == ("bank", 1, len(of), 1)
    assert dataset.manifest.made.source["campaigns"] == taken.sha256


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_campaign_is_never_in_two_splits(tmp_path, seed):
    rows = sentences(90, seed=seed)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    write_campaigns(tmp_path, of)
    dataset = prepare(with_file(tmp_path))
    of_campaign = defaultdict(set)
    for id, split in splits_of(dataset).items():
        of_campaign[of.get(id, id)].add(split)
    assert {len(found) for found in of_campaign.values()} == {1}
    counts = dataset.manifest.counts
    assert sum(counts[split].campaigns for split in SPLITS) == len(set(of.values()))
    assert not dataset.seen.of(dataset.split("test").ids).seen.any()


def test_intervals_resample_campaigns_since_clusters_are_whole_campaigns(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    write_campaigns(tmp_path, of)
    table = prepare(with_file(tmp_path)).split("all")
    cluster = dict(zip(table.ids, table.clusters, strict=True))
    joined = {(of.get(id, id), name) for id, name in cluster.items()}
    assert len(joined) == len(set(cluster.values())) == len({of.get(id, id) for id in cluster})
    assert len(set(table.copies)) == len(rows)


def test_campaigns_that_use_one_text_are_in_one_split_and_stay_two_clusters(tmp_path):
    rows = sentences(60, seed=1)
    first, second, lone = rows[0], rows[2], rows[4]
    second["text"] = lone["text"] = first["text"]
    write_csv(tmp_path, rows)
    others = {one["id"]: f"c{place % 2}" for place, one in enumerate(rows[6:26:2])}
    write_campaigns(tmp_path, others | {first["id"]: "c0", second["id"]: "c1"})
    dataset = prepare(with_file(tmp_path))
    splits = splits_of(dataset)
    assert len({splits[id] for id in [*others, first["id"], second["id"], lone["id"]]}) == 1
    table = dataset.split("all")
    cluster = dict(zip(table.ids, table.clusters, strict=True))
    assert len({cluster[id] for id in others}) == 2
    assert cluster[lone["id"]] not in {cluster[id] for id in others}


def test_campaigns_are_context_and_change_no_text_label_or_token(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    write_campaigns(tmp_path, of_campaigns(rows))
    found = all_columns(prepare(with_file(tmp_path)))
    elsewhere = config(tmp_path).model_copy(update={"prepared": tmp_path / "prepared" / "without"})
    without = all_columns(prepare(elsewhere))
    assert found.column_names == without.column_names
    changed = {name for name in found.column_names if found[name] != without[name]}
    assert changed == {"campaign", "split"}


def all_columns(dataset):
    return pq.read_table(dataset.path / "shard-00000.parquet")


def test_a_bank_that_was_built_again_with_the_same_campaigns_changes_nothing(tmp_path, capsys):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    write_bank(tmp_path, of)
    prepare(with_bank(tmp_path))
    write_bank(tmp_path, of, build=2)
    dataset = prepare(with_bank(tmp_path))
    assert "is up to date" in capsys.readouterr().out
    assert dataset.manifest.made.campaigns.build == 1


def test_a_campaign_with_a_new_id_takes_it_and_its_adverts_stay_where_they_are(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    write_bank(tmp_path, of)
    before = splits_of(prepare(with_bank(tmp_path)))
    merged = {id: "c000009" if one == "c000000" else one for id, one in of.items()}
    new = {"level": "campaign", "old": "c000000", "new": "c000009", "build": 2, "how": "merged"}
    write_bank(tmp_path, merged, build=2, replaced=[new])
    dataset = prepare(with_bank(tmp_path))
    assert campaigns_of(dataset) == merged
    assert splits_of(dataset) == before


def test_campaigns_that_cross_the_splits_of_before_move_nobody_and_are_not_judged(tmp_path, capsys):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    before = splits_of(prepare(config(tmp_path)))
    in_test = [id for id, split in before.items() if split == "test"][:4]
    in_train = [id for id, split in before.items() if split == "train"][:4]
    write_campaigns(tmp_path, dict.fromkeys([*in_test, *in_train], "c1"))
    dataset = prepare(with_file(tmp_path))
    assert splits_of(dataset) == before
    test = dataset.split("test")
    seen = dataset.seen.of(test.ids)
    assert {id for id, one in zip(test.ids, seen.training, strict=True) if one} == set(in_test)
    assert (
        "4 of 12 test adverts have a copy, near-duplicate or quote in an earlier split, or an"
        in ("\n".join(notes_of(dataset, capsys)))
    )


def notes_of(dataset, capsys):
    from adverts.data.dataset.dataset_counts import notes

    assert dataset.path.is_dir()
    return [*notes(dataset.manifest), *capsys.readouterr().out.splitlines()]


def test_a_new_advert_of_a_campaign_joins_its_split_and_one_between_two_is_set_aside(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    before = splits_of(prepare(config(tmp_path)))
    (of_test, *_), (of_train, *_) = (
        [id for id, split in before.items() if split == wanted] for wanted in ("test", "train")
    )
    write_csv(tmp_path, rows + sentences(2, seed=7))
    of = {of_test: "c1", "s7-0": "c1", of_train: "c2", "s7-1": "c2"}
    write_campaigns(tmp_path, of)
    found = splits_of(prepare(with_file(tmp_path)))
    assert (found["s7-0"], found["s7-1"]) == ("test", "train")
    write_csv(tmp_path, rows + sentences(3, seed=7))
    write_campaigns(tmp_path, dict.fromkeys([*of, "s7-2"], "c1"))
    dataset = prepare(with_file(tmp_path))
    assert places(dataset)["s7-2"].place == "bridge"
    assert splits_of(dataset) == found


def given_rows(of_both):
    rows = sentences(60, seed=1)
    for place, one in enumerate(rows):
        one["split"] = "test" if place % 3 == 0 else "train"
    of = dict.fromkeys([one["id"] for one in rows[:of_both]], "c1")
    return rows, of


@pytest.mark.parametrize(
    ("leakage", "in_test", "in_train", "seen"), [("report", 20, 40, 2), ("drop", 20, 36, 0)]
)
def test_a_split_of_the_source_that_a_campaign_crosses_is_reported_or_left_out_of_train(
    tmp_path, leakage, in_test, in_train, seen
):
    rows, of = given_rows(6)
    write_csv(tmp_path, rows)
    write_campaigns(tmp_path, of)
    split = GIVEN | {"leakage": leakage, "validation_fraction": 0.0}
    columns = {"id": "id", "text": "text", "split": "split"}
    dataset = prepare(with_file(tmp_path, columns=columns, split=split))
    counts = dataset.manifest.counts
    assert (counts["test"].adverts, counts["train"].adverts) == (in_test, in_train)
    assert int(dataset.seen.of(dataset.split("test").ids).seen.sum()) == seen


def test_a_split_of_the_source_that_a_campaign_crosses_is_refused_by_default(tmp_path):
    rows, of = given_rows(6)
    write_csv(tmp_path, rows)
    write_campaigns(tmp_path, of)
    split = GIVEN | {"leakage": "fail", "validation_fraction": 0.0}
    columns = {"id": "id", "text": "text", "split": "split"}
    with pytest.raises(InputError, match="2 test adverts have .* group or campaign with it"):
        prepare(with_file(tmp_path, columns=columns, split=split))
    assert not (tmp_path / "prepared" / "demo").exists()


def test_a_bank_of_other_adverts_is_refused_and_the_dataset_stays(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    before = prepare(config(tmp_path))
    write_bank(tmp_path, {"elsewhere": "c1"})
    with pytest.raises(InputError, match="none of them is among the 60 of this dataset"):
        prepare(with_bank(tmp_path))
    assert read_manifest(before.path) == before.manifest


def hashes(texts):
    """Hashes of captions by id, as a bank holds them."""
    found = documents_of([fold(one) for one in texts.values()], key=KEY.encode())
    return {id: one.hash for id, one in zip(texts, found, strict=True)}


def test_a_bank_whose_ids_are_the_same_by_chance_is_refused(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    others = hashes({id: f"other {id}" for id in of})
    write_bank(tmp_path, of, texts=others)
    with pytest.raises(InputError, match="20 have another text there, so it is a bank of other"):
        prepare(with_bank(tmp_path))
    own = {one["id"]: one["text"] for one in rows}
    write_bank(tmp_path, of, build=2, texts=hashes({id: own[id] for id in of}))
    assert campaigns_of(prepare(with_bank(tmp_path))) == of


def test_a_bank_of_another_key_is_refused(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    write_bank(tmp_path, of_campaigns(rows), key="another key of at least thirty-two bytes")
    with pytest.raises(InputError, match="the tokens of the bank were made with the key"):
        prepare(with_bank(tmp_path))


def test_what_has_expired_is_not_taken_and_a_dataset_keeps_what_it_took(tmp_path):
    rows = sentences(60, seed=1)
    write_csv(tmp_path, rows)
    of = of_campaigns(rows)
    write_bank(tmp_path, of)
    dataset = prepare(with_bank(tmp_path))
    write_bank(tmp_path, of, build=2, retain_until=datetime.date(2020, 1, 1))
    with pytest.raises(InputError, match="no advert of build 2 is in a campaign"):
        prepare(with_bank(tmp_path))
    assert campaigns_of(dataset) == of


def test_campaigns_from_two_origins_are_refused(tmp_path):
    columns = {"id": "id", "text": "text", "campaign": "brand"}
    with pytest.raises(ValidationError, match=r"campaigns= and columns\.campaign= both give"):
        with_file(tmp_path, columns=columns)


def test_a_column_of_campaigns_keeps_them_whole_too(tmp_path):
    rows = sentences(60, seed=1)
    of = of_campaigns(rows)
    write_csv(tmp_path, [one | {"brand": of.get(one["id"], "")} for one in rows])
    columns = {"id": "id", "text": "text", "campaign": "brand"}
    dataset = prepare(config(tmp_path, columns=columns))
    assert campaigns_of(dataset) == of
    of_campaign = defaultdict(set)
    for id, split in splits_of(dataset).items():
        of_campaign[of.get(id, id)].add(split)
    assert {len(found) for found in of_campaign.values()} == {1}


def test_a_campaign_that_holds_most_of_a_split_is_said_loudly(tmp_path, capsys):
    rows = sentences(80, seed=1)
    write_csv(tmp_path, rows)
    positive = [one["id"] for one in rows if one["label"] == "yes"]
    write_campaigns(tmp_path, dict.fromkeys(positive[:36], "c1"))
    prepare(with_file(tmp_path))
    said = capsys.readouterr().out
    assert "caution: 36 of 3" in said
    assert "adverts with the label yes in" in said
    assert "are of one cluster or campaign, so" in said
    assert "test holds no advert of a campaign" in said


def test_few_campaigns_are_said_to_make_rough_intervals(tmp_path, capsys):
    rows = sentences(90, seed=1)
    write_csv(tmp_path, rows)
    write_campaigns(tmp_path, of_campaigns(rows))
    dataset = prepare(with_file(tmp_path))
    number = dataset.manifest.counts["test"].campaigns
    assert f"test holds {number} campaign" in capsys.readouterr().out
    assert 0 < number < 30
