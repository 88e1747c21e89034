import re

from shared_hashes import LONG, out_item, outgoing, pdq

from adverts_findings.sharing.hashes.readme_hashes import LOAD, LOAD_AGAIN, hashes_section
from adverts_findings.sharing.hashes.text_fingerprint import fingerprint_text
from adverts_findings.sharing.ledger.ledger_entry import Signal

REFERENCE = "R-0123456789abcdef"


def test_the_section_says_how_to_load_the_list_and_how_to_load_the_next():
    section = hashes_section(outgoing([out_item(REFERENCE, [pdq("1a" * 32)])]))
    for command in (*LOAD, *LOAD_AGAIN):
        assert f"\n{command}\n" in section
    for said in (
        "31 bits",
        "quality\n  50",
        "pdq 0 (shared)",
        "removed.csv",
        "`action=review`",
        "expires",
    ):
        assert said in section
    assert "Fingerprints of texts" not in section


def test_the_code_in_the_section_gives_the_fingerprints_that_are_shared():
    found = fingerprint_text(LONG)
    signals = [Signal("text_sha256", found.sha256, 100, -1.0)]
    section = hashes_section(outgoing([out_item(REFERENCE, signals)]))
    (code,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    names: dict = {}
    exec(code, names)
    letters = names["letters"](LONG)
    assert names["text_sha256"](letters) == found.sha256
    assert names["text_simhash"](letters) == found.simhash


def test_a_list_of_nothing_says_how_to_load_it():
    assert LOAD_AGAIN[0] in hashes_section(outgoing())
