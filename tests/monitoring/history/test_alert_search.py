from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from monitoring.history.alert_search import AlertSearch, parse_place, place_of
from monitoring.models import Alert, Node

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def search(query: str) -> AlertSearch:
    return AlertSearch.of(QueryDict(query), NOW)


def alert(subject: str, ago: int = 10, lasted: int | None = 5, **fields) -> Alert:
    """An episode that began so many minutes ago."""
    began = NOW - timedelta(minutes=ago)
    given = {
        "metric": "cpu_percent",
        "severity": "warning",
        "message": f"High CPU usage of {subject}",
        "value": 91.0,
        "threshold": 80.0,
        "peak": 95.5,
        "host": subject,
        "node": f"{subject}:1",
        "started_at": began,
        "ended_at": None if lasted is None else began + timedelta(minutes=lasted),
    }
    given |= {"rule": fields.get("metric", "cpu_percent")} | fields
    return Alert.objects.create(subject=subject, **given)


def found(query: str) -> list[str]:
    return [one.subject for one in search(query).episodes()]


def test_without_parameters_it_finds_everything_newest_first():
    alert("old", 30)
    alert("new", 3)
    assert found("") == ["new", "old"]
    assert search("").is_empty


def test_an_alert_matches_every_field_and_one_of_its_values():
    alert("a", severity="critical")
    alert("b", severity="info")
    alert("c", severity="critical", metric="latency_ms")
    assert sorted(found("severity=critical&severity=info")) == ["a", "b", "c"]
    assert found("severity=critical&rule=cpu_percent") == ["a"]
    assert found("metric=latency_ms&severity=info") == []


def test_rows_of_an_older_release_are_found_by_the_rule_that_is_their_metric():
    alert("a", rule="")
    assert found("rule=cpu_percent") == ["a"]


def test_it_finds_by_state():
    alert("firing", lasted=None)
    alert("over")
    assert found("state=firing") == ["firing"]
    assert found("state=resolved") == ["over"]
    assert sorted(found("state=firing&state=resolved")) == ["firing", "over"]


def test_a_nodes_alerts_are_its_own_its_clients_and_its_hosts():
    Node.objects.create(node="vm:1", boot="b", host="vm", first_seen=NOW, last_seen=NOW)
    alert("vm:1", metric="latency_ms")
    alert("ann", metric="stale_client_seconds", client_id="ann", node="vm:1")
    alert("vm", node="vm:2")
    alert("other")
    assert sorted(found("node=vm:1")) == ["ann", "vm", "vm:1"]
    assert found("client=ann") == ["ann"]
    assert found("subject=ann&host=ann") == ["ann"]


def test_it_finds_what_is_acknowledged():
    alert("seen", lasted=None, acknowledged_at=NOW, acknowledged_by="kim")
    alert("unseen", lasted=None)
    assert found("answered=yes") == ["seen"]
    assert found("answered=no") == ["unseen"]


def test_it_finds_a_text_in_subject_message_rule_and_client():
    alert("web-1")
    alert("x", message="Queue of WEB is long")
    alert("y")
    assert sorted(found("text=web")) == ["web-1", "x"]


def test_a_period_holds_episodes_with_any_part_in_it():
    alert("before", 300, lasted=10)
    alert("into", 70, lasted=20)
    alert("inside", 30)
    alert("on", 500, lasted=None)
    assert found("range=1h") == ["inside", "into", "on"]
    assert found("from=2026-11-27T11:00&to=2026-11-27T11:20") == ["into", "on"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("severity=loud", "severity=loud: must be one of critical, warning, info"),
        ("state=open", "state=open: must be one of firing, resolved, unknown"),
        ("answered=maybe", "answered=maybe: must be one of no, yes"),
        ("range=2w", "range=2w: must be one of 1h, 24h, 7d, 30d"),
        ("from=soon", "from=soon: must be now, a time ago"),
        ("from=-1h&to=-2h", "from=-1h to=-2h: must begin before its end"),
        ("client=%00", r"client=\x00: must be at most 255 characters"),
        ("node=" + "x" * 256, "node=xxxxx"),
        ("&".join(f"rule=r{number}" for number in range(21)), "rule: must be given at most 20 times"),
    ],
)
def test_what_it_cannot_understand_it_names_and_leaves_out(query, problem):
    alert("a")
    assert problem in search(query).problems[0]
    if not query.startswith("rule"):
        assert found(query) == ["a"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "severity=critical&severity=info&rule=a&node=vm:1&answered=no&range=24h",
        "from=2026-11-27T11:00:00Z",
    ],
)
def test_its_query_string_asks_for_the_same(query):
    assert search(query).query == query
    assert search(search(query).query) == search(query)


def test_a_value_is_switched_on_and_off():
    assert search("severity=info").toggled("severity", "warning").query == "severity=info&severity=warning"
    assert search("severity=info&text=a").toggled("severity", "info").query == "text=a"


def test_a_list_goes_on_after_a_place():
    rows = [alert(f"vm-{number}", 10) for number in range(3)]
    began, number = parse_place(place_of(rows[1]))
    assert [one.subject for one in search("").episodes().older_than(began, number)] == ["vm-0"]
    with pytest.raises(ValueError, match="before=x: must be a time and a number"):
        parse_place("x")


def test_now_is_no_part_of_the_search():
    assert AlertSearch.of(QueryDict("range=1h"), timezone.now()).query == "range=1h"


def test_a_parameter_that_the_page_does_not_know_is_named_with_those_it_knows():
    (told,) = search("search=x").problems
    assert told.startswith("search: must be left out, this page knows severity, rule, metric, ")
    assert not search("utm_campaign=x").problems
