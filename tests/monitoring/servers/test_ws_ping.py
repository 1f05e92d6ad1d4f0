from monitoring.core.heartbeat import LOST_SECONDS
from monitoring.servers import ws_ping
from monitoring.servers.ws_ping import AwaitedPong


def test_an_answer_is_measured_in_milliseconds_and_counts_once(monkeypatch):
    now = [10**9]
    monkeypatch.setattr(ws_ping.time, "perf_counter_ns", lambda: now[0] + 10**12)
    pong = AwaitedPong()
    payload = pong.ping()[2:]
    now[0] += 7_000_000
    assert pong.answered(b"12345678") is None
    assert (pong.answered(payload), pong.answered(payload)) == (7.0, None)


def test_one_answer_is_awaited_at_a_time_but_not_forever(monkeypatch):
    now = [10**12]
    monkeypatch.setattr(ws_ping.time, "perf_counter_ns", lambda: now[0])
    pong = AwaitedPong()
    assert len(pong.ping()) == 10
    assert (bool(pong), pong.ping()) == (True, None)
    now[0] += int(LOST_SECONDS * 1e9) + 1
    assert pong.ping() is not None


def test_it_tells_for_how_long_an_answer_has_been_awaited(monkeypatch):
    now = [10**12]
    monkeypatch.setattr(ws_ping.time, "perf_counter_ns", lambda: now[0])
    pong = AwaitedPong()
    assert pong.unanswered_ms() is None
    payload = pong.ping()[2:]
    now[0] += 250_000_000
    assert pong.unanswered_ms() == 250.0
    pong.answered(payload)
    assert pong.unanswered_ms() is None
