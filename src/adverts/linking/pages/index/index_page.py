"""The page of a bank, with all campaigns in it and a script that searches them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

TEMPLATES = Path(__file__).parents[1] / "templates"
_SCRIPT = "index.js"


def script_values(data: str) -> Mapping[str, object]:
    """Return what a page needs to run the script of the index, and no other.

    Args:
        data: The campaigns, as :func:`adverts.linking.pages.index.index_data.index_data` gives
            them.
    """
    from markupsafe import Markup

    script = (TEMPLATES / _SCRIPT).read_text("utf-8")
    digest = hashlib.sha256(script.encode()).digest()
    return {
        "script": Markup(script),  # of this package
        "data": Markup(data),  # JSON without any <
        "script_hash": base64.b64encode(digest).decode(),
    }
