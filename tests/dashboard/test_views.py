import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import AsyncRequestFactory, Client, RequestFactory

from dashboard import views
from monitoring import runtime
from monitoring.models import Alert, ClientSession, Marker, Minute, Node
from monitoring.runtime import Runtime
from monitoring.servers.viewers_socket import PASSED_KEY
from tests.fakes import FakeClock, fake_monitor, hub_of, ticked
from tests.monitoring import batches

PAGES = ["/", "/clients/", "/clients/ann/", "/sessions/", "/alerts/", "/trends/"]
NOW = datetime.now(UTC)


def body(response) -> str:
    return response.content.decode()


def config_of(page: str, name: str = "config") -> dict:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def alert(**fields) -> Alert:
    given = {
        "metric": "cpu_percent",
        "subject": "vm",
        "severity": "warning",
        "message": "High CPU usage: 91.0%",
        "value": 91.0,
        "threshold": 80.0,
        "peak": 95.5,
        "host": "vm",
        "node": "vm:1",
        "boot": "b",
        "started_at": NOW - timedelta(minutes=10),
        "ended_at": NOW - timedelta(minutes=5),
    }
    return Alert.objects.create(**given | fields)


def minute(age: timedelta, cpu: float = 35.0) -> Minute:
    return batches.minute(
        (NOW - age).timestamp() // 60 * 60, node="vm:1", host="vm", messages=60, cpu_percent=cpu, connections=3
    )


def hrefs(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]*)"', page)]


class InlineCode(HTMLParser):
    """Collects what the content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.found += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names and names.get("type") != "application/json"):
            self.found.append(tag)
        self.found += [value for name in ("src", "href") if (value := names.get(name) or "").startswith(("http", "//"))]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_asked_to_sign_in(client: Client, path: str):
    response = client.get(path)
    assert (response.status_code, response.url) == (302, f"/login/?next={path}")


@pytest.mark.parametrize("path", PAGES)
def test_the_missing_permission_is_named(stranger: Client, path: str):
    response = stranger.get(path)
    assert response.status_code == 403
    assert "avatar_monitoring.view_live" in body(response)


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_sees_the_page(viewer: Client, path: str):
    assert viewer.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/login/", "/trends/?range=2w", "/nothing-here"])
def test_no_page_needs_more_than_the_policy_allows(viewer: Client, path: str):
    minute(timedelta(minutes=3))
    parser = InlineCode()
    parser.feed(body(viewer.get(path)))
    assert parser.found == []


def test_the_live_page_tells_the_browser_the_servers_settings(viewer: Client, settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "2", "AVATAR_CPU_ALERT_THRESHOLD": "70"}
    config = config_of(body(viewer.get("/")))
    assert config["enabled"] is True
    assert config["interval"] == 2.0
    assert config["thresholds"]["cpu_percent"] == 70.0
    assert config["ws_path"] == "/ws/metrics/"
    assert config["client_url"].replace(config["placeholder"], "ann") == "/clients/ann/"


@pytest.mark.parametrize("path", ["/", "/clients/"])
def test_with_monitoring_disabled_the_page_says_so_and_does_not_connect(viewer: Client, settings, path: str):
    settings.AVATAR_MONITORING = {"AVATAR_MONITORING_ENABLED": "false"}
    page = body(viewer.get(path))
    assert "AVATAR_MONITORING_ENABLED" in page
    assert "live.js" not in page
    assert "clients.js" not in page


def test_an_empty_page_says_what_to_do_next(viewer: Client):
    page = body(viewer.get("/"))
    assert 'href="/avatar/"' in page
    assert "python manage.py simulate_avatars --count 25 --url ws://testserver/ws/avatar/<" in page


def test_the_command_uses_the_address_the_reader_is_at(viewer: Client, settings):
    settings.ALLOWED_HOSTS = ["[::1]", "example.org"]
    assert "--url &#x27;ws://[::1]:8123/ws/avatar/&#x27;<" in body(viewer.get("/", headers={"host": "[::1]:8123"}))
    assert "--url wss://example.org/ws/avatar/<" in body(viewer.get("/", headers={"host": "example.org"}, secure=True))


def test_a_client_shows_its_sessions(viewer: Client):
    for name in ("ann", "bob"):
        ClientSession.objects.create(
            node="vm:1", boot="b", session_id=name, client_id=name, path="/ws/avatar/", remote="", ended=f"{name} left",
            connected_at=NOW - timedelta(hours=1), disconnected_at=NOW, messages=4321, bytes_sent=1, bytes_received=1,
        )  # fmt: skip
    page = body(viewer.get("/clients/ann/"))
    assert "ann left" in page
    assert "4,321" in page
    assert "bob left" not in page


def test_a_client_id_is_escaped_and_isolated(viewer: Client):
    page = body(viewer.get("/clients/<b>x/"))
    assert "<b>x" not in page.replace("\\u003C", "")
    assert "<bdi>&lt;b&gt;x</bdi>" in page


def test_trends_say_so_if_nothing_is_stored(viewer: Client):
    page = body(viewer.get("/trends/"))
    assert "No minute has been stored yet" in page
    assert "The first one arrives within two minutes of the start." in page


def test_trends_say_so_if_only_the_range_is_empty(viewer: Client):
    minute(timedelta(days=3))
    assert "Nothing was stored in this range" in body(viewer.get("/trends/?range=24h"))


def test_trends_include_the_stored_minutes(viewer: Client):
    minute(timedelta(minutes=5), cpu=42.5)
    trend = config_of(body(viewer.get("/trends/?range=1h")), "trend")
    charts = {chart["title"]: chart for chart in trend["charts"]}
    assert trend["bucket_seconds"] == 60
    assert charts["CPU"]["threshold"] == 80.0
    assert [value for value in charts["CPU"]["series"][0]["average"] if value is not None] == [42.5]
    assert len(charts["Network"]["series"]) == 2
    assert all(len(line["average"]) == len(trend["times"]) for chart in trend["charts"] for line in chart["series"])


def test_trends_include_the_alerts_of_the_range(viewer: Client):
    minute(timedelta(minutes=5))
    alert()
    alert(subject="long-ago", started_at=NOW - timedelta(days=2), ended_at=NOW - timedelta(days=1))
    trend = config_of(body(viewer.get("/trends/")), "trend")
    [span] = trend["charts"][0]["alerts"]
    assert span["message"] == "CPU of vm reached 95.5 %, above the limit of 80 %"


def test_an_unknown_range_is_a_bad_request_that_says_what_is_allowed(viewer: Client):
    response = viewer.get("/trends/?range=2w")
    assert response.status_code == 400
    assert "range=2w: must be one of 1h, 6h, 24h, 7d, 30d, 90d, 1y" in body(response)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("from=-1h&to=-2h", "from=-1h to=-2h: must begin before its end"),
        ("compare=yesterday", "compare=yesterday: must be one of previous, week"),
        ("node=vm:9", "node=vm:9: must be the name of a node"),
    ],
)
def test_every_other_impossible_period_is_a_bad_request(viewer: Client, query: str, reason: str):
    response = viewer.get(f"/trends/?{query}")
    assert response.status_code == 400
    assert reason in body(response)


def test_trends_show_their_resolution_source_and_coverage(viewer: Client):
    minute(timedelta(minutes=5))
    page = body(viewer.get("/trends/?range=6h"))
    assert "one value per minute, from stored minutes" in page
    assert "0.3 % of the range was measured" in page


def test_trends_say_how_long_everything_is_kept(viewer: Client, settings):
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_MINUTES": "45d"}
    assert re.search(r"Minutes kept</dt><dd>45 days", body(viewer.get("/trends/")))


def test_a_choice_keeps_the_other_choices(viewer: Client):
    Node.objects.create(node="vm:1", boot="boot", host="vm", first_seen=NOW - timedelta(minutes=3), last_seen=NOW)
    links = hrefs(body(viewer.get("/trends/?from=-2h&compare=week&node=vm:1")))
    assert "?compare=week&node=vm%3A1&range=7d" in links
    assert "?from=-2h&compare=previous&node=vm%3A1" in links
    assert "?from=-2h&compare=week" in links


def test_the_nodes_of_the_range_can_be_chosen(viewer: Client):
    Node.objects.create(node="vm:1", boot="boot", host="vm", first_seen=NOW - timedelta(minutes=3), last_seen=NOW)
    Node.objects.create(
        node="old:1", boot="old", host="vm", first_seen=NOW - timedelta(days=9), last_seen=NOW - timedelta(days=8)
    )
    links = hrefs(body(viewer.get("/trends/?range=24h")))
    assert "?range=24h&node=vm%3A1" in links
    assert "?range=24h&node=old%3A1" not in links


def test_a_custom_range_can_be_left_by_zooming_out(viewer: Client):
    minute(timedelta(minutes=90))
    page = body(viewer.get("/trends/?from=2026-01-02T10:00&to=2026-01-02T11:00&compare=week"))
    assert "?from=2026-01-02T09:00:00Z&to=2026-01-02T12:00:00Z&compare=week" in hrefs(page)
    assert 'id="zoom-out"' not in body(viewer.get("/trends/?range=24h"))


def test_what_is_on_screen_can_be_exported(viewer: Client):
    minute(timedelta(minutes=90))
    page = body(viewer.get("/trends/?from=2026-01-02T10:00&to=2026-01-02T11:00"))
    span = "from=2026-01-02T10:00:00Z&to=2026-01-02T11:00:00Z"
    assert {f"/trends/export/?{span}&format={kind}" for kind in ("csv", "json")} <= set(hrefs(page))
    assert "export_metrics --from 2026-01-02T10:00:00Z --to 2026-01-02T11:00:00Z --resolution minute" in page


def test_what_happened_is_listed_below(viewer: Client):
    minute(timedelta(minutes=5))
    Marker.objects.create(at=NOW - timedelta(minutes=20), text="release <2>")
    page = body(viewer.get("/trends/"))
    assert "release &lt;2&gt;" in page
    assert config_of(page, "trend")["marks"][0]["text"] == "release <2>"


def test_a_trends_page_makes_a_fixed_number_of_queries(viewer: Client, django_assert_max_num_queries):
    minute(timedelta(minutes=5))
    with django_assert_max_num_queries(19):
        viewer.get("/trends/?range=30d&compare=previous")


def test_a_missing_page_has_the_sites_own_text(viewer: Client):
    response = viewer.get("/nothing-here")
    assert response.status_code == 404
    assert "There is no such page" in body(response)


def test_a_failing_page_shows_no_detail(viewer: Client, settings, monkeypatch):
    monkeypatch.setattr("dashboard.views.trends_page", lambda *_: 1 / 0)
    viewer.raise_request_exception = False
    response = viewer.get("/trends/")
    assert response.status_code == 500
    assert "The server failed to answer" in body(response)
    assert "ZeroDivisionError" not in body(response)


def test_the_first_numbers_come_from_the_server_that_serves_the_page_and_never_from_another_thread(monkeypatch):
    clock = FakeClock()
    monitor = fake_monitor(clock)
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    monkeypatch.setattr(runtime, "current", lambda: Runtime(hub, monitor))
    request = AsyncRequestFactory().get("/")
    request.scope[PASSED_KEY] = True
    assert views.first_samples(request) is None
    for _ in range(3):
        ticked(monitor, clock)
    assert [sample["seq"] for sample in views.first_samples(request)["samples"]] == [2, 3]
    for elsewhere in (RequestFactory().get("/"), AsyncRequestFactory().get("/")):
        assert views.first_samples(elsewhere) is None
