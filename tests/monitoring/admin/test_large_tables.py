"""The admin's lists of many rows: how many queries a page takes, and that none reads or counts a whole table."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.admin import large_tables
from monitoring.models import (
    Alert,
    AlertChannel,
    AlertRule,
    ClientSession,
    Day,
    Disconnection,
    Hour,
    Marker,
    Minute,
    Notice,
    Silence,
)
from tests.monitoring.batches import sample

pytestmark = pytest.mark.django_db
ROOT = "/admin/avatar_monitoring"
NOW = timezone.now().replace(microsecond=0)
SESSIONS = f"{ROOT}/clientsession/"


def ago(number: int) -> datetime:
    return NOW - timedelta(minutes=5 * number + 1)


def add(name: str, number: int) -> None:
    """One more row of the model, the older the higher its number is."""
    at = ago(number)
    measured = {"value": 1, "threshold": 1, "peak": 1, "started_at": at, "ended_at": at}
    if name == "alert":
        Alert.objects.create(metric="fps", subject=f"web{number}", severity="warning", **measured)
    elif name == "clientsession":
        ClientSession.objects.create(client_id="ann", boot="b", session_id=number, connected_at=at, disconnected_at=at)
    elif name in ("minute", "hour", "day"):
        tier = {"minute": Minute, "hour": Hour, "day": Day}[name]
        start = int(NOW.timestamp()) // tier.SECONDS * tier.SECONDS
        tier.from_sample(f"web:{number}", "b", "web", sample(start=start)).save()
    elif name == "marker":
        Marker.objects.create(text=f"release {number}", at=at)
    elif name == "disconnection":
        Disconnection.objects.create(by="kim", client_id="ann", at=at)
    elif name == "alertrule":
        AlertRule.objects.create(
            name=f"rule_{number}", metric="connections", scope="node", threshold=5, exit_threshold=4
        )
    elif name == "silence":
        Silence.objects.create(matchers={"rule": f"r{number}"}, by="kim", starts_at=at, ends_at=NOW + timedelta(days=1))
    else:
        channel = AlertChannel.objects.create(name=f"channel {number}", kind="webhook")
        Notice.objects.create(channel=channel, kind="firing", group="g", content={"title": "x"}, created_at=at)


LISTS = ("alert", "alertchannel", "alertrule", "clientsession", "day", "disconnection", "hour", "marker", "minute",
         "notice", "silence")  # fmt: skip


def queries(client, path: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as found:
        response = client.get(path)
    assert response.status_code == 200, response
    return [query["sql"] for query in found.captured_queries]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_fifty_rows_as_for_one(admin_client, name):
    path = f"{ROOT}/{name}/"
    queries(admin_client, path)  # what is remembered from then on
    add(name, 0)
    one = queries(admin_client, path)
    for number in range(1, 50):
        add(name, number)
    assert len(queries(admin_client, path)) == len(one)


@pytest.mark.parametrize(
    "query", ["", "?q=ann", "?state=closed", "?cause=client_closed", "?period=all", "?_facets=True"]
)
def test_no_query_of_a_list_counts_without_a_limit_or_reads_what_differs(admin_client, query):
    add("clientsession", 1)
    asked = [sql for sql in queries(admin_client, SESSIONS + query) if "avatar_monitoring_clientsession" in sql]
    assert asked
    for sql in asked:
        assert "LIMIT" in sql or "COUNT(" not in sql, sql
        assert "DISTINCT" not in sql
        assert "MIN(" not in sql


def test_alerts_and_their_history_are_not_counted_without_a_limit_either(admin_client):
    add("alert", 1)
    number = Alert.objects.get().pk
    for path in (f"{ROOT}/alert/", f"{ROOT}/alert/?severity=warning&metric=fps", f"{ROOT}/alert/{number}/history/"):
        counting = [sql for sql in queries(admin_client, path) if "COUNT(" in sql]
        assert all("LIMIT" in sql for sql in counting), counting


@pytest.fixture
def few(monkeypatch) -> None:
    """Lists that count no more than five rows, and delete no more than two at once; there are nine."""
    monkeypatch.setattr(large_tables, "MOST_COUNTED", 5)
    monkeypatch.setattr(large_tables, "MOST_DELETED", 2)
    for number in range(9):
        add("clientsession", number)


def test_a_list_says_that_it_has_more_rows_than_it_counts(admin_client, few):
    page = admin_client.get(SESSIONS).content.decode()
    assert "The first 5 client sessions; narrower filters show the others." in page
    assert "9 " not in page.partition('class="paginator"')[2].partition("</p>")[0]
    page = admin_client.get(f"{SESSIONS}?q=ann").content.decode()
    assert "5 results" not in page


def test_all_rows_that_the_filters_find_can_be_selected_nevertheless(admin_client, few):
    page = admin_client.get(f"{SESSIONS}").content.decode()
    assert "All rows that the filters find are selected" not in page or "Select all rows that the filters find" in page
    data = {"action": "export_jsonl", "select_across": "1", "_selected_action": ClientSession.objects.latest().pk}
    response = admin_client.post(SESSIONS, data)
    assert len(response.getvalue().splitlines()) == 9


def test_too_many_rows_are_not_deleted_at_once(admin_client, few):
    data = {"action": "delete_selected", "select_across": "1", "post": "yes"}
    chosen = [row.pk for row in ClientSession.objects.all()]
    page = admin_client.post(SESSIONS, data | {"_selected_action": chosen}, follow=True).content.decode()
    assert "more than 2 rows" in page
    assert ClientSession.objects.count() == 9
    admin_client.post(SESSIONS, {"action": "delete_selected", "post": "yes", "_selected_action": chosen[:2]})
    assert ClientSession.objects.count() == 7


def test_dates_lead_to_the_years_months_and_days_between_the_first_row_and_the_last(admin_client):
    for month, day in ((3, 30), (5, 2)):
        Marker.objects.create(text="x", at=datetime(2025, month, day, 12, tzinfo=UTC))
    path = f"{ROOT}/marker/"

    def titles(query: str = "") -> list[str]:
        return [one["title"] for one in admin_client.get(path + query).context["dates"]["choices"]]

    assert titles() == ["March 2025", "April 2025", "May 2025"]
    assert titles("?at__year=2025&at__month=3") == ["March 30", "March 31"]
    assert titles("?at__year=2025&at__month=5&at__day=2") == ["May 2"]
    Marker.objects.create(text="x", at=datetime(2026, 1, 2, tzinfo=UTC))
    assert titles() == ["2025", "2026"]
    assert titles("?at__year=2026") == ["January 2026"]


def test_without_rows_there_are_no_dates(admin_client):
    assert admin_client.get(f"{ROOT}/marker/").context["dates"] is None


def test_the_history_of_a_row_has_times_of_24_hours_in_utc(admin_client):
    marker = Marker.objects.create(text="release 2")
    moment = {"at_0": "2026-01-02", "at_1": "12:00:00"}
    admin_client.post(f"{ROOT}/marker/{marker.pk}/change/", {"text": "release 3", **moment})
    LogEntry.objects.update(action_time=datetime(2026, 1, 2, 22, 5, tzinfo=UTC))
    assert "2026-01-02 22:05:00 UTC" in admin_client.get(f"{ROOT}/marker/{marker.pk}/history/").content.decode()
