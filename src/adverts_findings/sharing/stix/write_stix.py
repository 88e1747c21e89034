"""Write what a recipient may use, and what was withdrawn from it, as a bundle of STIX 2.1."""

from __future__ import annotations

from pathlib import Path

from adverts_findings.sharing.outgoing import Outgoing
from adverts_findings.sharing.stix.stix_objects import bundle_id, stix_objects


def write_stix(folder: Path, outgoing: Outgoing) -> None:
    """Write ``stix.json``: every indicator and campaign as of now, withdrawn ones as revoked.

    An indicator whose last day has passed is not revoked by that: its ``valid_until`` says so, and
    a revocation could not be taken back by a later share. Once the unit withdraws it, it is.

    Args:
        folder: Where it is written; the folder exists.
        outgoing: What is sent.

    Raises:
        OSError: The file cannot be written.
        ValueError: The history of what is sent is not whole.
    """
    import stix2

    plain = {"type": "bundle", "id": bundle_id(outgoing), "objects": [*stix_objects(outgoing)]}
    bundle = stix2.parse(plain, version="2.1")
    text = bundle.serialize(sort_keys=True, indent=1, ensure_ascii=False)
    (folder / "stix.json").write_text(text + "\n", encoding="utf-8")
