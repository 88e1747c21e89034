"""The labels that a bundle is proved on, from a split as it was prepared."""

from dataclasses import replace

from adverts.bundle.parity.proof_adverts import ProofAdverts, truth_of
from adverts.runtime.rules.thresholds import Threshold, Thresholds

IN_ALL = Threshold("signals", "flag", "recall", 0.95, 0.1)
IN_FARSI = replace(IN_ALL, language="fa", value=0.2)
LACKING = Threshold("signals", "price", "recall", 0.95, None, lack="3 positives")


def test_labels_of_other_tasks_count_where_they_ship_a_threshold(tiny, tmp_path):
    rows = [
        replace(
            row,
            lang="fa" if number % 3 else "en",
            targets={"refer": (1.0, 0.0), "signals": (0.0, 1.0, float(number % 2))},
        )
        for number, row in enumerate(tiny.rows())
    ]
    checkpoint = tiny.checkpoint("text")
    table = tiny.prepared(tmp_path / "prepared", rows).split("validation")
    adverts = ProofAdverts(table, checkpoint.record.input_spec)
    shipped = Thresholds((IN_ALL, IN_FARSI, LACKING))
    found = truth_of(
        adverts, checkpoint.record.label_schema, shipped, checkpoint.record.input_spec.inputs
    )
    assert [(one.task.name, one.threshold) for one in found.others] == [
        ("signals", IN_ALL),
        ("signals", IN_FARSI),
    ]
    for one, langs in zip(found.others, ({"fa", "en"}, {"fa"}), strict=True):
        ids = {adverts.ids[row] for row in one.positives}
        wanted = {
            row.id
            for row in rows
            if row.split == "validation"
            and row.text
            and row.targets["signals"][2] == 1.0
            and row.lang in langs
        }
        assert ids == wanted
