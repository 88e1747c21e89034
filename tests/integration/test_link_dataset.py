"""A prepared dataset as an input of a bank: every advert counts, those that people judged apart."""

import datetime
from collections import Counter

from preparing import config, sentences, write_csv

from adverts.data.dataset.prepared import open_prepared
from adverts.data.review.reviews import item_name
from adverts.prepare import prepare
from adverts_findings.campaigns.entering.from_dataset import input_of_dataset
from adverts_findings.campaigns.entering.words import Words

KEY = "a made-up key of thirty-two characters"
COLUMNS = {name: name for name in ("id", "text", "platform", "posted_week", "reviewed", "lang")}


def test_every_advert_of_a_dataset_is_counted_in_its_week(tmp_path, monkeypatch):
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    weeks = ["2026-W44", "2026-W43", "", "no week"]
    without_week_53 = "2025-W53"
    write_csv(
        tmp_path,
        [
            {
                "id": f"a{i}",
                "text": row["text"],
                "label": ("yes", "no")[i % 2],
                "platform": ("aster", "birch", "")[i % 3],
                "posted_week": weeks[i % 4] or (without_week_53 if i < 24 else ""),
                "reviewed": "true" if i < 12 else "false",
                "lang": "en",
            }
            for i, row in enumerate(sentences(48, seed=1))
        ],
    )
    prepare(config(tmp_path, COLUMNS))
    dataset = open_prepared(tmp_path / "prepared" / "demo")
    words = Words(entering=frozenset({item_name("a40")}))
    found = input_of_dataset(dataset, words, name="prepared/demo", key=KEY.encode())
    counts, judged = Counter(), Counter()
    for one in found.collected.to_pylist():
        assert (one["source"], one["language"]) == ("prepared/demo", "en")
        counts[one["week"], one["platform"]] += one["adverts"]
        judged[one["week"]] += one["judged"]
    assert sum(counts.values()) == found.adverts == 48
    assert counts[datetime.date(2026, 10, 26), "aster"] == 4
    assert counts[None, None] == 8
    assert judged == {datetime.date(2026, 10, 26): 4, datetime.date(2026, 10, 19): 3, None: 6}
    assert set(found.entrants["id"].to_pylist()) == {"a0", "a2", "a4", "a6", "a8", "a10", "a40"}
    assert found.entrants["score"].null_count == found.entrants["review_band"].null_count == 7
