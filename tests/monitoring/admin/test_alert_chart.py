"""The chart of alerts above the admin's list: what it counts, where its bars lead, and what it says without them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from monitoring.admin import alert_chart
from monitoring.admin.alert_chart import HOUR, step_for
from monitoring.models import Alert

pytestmark = pytest.mark.django_db
LIST = "/admin/avatar_monitoring/alert/"


def add(at: datetime, severity: str = "warning", metric: str = "fps") -> None:
    number = Alert.objects.count()
    end = at + timedelta(minutes=1)
    Alert.objects.create(
        metric=metric,
        subject=f"s{number}",
        severity=severity,
        value=1,
        threshold=1,
        peak=1,
        started_at=at,
        ended_at=end,
    )


def chart(client, query: str = ""):
    return client.get(LIST + query).context["chart"]


def test_it_counts_the_alerts_of_each_hour_by_severity(admin_client):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    for severity in ("warning", "critical", "critical"):
        add(hour + timedelta(minutes=5), severity)
    add(hour + timedelta(hours=2))
    found = chart(admin_client)
    assert found.title == "Alerts per hour"
    assert [bar.count for bar in found.bars] == [3, 1]
    assert found.most == 3
    assert [(part.severity, part.height) for part in found.bars[0].parts] == [("critical", 66.67), ("warning", 33.33)]


def test_a_bar_leads_to_the_list_of_its_alerts_and_keeps_the_other_filters(admin_client):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    add(hour)
    add(hour, "critical")
    add(hour + timedelta(hours=1))
    bar, _ = chart(admin_client, "?severity=warning").bars
    assert bar.count == 1
    shown = admin_client.get(LIST + bar.link).context["cl"]
    assert [alert.started_at for alert in shown.result_list] == [hour]
    assert "severity=warning" in bar.link


def test_the_bars_at_the_ends_of_a_time_lead_to_what_they_count(admin_client):
    hour = datetime(2026, 1, 2, 3, tzinfo=UTC)
    for minutes in (10, 40, 70, 100):
        add(hour + timedelta(minutes=minutes))
    query = "?started_at__gte=2026-01-02T03:30:00Z&started_at__lt=2026-01-02T04:30:00Z"
    bars = chart(admin_client, query).bars
    assert [bar.count for bar in bars] == [1, 1]
    assert [admin_client.get(LIST + bar.link).context["cl"].result_count for bar in bars] == [1, 1]


def test_it_is_filtered_as_the_list_is(admin_client):
    now = timezone.now()
    add(now - timedelta(hours=3), metric="fps")
    add(now - timedelta(hours=3), metric="latency_ms")
    add(now - timedelta(days=20))
    assert chart(admin_client).total == 2
    assert chart(admin_client, "?metric=fps").total == 1
    assert chart(admin_client, "?q=s1").total == 1
    assert chart(admin_client, "?period=30d").total == 3
    assert chart(admin_client, "?period=all").total == 3
    assert chart(admin_client, "?period=1h") is None


def test_a_day_from_the_dates_has_its_hours(admin_client):
    add(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    found = chart(admin_client, "?started_at__year=2026&started_at__month=1&started_at__day=2")
    assert (found.title, found.first, found.last) == ("Alerts per hour", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    assert found.bars[0].start == "2026-01-02T03:00:00Z"
    assert chart(admin_client, "?started_at__year=2026&started_at__month=1").title == "Alerts per 6 hours"


def test_longer_times_have_wider_bars():
    assert step_for(timedelta(days=7)) == HOUR
    assert step_for(timedelta(days=30)) == 6 * HOUR
    assert step_for(timedelta(days=365)) == 7 * 24 * HOUR
    assert step_for(timedelta(days=36_500)) == 364 * 24 * HOUR


def test_only_the_newest_alerts_are_read_and_it_says_so(admin_client, monkeypatch):
    monkeypatch.setattr(alert_chart, "MOST_READ", 3)
    now = timezone.now()
    for hours in range(1, 6):
        add(now - timedelta(hours=10 * hours))
    found = chart(admin_client)
    assert found.has_more
    assert found.total == 3
    assert b"Only the newest ones are drawn." in admin_client.get(LIST).content


def test_a_screen_reader_has_a_table_and_meets_no_link_twice(admin_client):
    add(timezone.now() - timedelta(hours=1))
    html = admin_client.get(LIST).content.decode()
    figure = re.search(r'<figure class="alert-chart">.*?</figure>', html, re.DOTALL)[0]
    drawing, table = figure.split("</svg>")
    assert 'aria-hidden="true"' in drawing
    assert drawing.count("<a ") == drawing.count('tabindex="-1"') == 1
    assert table.count("<a ") == 1
    assert "style=" not in figure
