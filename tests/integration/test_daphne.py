"""The site under a real daphne, started by hand with nothing else running."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.chain import CHAINED, ChainReader, has_dictionary
from tests.site import Site, close_code, eventually, receive, running_site


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Site]:
    """A site for all tests that leave its daphne running; whoever connects is gone before the next test."""
    with running_site(tmp_path_factory.mktemp("daphne")) as site:
        site.migrate()
        site.daphne()
        yield site


@pytest.fixture(scope="module")
def cookie(running) -> str:
    return running.sign_in()


@pytest.fixture
def daphne(site):
    """One of a test's own, which may stop it."""
    return site.daphne()


def test_a_viewer_gets_the_history_and_then_a_frame_each_second(running, cookie):
    with running.viewer(cookie) as viewer:
        assert json.loads(viewer.recv())["type"] == "history"
        first, second = receive(viewer, "metrics"), receive(viewer, "metrics")
    assert second["seq"] == first["seq"] + 1
    assert second["timestamp"] - first["timestamp"] == pytest.approx(1.0, abs=0.3)


def test_a_viewer_may_have_its_frames_refer_to_the_ones_before(running, cookie):
    reader = ChainReader()
    with running.viewer(cookie, None, CHAINED) as viewer:
        received = [viewer.recv() for _ in range(4)]
    messages = [json.loads(reader.read(data)) for data in received]
    assert [message["type"] for message in messages] == ["history"] + ["metrics"] * 3
    assert [has_dictionary(data) for data in received] == [False, False, True, True]
    assert len(received[2]) < len(received[1]) * 0.6


def test_an_avatar_is_seen_with_its_messages_and_bytes(running, cookie):
    with running.viewer(cookie) as viewer, running.avatar("client_id=ada") as avatar:
        assert receive(avatar, "welcome")["client_id"] == "ada"
        text = json.dumps({"type": "ping", "t": 1})
        avatar.send(text)
        assert receive(avatar, "pong")["t"] == 1
        row = eventually(lambda: next((r for r in receive(viewer, "metrics")["clients"] if r["message_count"]), None))
    assert row["client_id"] == "ada"
    assert row["message_count"] == 1
    assert row["bytes_received"] == len(text)
    assert row["bytes_sent"] > 0


def test_round_trips_are_measured_without_a_word_of_client_code(running, cookie):
    with running.viewer(cookie) as viewer, running.avatar("client_id=ada"):
        row = eventually(
            lambda: next((r for r in receive(viewer, "metrics")["clients"] if r["average_latency_ms"]), None)
        )
    assert 0 < row["average_latency_ms"] < 1000


def test_a_subscribed_avatar_sees_only_itself(running):
    with running.avatar("client_id=ada") as ada, running.avatar("client_id=bob"):
        ada.send('{"type":"subscribe","channel":"metrics"}')
        frame = eventually(lambda: (found := receive(ada, "metrics"))["clients_total"] == 2 and found)
    assert [row["client_id"] for row in frame["clients"]] == ["ada"]


def test_nobody_watches_without_signing_in(running):
    with running.viewer("") as viewer:
        assert close_code(viewer) == 4401


@pytest.mark.deployment
def test_an_idle_viewer_stays_open_longer_than_redis_timeouts(running, cookie):
    """redis-py 8 ends an idle consumer of the stock channel layer after five seconds."""
    with running.viewer(cookie) as viewer:
        began = time.monotonic()
        while time.monotonic() - began < 8:
            receive(viewer, "metrics", seconds=3)


@pytest.mark.parametrize("after", [0.1, 1.6])
def test_sigterm_tells_clients_to_come_back_and_exits_cleanly(site, daphne, after):
    """When stopped within a second of a handshake, daphne alone dies of a segmentation fault and tells nobody."""
    with site.viewer(site.sign_in()) as viewer, site.avatar() as avatar:
        time.sleep(after)
        daphne.send_signal(signal.SIGTERM)
        assert [close_code(avatar), close_code(viewer)] == [4012, 4012]
    assert daphne.wait(10) == 0


def test_sigterm_tells_clients_that_are_being_answered_too(site, daphne):
    with ExitStack() as stack:
        avatars = [stack.enter_context(site.avatar()) for _ in range(20)]
        for avatar in avatars:
            receive(avatar, "welcome")
        busy = [threading.Thread(target=ping_on_and_on, args=(avatar,)) for avatar in avatars]
        for thread in busy:
            thread.start()
        time.sleep(0.5)
        daphne.send_signal(signal.SIGTERM)
        for thread in busy:
            thread.join(10)
        assert [avatar.protocol.close_code for avatar in avatars] == [4012] * 20
    assert daphne.wait(10) == 0


def ping_on_and_on(avatar) -> None:
    with suppress(ConnectionClosed):
        while True:
            avatar.send('{"type":"ping"}')
            avatar.recv()
            time.sleep(0.01)  # more than a hundred a second are too many


def test_without_monitoring_avatars_are_served_and_viewers_are_told(site):
    site.environment["AVATAR_MONITORING_ENABLED"] = "false"
    site.daphne()
    with site.avatar("client_id=ada") as avatar, site.viewer(site.sign_in()) as viewer:
        assert receive(avatar, "welcome")["client_id"] == "ada"
        assert receive(viewer, "error")["code"] == "disabled"


@pytest.mark.parametrize("enabled", ["true", "false"])
def test_the_rooms_keep_their_limits_with_and_without_monitoring(site, enabled):
    site.environment["AVATAR_MONITORING_ENABLED"] = enabled
    site.daphne()
    with site.avatar("client_id=long") as avatar:
        avatar.send("x" * 70_000)
        close_code(avatar)
    said = "WebSocket /ws/avatar/ of client long (127.0.0.1): closed, because a message was longer than 65536 bytes"
    eventually(lambda: said in site.logs())


def test_a_bad_setting_is_one_line(site):
    site.environment["AVATAR_METRICS_INTERVAL"] = "soon"
    process = site.spawn("-m", "daphne", "-p", str(site.port), "avatar_site.asgi:application")
    assert process.wait(20) == 1
    assert "AVATAR_METRICS_INTERVAL=soon: must be a number from 0.1 to 60" in site.logs()
    assert "Traceback" not in site.logs()
