import pytest

from monitoring.core.amounts import amount, limit, span


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (97.14, "%", "97.1 %"),
        (80.0, "%", "80 %"),
        (804.2, "ms", "804 ms"),
        (1.44, "s", "1.4 s"),
        (75, "s", "1 min 15 s"),
        (12_345.0, "", "12,345"),
        (None, "%", "–"),
        (1.0, "clients", "1 client"),
        (12.0, "clients", "12 clients"),
    ],
)
def test_amounts_have_about_three_digits_and_their_unit(value, unit, text):
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (80.75, "%", "80.75 %"),
        (33.3 * 0.95, "%", "31.635 %"),
        (1_234_567.5, "", "1,234,567.5"),
        (90, "s", "1 min 30 s"),
        (90.5, "s", "90.5 s"),
        (3_661, "s", "3,661 s"),
        (0, "s", "0 s"),
    ],
)
def test_limits_have_all_their_digits(value, unit, text):
    assert limit(value, unit) == text


def test_spans_have_two_units():
    assert [span(seconds) for seconds in (-1, 59, 3_599, 7_500, 90_000)] == [
        "0 s",
        "59 s",
        "59 min 59 s",
        "2 h 5 min",
        "1 d 1 h",
    ]
