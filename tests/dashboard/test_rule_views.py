import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.models import AlertRule, OwnGauge
from tests.dashboard.alerts import stored_alert
from tests.dashboard.test_views import InlineCode, body, hrefs
from tests.monitoring.batches import MINUTE, gauge, minute

pytestmark = pytest.mark.django_db
RULE = "/alerts/rules/cpu_percent/"
RANGE = "?from=2023-11-14T22:14&to=2023-11-14T22:24"
"""Ten minutes from MINUTE on."""


@pytest.fixture
def busy_minutes():
    for number, value in enumerate((10, 85, 95, 10, 10)):
        minute(MINUTE + 60 * number, cpu_percent=gauge(*[value] * 60))


@pytest.fixture
def with_redis(settings):
    """Rows are in force only where nodes can learn of them."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


def numbers(page: str) -> dict[str, list[str]]:
    """The table of numbers by its labels."""
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', page)
    return {label: re.findall(r'<td class="num">([^<]*)</td>', cells) for label, cells in rows}


def trend_in(page: str) -> dict:
    return json.loads(re.search(r'<script id="trend" type="application/json">(.*?)</script>', page)[1])


@pytest.mark.parametrize("path", ["/alerts/rules/", RULE])
def test_pages_are_for_viewers_and_need_nothing_inline(viewer, stranger, client, path):
    assert client.get(path).status_code == 302
    assert stranger.get(path).status_code == 403
    inline = InlineCode()
    inline.feed(body(viewer.get(path)))
    assert inline.found == []


def test_the_list_counts_how_often_each_rule_fired_lately(viewer):
    stored_alert("one")
    stored_alert("of an older release", rule="")
    stored_alert("of another rule", metric="memory_percent")
    stored_alert("long ago", ago=8 * 24 * 60)
    page = body(viewer.get("/alerts/rules/"))
    assert re.findall(r'<a href="/alerts/\?rule=(\w+)">(\d+)</a>', page) == [
        ("cpu_percent", "2"),
        ("memory_percent", "1"),
    ]


def test_the_list_shows_every_rule_with_each_threshold_and_time(viewer):
    page = body(viewer.get("/alerts/rules/"))
    for name in ("cpu_percent", "memory_percent", "latency_ms", "stale_client_seconds"):
        assert f'href="/alerts/rules/{name}/"' in page
    for shown in ("above 80 %", "76 %", "ends after 1 min"):
        assert shown in page


def test_the_list_shows_exact_thresholds(viewer):
    """Five percent below 85 is 80.75; one that is rounded could not be told from 80.8."""
    assert "80.75 %" in body(viewer.get("/alerts/rules/"))


def queries_of_the_list(viewer) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert viewer.get("/alerts/rules/").status_code == 200
    return len(asked)


def test_rules_about_gauges_of_the_project_cost_no_query_each(viewer, with_redis):
    now = timezone.now()
    for number in range(5):
        name = f"orders_{number}"
        OwnGauge.objects.create(name=name, unit="orders", first_seen=now, last_seen=now)
        AlertRule.objects.create(name=name, metric=name, scope="node", threshold=100, text="Busy", enabled=number == 0)
    few = queries_of_the_list(viewer)
    AlertRule.objects.update(enabled=True)
    assert queries_of_the_list(viewer) == few
    assert "above 100 orders" in body(viewer.get("/alerts/rules/"))


def test_a_row_says_that_it_replaces_a_built_in_rule_and_one_that_is_off_is_named(viewer, with_redis):
    common = {"scope": "host", "severity": "critical", "changed_by": "kim"}
    AlertRule.objects.create(name="cpu_percent", metric="cpu_percent", threshold=95, **common)
    AlertRule.objects.create(name="memory_percent", metric="memory_percent", threshold=95, enabled=False, **common)
    page = body(viewer.get("/alerts/rules/"))
    assert "row, replaces the built-in rule, changed" in page
    assert "above 95 %" in page
    assert 'Switched off: <span class="mono">memory_percent</span>' in page


def test_the_list_counts_the_alerts_of_the_last_seven_days(viewer):
    stored_alert(metric="cpu_percent", rule="cpu_percent")
    assert '<a href="/alerts/?rule=cpu_percent">1</a>' in body(viewer.get("/alerts/rules/"))


def test_people_who_may_change_rules_are_led_to_the_form(viewer):
    assert "/admin/" not in body(viewer.get(RULE))
    user = User.objects.create_user("chief", is_staff=True)
    names = ["view_live", "add_alertrule", "change_alertrule"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    chief = Client()
    chief.force_login(user)
    assert "/admin/avatar_monitoring/alertrule/add/?override=cpu_percent" in body(chief.get(RULE))


def test_a_rule_says_what_it_means_in_a_sentence(viewer):
    page = body(viewer.get(RULE))
    assert "Fires when CPU of a host is above 80 % for 10 s." in page
    assert "Ends once it has been at or below 76 % for 5 s." in page


def test_a_rule_shows_what_it_would_have_done(viewer, busy_minutes):
    page = body(viewer.get(RULE + RANGE))
    found = numbers(page)
    assert (found["Episodes"], found["Time firing"], found["Bounds"], found["Notices"]) == (
        ["1"], ["1 min 54 s"], ["exact"], ["2"],
    )  # fmt: skip
    assert "/?at=2023-11-14T22:15:11Z" in hrefs(page)
    assert "computed from stored minutes" in page


def test_its_chart_has_both_thresholds_and_the_episodes(viewer, busy_minutes):
    (chart,) = trend_in(body(viewer.get(RULE + RANGE)))["charts"]
    assert (chart["threshold"], chart["limits"]) == (80, [{"value": 76, "name": "exit", "below": True}])
    assert [(one["start"] - MINUTE, one["end"] - MINUTE) for one in chart["alerts"]] == [(71, 185)]


def test_other_numbers_stand_beside_those_in_force(viewer, busy_minutes):
    page = body(viewer.get(RULE + RANGE + "&enter=90&for=30"))
    found = numbers(page)
    assert (found["Threshold"], found["Exit"], found["For"]) == (["80 %", "90 %"], ["76 %", "85.5 %"], ["10 s", "30 s"])
    assert found["Time firing"] == ["1 min 54 s", "34 s"]
    assert 'name="enter" inputmode="decimal" value="90"' in page
    limits = {one["name"]: one["value"] for one in trend_in(page)["charts"][0]["limits"]}
    assert limits == {"exit": 76, "changed limit": 90, "changed exit": 85.5}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("enter=many", "enter=many: must be a number"),
        ("exit=90", "exit=90: must be at most the threshold, 80"),
        ("for=-1", "for=-1: must be 0 to 86400 s"),
        ("range=1y", "range=1y: must be at most 31 days"),
        ("range=ever", "range=ever: must be one of"),
        ("node=nobody", "node=nobody: must be the name of a node"),
    ],
)
def test_bad_input_names_itself(viewer, query, expected):
    answer = viewer.get(f"{RULE}?{query}")
    assert answer.status_code == 400
    assert expected in body(answer)


def test_a_rule_about_clients_shows_what_was_recorded(viewer):
    stored_alert(metric="stale_client_seconds", rule="stale_client_seconds", client_id="avatar-1", subject="avatar-1")
    page = body(viewer.get("/alerts/rules/stale_client_seconds/"))
    assert "client rules need single clients, which are not kept" in page
    assert numbers(page)["Episodes"] == ["1"]


def test_an_unknown_rule_is_not_found_and_the_known_ones_are_named(viewer):
    answer = viewer.get("/alerts/rules/cpu/")
    assert answer.status_code == 404
    assert "/alerts/rules/cpu_percent/" in hrefs(body(answer))


def test_the_default_is_the_last_seven_days(viewer):
    page = body(viewer.get(RULE))
    span = json.loads(re.search(r'<script id="period" type="application/json">(.*?)</script>', page)[1])
    assert span["end"] - span["start"] == timedelta(days=7).total_seconds()
    assert abs(datetime.fromtimestamp(span["end"], UTC) - timezone.now()) < timedelta(minutes=5)


def test_a_short_episode_at_the_end_of_the_range_can_be_seen(viewer, busy_minutes):
    page = body(viewer.get(f"{RULE}?from=2023-11-08T22:14&to=2023-11-14T22:17"))
    bars = re.findall(r'<rect data-severity="warning" x="([0-9.]+)" y="0" width="([0-9.]+)"', page)
    assert bars
    assert all(float(width) >= 3 and float(x) + float(width) <= 1_000 for x, width in bars)


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/silences/", "/alerts/rules/"])
def test_each_page_about_alerts_is_marked_in_the_choice_of_pages(viewer, path):
    assert f'<a href="{path}" aria-current="page">' in body(viewer.get(path))
