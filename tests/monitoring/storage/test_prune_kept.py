from datetime import UTC, datetime, timedelta

import pytest

from monitoring.parsers import FOREVER
from monitoring.storage.prune import kept, kept_since

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_it_says_in_words_how_long_each_kind_is_kept(settings):
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_HOURS": "forever", "AVATAR_KEEP_SESSIONS": "36h"}
    assert kept() == [
        ("Seconds", "2 hours"),
        ("Minutes", "30 days"),
        ("Hours", "forever"),
        ("Days", "forever"),
        ("Sessions", "36 hours"),
        ("Addresses and users", "36 hours"),
        ("Alerts", "400 days"),
    ]


@pytest.mark.parametrize(("text", "words"), [("0s", "0 seconds"), ("90s", "90 seconds"), ("90m", "90 minutes")])
def test_short_durations_use_small_units(settings, text, words):
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_SECONDS": text}
    assert kept()[0] == ("Seconds", words)


def test_records_beyond_the_horizon_are_no_longer_kept():
    assert kept_since(NOW, timedelta(days=1)) == NOW - timedelta(days=1)
    assert kept_since(NOW, FOREVER) is None
