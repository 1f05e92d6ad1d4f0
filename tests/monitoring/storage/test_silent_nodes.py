from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from monitoring.alerting import channel_failures
from monitoring.columns import timestamp
from monitoring.models import Alert, AlertChannel, ClientSession, Minute
from monitoring.storage.rows import store
from monitoring.storage.silent_nodes import UnbrokenSpan, close_departed
from tests.monitoring.batches import MINUTE, alert, arrived, batch, sample, session

pytestmark = pytest.mark.django_db
LAST_HEARD = timestamp(MINUTE + 60)
SOON, LATER = LAST_HEARD + timedelta(seconds=89), LAST_HEARD + timedelta(seconds=91)


@pytest.fixture
def left_open() -> None:
    """A node that was heard once and left a session and an alert open."""
    store(arrived(batch(sessions=[session()], alerts=[alert("firing")])))


def test_a_node_is_gone_after_90_silent_seconds(left_open):
    assert close_departed(SOON) == 0
    assert close_departed(LATER) == 1
    assert close_departed(LATER) == 0


def test_open_records_of_a_gone_node_ended_when_it_was_last_heard(left_open):
    close_departed(LATER)
    closed, over = ClientSession.objects.get(), Alert.objects.get()
    assert (closed.ended, closed.disconnected_at) == ("node gone", LAST_HEARD)
    assert (over.ended, over.ended_at) == ("node gone", LAST_HEARD)


def test_sessions_that_ended_before_their_personal_data_s_retention_are_closed_without(settings):
    """`blank` goes on from where it came to, which may lie after the end of a node that nobody looked for meanwhile."""
    settings.AVATAR_MONITORING = {"AVATAR_KEEP_PERSONAL": "30d"}
    whole = msgspec.structs.replace(session(), user="kim", user_agent="Firefox")
    for boot, heard in (("old", timezone.now() - timedelta(days=31)), ("young", timezone.now() - timedelta(days=29))):
        store(arrived(batch(boot=boot, sessions=[whole]), at=heard.timestamp()))
    assert close_departed(timezone.now()) == 2
    found = {row.boot: (row.remote, row.user, row.user_agent) for row in ClientSession.objects.all()}
    assert found == {"old": ("", None, ""), "young": (whole.remote, "kim", "Firefox")}


def test_batches_from_a_killed_nodes_disk_end_when_they_were_measured():
    """However late another node finds it."""
    found = arrived(batch(sample(MINUTE + 9), sessions=[session()], alerts=[alert("firing")]), at=MINUTE + 36_000)
    store(found)
    assert close_departed(timestamp(MINUTE + 37_000)) == 1
    assert ClientSession.objects.get().disconnected_at == timestamp(MINUTE + 10)
    assert Alert.objects.get().ended_at == timestamp(MINUTE + 10)
    store(arrived(batch(sample(MINUTE + 11), seq=2), at=MINUTE + 37_001))
    assert ClientSession.objects.get().is_open
    assert Alert.objects.get().state == "firing"


def test_an_alert_continues_while_another_node_of_the_host_reports_it(left_open):
    store(arrived(batch(boot="boot2", alerts=[alert("firing")]), at=LATER.timestamp()))
    close_departed(LATER)
    assert Alert.objects.get().state == "firing"


def test_a_returning_node_continues_where_it_was(left_open):
    close_departed(LATER)
    store(arrived(batch(seq=2), at=LATER.timestamp()))
    assert ClientSession.objects.get().is_open
    assert (Alert.objects.get().state, Alert.objects.get().ended) == ("firing", "")


def test_a_returning_node_may_end_its_open_records(left_open):
    close_departed(LATER)
    store(arrived(batch(seq=2, alerts=[alert("resolved", MINUTE + 100.0)]), at=LATER.timestamp()))
    assert (Alert.objects.get().ended_at, Alert.objects.get().ended) == (timestamp(MINUTE + 100), "")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([], False, id="nothing was heard"),
        pytest.param(range(0, 95, 5), False, id="for ninety seconds"),
        pytest.param(range(0, 100, 5), True, id="for longer"),
        pytest.param([*range(0, 100, 5), 200, 205], False, id="but then there was a break"),
        pytest.param([50, *range(45, 160, 5)], True, id="out of order"),
    ],
)
def test_a_journal_heard_for_long_enough_proves_which_nodes_were_silent(entries, expected):
    heard = UnbrokenSpan()
    for second in entries:
        heard.entry(MINUTE + second)
    assert heard.is_proof == expected


@pytest.mark.parametrize("is_monitored", [True, False])
def test_that_a_channel_does_not_work_is_no_news_of_nodes(left_open, is_monitored):
    channel_failures.begin(AlertChannel(name="operators"), "403 Forbidden", SOON)
    close_departed(LATER, is_monitored=is_monitored)
    assert [alert.rule for alert in Alert.objects.firing()] == [channel_failures.RULE]


def departures(node: str = "") -> dict[str, int]:
    return (Minute.objects.get(node=node).breakdowns or {}).get("departures", {})


def test_clients_of_a_killed_node_are_counted_in_its_last_minute():
    store(arrived(batch(sample(MINUTE + 9), sessions=[session("s1"), session("s2")])))
    close_departed(LATER)
    assert {row.cause for row in ClientSession.objects.all()} == {"server_killed"}
    assert departures("web:1") == departures() == {"server_killed /ws/avatar/": 2}
    store(arrived(batch(sample(MINUTE + 11), seq=2), at=LATER.timestamp()))
    assert {row.cause for row in ClientSession.objects.all()} == {""}
    assert departures("web:1") == departures() == {}
