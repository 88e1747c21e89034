"""Sizes of phone numbers, worked by hand from the numbering plans of a few countries."""

import pytest

from adverts.inputs.contacts.phone_plans import calling_code, international_sizes, national_digits

pytestmark = pytest.mark.promise


@pytest.mark.parametrize(
    ("digits", "code"),
    [("447700900142", "44"), ("12015550123", "1"), ("355", "355"), ("999", None), ("", None)],
)
def test_a_calling_code_is_the_one_that_a_number_begins_with(digits, code):
    assert calling_code(digits) == code


@pytest.mark.parametrize(
    ("digits", "sizes"),
    [
        ("44", (12, 12)),  # its end may still be lacking
        ("447700", (12, 12)),
        ("440", (13, 13)),  # 44 (0) 7700 ...
        ("33", (11, 11)),
        ("330", (12, 12)),
        ("49", (11, 13)),  # 9 to 11 digits
        ("4901", (12, 14)),
        ("999", (10, 15)),
        ("", (10, 15)),
    ],
)
def test_the_size_of_a_number_follows_from_its_country_and_a_trunk_zero(digits, sizes):
    assert international_sizes(digits) == sizes


@pytest.mark.parametrize(
    ("digits", "national"),
    [
        ("07700900142", "7700900142"),
        ("00447700900142", "7700900142"),
        ("447700900142", "7700900142"),
        ("44770090014", "44770090014"),  # one digit short of a number of that country
        ("4477009001421", "4477009001421"),
        ("4901632960001", "1632960001"),
        ("49163296000", "163296000"),  # 9, 10 and 11 digits fit
        ("491632960001", "1632960001"),
        ("4916329600012", "16329600012"),
        ("4916329600", "4916329600"),
        ("12015550123", "12015550123"),  # a 1 alone says too little
    ],
)
def test_a_calling_code_goes_only_where_the_rest_fits_its_country(digits, national):
    assert national_digits(digits, is_international=False) == national


@pytest.mark.parametrize(
    ("digits", "national"), [("12015550123", "2015550123"), ("4477", "77"), ("9991234", "1234")]
)
def test_after_a_plus_a_calling_code_always_goes(digits, national):
    assert national_digits(digits, is_international=True) == national
