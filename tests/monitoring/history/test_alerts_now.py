from datetime import timedelta

import pytest
from django.utils import timezone

from monitoring.columns import timestamp
from monitoring.core.records import ClockJump
from monitoring.history.alerts_now import firing_now, refresh
from monitoring.journal.unstored import Unstored, unstored
from monitoring.models import Alert, JournalCursor
from monitoring.storage.episodes import store_alerts
from monitoring.storage.ingest import drain
from tests.monitoring.batches import MINUTE, alert, append, batch, sample

pytestmark = pytest.mark.django_db


def told(state: str, at: float = 5.0, boot: str = "boot1", since: float | None = 5.0, **about):
    since = None if since is None else MINUTE + since
    record = alert(state, MINUTE + at, since=since, **{"rule": "cpu_percent", "scope": "host", **about})
    return batch(boot=boot, alerts=[record])


def waiting(*batches) -> Unstored:
    return Unstored(list(batches))


def refreshed(*batches) -> Alert:
    row = Alert.objects.get()
    refresh([row], waiting(*batches))
    return row


def test_a_row_that_fires_says_what_its_node_said_last():
    store_alerts([told("firing")])
    row = refreshed(told("firing", 540, peak=100.0, last=99.0))
    assert (row.last, row.peak, row.value, row.last_at) == (99.0, 100.0, 90.0, timestamp(MINUTE + 540))
    assert Alert.objects.get().last is None


def test_a_row_whose_end_is_not_stored_is_over():
    store_alerts([told("firing")])
    row = refreshed(told("resolved", 65, peak=97.0))
    assert (row.state, row.duration, row.peak) == ("resolved", timedelta(seconds=60), 97.0)
    assert firing_now(waiting(told("resolved", 65))) == []


def test_an_alert_that_is_not_stored_fires():
    (row,) = firing_now(waiting(told("firing", last=91.0)))
    assert (row.pk, row.rule, row.subject, row.last) == (None, "cpu_percent", "web", 91.0)
    assert not Alert.objects.exists()


def test_what_was_stored_after_the_journal_was_read_counts():
    read = waiting(told("firing"))
    row = Alert(rule="cpu_percent", metric="cpu_percent", subject="web", pk=1)
    store_alerts([told("firing"), told("firing", 50, last=95.0), told("resolved", 60)])
    row.pk = Alert.objects.get().pk
    refresh([row], read)
    assert (row.state, row.last) == ("resolved", None)
    assert firing_now(read) == []


def test_late_news_do_not_replace_later_ones():
    store_alerts([told("firing"), told("firing", 50, last=95.0)])
    assert refreshed(told("firing", 20, last=81.0)).last == 95.0


def test_a_host_fires_until_all_its_nodes_say_that_it_is_over():
    store_alerts([told("firing"), told("firing", boot="boot2")])
    assert refreshed(told("resolved", 20)).state == "firing"
    assert refreshed(told("resolved", 20), told("resolved", 21, boot="boot2")).state == "resolved"


def test_a_clock_that_was_set_is_followed():
    store_alerts([told("firing")])
    jump = batch(jumps=[ClockJump(MINUTE + 110.0, 100.0)])
    row = refreshed(jump, told("firing", 120, since=105.0, last=93.0))
    assert (row.started_at, row.last) == (timestamp(MINUTE + 105), 93.0)


def test_rows_that_are_over_are_left_alone():
    store_alerts([told("firing"), told("resolved", 20)])
    assert refreshed(told("firing", 40, last=95.0)).last is None


def test_it_reads_the_journal_itself(redis):
    append(redis, batch(sample(), alerts=[alert("firing")]))
    drain(redis)
    append(redis, batch(sample(MINUTE + 5), seq=2, alerts=[alert("firing", MINUTE + 10.0, last=99.0, peak=99.5)]))
    row = Alert.objects.get()
    refresh([row])
    assert (row.last, row.peak) == (99.0, 99.5)
    assert [one.last for one in firing_now()] == [99.0]


def test_a_row_is_known_to_fire_while_its_node_is_heard_even_if_nothing_is_stored(redis):
    append(redis, batch(sample(), alerts=[alert("firing")]))
    drain(redis)
    JournalCursor.objects.update(drained_at=timezone.now() - timedelta(hours=1))
    append(redis, batch(sample(MINUTE + 5), seq=2))
    row = Alert.objects.get()
    assert row.state == "unknown"
    refresh([row], unstored())
    assert row.state == "firing"


def test_without_redis_a_row_says_what_is_stored(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    store_alerts([told("firing"), told("firing", 50, last=95.0)])
    row = Alert.objects.get()
    refresh([row])
    assert (row.last, row.last_at) == (95.0, timestamp(MINUTE + 50))
