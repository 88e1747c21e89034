"""Lists of a page that its own script filters and shows in pages: what the script and items need.

The templates ``filtered.html.j2`` and ``filtered.css.j2`` hold the form and its looks.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from adverts.evaluation.report.templating import FOLDER, without_controls

_SCRIPT = FOLDER / "filtered.js"
_LONGEST = 100


def script_values(script: Path = _SCRIPT) -> Mapping[str, object]:
    """Return what a template needs to run one script of this package, and no other.

    Args:
        script: File of the script; by default the one that filters the items of a page.

    Returns:
        ``script``: the script itself; ``script_hash``: its SHA-256 in Base64, for the policy of
        the page.
    """
    from markupsafe import Markup

    text = script.read_text("utf-8")
    digest = hashlib.sha256(text.encode()).digest()
    return {"script": Markup(text), "script_hash": base64.b64encode(digest).decode()}


def facets_of(**facets: Iterable[str | None]) -> str:
    """Return the values by which an item is filtered, for its attribute ``data-facets``.

    A value loses control characters here, since as an escape of JSON they would survive the page.
    It is cut after 100 characters. Empty values and None are left out: such a facet is not known.

    Args:
        **facets: Values of the item by the name of the facet, such as ``language=["fa"]``.
    """
    found = {
        name: list(dict.fromkeys(_shown(one) for one in values if one and _shown(one)))
        for name, values in facets.items()
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _shown(value: str) -> str:
    return " ".join(without_controls(value).split())[:_LONGEST]
