import re
from datetime import UTC, datetime

import pytest

from monitoring.moments import parse_moment, stamp

FAR = ("1969-12-31T23:59:59", "3000-01-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00+14:00")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-23T12:00"),
        ("-90s", "2026-11-23T11:58:30"),
        ("-30m", "2026-11-23T11:30"),
        ("-2h", "2026-11-23T10:00"),
        ("-7d", "2026-11-16T12:00"),
        ("-1w", "2026-11-16T12:00"),
        ("2026-11-01", "2026-11-01T00:00"),
        ("2026-11-01T08:30", "2026-11-01T08:30"),
        ("2026-11-01T08:30Z", "2026-11-01T08:30"),
        ("2026-11-01T08:30+09:00", "2026-10-31T23:30"),
    ],
)
def test_moments_are_iso_8601_or_relative_to_now(text, moment):
    assert parse_moment(text, NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "-2x",
        "2h",
        "2026-13-01",
        "-99999999w",
        "-60y",
        "-٣d",
        "1969-12-31T23:59:59",
        "3000-01-01",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00+14:00",
    ],
)
def test_anything_else_is_named_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}: must be now, a time ago such as -30m"):
        parse_moment(text, NOW)


def test_a_stamp_is_in_utc_and_reads_as_the_same_second():
    moment = datetime.fromisoformat("2026-11-01T08:30:15.250+09:00")

    assert stamp(moment) == "2026-10-31T23:30:15Z"
    assert parse_moment(stamp(moment), NOW) == moment.replace(microsecond=0)
