import json

import pytest

from monitoring.core import message
from monitoring.core.hub import SENDS_AT_A_TIME, Hub
from monitoring.core.view import View
from tests.fakes import FakeClock, FakeViewer, fake_monitor, hub_of, ticked
from tests.waiting import settled


@pytest.fixture
def hub(monitor):
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    return hub


@pytest.fixture
def hub_of_two(monitor):
    """The hub of one of two nodes."""
    hub = hub_of(monitor, peers=Reports())
    monitor.sinks.append(hub)
    return hub


def joined(hub: Hub, view: View | None = None) -> FakeViewer:
    viewer = FakeViewer(view)
    hub.join(viewer)
    return viewer


class Reports:
    """Another node's reports, one for each moment."""

    def __init__(self, node: str = "n2") -> None:
        self.monitor = fake_monitor(FakeClock(), node=node)
        self.hub = hub_of(self.monitor)

    def at(self, timestamp):
        yield self.hub.report(self.monitor.tick(timestamp), [View()])


def test_every_viewer_gets_every_frame(hub, monitor, clock):
    viewers = [joined(hub) for _ in range(3)]
    for _ in range(2):
        ticked(monitor, clock)
    assert [[json.loads(text)["seq"] for text in viewer.frames] for viewer in viewers] == [[1, 2]] * 3


def test_a_viewer_that_left_gets_none(hub, monitor, clock):
    viewer = joined(hub)
    hub.leave(viewer)
    hub.leave(viewer)
    ticked(monitor, clock)
    assert viewer.frames == []


async def test_a_frame_is_encoded_once_per_view_however_many_watch(hub, monitor, clock, monkeypatch):
    encoded = []
    monkeypatch.setattr(message, "encode", counting(message.encode, encoded))
    viewers = [joined(hub) for _ in range(50)] + [joined(hub, View(sort="-fps"))]
    ticked(monitor, clock)
    await settled()
    frames = [part for part in encoded if isinstance(part, dict)]
    assert len(frames) == 1 + 2  # the shared part, and the rows of two views
    assert len({id(viewer.frames[0]) for viewer in viewers}) == 2


def counting(encode, calls):
    def counted(value):
        calls.append(value)
        return encode(value)

    return counted


def test_nothing_is_encoded_while_nobody_watches(hub, monitor, clock, monkeypatch):
    encoded = []
    monkeypatch.setattr(message, "encode", counting(message.encode, encoded))
    ticked(monitor, clock)
    assert encoded == []


def test_each_viewer_sees_its_own_page(hub, monitor, clock):
    for client_id in ("ada", "bob"):
        monitor.collector.track_client_connection(client_id)
    first, second = joined(hub, View(limit=1)), joined(hub, View(limit=1, offset=1))
    ticked(monitor, clock)
    shown = [json.loads(viewer.frames[0])["clients"][0]["client_id"] for viewer in (first, second)]
    assert shown == ["ada", "bob"]


class Keeper(FakeViewer):
    """Keeps the messages themselves."""

    def offer_frame(self, frame, seq):
        self.frames.append(frame)
        return True


def test_a_frame_refers_to_the_previous_one_of_its_view(hub, monitor, clock):
    keepers = [Keeper(View()), Keeper(View(limit=1))]
    for keeper in keepers:
        hub.join(keeper)
    for _ in range(2):
        ticked(monitor, clock)
    for keeper in keepers:
        first, second = keeper.frames
        assert (first.before, second.before) == (None, first)


def test_no_frame_is_kept_while_nobody_watches(hub, monitor, clock):
    keeper = Keeper()
    for join_or_leave in (hub.join, hub.leave, hub.join):
        join_or_leave(keeper)
        ticked(monitor, clock)
    assert [frame.before for frame in keeper.frames] == [None, None]


def test_a_slow_viewer_is_skipped_and_counted_and_then_gets_the_newest(hub, monitor, clock):
    viewer = joined(hub)
    viewer.behind = True
    ticked(monitor, clock)
    viewer.behind = False
    ticked(monitor, clock)
    (frame,) = map(json.loads, viewer.frames)
    assert (frame["seq"], frame["server"]["skipped_frames"]) == (2, 1)


def test_a_viewer_that_raises_affects_no_other(hub, monitor, clock):
    broken, other = joined(hub), joined(hub)
    broken.error = ConnectionError("gone")
    ticked(monitor, clock)
    assert len(other.frames) == 1
    assert monitor.collector.rescue.errors == 1


async def test_frames_go_to_fifty_viewers_at_a_time_so_that_messages_are_handled_in_between(hub, monitor, clock):
    viewers = [joined(hub) for _ in range(SENDS_AT_A_TIME * 2 + 5)]
    ticked(monitor, clock)
    assert sum(bool(viewer.frames) for viewer in viewers) == SENDS_AT_A_TIME
    await settled()
    assert all(len(viewer.frames) == 1 for viewer in viewers)


async def test_a_viewer_that_joins_during_a_broadcast_gets_the_next_frame(hub, monitor, clock):
    for _ in range(SENDS_AT_A_TIME):
        joined(hub)
    ticked(monitor, clock)
    newcomer = joined(hub)
    await settled()
    assert newcomer.frames == []


def test_viewers_are_counted(hub, monitor, clock):
    viewer = joined(hub)
    assert (hub.viewers, hub.watched, hub.views) == (1, True, {View()})
    ticked(monitor, clock)
    assert json.loads(viewer.frames[0])["server"]["viewers"] == 1


def test_a_subscribed_client_sees_only_itself(hub, monitor, clock):
    texts = []
    for client_id in ("ada", "bob"):
        monitor.collector.track_client_connection(client_id)
    hub.subscribe("ada", lambda message: texts.append(message.text) or True)
    ticked(monitor, clock)
    assert [row["client_id"] for row in json.loads(texts[0])["clients"]] == ["ada"]


def test_an_unsubscribed_or_untracked_client_gets_nothing(hub, monitor, clock):
    texts = []
    hub.subscribe("nobody", lambda message: texts.append(message.text) or True)
    hub.subscribe("ada", lambda message: texts.append(message.text) or True)
    hub.unsubscribe("ada")
    ticked(monitor, clock)
    assert texts == []


def test_the_history_holds_the_last_sixty_frames_even_if_nobody_watched(hub, monitor, clock):
    for _ in range(70):
        ticked(monitor, clock)
    history = json.loads(hub.history().text)
    assert history["type"] == "history"
    assert [sample["seq"] for sample in history["samples"]] == list(range(11, 71))


def test_the_latest_samples_are_those_at_the_end_of_the_history(hub, monitor, clock):
    assert hub.latest(2)["samples"] == []
    for _ in range(5):
        ticked(monitor, clock)
    latest, history = hub.latest(2), json.loads(hub.history().text)
    assert latest["epoch"] == history["epoch"]
    assert [sample["seq"] for sample in latest["samples"]] == [4, 5]
    assert json.loads(message.encode(latest["samples"])) == history["samples"][-2:]


def test_the_past_holds_no_rows_and_no_alerts(hub, monitor, clock, probe):
    probe.set(cpu_percent=99.0)
    monitor.collector.track_client_connection("ada")
    joined(hub)
    ticked(monitor, clock)
    assert monitor.alerts.firing
    (past,) = hub.past
    assert (past.report.rows, past.report.alerts) == ({}, [])


def test_the_history_keeps_each_moments_own_percentiles(hub_of_two, monitor, clock):
    monitor.collector.track_client_latency("ada", 10.0)
    ticked(monitor, clock)
    for _ in range(20):
        monitor.collector.track_client_latency("ada", 90.0)
    ticked(monitor, clock)
    first, second = json.loads(hub_of_two.history().text)["samples"]
    assert first["server"]["p50_latency_ms"] == pytest.approx(10, rel=0.01)
    assert second["server"]["p50_latency_ms"] == pytest.approx(90, rel=0.01)


def test_other_nodes_appear_in_the_frame(hub_of_two, monitor, clock):
    viewer = joined(hub_of_two)
    ticked(monitor, clock)
    frame = json.loads(viewer.frames[0])
    assert [node["node"] for node in frame["nodes"]] == ["n1", "n2"]
    assert frame["server"]["viewers"] == 1


def test_another_nodes_new_past_is_shown_to_everybody(hub, monitor, clock):
    viewer = joined(hub)
    ticked(monitor, clock)
    hub.resend_history()
    assert [json.loads(text)["type"] for text in viewer.histories] == ["history"]
