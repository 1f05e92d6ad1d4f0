import json
import zlib
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from dashboard import consumers as module
from dashboard import viewer_admission
from dashboard.consumers import BEHIND_SECONDS, CLOSE_TOO_SLOW, COMPRESSIONS, OUTSTANDING_FRAMES, MetricsConsumer
from dashboard.viewer_admission import ViewerAdmission
from monitoring import runtime
from monitoring.core.address_masks import Mask, masked
from monitoring.core.groups import GroupedView
from monitoring.core.hub import Hub
from monitoring.core.view import View
from monitoring.core.wire.link import SCOPE_KEY
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.socket_outbox import BEHIND_BYTES
from monitoring.runtime import Runtime
from tests.chain import CHAINED, has_dictionary
from tests.fakes import FakeClock, FakeLink, fake_monitor, hub_of, ticked
from tests.waiting import PatientCommunicator, until

DEFLATE = "avatar.metrics.deflate"
FRAME = Outgoing(b'{"type":"metrics"}')


@pytest.fixture
def clock(monkeypatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    return clock


@pytest.fixture
def monitor(clock):
    return fake_monitor(clock)


@pytest.fixture
def hub(monitor, monkeypatch) -> Hub:
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    monkeypatch.setattr(runtime, "current", lambda: Runtime(hub, monitor))
    return hub


@pytest.fixture
def permissions(monkeypatch) -> list[int | Exception | Mask | None]:
    """The results of the permission checks, one after the other; the last one stays. A mask admits with that mask."""
    answers: list[int | Exception | Mask | None] = [None]

    def admission(scope):
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return ViewerAdmission(None, answer) if callable(answer) else ViewerAdmission(answer, str)

    monkeypatch.setattr(module, "admission", admission)
    return answers


@pytest.fixture
async def watch(hub, permissions):
    """Opens a viewer's socket: its consumer, and the viewer's side after the history."""
    opened = []

    async def open_one(*subprotocols: str, link: FakeLink | None = None, query: str = ""):
        consumer = MetricsConsumer()
        viewer = PatientCommunicator(consumer, f"/ws/metrics/?{query}", subprotocols=list(subprotocols))
        if link is not None:
            viewer.scope[SCOPE_KEY] = link
        opened.append(viewer)
        accepted, consumer.subprotocol = await viewer.connect()
        assert accepted
        if link is None:
            await viewer.receive_output()
        return consumer, viewer

    yield open_one
    for viewer in opened:
        viewer.future.cancel()


def payload_of(frame: bytes) -> bytes:
    return frame[2 if frame[1] < 126 else 4 :]


async def close_code(viewer: PatientCommunicator) -> int:
    return (await viewer.receive_output())["code"]


async def test_a_viewer_gets_the_frames_of_the_ticks(watch, monitor, clock):
    _, viewer = await watch()
    ticked(monitor, clock)
    assert (await viewer.receive_json_from())["seq"] == 1


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], None),
        (["other"], None),
        (["other", DEFLATE], DEFLATE),
        ([CHAINED], CHAINED),
        ([DEFLATE, CHAINED], CHAINED),
    ],
)
async def test_the_best_of_the_offered_compressions_is_used(watch, offered, chosen):
    consumer, _ = await watch(*offered)
    assert consumer.subprotocol == chosen


@pytest.mark.parametrize("subprotocol", COMPRESSIONS)
async def test_a_viewer_that_asks_for_it_gets_each_message_compressed(watch, subprotocol):
    consumer, viewer = await watch(subprotocol)
    consumer.offer_frame(FRAME, 1)
    assert json.loads(zlib.decompress(await viewer.receive_from())) == {"type": "metrics"}


async def test_over_a_link_the_prepared_compressed_frame_goes_out(watch):
    link = FakeLink()
    consumer, _ = await watch(DEFLATE, link=link)
    consumer.offer_frame(FRAME, 1)
    assert link.ws_frames[-1] is FRAME.deflated.ws_frame


async def test_frames_are_chained_and_a_viewer_that_missed_one_gets_a_complete_frame(watch, monitor, clock):
    link = FakeLink()
    await watch(CHAINED, link=link)
    whole = []
    for waiting in (0, 0, BEHIND_BYTES + 1, 0, 0):
        link.waiting = waiting
        ticked(monitor, clock)
        if not waiting:
            whole.append(not has_dictionary(payload_of(link.ws_frames[-1])))
    assert whole == [True, False, True, False]


@pytest.mark.parametrize("is_linked", [False, True])
@pytest.mark.parametrize("subprotocol", [None, *COMPRESSIONS])
async def test_sent_bytes_are_measured_in_the_form_in_which_viewers_get_them(
    watch, monitor, clock, subprotocol, is_linked
):
    link = FakeLink() if is_linked else None
    _, viewer = await watch(*filter(None, [subprotocol]), link=link)
    monitor.meter.turn()
    for _ in range(2):
        ticked(monitor, clock)
        sent = payload_of(link.ws_frames[-1]) if link else await viewer.receive_from()
        assert monitor.meter.turn().bytes_broadcast == len(sent)


async def test_a_viewer_that_never_acknowledges_is_served_anyway(watch):
    consumer, _ = await watch(link=FakeLink())
    assert all(consumer.offer_frame(FRAME, seq) for seq in range(20))


async def test_an_acknowledging_viewer_is_behind_while_three_frames_are_outstanding(watch):
    link = FakeLink()
    consumer, _ = await watch(link=link)
    await consumer.receive('{"type":"ack","seq":0}')
    assert [consumer.offer_frame(FRAME, seq) for seq in range(1, 6)] == [True] * OUTSTANDING_FRAMES + [False] * 2
    await consumer.receive('{"type":"ack","seq":2}')
    assert [consumer.offer_frame(FRAME, seq) for seq in range(6, 9)] == [True, True, False]
    assert len(link.ws_frames) == 1 + 5


async def test_a_viewer_that_is_behind_for_half_a_minute_is_closed_with_4408(watch, hub, monitor, clock):
    link = FakeLink()
    consumer, viewer = await watch(link=link)
    link.waiting = BEHIND_BYTES + 1
    assert consumer.offer_frame(FRAME, 1) is False
    clock.advance(BEHIND_SECONDS - 1)
    assert consumer.offer_frame(FRAME, 2) is False
    assert await viewer.receive_nothing()
    clock.advance(1)
    assert consumer.offer_frame(FRAME, 3) is False
    assert await close_code(viewer) == CLOSE_TOO_SLOW
    assert (hub.viewers, monitor.collector.protection.closed_slow) == (0, 1)


async def test_a_viewer_that_catches_up_in_between_may_fall_behind_again(watch, clock):
    link = FakeLink()
    consumer, viewer = await watch(link=link)
    for seq in range(5):
        link.waiting = BEHIND_BYTES + 1
        assert consumer.offer_frame(FRAME, seq) is False
        clock.advance(BEHIND_SECONDS - 1)
        link.waiting = 0
        assert consumer.offer_frame(FRAME, seq) is True
    assert await viewer.receive_nothing()


async def test_a_viewer_chooses_its_page(watch):
    consumer, _ = await watch()
    await consumer.receive('{"type":"view","sort":"-fps","search":"ada","offset":10,"limit":20}')
    assert consumer.view == View("-fps", "ada", 10, 20)


async def test_a_viewer_may_want_the_clients_of_one_verdict(watch):
    consumer, _ = await watch()
    await consumer.receive('{"type":"view","verdict":"network"}')
    assert consumer.view == View(verdict="network")
    await consumer.receive('{"type":"view"}')
    assert consumer.view == View()


async def test_a_viewer_may_want_the_clients_in_one_state(watch):
    consumer, _ = await watch()
    await consumer.receive('{"type":"view","state":"low_fps","sort":"-jitter_ms","groups":true}')
    assert consumer.view == GroupedView("-jitter_ms", state="low_fps")


async def test_a_viewer_may_be_shown_the_groups_of_clients(watch):
    consumer, _ = await watch()
    await consumer.receive('{"type":"view","search":"ada","groups":true}')
    assert consumer.view == GroupedView(search="ada")
    await consumer.receive('{"type":"view","search":"ada","groups":false}')
    assert consumer.view == View(search="ada")


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"view","limit":101}',
        '{"type":"view","verdict":"slow"}',
        '{"type":"view","state":"fine"}',
        '{"type":"view","sort":"shoe_size"}',
        '{"type":"ack"}',
        '{"type":"ack","seq":1,"x":2}',
        "x" * 5000,
    ],
)
async def test_an_unknown_message_is_a_bad_message(watch, text):
    _, viewer = await watch()
    await viewer.send_to(text_data=text)
    assert (await viewer.receive_json_from())["code"] == "bad_message"


async def test_a_viewer_without_the_permission_for_addresses_gets_networks(watch, permissions, monitor, clock):
    monitor.collector.track_client_connection("ada", remote="203.0.113.77")
    permissions[:] = [masked]
    _, viewer = await watch(query="client=ada")
    ticked(monitor, clock)
    ticked(monitor, clock)
    frames = [await viewer.receive_json_from() for _ in range(2)]
    assert [frame["client"] and frame["client"]["remote"] for frame in frames][-1] == "203.0.113.0/24"


async def test_its_search_knows_networks_only_until_it_is_given_the_permission(watch, permissions, monkeypatch):
    monkeypatch.setattr(viewer_admission, "RECHECK_SECONDS", 0.001)
    permissions[:] = [masked]
    consumer, viewer = await watch()
    await viewer.send_to(text_data='{"type":"view","search":"203","masked":false}')
    await until(lambda: consumer.view == View(search="203", masked=True))
    permissions[:] = [str]
    await until(lambda: consumer.view == View(search="203"))


async def test_a_view_without_a_search_is_not_masked_so_that_older_nodes_understand_it(watch, permissions):
    permissions[:] = [masked]
    consumer, viewer = await watch()
    await viewer.send_to(text_data='{"type":"view","sort":"-fps","masked":true}')
    await until(lambda: consumer.view == View("-fps"))


async def test_a_viewer_that_leaves_is_no_longer_served(watch, hub):
    _, viewer = await watch()
    assert hub.viewers == 1
    await viewer.disconnect()
    assert hub.viewers == 0


async def test_losing_the_permission_ends_the_connection(watch, hub, permissions, monkeypatch):
    monkeypatch.setattr(viewer_admission, "RECHECK_SECONDS", 0.0)
    permissions[:] = [None, None, 4403]
    _, viewer = await watch()
    assert await close_code(viewer) == 4403
    assert hub.viewers == 0


@pytest.mark.parametrize("error", [OperationalError("away"), ConnectionError("away")])
async def test_an_outage_of_what_knows_the_permission_ends_no_connection(
    watch, hub, permissions, monkeypatch, caplog, error
):
    monkeypatch.setattr(viewer_admission, "RECHECK_SECONDS", 0.001)
    permissions[:] = [None, error, None]
    await watch()
    await until(lambda: "away" in caplog.text)
    assert hub.viewers == 1


async def test_whoever_loses_the_permission_after_an_error_is_still_found(watch, permissions, monkeypatch):
    monkeypatch.setattr(viewer_admission, "RECHECK_SECONDS", 0.0)
    permissions[:] = [None, ConnectionError("of a session store"), 4401]
    _, viewer = await watch()
    assert await close_code(viewer) == 4401


def cookie(client: Client) -> list[tuple[bytes, bytes]]:
    name = settings.SESSION_COOKIE_NAME
    return [(b"cookie", f"{name}={client.cookies[name].value}".encode())]


async def offered(headers: list[tuple[bytes, bytes]]) -> dict:
    """The first message after the handshake."""
    socket = PatientCommunicator(MetricsConsumer(), "/ws/metrics/", headers=headers)
    assert await socket.connect() == (True, None)
    output = await socket.receive_output()
    await socket.disconnect()
    return output


@pytest.mark.django_db(transaction=True)
def test_a_user_with_the_permission_may_watch(hub, viewer):
    assert '"history"' in async_to_sync(offered)(cookie(viewer))["text"]


@pytest.mark.django_db(transaction=True)
def test_a_user_without_the_permission_is_closed_with_4403(hub, stranger):
    assert async_to_sync(offered)(cookie(stranger))["code"] == 4403


@pytest.mark.django_db(transaction=True)
def test_an_anonymous_user_is_closed_with_4401(hub):
    assert async_to_sync(offered)([])["code"] == 4401


async def test_a_page_from_another_origin_is_not_accepted_at_all(hub):
    headers = [(b"origin", b"https://evil.example"), (b"host", b"localhost")]
    socket = PatientCommunicator(MetricsConsumer(), "/ws/metrics/", headers=headers)
    assert await socket.connect() == (False, 1000)


@pytest.mark.parametrize(
    ("query", "client_id"),
    [
        ("", ""),
        ("?client=ada", "ada"),
        ("?client=ann%232", "ann#2"),
        ("?client=%EC%95%88&other=1", "안"),
        ("?client=", ""),
    ],
)
async def test_the_page_of_a_client_says_so_in_its_address(hub, permissions, query, client_id):
    consumer = MetricsConsumer()
    viewer = PatientCommunicator(consumer, f"/ws/metrics/{query}")
    await viewer.connect()
    history = await viewer.receive_json_from()
    assert consumer.client_id == client_id
    assert ("client" in history) == bool(client_id)
    await viewer.disconnect()


async def test_a_client_that_cannot_be_is_refused_and_the_rest_is_served(hub, permissions):
    consumer = MetricsConsumer()
    viewer = PatientCommunicator(consumer, f"/ws/metrics/?client={'a' * 256}")
    await viewer.connect()
    error = await viewer.receive_json_from()
    assert error["code"] == "bad_client"
    assert "must be at most 255 characters" in error["message"]
    assert (await viewer.receive_json_from())["type"] == "history"
    await viewer.disconnect()
