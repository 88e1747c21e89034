"""Fictional advert pages with their true text, and scores of what a reader made of them."""

from ocr_pages.making import pages
from ocr_pages.page import LANGUAGES, STYLES, WIDTHS, Page, TrueLine

__all__ = ["LANGUAGES", "STYLES", "WIDTHS", "Page", "TrueLine", "pages"]
