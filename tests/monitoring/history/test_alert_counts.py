import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.history.alert_counts import counts
from monitoring.models import JournalCursor, Node
from tests.monitoring.history.test_alert_search import NOW, alert, found, search

pytestmark = pytest.mark.django_db
FIELDS = ("severity", "rule", "state", "node", "client")


def counted(query: str, name: str) -> list[tuple[str, int]]:
    return counts(search(query), [name])[name]


def test_a_choice_is_counted_with_the_other_fields_as_they_are():
    alert("a", severity="critical")
    alert("b", severity="info")
    alert("c", severity="info", metric="latency_ms", lasted=None)
    chosen = "severity=critical&rule=cpu_percent"
    assert counted(chosen, "severity") == [("critical", 1), ("info", 1)]
    assert counted(chosen, "rule") == [("cpu_percent", 1)]
    assert counted("", "state") == [("firing", 1), ("resolved", 2)]


def test_nodes_are_counted_as_they_are_found():
    Node.objects.create(node="vm:1", boot="b", host="vm", first_seen=NOW, last_seen=NOW)
    alert("vm", node="vm:1")
    alert("vm:1", node="vm:1", metric="latency_ms")
    alert("ann", node="vm:1", client_id="ann", metric="stale_client_seconds")
    alert("journal", node="vm:1", metric="journal_lag_seconds")
    assert counted("", "node") == [("vm:1", len(found("node=vm:1")))] == [("vm:1", 3)]


def test_what_nobody_has_stored_for_long_is_counted_as_unknown():
    alert("a", lasted=None)
    JournalCursor.objects.create(stream="journal", drained_at=NOW.replace(year=2020))
    assert counted("", "state") == [("unknown", 1)]
    assert found("state=unknown") == ["a"]


def test_rows_of_an_older_release_count_for_the_rule_that_is_their_metric():
    alert("a", rule="")
    assert counted("", "rule") == [("cpu_percent", 1)]


def test_only_the_newest_are_counted(monkeypatch):
    monkeypatch.setattr("monitoring.history.alert_counts.MOST_COUNTED", 2)
    for number in range(4):
        alert(f"vm-{number}", 10 + number)
    assert counted("", "severity") == [("warning", 2)]


@pytest.mark.parametrize(("query", "readings"), [("", 1), ("severity=info&node=vm-1:1", 3)])
def test_rows_are_read_once_however_many_fields_and_nodes_there_are(query, readings):
    for number in range(15):
        alert(f"vm-{number}", severity="info")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        counts(search(query), FIELDS)
    assert sum('AS "client_id"' in one["sql"] for one in queries) == readings
    assert len(queries) == 2 * readings + 1
