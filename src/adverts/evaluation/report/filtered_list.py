"""Lists of a page that its own script filters and shows in pages: what the script and items need.

The templates ``filtered.html.j2`` and ``filtered.css.j2`` hold the form and its looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.evaluation.report.templating import FOLDER, without_controls

if TYPE_CHECKING:
    from markupsafe import Markup

_SCRIPT = FOLDER / "filtered.js"
_LONGEST = 100


def own_script(file: Path = _SCRIPT) -> Markup:
    """Return a script of this package as a template puts it into its page.

    Args:
        file: File of the script; by default the one that filters the items of a page.
    """
    from markupsafe import Markup

    return Markup(file.read_text("utf-8"))


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
