"""What the README of a share says of its notices."""

from __future__ import annotations

from adverts.errors import plural
from adverts_findings.sharing.ledger.answers_csv import ANSWERS, APPEALS, COLUMNS
from adverts_findings.sharing.outgoing import Outgoing


def notices_section(outgoing: Outgoing) -> str:
    """Return what the receiving engineer has to know of notices, in Markdown."""
    number = plural(len(outgoing.shared_now("notice")), "notice")
    return f"""## Notices

* `notices.json` holds {number}, one for each advert. `notice.schema.json` (JSON Schema 2020-12)
  says what is in it. An empty text means that something is not known or not stated.
* `notices.csv` has the same in columns, as UTF-8 with commas. A cell that a spreadsheet would take
  for a formula has an apostrophe in front; `notices.json` has the exact value.
* `notices.html` prints one notice to a page, and asks for nothing from the network.
* `where` names the posting: its address, and its id with you. `evidence` has the SHA-256 of the
  files of pictures, and of the UTF-8 of the text in which contacts are masked.
* A person reviewed each of them, and a person should look before anything is removed.
* You may show a notice to the uploader: no person, campaign or other posting is in it.
* Answer with a CSV `answers.csv` of these columns, one row a reference:
  `{",".join(COLUMNS)}`.
  `answer` is one of {", ".join(ANSWERS)}.
  `at` is a time such as 2027-01-31T14:05:00Z. `where` has codes of countries, such as `DE FR`, if
  it is restricted in these alone. `automated` is yes, no or empty. `appeal` is one of
  {", ".join(APPEALS)}, or empty.
"""
