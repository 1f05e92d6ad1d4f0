from datetime import UTC, datetime, timedelta, timezone

from django.test import override_settings

from monitoring.moment_links import end_url, moment_url

SEOUL = timezone(timedelta(hours=9))


def test_a_moment_is_a_second_of_the_live_page_in_utc():
    assert moment_url(datetime(2026, 11, 24, 12, 3, 22, 900_000, tzinfo=SEOUL)) == "/?at=2026-11-24T03:03:22Z"


def test_something_that_ended_is_shown_while_it_was_there():
    began = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert end_url(began, began + timedelta(seconds=30)) == "/?at=2026-11-24T12:00:29Z"
    assert end_url(began, began + timedelta(milliseconds=200)) == "/?at=2026-11-24T12:00:00Z"


@override_settings(ROOT_URLCONF=())
def test_a_project_without_the_pages_has_no_such_address():
    assert moment_url(datetime(2026, 11, 24, tzinfo=UTC)) == ""
