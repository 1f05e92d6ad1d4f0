import pytest

from monitoring.core.amounts import amount, limit, scaled_bytes, span


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


def test_bytes_are_told_in_units_of_1024():
    found = [scaled_bytes(value) for value in (0, 1_023, 1_024, 51_200, 3 * 1024**2, -2_048, 2_000 * 1024**5)]
    assert found == [(0, "B"), (1_023, "B"), (1, "KB"), (50, "KB"), (3, "MB"), (-2, "KB"), (2_000, "PB")]
