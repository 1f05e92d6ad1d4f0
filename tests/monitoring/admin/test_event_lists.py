import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from monitoring.columns import timestamp
from monitoring.core.stats.sketch import Sketch
from monitoring.models import Alert, ClientSession, Minute
from monitoring.storage.ingest import drain
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store
from tests.monitoring.batches import alert, append, arrived, batch, gauge, minute, session

pytestmark = pytest.mark.django_db
LISTS = {name: f"/admin/avatar_monitoring/{name}/" for name in ("alert", "clientsession", "minute", "hour", "day")}


@pytest.fixture
def facts() -> None:
    """A minute with its hour and day, an alert that fires and a session, of two hours ago."""
    start = int((timezone.now() - timedelta(hours=2)).timestamp()) // 60 * 60
    minute(start, messages=50, connections=gauge(3, 5), cpu_percent=42.5, latency_sketch=Sketch.of([12.0] * 5))
    roll_up()
    opened = session(latency_sketch=Sketch.of([12.0, 30.0]).encode())
    opened.connected_at = start
    store(arrived(batch(sessions=[opened], alerts=[alert("firing", start)]), at=start))


@pytest.fixture
def staff(client) -> User:
    """A user who may view everything and is not a superuser."""
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return user


def page(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response
    return response.content.decode()


@pytest.mark.parametrize("path", LISTS.values())
def test_lists_are_shown_under_a_strict_content_security_policy(admin_client, facts, path):
    html = page(admin_client, path)
    assert "<style" not in html
    assert "style=" not in html
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in script or "application/json" in script for script in scripts)


@pytest.mark.parametrize("path", [*LISTS.values(), "/admin/auth/user/"])
def test_each_value_of_a_list_has_the_name_of_its_column_which_a_phone_shows(admin_client, facts, path):
    html = page(admin_client, path).partition('id="result_list"')[2]
    names = re.findall(r'<div class="text"><(?:a|span)[^>]*>([^<]+)', html)
    row = re.search(r"<tbody>\s*<tr>(.*?)</tr>", html, re.DOTALL)[1]
    cells = re.findall(r'<(td|th)(?: data-label="([^"]+)")? class="field', row)
    assert [label or name for (_, label), name in zip(cells, names, strict=True)] == names
    assert [tag for tag, label in cells if not label] == ["th"]


@pytest.mark.parametrize("path", LISTS.values())
def test_measurements_are_neither_added_nor_changed(admin_client, facts, path):
    assert admin_client.get(f"{path}add/").status_code == 403
    html = page(admin_client, re.search(rf'href="({path}\d+/change/)', page(admin_client, path))[1].partition("?")[0])
    assert 'name="_save"' not in html


def test_only_a_superuser_deletes(client, staff, facts):
    found = Alert.objects.get()
    assert client.get(f"/admin/avatar_monitoring/alert/{found.pk}/delete/").status_code == 403
    assert "delete_selected" not in page(client, LISTS["alert"])


def test_an_alert_is_shown_with_severity_state_and_value(client, staff, facts):
    html = page(client, LISTS["alert"])
    assert '<span class="badge badge-warning">warning</span>' in html
    assert '<span class="badge badge-firing">firing</span>' in html
    assert re.search("CPU of [^ ]+ is 90 %, the limit is 80 %", html)


def test_alerts_are_filtered_by_state(client, staff, facts):
    assert "1 alert" in page(client, LISTS["alert"] + "?state=firing")
    assert "0 alerts" in page(client, LISTS["alert"] + "?state=resolved")


def test_lists_are_searched(client, staff, facts):
    assert "1 client session" in page(client, LISTS["clientsession"] + "?q=avatar-1")
    assert "0 client sessions" in page(client, LISTS["clientsession"] + "?q=nobody")


def test_a_minute_has_averages_highest_values_and_a_percentile(client, staff, facts):
    html = page(client, LISTS["minute"])
    cells = {name: re.sub("<[^>]+>", " ", cell).split() for name, cell in re.findall(r'"field-(\w+)">(.*?)</td>', html)}
    assert cells["shown_clients"] == ["4.0", "max", "5"]
    assert cells["shown_messages"] == ["50"]
    assert cells["shown_cpu"] == ["42.5", "%", "max", "42.5", "%"]
    assert cells["p95_latency"] == ["12.1", "ms"]


def test_minutes_default_to_the_last_day(client, staff, facts):
    Minute.objects.update(minute=timezone.now() - timedelta(days=3))
    assert "0 minutes" in page(client, LISTS["minute"])
    assert "1 minute" in page(client, LISTS["minute"] + "?period=7d")
    assert "1 minute" in page(client, LISTS["minute"] + "?period=all")


def test_a_date_from_the_hierarchy_is_itself_a_period(client, staff):
    minute()
    assert "1 minute" in page(client, LISTS["minute"] + "?minute__year=2023")


def test_an_unknown_period_shows_any_time(client, staff):
    minute()
    assert "1 minute" in page(client, LISTS["minute"] + "?period=forever")


def test_the_period_of_the_minutes_is_drawn_above_them(client, staff, facts):
    html = page(client, LISTS["minute"])
    charts = json.loads(re.search(r'<script id="trend-data" type="application/json">(.*?)</script>', html)[1])
    assert [chart["label"] for chart in charts] == ["Clients", "Messages", "CPU"]
    assert [value for value in charts[2]["average"] if value is not None] == [42.5]
    assert 'aria-label="CPU: ⌀ 42.5%, max 42.5%"' in html


@pytest.mark.parametrize("tier", ["minute", "hour", "day"])
def test_each_tier_lists_nodes_and_says_how_long_it_is_kept(client, staff, facts, tier):
    html = page(client, LISTS[tier])
    assert f"1 {tier}" in html
    assert "minutes 30 days" in html
    assert "web:1" in html


def test_a_sessions_own_page_shows_the_percentiles_of_its_round_trips(client, staff, facts):
    html = page(client, f"{LISTS['clientsession']}{ClientSession.objects.get().pk}/change/")
    assert "12.1, 30.3, 30.3" in html


@pytest.mark.parametrize("model", [ClientSession, Minute])
def test_a_rows_own_page_shows_a_dash_for_unknown_values(client, staff, facts, model):
    html = page(client, f"/admin/avatar_monitoring/{model._meta.model_name}/{model.objects.earliest('pk').pk}/change/")
    assert ">–<" in html
    assert ">None<" not in html


def test_text_from_outside_is_escaped(client, staff):
    evil = alert("firing", timezone.now().timestamp(), subject="<script>alert(1)</script>")
    evil.severity = '"><img src=x>'
    store(arrived(batch(alerts=[evil]), at=timezone.now().timestamp()))
    html = page(client, LISTS["alert"])
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html


def test_a_minutes_own_page_shows_every_gauge(client, staff, facts):
    html = page(client, f"{LISTS['minute']}{Minute.objects.of_each_node().get().pk}/change/")
    assert "4.00 (3.00 to 5.00)" in html


def test_the_index_links_to_the_live_pages(admin_client):
    html = page(admin_client, "/admin/")
    assert 'href="/">Live</a>' in html
    assert 'href="/trends/">Trends</a>' in html
    assert "Avatar monitoring" in html
    assert '<a href="/">View site</a>' in html


def test_a_clients_times_are_utc_with_seconds(client, staff):
    opened = session()
    opened.connected_at = timezone.now().timestamp()
    store(arrived(batch(sessions=[opened])))
    assert f"{timestamp(opened.connected_at):%Y-%m-%d %H:%M:%S}" in page(client, LISTS["clientsession"])


def test_sessions_are_found_by_user_and_room_and_link_to_those_with_the_same(admin_client):
    rows = [session("s1", user="Ann & Bob", room="Garden"), session("s2")]
    store(arrived(batch(sessions=rows)))
    path = f"{LISTS['clientsession']}?period=all"
    html = page(admin_client, path)
    assert '<a href="?user=Ann+%26+Bob"><bdi>Ann &amp; Bob</bdi></a>' in html
    assert '<a href="?room=Garden"><bdi>Garden</bdi></a>' in html
    for query, number in (("q=garden", 1), ("user=Ann+%26+Bob", 1), ("known=yes", 1), ("known=no", 1), ("q=nobody", 0)):
        assert page(admin_client, f"{path}&{query}").count('class="field-client_id"') == number, query


def test_a_superuser_deletes_a_persons_sessions(admin_client):
    store(arrived(batch(sessions=[session("s1", user="Ann"), session("s2")])))
    chosen = ClientSession.objects.of_user("Ann").get().pk
    path = f"{LISTS['clientsession']}?period=all&user=Ann"
    admin_client.post(path, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert list(ClientSession.objects.values_list("session_id", flat=True)) == ["s2"]


def test_an_alert_that_fires_is_shown_as_it_is_now(admin_client, redis, redis_url, settings):
    settings.REDIS_URL = redis_url
    start = int(timezone.now().timestamp()) - 600
    append(redis, batch(alerts=[alert("firing", start)]))
    drain(redis)
    append(redis, batch(seq=2, alerts=[alert("firing", start + 540.0, since=float(start), peak=100.0, last=99.5)]))
    number = Alert.objects.get().pk
    for path in (LISTS["alert"], f"{LISTS['alert']}{number}/change/"):
        html = page(admin_client, path)
        assert "99.5" in html
        assert "100.0" in html
    append(redis, batch(seq=3, alerts=[alert("resolved", start + 560.0, since=float(start), peak=100.0)]))
    assert "badge-resolved" in page(admin_client, LISTS["alert"])
    assert "9 min 20 s" in page(admin_client, f"{LISTS['alert']}{number}/change/")


def test_alerts_and_sessions_lead_to_their_moment_for_people_who_may_watch(client, staff, facts):
    found = Alert.objects.get()
    replay = f'href="/?at={found.started_at:%Y-%m-%dT%H:%M:%SZ}"'
    for path in (LISTS["alert"], f"{LISTS['alert']}{found.pk}/change/"):
        assert replay in page(client, path)
        assert f'href="/alerts/{found.pk}/"' in page(client, path)
    for name in ("clientsession", "minute"):
        assert 'href="/trends/?from=' in page(client, LISTS[name])
    staff.user_permissions.remove(Permission.objects.get(codename="view_live"))
    assert replay not in page(client, LISTS["alert"])


def test_an_alerts_own_page_has_rounded_numbers_with_their_units_and_tables_of_named_columns(admin_client):
    now = timezone.now()
    alert = Alert.objects.create(
        metric="cpu_percent", rule="cpu_percent", subject="web", severity="warning", value=99.5024875, threshold=80,
        peak=100, last=99.50248756172802, started_at=now, ended_at=now,
    )  # fmt: skip
    html = admin_client.get(f"/admin/avatar_monitoring/alert/{alert.pk}/change/").content.decode()
    assert "99.50 %" in html
    assert "99.50248" not in html
    assert "<th></th>" not in html
    assert '<th class="original">' not in html
    assert '<form class="below-main"' in html


@pytest.mark.parametrize(("model", "names"), [("marker", ("at",)), ("silence", ("starts_at", "ends_at"))])
def test_the_date_and_the_time_of_a_moment_have_names(admin_client, model, names):
    html = admin_client.get(f"/admin/avatar_monitoring/{model}/add/").content.decode()
    for name in names:
        for part, label in enumerate(("Date:", "Time:")):
            (field,) = re.findall(rf'<input [^>]*name="{name}_{part}"[^>]*>', html)
            assert re.search(rf'aria-label="[^"]+ {label}"', field)
