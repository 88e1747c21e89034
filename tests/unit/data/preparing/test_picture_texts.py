"""What pictures say: a text that our rules fail on costs its own advert alone."""

from types import SimpleNamespace

import pytest

from adverts.advert import ReadQuality
from adverts.data.preparing import picture_texts
from adverts.ocr.protocol import OcrLine, OcrResult
from adverts.work.progress import no_progress

BOX = ((0.0, 0.0), (40.0, 0.0), (40.0, 9.0), (0.0, 9.0))
QUALITY = ReadQuality(0.9, 9.0, 0.5, lines=1, unread_lines=0)
TEXTS = ("ferry", "broken", "seats")


@pytest.fixture
def read(monkeypatch):
    """Read one picture for each text, with the rules of masking that are given."""

    def call(mask_and_token):
        found = [OcrResult((OcrLine(text, BOX, 0.9, "fake"),), 60, 30, QUALITY) for text in TEXTS]
        monkeypatch.setattr(picture_texts, "read_images", lambda images, **_: found)
        monkeypatch.setattr(picture_texts, "mask_and_token", mask_and_token)
        rows = [SimpleNamespace(images=(SimpleNamespace(sha256=text),)) for text in TEXTS]
        spool = SimpleNamespace(read=lambda sha256: b"")
        rest = dict.fromkeys(("reader", "cache", "limits", "workers", "token_key"))
        return picture_texts.read_pages(
            picture_texts.spooled_pictures(rows, spool), progress=no_progress, title="", **rest
        )

    return call


def test_what_a_rule_raises_on_a_picture_is_the_fault_of_its_advert(read):
    def fragile(text, *, key):
        if text == "broken":
            raise ZeroDivisionError(f"division of {text}")
        return text, ()

    texts, reasons = read(fragile)
    assert [page and page.text for page in texts] == ["ferry", None, "seats"]
    assert [reason is None for reason in reasons] == [True, False, True]
    assert "ZeroDivisionError" in reasons[1]
    assert "broken" not in reasons[1]


def test_a_full_disk_is_the_fault_of_no_advert(read):
    def full(text, *, key):
        raise OSError(28, "the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        read(full)
