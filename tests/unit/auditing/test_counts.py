"""How many adverts of each kind, tiny cells, and languages that training lacks."""

import pyarrow as pa
from audit_examples import NO, NONE, REFER, SIGNALS, YES, row, subject_of

from adverts.advert import LabelSchema
from adverts.auditing.audited_adverts import open_subject
from adverts.auditing.counts import count_adverts
from adverts.data.dataset.advert_table import AdvertTable

SCHEMA = LabelSchema("two", (REFER, SIGNALS), "refer")
ROWS = [
    row("a", NO, lang="en", script="Latn"),
    row("b", YES, lang="en", script="Latn", reviewed=False),
    row("c", YES, lang="en", script="Latn", cluster="b"),
    row("d", YES, lang="fa", script="Arab", split="test"),
    row("e", NONE, lang=None, split="test", text=""),
]


def test_adverts_are_counted_by_split_and_by_what_they_are(tmp_path):
    found = count_adverts(subject_of(tmp_path, ROWS, schema=SCHEMA), min_clusters=1)
    assert found.adverts == {"train": 3, "test": 2}
    assert found.by_dimension["language"] == {
        "en": {"train": 3},
        "fa": {"test": 1},
        "unknown": {"test": 1},
    }
    assert found.by_dimension["label.refer"] == {
        "no": {"train": 1},
        "yes": {"train": 2, "test": 1},
        "unlabelled": {"test": 1},
    }
    assert found.by_dimension["label.signals"]["unlabelled"] == {"train": 3, "test": 2}
    assert found.by_dimension["reviewed"]["unreviewed"] == {"train": 1}
    assert found.by_dimension["modality"]["nothing"] == {"test": 1}
    assert "platform" not in found.by_dimension


def test_a_cell_is_tiny_by_its_clusters_not_its_adverts(tmp_path):
    found = count_adverts(subject_of(tmp_path, ROWS, schema=SCHEMA), min_clusters=2)
    cells = {(c.split, c.language, c.label): (c.adverts, c.clusters) for c in found.tiny_cells}
    assert cells["train", "en", "yes"] == (2, 1)
    assert cells["test", "fa", "no"] == (0, 0)
    assert found.tiny_cells[0].clusters == 0
    assert count_adverts(subject_of(tmp_path / "x", ROWS), min_clusters=0).tiny_cells == ()


def test_a_language_that_training_lacks_is_told(tmp_path):
    found = count_adverts(subject_of(tmp_path, ROWS), min_clusters=1)
    assert found.untrained_languages == {"fa": 1}


def test_labels_that_were_spread_are_counted_where_the_dataset_tells_them(tmp_path):
    plain = subject_of(tmp_path, ROWS)
    told = pa.array([True, False, None, True, False])
    table = AdvertTable(
        plain.table._columns.append_column("propagated.refer", told),
        plain.schema,
        plain.table._images,
        rows=plain.table._rows,
    )
    found = count_adverts(open_subject(table, plain.links), min_clusters=1)
    assert found.by_dimension["propagated.refer"] == {
        "by people": {"train": 2, "test": 1},
        "propagated": {"train": 1, "test": 1},
    }
