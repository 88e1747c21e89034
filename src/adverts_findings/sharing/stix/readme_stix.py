"""What an engineer who receives ``stix.json`` or ``misp.json`` has to know."""

from __future__ import annotations

from adverts_findings.sharing.outgoing import Outgoing


def stix_section(outgoing: Outgoing) -> str:
    """Return the section on ``stix.json`` for the page that goes with a share, in Markdown."""
    return f"""## stix.json

A bundle of STIX 2.1 with all that you may use now, not only what is new. Import it over the last.

* Ids never change. Take an object if its `modified` is later than that of yours.
* `revoked` means withdrawn: stop using it, delete it, and tell the sender. It never comes back.
* Do not use an indicator after `valid_until`, even if no later bundle reaches you.
* `indicator`: one hash of a picture, `SHA-256`, `MD5` or `PDQ`. Patterns state equality alone. For
  PDQ, compare with the distance in the description; your tool has to know the name `PDQ`.
* `campaign`: adverts that belong together. Names differ between recipients, so lists cannot be
  joined by them. `sighting`: number of adverts with that picture, and their first and last day.
* `confidence` of a campaign and of what `indicates` it: how sure the sender is, in per cent, that
  its adverts belong together, on the probability yardstick: 95 to 99 almost certain, 80 to 90
  highly likely, 55 to 75 likely, 40 to 50 a realistic possibility. Without it, the probability is
  not known or not calibrated. Indicators have none: people reviewed every advert.
* Label `action:review`: a person has to look before anything is done. `action:block`: you may
  block.
* All is marked TLP:{outgoing.recipient.tlp.upper()} with the TLP 2.0 extension of OASIS.
* `report`: this share or withdrawal; its external reference is the line of the sender's ledger.
* Fingerprints of texts are not here: STIX has no hash for them.
* Ids are UUIDs of version 5, which a strict validator notes (check 103): the same thing has to have
  the same id in every bundle. `stix2_validator --strict --disable 103 stix.json` finds nothing.
"""


def misp_section(outgoing: Outgoing) -> str:
    """Return the section on ``misp.json`` for the page that goes with a share, in Markdown."""
    detects = "true for exact hashes" if outgoing.recipient.to_ids else "false"
    return f"""## misp.json

One MISP event for all shares, with all that you may use now. Import it over the last one: uuids
never change, and timestamps say what is newer.

* `deleted` means withdrawn: a synchronisation removes it on your side. Tell the sender then.
* Object `file`: a picture with `sha256`, `md5`, and its PDQ hash as `text`. MISP has no type for
  PDQ and compares no distance; the comment says which distance counts as the same.
* A picture of which the PDQ hash alone is shared is an attribute of type `text`.
* `to_ids` is {detects} as agreed with you; always false for PDQ, and once the last day has passed.
* The comment says what people judged, what is asked, the last day of use, and the sender's
  references. MISP itself has no last day: stop then, even if no later event reaches you.
* `campaign-name`: adverts that belong together. Names differ between recipients.
* Distribution 0, your organisation only; tag `tlp:{outgoing.recipient.tlp}`.
* Object `internal-reference`: the line of the sender's ledger.
* Fingerprints of texts are not here: MISP has no type for them.
"""
