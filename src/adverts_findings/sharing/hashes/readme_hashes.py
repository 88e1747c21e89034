"""What the engineer who receives hashes has to know, as a section of README.md."""

from __future__ import annotations

from adverts.clusters.near_image import MIN_QUALITY, PDQ_RADIUS
from adverts_findings.sharing.hashes.listed import listed
from adverts_findings.sharing.hashes.reference_code import REFERENCE_CODE
from adverts_findings.sharing.hashes.text_fingerprint import FEWEST_LETTERS, SIMHASH_RADIUS
from adverts_findings.sharing.outgoing import Outgoing

LOAD = (
    "threatexchange config collab edit sample --create sample",
    "threatexchange config collab edit local_file --create shared --filename $PWD/hashes.txt",
    "threatexchange fetch",
    "threatexchange match photo picture.jpg",
)
"""Commands that load the list, and match one picture."""
LOAD_AGAIN = (
    "threatexchange dataset --clear-indices",
    "threatexchange fetch --clear --only-collab shared",
    "threatexchange fetch",
)
"""Commands that load a list in place of the one before, so that what was taken back is gone."""


def hashes_section(outgoing: Outgoing) -> str:
    """Return the section on hashes, Markdown that ends with a line break."""
    texts = any(one.type.startswith("text_") for one in listed(outgoing))
    return _PICTURES + (_TEXTS if texts else "")


def _commands(lines: tuple[str, ...]) -> str:
    return "\n".join(lines)


_PICTURES = f"""\
## Hashes

`hashes.txt` is complete: all PDQ hashes that you may use now, in ThreatExchange's file format.
`hashes.csv` and `hashes.json` add sha256 and MD5 of the files, quality, `action`, `expires` and
`false_per_million`: how many false matches to expect at most in a million pictures (of
`text_simhash`: texts) like those that we compared with (95 % bound; -1: not measured). To load it
with `pip install threatexchange` 1.2, once:

```
{_commands(LOAD)}
```

* A match is a PDQ distance of {PDQ_RADIUS} bits or fewer, of a picture of quality
  {MIN_QUALITY} or more. The tool prints it as `pdq 0 (shared) …`, with the distance; without a
  match it prints nothing.
* `action=review`: a person looks first. Use no hash after its day in `expires`.
* The collaboration `sample` holds public test pictures. Keep it: an index of one hash never
  matches in that tool, and one of two, four or eight that are much alike misses copies.
* For each new list, replace the file and load it anew. A line that is missing, or an empty file,
  deletes nothing at your side, and `fetch --clear` alone leaves the index of an empty list:

```
{_commands(LOAD_AGAIN)}
```

* In other systems, delete what `removed.csv` lists. It lists it until you tell us that it is gone.
  `reason` is `asked` if we took it back.
"""

_TEXTS = f"""
### Fingerprints of texts

`text_sha256` matches if equal, `text_simhash` if it differs in {SIMHASH_RADIUS} bits
of 64 or fewer. Take the text as it was posted. Texts with fewer than {FEWEST_LETTERS} letters
besides contacts have none. In Python:

```python
{REFERENCE_CODE}```
"""
