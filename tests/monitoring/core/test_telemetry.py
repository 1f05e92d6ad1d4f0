import asyncio
import json
import logging
from decimal import Decimal

import msgspec
import pytest

from monitoring import telemetry_of
from monitoring.core.connection import Connection
from monitoring.core.monitored import SCOPE_KEY
from monitoring.core.page_report import PageReport
from monitoring.core.signal_reading import read_signals
from monitoring.core.telemetry import LONGEST_MESSAGE, Telemetry

MESSAGE = {
    "type": "telemetry", "fps": 59.5, "frame_time_ms": 16.8, "low_fps": 31, "long_frames": 2, "hidden": False,
    "refresh_hz": 60.02, "long_animation_frames": 1, "blocking_ms": 12.5,
    "network_type": "4g", "downlink_mbps": 8.5, "network_rtt_ms": 50,
}  # fmt: skip
ESSENTIAL = {"type": "telemetry", "fps": 60, "frame_time_ms": 16}


@pytest.fixture
def scope(collector):
    scope = {"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada"}
    scope[SCOPE_KEY] = connection = Connection(scope, collector)
    connection.accepted()
    return scope


@pytest.fixture
def ada(scope, collector):
    return collector.client_metrics["ada"]


@pytest.mark.parametrize("form", [dict, json.dumps, lambda message: json.dumps(message).encode()])
def test_a_consumer_gives_it_in_the_form_that_it_has(scope, ada, form):
    assert telemetry_of(scope, form(MESSAGE))
    assert (ada.fps, ada.frame_time_ms, ada.low_fps, ada.long_frames, ada.hidden) == (59.5, 16.8, 31, 2, False)
    assert ada.page == PageReport(60.02, 1, 12.5, "4g", 8.5, 50)


def test_the_signals_of_a_client_have_the_rate_of_its_display(scope, ada, collector):
    assert read_signals(collector, "ada").refresh_hz is None
    telemetry_of(scope, MESSAGE)
    assert read_signals(collector, "ada").refresh_hz == 60.02


@pytest.mark.parametrize(
    "message",
    [
        {"type": "say", "text": "telemetry"},
        {},
        [],
        None,
        "telemetry",
        '"telemetry"',
        '["telemetry"]',
        '{"type": "telemetry"',
        '{"type": "say", "text": "telemetry"}',
        b"\xff telemetry",
        "[" * 3_000 + '"telemetry"',
        json.dumps({**MESSAGE, "more": "x" * LONGEST_MESSAGE}),
    ],
)
def test_the_consumers_own_messages_are_its_own(scope, ada, message):
    assert not telemetry_of(scope, message)
    assert (ada.fps, ada.page) == (None, None)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"type": "telemetry", "fps": 60}, "telemetry needs frame_time_ms"),
        ({**ESSENTIAL, "fps": "fast"}, 'fps="fast": must be a number'),
        ({**ESSENTIAL, "fps": -1}, "fps=-1: must be a number of at least 0"),
        ({**ESSENTIAL, "network_type": 4}, "network_type=4: must be text"),
        ({**ESSENTIAL, "fps": object()}, "fps"),
        ({**ESSENTIAL, "fps": Decimal("NaN")}, "fps"),
        ({**ESSENTIAL, "hidden": "no"}, "hidden"),
        ({**ESSENTIAL, "hidden": 3}, "hidden=3: must be true, false, 0, 1 or null"),
        ({**ESSENTIAL, 3: 4}, None),
    ],
)
def test_wrong_telemetry_is_counted_and_ignored(scope, ada, collector, caplog, message, said):
    caplog.set_level(logging.WARNING)
    assert telemetry_of(scope, message)
    if said is None:
        return
    assert (ada.fps, collector.protection.refused_messages) == (None, 1)
    assert "client ada on /ws/ is ignored" in caplog.text
    assert said in caplog.text


def test_the_log_has_a_line_a_minute_of_it(scope, collector, caplog):
    for _ in range(50):
        telemetry_of(scope, {"type": "telemetry"})
    assert len(caplog.records) == 1
    assert collector.protection.refused_messages == 50


def test_what_nobody_can_measure_is_capped():
    told = msgspec.convert({**MESSAGE, "refresh_hz": 1e300, "downlink_mbps": 1e300, "blocking_ms": 1e300}, Telemetry)
    assert (told.page.refresh_hz, told.page.downlink_mbps, told.page.blocking_ms) == (10_000, 1_000_000, 86_400_000)


@pytest.mark.parametrize("network_type", ["", "4G!", "x" * 17, "\x00", "안녕"])
def test_a_network_type_that_no_browser_has_is_not_kept(network_type):
    assert msgspec.convert({**ESSENTIAL, "network_type": network_type}, Telemetry).page is None


def test_a_hidden_client_keeps_what_its_display_is(scope, ada):
    telemetry_of(scope, MESSAGE)
    telemetry_of(scope, {**ESSENTIAL, "hidden": True})
    assert (ada.hidden, ada.fps, ada.page.refresh_hz) == (True, None, 60.02)
    telemetry_of(scope, ESSENTIAL)
    assert ada.page is None


async def test_a_consumer_of_threads_may_give_it(collector):
    scope = {"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada"}
    scope[SCOPE_KEY] = connection = Connection(scope, collector)
    connection.accepted()
    assert await asyncio.to_thread(telemetry_of, scope, MESSAGE)
    await asyncio.sleep(0)
    assert collector.client_metrics["ada"].fps == 59.5


def test_without_monitoring_it_is_telemetry_all_the_same():
    assert telemetry_of({"type": "websocket"}, MESSAGE)
    assert telemetry_of({"type": "websocket"}, {"type": "telemetry"})
