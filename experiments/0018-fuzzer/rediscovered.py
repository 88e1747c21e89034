"""Hold what the fuzzer found on a commit against the holes that people had found by hand.

    PYTHONPATH=tests python -m fuzz --seconds 3600 --seed 12 --out before.jsonl     # on that commit
    python experiments/0018-fuzzer/rediscovered.py before.jsonl

A hole counts as found where a finding is of its target, its kind of input and its kind of harm.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

# hole: target, pattern of the family, pattern of what is wrong (with the place of a fault)
HOLES: Mapping[str, tuple[str, str, str]] = {
    "masking is quadratic in links": ("texts", "", r"slow .*(mask|contact|link)"),
    "masking is quadratic in prices": ("texts", "", r"slow .*(amounts|phone|price)"),
    "verify masks without a bound": ("bundles", r"examples", r"slow"),
    "a long number ends prepare": ("sources", r"jsonl|csv", r"fault ValueError"),
    # a map may also make a letter a text without bound; the library aborts once memory ends
    "a map of letters aborts": ("bundles", r"Precompiled, map", r"died|memory"),
    "a large tokenizer takes gigabytes": ("bundles", r"tokenizer", r"memory"),
    "a long prefix of subwords is slow": ("bundles", r"WordPiece|BPE", r"slow|memory"),
    "a long piece is slow": ("bundles", r"model (Unigram|WordPiece|BPE)", r"slow"),
    "a long prefix of texts is slow": ("bundles", r"Prepend|TemplateProc|tokens.*prefix", r"slow"),
    "a picture of one side takes gigabytes": ("pictures", r"PNG", r"memory"),
    "scans of a JPEG are slow": ("pictures", r"JPEG, repeated", r"slow"),
    "an archive lies about its sizes": ("bundles", r"archive.*lies", r"memory|slow"),
    "an archive has no total": ("bundles", r"archive, .*more files", r"memory|slow"),
    "doubles are looked for in square time": ("bundles", r"thresholds.json", r"slow"),
    "small values fill the memory": ("bundles|lines", r"value|raw|repeated", r"memory"),
    "constants past 512 bytes": (
        "bundles",
        r"graph, (ConstantOfShape|Expand|Tile|Pad)",
        r"memory|slow",
    ),
    "CenterCropPad": ("bundles", r"CenterCropPad", r"memory|slow"),
    "ConvTranspose": ("bundles", r"ConvTranspose", r"memory|slow"),
    "MaxUnpool": ("bundles", r"MaxUnpool", r"memory|slow"),
    "TfIdfVectorizer": ("bundles", r"TfIdfVectorizer", r"memory|slow"),
    "marks slow the language": ("texts", "", r"slow .*language"),
    "one text without a bound": ("sources", r"long texts", r"memory|slow"),
    "nested lists end prepare": ("sources", r"nested", r"fault"),
    "times beyond the calendar end prepare": ("sources", r"times|dates", r"fault"),
    "messages without a bound": ("", "", r"long message"),
    "cells move the cursor": ("sources|pages|lines", "", r"control characters"),
    "report.md takes markup": ("pages", "report", r"markup in report|a heading in report"),
    "review.csv takes formulas": ("pages", "audit", r"a formula in review"),
    "a card asks the network": ("sources", "hub", r"network"),
    "a card reads other folders": ("sources", "hub", r"outside"),
    "a slow advert takes its neighbours along": ("lines", "", r"neighbour|slow"),
}


def harms(finding: Mapping[str, object]) -> str:
    """Return what is wrong with a case, a fault with its kind."""
    words = [str(one) for one in finding["wrong"]]  # type: ignore[attr-defined]
    return "; ".join(f"{one} {finding['error']}" if one == "fault" else one for one in words)


def found_by(findings: Iterable[Mapping[str, object]]) -> dict[str, list[str]]:
    """Return the names of the cases that show each hole."""
    shown: dict[str, list[str]] = {name: [] for name in HOLES}
    for finding in findings:
        target = re.split("[/:]", str(finding["case"]))[0]
        for name, (where, family, harm) in HOLES.items():
            if (
                re.fullmatch(where or ".*", target)
                and re.search(family, str(finding["family"]))
                and re.search(harm, harms(finding))
            ):
                shown[name].append(str(finding["case"]))
    return shown


def main() -> None:
    """Print a line for each hole, and the share of them that was found."""
    lines = [line for path in sys.argv[1:] for line in Path(path).read_text().splitlines()]
    shown = found_by(json.loads(line) for line in lines)
    for name, cases in shown.items():
        print(f"{name:45} {len(cases):4}  {' '.join(cases[:2])}")
    count = sum(map(bool, shown.values()))
    print(f"{count} of {len(shown)} ({count / len(shown):.0%})")


if __name__ == "__main__":
    main()
