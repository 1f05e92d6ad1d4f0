from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from monitoring.kiosk_screens import (
    COOKIE_PREFIX,
    ExchangeError,
    create,
    digest_of,
    exchange,
    kiosk_cookies,
    screen_of,
    screen_of_request,
)
from monitoring.models import KioskToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown():
    """A screen that watches: its row, and its cookies."""
    row, secret = create("lobby", "ada")
    cookie = exchange(secret)
    row.refresh_from_db()
    return row, {cookie.name: cookie.value}


def change(row: KioskToken, **columns) -> None:
    KioskToken.objects.filter(pk=row.pk).update(**columns)


def test_only_digests_are_stored(shown):
    row, cookies = shown
    (value,) = cookies.values()
    stored = repr(KioskToken.objects.filter(pk=row.pk).values().get())
    assert digest_of(value) == row.cookie_digest
    assert value not in stored


def test_a_longer_username_than_a_column_holds_is_cut():
    """A project's user model may allow one, and PostgreSQL refuses what SQLite stores."""
    long = "ada" * 100
    row, _ = create("lobby", long)
    KioskToken.objects.revoke(long, timezone.now())
    row.refresh_from_db()
    assert (len(row.created_by), len(row.revoked_by)) == (150, 150)


def test_a_token_is_exchanged_once():
    _, secret = create("lobby", "ada")
    assert exchange(secret).name.startswith(COOKIE_PREFIX)
    with pytest.raises(ExchangeError, match="used already"):
        exchange(secret)


@pytest.mark.parametrize(
    ("column", "ago", "reason"),
    [
        ("created_at", timedelta(hours=24), "24 hours"),
        ("expires_at", timedelta(0), "expired"),
        ("revoked_at", timedelta(0), "revoked"),
    ],
)
def test_a_token_is_refused_for_a_reason(column, ago, reason):
    row, secret = create("lobby", "ada")
    change(row, **{column: timezone.now() - ago})
    with pytest.raises(ExchangeError, match=reason):
        exchange(secret)


@pytest.mark.parametrize("secret", ["", "unknown", "\ud800", "a\0b"])
def test_no_other_token_is_exchanged(secret):
    with pytest.raises(ExchangeError, match="no such token"):
        exchange(secret)


def test_the_cookie_shows_who_watches(shown):
    row, cookies = shown
    assert screen_of(cookies) == row


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_screen_whose_token_ended_watches_no_longer(shown, column):
    row, cookies = shown
    change(row, **{column: timezone.now()})
    assert screen_of(cookies) is None


def test_a_deleted_token_lets_nobody_watch(shown):
    row, cookies = shown
    row.delete()
    assert screen_of(cookies) is None


def test_the_secret_of_the_token_is_no_cookie():
    _, secret = create("lobby", "ada")
    assert screen_of({f"{COOKIE_PREFIX}x": secret}) is None


def test_another_sites_cookie_on_the_same_host_does_not_matter(shown):
    row, cookies = shown
    assert screen_of({f"{COOKIE_PREFIX}other": "foreign", **cookies}) == row


def test_a_screen_that_had_many_tokens_watches_by_its_newest(shown):
    """Browsers keep the cookies of revoked tokens, and send them first."""
    row, cookies = shown
    assert screen_of({f"{COOKIE_PREFIX}{number}": f"revoked {number}" for number in range(50)} | cookies) == row


def test_no_query_is_made_without_the_cookie(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert screen_of({"sessionid": "x", "avatar_theme": "dark"}) is None


def test_when_it_was_seen_is_written_once_a_minute(shown, django_assert_num_queries):
    row, cookies = shown
    change(row, seen_at=timezone.now() - timedelta(minutes=2))
    with django_assert_num_queries(2):
        screen_of(cookies)
    with django_assert_num_queries(1):
        screen_of(cookies)


def test_a_request_is_looked_at_once(shown, django_assert_num_queries):
    row, cookies = shown
    request = RequestFactory().get("/")
    request.COOKIES = cookies
    with django_assert_num_queries(1):
        assert [screen_of_request(request), screen_of_request(request)] == [row, row]


def test_a_screen_only_reads(shown):
    _, cookies = shown
    request = RequestFactory().post("/")
    request.COOKIES = cookies
    assert screen_of_request(request) is None


def test_a_handshake_s_cookies_are_those_of_all_its_headers():
    headers = [(b"cookie", b"sessionid=x; avatar_kiosk_1=a"), (b"cookie", b"avatar_kiosk_2=b")]
    assert kiosk_cookies({"headers": headers}) == {"avatar_kiosk_1": "a", "avatar_kiosk_2": "b"}
    assert kiosk_cookies({"headers": [(b"cookie", b"sessionid=x")]}) == {}


@pytest.mark.parametrize(
    ("name", "days", "reason"),
    [
        ("  ", 1, "must say where"),
        ("x" * 101, 1, "at most 100 characters"),
        ("lobby", 0, "days=0: must be a whole number of days, 1 to 400"),
        ("lobby", "401", "days=401"),
        ("lobby", "soon", "days=soon"),
    ],
)
def test_what_is_wrong_with_a_new_token_is_named(name, days, reason):
    with pytest.raises(ValueError, match=reason):
        create(name, "ada", days)
    assert not KioskToken.objects.exists()
