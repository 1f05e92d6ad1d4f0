from datetime import UTC, datetime, timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.core.stats.sketch import Sketch
from monitoring.models import Alert, ClientSession, JournalCursor, Marker, Node
from monitoring.storage.ingest import drain
from tests.monitoring.batches import MINUTE, append, batch, gauge, minute
from tests.monitoring.batches import alert as told

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)
RANGE = "from=2023-11-14T22:14&to=2023-11-14T22:17Z"
"""The three minutes from START."""


def alert(number: int = 0, **fields) -> Alert:
    begun = START + timedelta(minutes=number)
    given = {
        "metric": "cpu_percent", "subject": f"web{number}", "severity": "warning", "message": "High CPU usage: 90.0%",
        "value": 90.0, "threshold": 80.0, "peak": 95.0, "host": "web", "node": "web:1", "boot": "b",
        "started_at": begun, "ended_at": begun + timedelta(seconds=90),
    }  # fmt: skip
    return Alert.objects.create(**given | fields)


def session(number: int = 0, **fields) -> ClientSession:
    begun = START + timedelta(minutes=number)
    given = {
        "node": "web:1", "boot": "b", "session_id": f"s{number}", "client_id": f"avatar-{number}",
        "path": "/ws/avatar/", "remote": "10.0.0.9:5000",
        "connected_at": begun, "disconnected_at": begun + timedelta(seconds=30),
    }  # fmt: skip
    return ClientSession.objects.create(**given | fields)


@pytest.fixture
def asked(caller):
    """Requests an address of the API, with a token."""

    def ask(path: str, status: int = 200) -> dict:
        response = caller.get(path)
        assert response.status_code == status, response.content
        return response.json()

    return ask


def subjects(answer: dict) -> list[str]:
    return [alert["subject"] for alert in answer["alerts"]]


def pages(asked, path: str) -> list[dict]:
    """All pages from the first on."""
    found = [asked(path)]
    while found[-1]["next"]:
        found.append(asked(found[-1]["next"]))
    return found


# Series


def test_a_series_has_every_bucket_and_what_is_known_of_it(asked):
    minute(connections=4)
    minute(MINUTE + 120, connections=6)
    answer = asked(f"/api/series?metric=connections&{RANGE}")
    assert [bucket["average"] for bucket in answer["buckets"]] == [4, None, 6]
    assert [bucket["start"] for bucket in answer["buckets"]][::2] == ["2023-11-14T22:14:00Z", "2023-11-14T22:16:00Z"]
    assert [bucket["coverage"] for bucket in answer["buckets"]] == [1, 0, 1]
    assert (answer["unit"], answer["tier"], answer["bucket_seconds"], answer["nodes"]) == ("", "minute", 60, [])
    assert (answer["from"], answer["to"]) == ("2023-11-14T22:14:00Z", "2023-11-14T22:17:00Z")


def test_latencies_have_percentiles_and_readings(asked):
    minute(latency_ms=gauge(10, 20, 30), latency_sketch=Sketch.of([10, 20, 30]))
    (bucket, *_) = asked(f"/api/series?metric=latency_ms&{RANGE}")["buckets"]
    assert (bucket["average"], bucket["minimum"], bucket["maximum"], bucket["count"]) == (20, 10, 30, 3)
    assert bucket["p50"] == pytest.approx(20, rel=0.01)


def test_a_metric_without_percentiles_has_null(asked):
    minute(connections=4)
    assert asked(f"/api/series?metric=connections&{RANGE}")["buckets"][0]["p99"] is None


def test_a_series_can_be_limited_to_some_nodes(asked):
    for number, name in enumerate(["web:1", "web:2", "web:3"]):
        minute(connections=10**number, node=name)
    answer = asked(f"/api/series?metric=connections&{RANGE}&node=web:1&node=web:3")
    assert (answer["buckets"][0]["average"], answer["nodes"]) == (101, ["web:1", "web:3"])


def test_there_are_never_more_points_than_requested(asked):
    assert len(asked(f"/api/series?metric=connections&{RANGE}&points=2")["buckets"]) <= 2
    assert asked("/api/series?metric=connections&points=1501", 400)["allowed"] == "1 to 1500"


def test_the_default_range_is_the_last_hour(asked):
    answer = asked("/api/series?metric=connections")
    begun, ended = (datetime.fromisoformat(answer[end]) for end in ("from", "to"))
    # Minutes are counted whole.
    assert timedelta(hours=1) <= ended - begun < timedelta(hours=1, minutes=1)
    assert datetime.now(UTC) - ended < timedelta(seconds=10)


def test_times_may_be_relative_to_now(asked):
    answer = asked("/api/series?metric=connections&from=-2h&to=-30m")
    begun, ended = (datetime.fromisoformat(answer[end]) for end in ("from", "to"))
    assert 5_400 <= (ended - begun).total_seconds() <= 5_460


def test_a_series_names_the_range_that_it_counts(asked):
    for number in range(3):
        minute(MINUTE + number * 60, messages=2_360)
    answer = asked("/api/series?metric=messages_per_second&from=2023-11-14T22:14:00Z&to=2023-11-14T22:15:30Z")
    assert sum(bucket["count"] for bucket in answer["buckets"]) == 4_720
    assert (answer["from"], answer["to"]) == ("2023-11-14T22:14:00Z", "2023-11-14T22:16:00Z")


@pytest.mark.parametrize(
    ("query", "parameter", "value", "allowed"),
    [
        ("metric=cpu", "metric", "cpu", "cpu_percent, memory_percent"),
        ("", "metric", None, "required"),
        ("metric=fps&from=yesterday", "from", "yesterday", "-2h"),
        ("metric=fps&to=-2", "to", "-2", "ISO 8601"),
        ("metric=fps&points=many", "points", "many", "1 to 1500"),
        ("metric=fps&from=-1h&to=-2h", "from", None, "a time before"),
        ("metric=fps&nodes=web:1", "nodes", "web:1", "from, to, metric, node, points"),
        ("metric=fps&node=" + "x" * 256, "node", "x" * 256, "1 to 255 characters"),
        ("metric=fps&node=web:1&node=", "node", "", "1 to 255 characters"),
        ("metric=fps&node=" + "x" * 256 + "&node=web:1", "node", "x" * 256, "1 to 255 characters"),
        ("metric=fps&to=1980-01-01&points=1_0", "points", "1_0", "1 to 1500"),
        ("metric=fps&from=-99999999999d", "from", "-99999999999d", "ISO 8601"),
    ],
)
def test_a_bad_parameter_is_named_with_what_is_allowed(asked, query, parameter, value, allowed):
    answer = asked(f"/api/series?{query}", 400)
    assert answer["parameter"] == parameter
    assert value is None or answer["value"] == value
    assert allowed in answer["allowed"]
    assert answer["error"] in ("bad_parameter", "unknown_parameter")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/series", "metric is missing"),
        ("/api/rules?x=1", "x is not a parameter of /api/rules; it has no parameters"),
        ("/api/nodes?x=1", "x is not a parameter of /api/nodes; the parameters are from, to, after, limit"),
    ],
)
def test_what_is_missing_or_unknown_is_told_in_a_sentence(asked, path, message):
    assert asked(path, 400)["message"] == message


# Breakdowns


def test_departures_by_cause_per_bucket(asked):
    minute(disconnects=3, breakdowns={"departures": {"client_lost /ws/": 2, "client_closed /ws/b/": 1}})
    answer = asked(f"/api/breakdown?kind=departures&{RANGE}")
    assert answer["totals"] == {"client_lost": 2, "client_closed": 1}
    assert answer["counts"] == {"client_lost": [2, None, None], "client_closed": [1, None, None]}
    assert (answer["times"][0], answer["bucket_seconds"]) == ("2023-11-14T22:14:00Z", 60)
    assert asked(f"/api/breakdown?kind=departures&path=/ws/b/&by=label&{RANGE}")["totals"] == {
        "client_closed /ws/b/": 1
    }


@pytest.mark.parametrize(
    ("query", "parameter", "allowed"),
    [
        ("", "kind", "required"),
        ("kind=colours", "kind", "verdicts, departures, message_sizes"),
        ("kind=verdicts&by=colour", "by", "name, path, label"),
    ],
)
def test_a_bad_question_for_a_breakdown_is_answered_with_what_is_allowed(asked, query, parameter, allowed):
    answer = asked(f"/api/breakdown?{query}", 400)
    assert (answer["parameter"], answer["allowed"]) == (parameter, allowed)


# Alerts


def test_alerts_come_newest_first(asked):
    for number in range(3):
        alert(number)
    answer = asked("/api/alerts")
    assert (subjects(answer), answer["next"]) == (["web2", "web1", "web0"], None)


def test_an_alert_is_an_episode(asked):
    alert(client_id="ada", ended="node gone")
    (found,) = asked("/api/alerts")["alerts"]
    assert (found["state"], found["started_at"], found["ended_at"]) == (
        "resolved", "2023-11-14T22:14:00Z", "2023-11-14T22:15:30Z",
    )  # fmt: skip
    assert (found["duration_seconds"], found["peak"], found["ended"]) == (90.0, 95.0, "node gone")


def test_a_firing_alert_lasts_until_now(asked):
    alert(ended_at=None, started_at=datetime.now(UTC) - timedelta(minutes=1))
    (found,) = asked("/api/alerts?state=firing")["alerts"]
    assert (found["state"], found["ended_at"]) == ("firing", None)
    assert found["duration_seconds"] == pytest.approx(60, abs=5)


def test_alerts_can_be_filtered_by_state_metric_and_severity(asked):
    alert(0)
    alert(1, metric="latency_ms", ended_at=None)
    alert(2, metric="stale_client_seconds", severity="info")
    assert subjects(asked("/api/alerts?state=firing")) == ["web1"]
    assert subjects(asked("/api/alerts?state=resolved")) == ["web2", "web0"]
    assert subjects(asked("/api/alerts?metric=latency_ms")) == ["web1"]
    assert subjects(asked("/api/alerts?severity=info")) == ["web2"]


def test_alerts_of_a_range_are_those_with_any_part_in_it(asked):
    for number in (-3, -1, 1, 9):
        alert(number)
    assert subjects(asked(f"/api/alerts?{RANGE}")) == ["web1", "web-1"]


def test_turning_pages_shows_each_alert_once_even_if_new_ones_arrive(asked):
    for number in range(5):
        alert(number)
    first = asked("/api/alerts?limit=2")
    alert(subject="new", started_at=datetime.now(UTC), ended_at=None)
    alert(10, subject="late")
    rest = pages(asked, first["next"])
    assert [subjects(page) for page in (first, *rest)] == [["web4", "web3"], ["web2", "web1"], ["web0"]]


def test_simultaneous_alerts_appear_once_each(asked):
    for number in range(5):
        alert(subject=f"web{number}", started_at=timestamp(MINUTE))
    found = pages(asked, "/api/alerts?limit=2")
    assert [subjects(page) for page in found] == [["web4", "web3"], ["web2", "web1"], ["web0"]]


def test_a_range_before_the_first_record_names_its_end(asked):
    assert asked("/api/alerts?to=1960-01-01", 400)["parameter"] == "to"


def test_the_next_page_keeps_the_parameters(asked):
    for number in range(4):
        alert(number, severity="info" if number % 2 else "warning")
    found = pages(asked, "/api/alerts?severity=info&limit=1&from=2023-11-14")
    assert [subjects(page) for page in found] == [["web3"], ["web1"]]
    assert "from=2023-11-14T00" in found[0]["next"]


def test_no_page_counts_rows_that_it_does_not_show(asked, django_assert_num_queries):
    for number in range(4):
        alert(number)
    with django_assert_num_queries(3):  # how far the journal is stored, the page, and those that fire
        asked("/api/alerts?limit=2")


def test_alerts_are_as_they_are_now(asked, redis, redis_url, settings):
    settings.REDIS_URL = redis_url
    append(redis, batch(alerts=[told("firing"), told("firing", metric="memory_percent")]))
    drain(redis)
    more = [
        told("firing", MINUTE + 60.0, last=99.0, peak=99.5),
        told("resolved", MINUTE + 9.0, metric="memory_percent"),
    ]
    append(redis, batch(seq=2, alerts=[*more, told("firing", metric="latency_ms", subject="web:1", rule="slow")]))
    answer = asked("/api/alerts")
    shown = {one["metric"]: one for one in answer["alerts"]}
    assert (shown["cpu_percent"]["last"], shown["cpu_percent"]["peak"], shown["cpu_percent"]["rule"]) == (
        99.0,
        99.5,
        "cpu_percent",
    )
    assert shown["memory_percent"]["state"] == "resolved"
    assert answer["firing"] == 2
    assert [(one["id"], one["rule"]) for one in answer["not_stored"]] == [(None, "slow")]
    assert [one["metric"] for one in asked("/api/alerts?state=firing")["alerts"]] == ["cpu_percent"]
    assert asked("/api/alerts?metric=cpu_percent")["not_stored"] == []


def test_an_acknowledgement_says_by_whom_and_until_when(asked):
    given = {"acknowledged_at": START, "acknowledged_by": "ada", "ended_at": None}
    alert(**given)
    alert(1, **given, acknowledged_until=START + timedelta(minutes=1))
    expired, holds = (one["acknowledged"] for one in asked("/api/alerts")["alerts"])
    assert expired is None
    assert holds == {"by": "ada", "at": "2023-11-14T22:14:00Z", "until": None}


def test_invalid_filters_of_alerts_are_named(asked):
    assert asked("/api/alerts?state=open", 400)["allowed"] == "firing, resolved, unknown"
    assert asked("/api/alerts?severity=bad", 400)["parameter"] == "severity"
    assert asked("/api/alerts?limit=0", 400)["allowed"] == "1 to 100"


@pytest.mark.parametrize("place", ["1e3", "_", "2026-11-23T14:00:00_x", "0001-01-01T00:00:00%2B14:00_1"])
@pytest.mark.parametrize("what", ["alerts", "sessions", "markers"])
def test_an_invalid_place_is_named(asked, what, place):
    assert asked(f"/api/{what}?after={place}", 400)["allowed"] == "the value in next"


# Sessions


def test_a_session_has_its_times_totals_and_end(asked):
    session(
        messages=12, bytes_sent=900, bytes_received=300, latency_average_ms=20.5, fps_average=59.5, close_code=1000,
        ended="client left", latency_sketch=Sketch.of([10.0, 20.0, 90.0]).encode(),
        frame_time_sketch=Sketch.of([16.0]).encode(),
    )  # fmt: skip
    (found,) = asked("/api/sessions")["sessions"]
    assert (found["client_id"], found["messages"], found["bytes_sent"], found["close_code"]) == (
        "avatar-0", 12, 900, 1000,
    )  # fmt: skip
    assert (found["connected_at"], found["duration_seconds"]) == ("2023-11-14T22:14:00Z", 30.0)
    assert (found["latency_ms"]["p50"], found["latency_average_ms"]) == (pytest.approx(20, rel=0.01), 20.5)
    assert found["frame_time_ms"]["p99"] == pytest.approx(16, rel=0.01)


@pytest.mark.parametrize("how", [{"disconnected_at": None}, {"ended": "node gone"}])
def test_unreported_values_of_a_session_are_null(asked, how):
    session(**how)
    (found,) = asked("/api/sessions")["sessions"]
    assert (found["messages"], found["bytes_sent"], found["bytes_received"]) == (None, None, None)


def test_unmeasured_values_of_a_session_are_null(asked):
    session()
    (found,) = asked("/api/sessions")["sessions"]
    assert found["latency_average_ms"] is None
    assert found["latency_ms"] == found["frame_time_ms"] == {"p50": None, "p95": None, "p99": None}


def test_sessions_can_be_filtered_by_client_and_by_whether_they_are_open(asked):
    session(0)
    session(1, disconnected_at=None)
    session(2, client_id="avatar-0")
    shown = {query: [one["id"] for one in asked(f"/api/sessions?{query}")["sessions"]] for query in
             ("client_id=avatar-0", "open=true", "open=false")}  # fmt: skip
    first, second, third = ClientSession.objects.order_by("connected_at").values_list("id", flat=True)
    assert shown == {"client_id=avatar-0": [third, first], "open=true": [second], "open=false": [third, first]}


def test_sessions_can_be_filtered_by_user_and_room(asked):
    session(0, user="Ann", room="a")
    session(1, user="Ann", room="b")
    session(2, room="b")
    shown = [len(asked(f"/api/sessions?{query}")["sessions"]) for query in ("user=Ann", "room=b", "user=Ann&room=b")]
    assert shown == [2, 2, 1]
    assert asked("/api/sessions?room=a")["sessions"][0]["user"] == "Ann"


def test_sessions_of_a_client_include_those_of_its_further_connections(asked):
    for number, client_id in enumerate(("ann", "ann#2", "ann#12", "anna", "ann#x")):
        session(number, client_id=client_id)
    found = asked("/api/sessions?client_id=ann")["sessions"]
    assert [one["client_id"] for one in found] == ["ann#12", "ann#2", "ann"]


def test_sessions_of_a_range_come_one_page_at_a_time(asked):
    for number in range(-2, 6):
        session(number)
    found = pages(asked, f"/api/sessions?{RANGE}&limit=2")
    assert [[one["client_id"] for one in page["sessions"]] for page in found] == [
        ["avatar-2", "avatar-1"], ["avatar-0"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "name"), [("sessions?client_id=", "client_id"), ("alerts?subject=", "subject"),
                        ("breakdown?kind=departures&path=", "path")],
)  # fmt: skip
def test_an_empty_filter_does_not_find_everything(asked, query, name):
    assert asked(f"/api/{query}", 400)["message"].startswith(f"{name}=: must be 1 to 255 characters")


def test_invalid_filters_of_sessions_are_named(asked):
    assert asked("/api/sessions?open=maybe", 400)["allowed"] == "true or false"
    assert (
        asked("/api/sessions?client=ada", 400)["allowed"]
        == "from, to, after, limit, client_id, user, room, cause, open"
    )
    assert asked("/api/sessions?client_id=%00", 400)["parameter"] == "client_id"


# Nodes


def started(number, **values):
    at = timestamp(MINUTE + number)
    return Node.objects.create(
        **{"node": "web:1", "boot": f"boot {number}", "host": "web", "first_seen": at, "last_seen": at, **values}
    )


def test_starts_of_nodes_come_with_their_versions_one_page_at_a_time(asked):
    started(0, left=True)
    started(1, gone=True)
    started(2, versions={"python": "3.12.1"})
    found = pages(asked, "/api/nodes?limit=2")
    rows = [[(one["boot"], one["state"], one["versions"]) for one in page["nodes"]] for page in found]
    assert rows == [
        [("boot 2", "running", {"python": "3.12.1"}), ("boot 1", "gone", None)], [("boot 0", "stopped", None)],
    ]  # fmt: skip


def test_a_node_belongs_to_a_range_while_it_was_heard(asked):
    started(0, last_seen=timestamp(MINUTE + 60))
    assert len(asked("/api/nodes?from=2023-11-14T22:14:30Z")["nodes"]) == 1
    assert asked("/api/nodes?from=2023-11-14T22:15:30Z")["nodes"] == []


# Markers


def test_markers_of_a_range_come_one_page_at_a_time(asked):
    for number in range(-2, 3):
        Marker.objects.create(at=timestamp(MINUTE + number), text=f"release {number}")
    found = pages(asked, "/api/markers?from=2023-11-14T22:14:00Z&limit=2")
    assert [[one["text"] for one in page["markers"]] for page in found] == [["release 2", "release 1"], ["release 0"]]


def test_markers_can_be_filtered_by_kind(asked):
    Marker.objects.create(at=timestamp(MINUTE), text="release 2")
    Marker.objects.create(at=timestamp(MINUTE), text="redis-py 6.4.0 → 8.0.1", kind="version")
    (found,) = asked("/api/markers?kind=version")["markers"]
    assert (found["at"], found["text"], found["kind"]) == ("2023-11-14T22:14:00Z", "redis-py 6.4.0 → 8.0.1", "version")
    assert asked("/api/markers?kind=start", 400)["allowed"] == "deploy, clock, version"


def test_while_nothing_is_stored_it_is_unknown_whether_an_alert_still_fires(asked):
    stored = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=6)
    JournalCursor.objects.create(stream="avatar:journal", drained_at=stored)
    alert(ended_at=None, started_at=stored - timedelta(minutes=1))
    assert asked("/api/alerts?state=firing")["alerts"] == []
    (found,) = asked("/api/alerts?state=unknown")["alerts"]
    assert (found["state"], found["ended_at"], found["duration_seconds"]) == ("unknown", None, 60.0)
    assert datetime.fromisoformat(found["known_until"]) == stored
    JournalCursor.objects.update(drained_at=datetime.now(UTC))
    assert [one["known_until"] for one in asked("/api/alerts?state=firing")["alerts"]] == [None]


def test_sessions_say_why_they_ended_and_can_be_narrowed_to_a_cause(asked):
    session(1, cause="application_error", error="KeyError at rooms.py:7 in enter")
    session(2, cause="client_closed")
    (row,) = asked("/api/sessions?cause=application_error")["sessions"]
    assert (row["cause"], row["error"]) == ("application_error", "KeyError at rooms.py:7 in enter")
    assert "client_lost" in asked("/api/sessions?cause=boredom", 400)["allowed"]
