import pytest

from monitoring.columns import timestamp
from monitoring.models import Alert
from monitoring.store import store
from tests.monitoring.batches import MINUTE, alert, arrived, batch

pytestmark = pytest.mark.django_db


class Reported:
    """Stores transitions of a node's alerts, numbered as the node numbers its batches."""

    def __init__(self, boot: str = "boot1", **where: str) -> None:
        self.seq = 0
        self.where = {"boot": boot, "node": f"web:{boot}", **where}

    def __call__(self, *records) -> None:
        self.seq += 1
        store(arrived(batch(seq=self.seq, alerts=list(records), **self.where)))


def test_an_episode_is_one_row_from_firing_to_resolved():
    node = Reported()
    node(alert("firing"))
    assert Alert.objects.get().state == "firing"
    node(alert("resolved", MINUTE + 65.0, peak=97.0))
    stored = Alert.objects.get()
    assert (stored.state, stored.duration.total_seconds(), stored.value, stored.peak) == ("resolved", 60, 90, 97)


def test_an_episode_within_one_batch_is_stored_whole():
    Reported()(alert("firing"), alert("resolved", MINUTE + 8.0), alert("firing", MINUTE + 20.0))
    assert [row.state for row in Alert.objects.latest_first()] == ["firing", "resolved"]


def test_an_alert_that_fires_again_is_another_episode():
    node = Reported()
    node(alert("firing"))
    node(alert("resolved", MINUTE + 10.0))
    node(alert("firing", MINUTE + 30.0))
    assert Alert.objects.count() == 2


def test_a_host_s_alert_is_one_row_however_many_nodes_report_it():
    first, second = Reported("boot1"), Reported("boot2")
    first(alert("firing"))
    second(alert("firing", MINUTE + 6.0))
    assert Alert.objects.firing().get().node == "web:boot1"


def test_a_host_s_alert_is_over_when_the_last_of_its_nodes_says_so():
    first, second = Reported("boot1"), Reported("boot2")
    first(alert("firing"))
    second(alert("firing"))
    first(alert("resolved", MINUTE + 10.0))
    assert Alert.objects.get().state == "firing"
    second(alert("resolved", MINUTE + 11.0))
    assert Alert.objects.get().ended_at == timestamp(MINUTE + 11)


def test_a_node_whose_batches_come_late_reports_the_same_episode():
    first, late = Reported("boot1"), Reported("boot2")
    first(alert("firing"), alert("resolved", MINUTE + 50.0))
    late(alert("firing", MINUTE + 4.5), alert("resolved", MINUTE + 50.5))
    stored = Alert.objects.get()
    assert (stored.started_at, stored.ended_at) == (timestamp(MINUTE + 4.5), timestamp(MINUTE + 50.5))


def test_an_end_whose_beginning_was_lost_changes_nothing():
    Reported()(alert("resolved"))
    assert not Alert.objects.exists()


def test_only_alerts_about_clients_name_one():
    node = Reported()
    node(alert("firing"), alert("firing", metric="stale_client_seconds", subject="avatar-1"))
    assert [row.metric for row in Alert.objects.of_client("avatar-1")] == ["stale_client_seconds"]
    assert Alert.objects.of_metric("cpu_percent").get().client_id == ""
