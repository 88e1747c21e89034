"""Write what a recipient may use, and what was withdrawn from it, as an event of MISP."""

from __future__ import annotations

import json
from pathlib import Path

from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.misp_event import misp_event


def write_misp(folder: Path, outgoing: Outgoing) -> None:
    """Write ``misp.json``: every picture as of now, withdrawn ones as deleted.

    Args:
        folder: Where it is written; the folder exists.
        outgoing: What is sent.

    Raises:
        OSError: The file cannot be written.
        ValueError: The history of what is sent is not whole.
    """
    event = json.loads(misp_event(outgoing).to_json())
    text = json.dumps({"Event": event}, sort_keys=True, indent=1, ensure_ascii=False)
    (folder / "misp.json").write_text(text + "\n", encoding="utf-8")
