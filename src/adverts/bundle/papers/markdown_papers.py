"""Render the papers that people read: the card of a bundle, and its transparency record."""

from __future__ import annotations

from pathlib import Path

from adverts.bundle.papers import bundle_facts, precision_table
from adverts.bundle.papers.bundle_facts import BundleFacts
from adverts.evaluation.report.pages import render_text

_FOLDER = Path(__file__).parent / "templates"


def write_card(told: BundleFacts) -> str:
    """Return the card as Markdown; it holds no advert and no fact about this machine."""
    return _render("card.md.j2", told)


def transparency_record(told: BundleFacts) -> str:
    """Return the draft for the UK Algorithmic Transparency Recording Standard as Markdown.

    Facts that the bundle records are filled in. Every other field names the role of the person who
    must write it.
    """
    return _render("transparency_record.md.j2", told)


def _render(template: str, told: BundleFacts) -> str:
    values = {"bundle": told, "facts": bundle_facts, "precision": precision_table}
    return render_text(template, values, folders=[_FOLDER])
