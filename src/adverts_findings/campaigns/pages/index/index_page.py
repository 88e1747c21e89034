"""The page of a bank, with all campaigns in it and a script that searches them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adverts.evaluation.report.filtered_list import own_script

TEMPLATES = Path(__file__).parents[1] / "templates"
_SCRIPT = TEMPLATES / "index.js"


def script_values(data: str) -> Mapping[str, object]:
    """Return what a page needs to run the script of the index, and no other.

    Args:
        data: The campaigns, as :func:`adverts_findings.campaigns.pages.index.index_data.index_data`
            gives them.
    """
    from markupsafe import Markup

    return {
        "script": own_script(_SCRIPT),
        "data": Markup(data),  # JSON without any <
    }
