"""What a node measures goes all the way: its alerts, their batches, the journal, the rows, the outbox and the pages.

The clock is a test's own, for nodes, Redis and the database's side alike, so that ten minutes take no time.
"""

import re

import pytest
from django.utils import timezone

from monitoring.alerting.outbox import plan_notices
from monitoring.columns import timestamp
from monitoring.core.alert_rules import PER_CLIENT
from monitoring.history import seconds
from monitoring.journal import stream
from monitoring.models import Alert, AlertChannel, Notice
from monitoring.storage.ingest import drain
from tests.dashboard.alerts import operator_client
from tests.monitoring.alerting.rows import channel, told
from tests.monitoring.live_node import LiveNode

pytestmark = pytest.mark.django_db
STALE = 2_000
HEADLINE = re.compile(r'"alert-item__head"><a [^>]*>([^<]+)<')


class Site:
    """A node, and the job that stores: once a minute, and at once when an alert begins or ends."""

    def __init__(self, redis, **options) -> None:
        self._redis = redis
        self.node = LiveNode(redis, **options)

    def run(self, readings) -> None:
        """A second for each of these readings of the CPU, in percent."""
        for reading in readings:
            tick = self.node.tick(cpu_percent=reading)
            if tick.alerts or not self.node.clock() % 60:
                drain(self._redis)
                plan_notices(timezone.now())


@pytest.fixture
def site(redis, monkeypatch) -> Site:
    site = Site(redis, alert_for_seconds=10.0)
    clock = site.node.clock
    monkeypatch.setattr(stream, "now", lambda _: clock())
    monkeypatch.setattr(timezone, "now", lambda: timestamp(clock()))
    monkeypatch.setattr(seconds, "_readers", {})
    channel(severity="info")
    AlertChannel.objects.update(changed_at=timestamp(clock()))
    return site


def test_a_metric_that_crosses_its_threshold_every_second_is_one_row_and_two_notices(site):
    # It stands above it for long enough once; from then on it comes and goes.
    site.run([95.0] * 11 + [10.0, 95.0] * 300)
    site.run([10.0] * 400)
    row = Alert.objects.get()
    assert (row.rule, row.state, row.peak) == ("cpu_percent", "resolved", 95.0)
    assert row.duration.total_seconds() == pytest.approx(605, abs=1)
    assert [kind for kind, _ in told()] == ["firing", "resolved"]


def test_a_cpu_at_95_percent_for_ten_minutes_is_one_row_with_its_notice_and_its_end(site):
    site.run([95.0] * 600)
    row = Alert.objects.get()
    assert (row.state, row.peak, row.last) == ("firing", 95.0, 95.0)
    assert [kind for kind, _ in told()] == ["firing"]
    site.run([10.0] * 60)
    assert Alert.objects.get().state == "resolved"
    assert told() == [("firing", [row.subject]), ("resolved", [row.subject])]


def test_two_thousand_stale_clients_are_one_notice_and_hide_no_other_alert(site):
    for number in range(STALE):
        site.node.monitor.collector.track_client_connection(f"avatar-{number}")
    site.run([10.0] * 60 + [95.0] * 11)
    frame = site.node.monitor.get_current_metrics()
    assert [(alert["metric"], alert.get("count")) for alert in frame["alerts"]] == [
        ("cpu_percent", None), (PER_CLIENT, STALE),
    ]  # fmt: skip
    assert list(Notice.objects.order_by("pk").values_list("group", "kind")) == [
        (PER_CLIENT, "firing"), ("cpu_percent", "firing"),
    ]  # fmt: skip
    page = operator_client().get("/alerts/").content.decode()
    assert HEADLINE.findall(page) == [
        f"CPU of {site.node.monitor.identity.host} is 95 %, the limit is 80 %",
        "2,000 clients of n1 have sent nothing for too long",
    ]
