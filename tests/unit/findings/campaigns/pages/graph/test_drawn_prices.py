"""Prices over time as a picture: every known week of the main currencies."""

import re

from adverts_findings.campaigns.originals.originals import PriceWeek
from adverts_findings.campaigns.pages.graph.drawn_prices import drawn_prices


def price(week, amount, currency="GBP", prices=3):
    return PriceWeek(week, currency, prices, prices, amount / 2, amount, amount * 2)


def test_each_week_of_each_currency_has_a_mark_and_the_highest_is_named():
    drawn = drawn_prices(
        [price("2026-W02", 50), price("2026-W19", 80), price("2026-W03", 9, "EUR")]
    )
    assert drawn.count("<circle") == 3
    assert re.findall(r">([^<]+)</text>", drawn) == [
        *("GBP", "160", "EUR", "18"),
        *("2026-W02", "2026-W19"),
    ]


def test_one_week_or_no_known_week_is_no_picture():
    assert drawn_prices([]) == ""
    assert drawn_prices([price("", 50), price("2026-W02", 50)]) == ""


def test_prices_of_nothing_and_many_currencies_can_be_drawn():
    many = [price(f"2026-W0{week}", 0, f"C{i}") for week in (2, 3) for i in range(9)]
    drawn = drawn_prices(many)
    assert drawn.count("<circle") == 8
    assert "nan" not in drawn
