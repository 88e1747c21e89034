"""Prices: a number with a currency in any script, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.originals.prices import Price, find_prices


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("only £50 today", 50, "GBP"),
        ("50 pounds", 50, "GBP"),
        ("€ 1.500", 1500, "EUR"),
        ("1,500 euro", 1500, "EUR"),
        ("12,50 €", 12.5, "EUR"),
        ("12.50 eur", 12.5, "EUR"),
        ("£3k", 3000, "GBP"),
        ("3 mijë euro", 3000, "EUR"),
        ("500 nghìn đồng", 500_000, "VND"),
        ("2 triệu đồng", 2_000_000, "VND"),
        ("\u06f5\u06f0\u06f0 تومان", 500, "toman"),
        ("\u0661\u0662\u0660\u0660 دينار", 1200, "dinar"),
        ("١٬٢٠٠ درهم", 1200, "dirham"),
        ("900 پوند", 900, "GBP"),
        ("400 lekë", 400, "ALL"),
        ("350 TL", 350, "TRY"),
        ("٧٠٠ دۆلار", 700, "USD"),
        ("۸۰۰ افغانی", 800, "AFN"),
        ("Mille cinq: 1 500 euros", 1500, "EUR"),
    ],
)
def test_a_price_is_found_in_its_currency(text, amount, currency):
    assert find_prices(text) == (Price(amount, currency),)


def test_both_ends_of_a_range_are_prices():
    assert find_prices("100-150 €") == (Price(100, "EUR"), Price(150, "EUR"))


@pytest.mark.parametrize(
    "text",
    [
        "25 years",
        "room 12",
        "call <PHONE>",
        "14:30",
        "50 %",
        "12.05.2026",
        "€",
        "euro",
        "",
        "5 eurovision",
    ],
)
def test_a_number_without_a_currency_is_no_price(text):
    assert find_prices(text) == ()


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="0123456789.,-  €£kptrđ\u06f5٬٫ab", max_size=40))
def test_any_text_can_be_read_and_a_price_is_finite(text):
    assert all(0 <= one.amount < 1e20 for one in find_prices(text))
