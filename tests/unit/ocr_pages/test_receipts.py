"""Receipts from a folder laid out as SROIE's, with totals worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ocr_pages.receipts import receipts, total_of
from PIL import Image


@pytest.mark.parametrize(
    ("lines", "totals"),
    [
        (["TOTAL", "RM 14.10", "CASH", "RM 20.00"], ("14.10",)),
        (["TOTAL 1,250.00"], ("1,250.00",)),
        (["SUB-TOTAL", "9.00", "TOTAL INCL GST", "9.54"], ("9.54",)),
        (["TOTAL EXCL. GST", "9.00", "ROUNDING"], ()),
        (["TOTAL QTY:", "2", "99.00"], ()),
        (["TOTAL 9.98", "ROUNDING", "0.02", "TOTAL 10.00"], ("10.00",)),
        (["TOTAL 6.00%", "DATE 12.10.2017"], ()),
        (["THANK YOU"], ()),
    ],
)
def test_the_total_is_the_amount_to_be_paid(lines, totals):
    assert total_of(lines) == totals


def test_receipts_are_taken_evenly_over_the_file(tmp_path):
    Image.new("L", (30, 20), 200).save(tmp_path / "one.png")
    rows = [
        {"id": f"r{i}", "image": "one.png", "reference_text": f"SHOP {i}\nTOTAL 1.00"}
        for i in range(6)
    ]
    (tmp_path / "receipts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = list(receipts(tmp_path, 3))
    assert [receipt.id for receipt in found] == ["r0", "r2", "r4"]
    assert found[1].lines == ("SHOP 2", "TOTAL 1.00")
    assert found[1].totals == ("1.00",)
    assert found[1].image.shape == (20, 30, 3)
    assert found[1].image.dtype == np.uint8


def test_a_folder_without_receipts_gives_none(tmp_path):
    assert not list(receipts(tmp_path, 3))
