"""What nodes' markers say in English, as stored, and in Korean without an English word."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from monitoring.core.versions import change
from monitoring.history.annotations import marks
from monitoring.marker_words import clock_words, version_words
from monitoring.models import Marker

BEFORE = {"code": "1a2b3c4d5e6f", "python": "3.11.1", "daphne": "4.2.1", "redis": "6.4.0", "django": "5.2"}
AFTER = {"code": "9f8e7d6c5b4a", "python": "3.11.2", "gunicorn": "24.0", "uvicorn": "0.38", "redis": "8.0.1"}
AFTER |= {"django": "5.2.1"}
KOREAN = "서버 daphne 4.2.1 → gunicorn 24.0(uvicorn 0.38 워커), Python 3.11.1 → 3.11.2, Django 5.2 → 5.2.1, "


def test_other_versions_are_told_in_both_languages():
    stored = change(BEFORE, AFTER, 200)
    assert version_words(stored) == stored
    with translation.override("ko"):
        assert version_words(stored) == f"{KOREAN}redis-py 6.4.0 → 8.0.1, 코드 1a2b3c4 → 9f8e7d6"


def test_so_is_that_there_is_more_to_tell():
    stored = change(BEFORE, AFTER, 100)
    assert stored.endswith("and 3 more")
    assert version_words(stored) == stored
    with translation.override("ko"):
        assert version_words(stored).endswith(", 외 3건")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (7_200.0, "web: clock set forward by 2 h", "web: 시계를 2시간 앞으로 맞춤"),
        (-3.25, "web: clock set back by 3.2 s", "web: 시계를 3.2초 뒤로 맞춤"),
    ],
)
def test_a_clock_that_was_set_is_told_in_both_languages(seconds, english, korean):
    at = datetime(2026, 1, 2, 3, 12, tzinfo=UTC)
    Marker.objects.mark_jump(at, "web", seconds)
    stored = Marker.objects.get()
    assert (stored.text, stored.words, str(stored)) == (english, english, english)
    with translation.override("ko"):
        told = marks(at, at.replace(hour=4))
        assert (stored.words, [mark.text for mark in told]) == (korean, [korean])


@pytest.mark.parametrize("text", ["web: clock set forw", "clock", "", "release 2.0, server moved", "code → "])
def test_a_text_that_was_cut_is_shown_as_it_is(text):
    with translation.override("ko"):
        assert (clock_words(text), version_words(text)) == (text, text)


def test_what_somebody_wrote_is_shown_as_it_is():
    with translation.override("ko"):
        assert Marker(text="web: clock set back by 3 s", kind="deploy").words == "web: clock set back by 3 s"
