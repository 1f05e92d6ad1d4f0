from datetime import UTC, datetime, timedelta

import pytest

from dashboard.periods import LENGTHS, UnknownPeriodError, parse

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "length"),
    [
        ("1h", timedelta(hours=1)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("30d", timedelta(days=30)),
    ],
)
def test_a_period_ends_now(key: str, length: timedelta):
    period = parse(key, NOW)
    assert (period.key, period.start, period.end) == (key, NOW - length, NOW)


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_range_it_is_an_hour(key: str | None):
    assert parse(key, NOW).key == "1h"


@pytest.mark.parametrize("key", ["2w", "1H", " 1h", "<script>", "1h\n"])
def test_an_unknown_range_names_itself_and_what_is_allowed(key: str):
    with pytest.raises(UnknownPeriodError) as error:
        parse(key, NOW)
    assert str(error.value) == f"range={key}: allowed is {', '.join(LENGTHS)}"


def test_a_very_long_range_is_not_repeated_in_full():
    with pytest.raises(UnknownPeriodError) as error:
        parse("9" * 10_000, NOW)
    assert len(str(error.value)) < 100
