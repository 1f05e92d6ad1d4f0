import json

import pytest

from monitoring.core.address_masks import masked
from monitoring.core.client_second import place_of, second_of
from monitoring.core.signals import ClientSignals
from monitoring.core.stats.sketch import Sketch
from monitoring.core.verdicts import Judgement, Sureness, Verdict
from tests.fakes import START, FakeViewer, hub_of, ticked


def connected(collector, *client_ids: str) -> None:
    for client_id in client_ids:
        collector.track_client_connection(client_id, "/ws/avatar/", "192.0.2.1", "Ada", "lobby")


def test_a_second_says_who_the_client_is_and_how_it_is_doing(collector):
    connected(collector, "ada")
    client = collector.client_metrics["ada"]
    client.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    client.signals = ClientSignals(kernel_rtt_ms=20.0, handler_ms=0.5, unsent_bytes=0)
    client.judgement = Judgement(Verdict.NETWORK, Sureness.HIGH, {"ping_ms": 400.0})
    collector.track_client_message("ada", 0, 10)
    collector.track_client_sent("ada", 100)
    collector.track_client_latency("ada", 25.0)
    collector.track_client_rendered_frames("ada", 60.0, 16.5)
    assert second_of(collector, "ada", START + 1, "web:1", ahead=7.0) == {
        "client_id": "ada",
        "at": START + 1,
        "connected_at": START + 7,
        "node": "web:1",
        "path": "/ws/avatar/",
        "remote": "192.0.2.1",
        "user_agent": client.user_agent,
        "browser": "Firefox 145",
        "user": "Ada",
        "room": "lobby",
        "messages_received": 1,
        "messages_sent": 1,
        "bytes_received": 10,
        "bytes_sent": 100,
        "latency_ms": 25.0,
        "kernel_rtt_ms": 20.0,
        "handler_ms": 0.5,
        "fps": 60.0,
        "frame_time_ms": 16.5,
        "unsent_bytes": 0,
        "hidden": False,
        "verdict": "network",
        "sure": "high",
        "evidence": {"ping_ms": 400.0},
    }


def test_what_is_not_known_is_null_and_an_unknown_client_has_no_second(collector):
    connected(collector, "ada")
    second = second_of(collector, "ada", START, "web:1")
    unknown = ("latency_ms", "kernel_rtt_ms", "handler_ms", "fps", "frame_time_ms", "unsent_bytes", "hidden", "verdict")
    assert {second[name] for name in unknown} == {None}
    assert second_of(collector, "nobody", START, "web:1") is None


def placed(latencies, own: float | None, fps=(), own_fps: float | None = None) -> tuple:
    def shared(values):
        return Sketch({index: count * 100 for index, count in Sketch.of(values).bins.items()})

    return tuple(place_of({"latency_ms": own, "fps": own_fps}, shared(latencies), shared(fps)).values())


@pytest.mark.parametrize(
    ("others", "own", "share"),
    [
        (range(1, 100), 93.9, 93.9),  # 93 of 99; one with 94 ms counts as equally fast
        ([5.0] * 3, 5.0, 0.0),
        ([1.0, 100.0], 50.0, 50.0),
        ([], 5.0, None),
        ([1.0], None, None),
    ],
)
def test_the_place_is_the_share_of_the_others_that_are_faster(others, own, share):
    latencies = [*others] if own is None else [*others, own]
    assert placed(latencies, own)[:2] == (share, len(latencies))


def test_the_place_by_frames_is_the_share_of_the_others_that_draw_more():
    assert placed([], None, [60.0, 60.0, 30.0, 10.0], 30.0)[2:] == (66.7, 4)


def test_a_viewer_of_the_client_gets_its_seconds_and_others_do_not(monitor, clock):
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    connected(monitor.collector, "ada", "bob")
    viewer, other = FakeViewer(client_id="ada"), FakeViewer()
    for one in (viewer, other):
        hub.join(one)
    monitor.collector.track_client_latency("ada", 50.0)
    monitor.collector.track_client_latency("bob", 5.0)
    ticked(monitor, clock)
    client = json.loads(viewer.frames[0])["client"]
    assert (client["client_id"], client["latency_ms"], client["node"]) == ("ada", 50.0, "n1")
    assert client["place"] == {
        "slower_than_percent": 100.0,
        "measured_clients": 2,
        "fewer_frames_than_percent": None,
        "drawing_clients": 0,
    }
    assert "client" not in json.loads(other.frames[0])


def test_two_viewers_of_one_client_see_as_much_of_its_address_as_each_may(monitor, clock):
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    monitor.collector.track_client_connection("ada", remote="192.0.2.77")
    trusted, other = FakeViewer(client_id="ada"), FakeViewer(client_id="ada", address_mask=masked)
    hub.join(trusted)
    hub.join(other)
    ticked(monitor, clock)
    hub.resend_history()
    assert json.loads(trusted.frames[0])["client"]["remote"] == "192.0.2.77"
    assert "192.0.2.77" not in other.frames[0] + other.histories[0]
    assert json.loads(other.frames[0])["client"]["remote"] == "192.0.2.0/24"
    assert json.loads(other.histories[0])["client"][0]["remote"] == "192.0.2.0/24"


def test_a_client_that_has_left_is_null_in_the_frame(monitor, clock):
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    connected(monitor.collector, "ada")
    viewer = FakeViewer(client_id="ada")
    hub.join(viewer)
    ticked(monitor, clock)
    monitor.collector.remove_client("ada")
    ticked(monitor, clock)
    assert json.loads(viewer.frames[1])["client"] is None


def test_the_first_message_has_the_seconds_of_the_last_minute_if_somebody_looked_before(monitor, clock):
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    connected(monitor.collector, "ada")
    ticked(monitor, clock)
    assert json.loads(hub.history("ada").text)["client"] == []
    assert "client" not in json.loads(hub.history().text)
    hub.join(FakeViewer(client_id="ada"))
    for _ in range(70):
        ticked(monitor, clock)
    seconds = json.loads(hub.history("ada").text)["client"]
    assert [second["at"] for second in seconds] == [START + 1 + number for number in range(11, 71)]


def test_a_client_that_nobody_looks_at_any_more_is_not_kept(monitor, clock):
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    connected(monitor.collector, "ada")
    viewer = FakeViewer(client_id="ada")
    hub.join(viewer)
    ticked(monitor, clock)
    hub.leave(viewer)
    for _ in range(6):
        report = hub.report(ticked(monitor, clock), [])
    assert report.looked_at == {}
    assert report.frame_rates.count == 0
