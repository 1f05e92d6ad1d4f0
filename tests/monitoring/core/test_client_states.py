import pytest

from monitoring.core.client_rates import MessageRates
from monitoring.core.client_states import StateCounts, StateLimits, States
from monitoring.core.metrics import ClientMetrics
from monitoring.core.tick_turns import CLIENTS_A_TICK

NOW = 1_000.0
NOBODY_COUNTED = MessageRates()
LIMITS = StateLimits(stale_seconds=60.0, slow_ms=100.0)


def client(silent: float = 0.0, latency_ms: float | None = None, fps: float | None = None, name: str = "ada"):
    one = ClientMetrics(name, 0.0, last_message_time=NOW - silent, fps=fps)
    if latency_ms is not None:
        one.latency_samples.append(latency_ms)
    return one


def states_of(one: ClientMetrics, limits: StateLimits = LIMITS, rates: MessageRates | None = None) -> States:
    return limits.of_each((one,), rates or NOBODY_COUNTED, NOW)[0]


@pytest.mark.parametrize(
    ("one", "states"),
    [
        (client(), ("live",)),
        (client(silent=10.0), ("live",)),
        (client(silent=10.1), ("idle",)),
        (client(silent=60.0), ("idle",)),
        (client(silent=60.1), ("stale",)),
        (client(latency_ms=100.0), ("live",)),
        (client(latency_ms=100.1), ("slow", "live")),
        (client(fps=30.0), ("live",)),
        (client(fps=29.9), ("low_fps", "live")),
        (client(silent=61.0, latency_ms=500.0, fps=5.0), ("stale", "slow", "low_fps")),
        (client(silent=11.0, latency_ms=500.0, fps=0.0), ("slow", "low_fps", "idle")),
    ],
)
def test_the_worst_of_a_clients_states_comes_first(one, states):
    assert states_of(one) == states


def test_where_clients_are_stale_soon_they_are_idle_sooner():
    assert states_of(client(silent=1.5), StateLimits(stale_seconds=2.0)) == ("idle",)


def test_a_client_that_never_spoke_is_silent_since_it_connected():
    assert states_of(ClientMetrics("ada", NOW - 30.0)) == ("idle",)


@pytest.mark.parametrize(("messages", "states"), [(500, ("live",)), (501, ("noisy", "live"))])
def test_a_client_is_noisy_above_the_limit_of_messages_a_second(messages, states):
    one, rates = client(), MessageRates()
    rates.turn({"ada": one}, NOW - 10.0, seq=1)
    one.message_count = messages
    assert states_of(one, StateLimits(noisy_per_second=50.0), rates) == states


def test_nobody_is_noisy_while_no_rate_is_known():
    assert states_of(ClientMetrics("ada", 0.0, message_count=10**9, last_message_time=NOW)) == ("live",)


def test_noisy_clients_are_counted_as_soon_as_rates_are_known():
    one, rates, counts = client(), MessageRates(), StateCounts()
    for seq in range(1, 8):
        now = NOW + seq
        one.message_count, one.last_message_time = 1_000 * seq, now
        rates.turn({"ada": one}, now, seq)
        counts.turn({"ada": one}, LIMITS, rates, now, seq)
        assert counts.counted == ({"live": 1} if seq == 1 else {"noisy": 1, "live": 1})


def fleet(number: int, **values) -> dict[str, ClientMetrics]:
    return {name: client(name=name, **values) for name in map(str, range(number))}


def test_a_client_counts_in_each_of_its_states():
    counts = StateCounts()
    clients = fleet(2, latency_ms=200.0) | {"x": client(silent=20.0, name="x")}
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW, seq=1)
    assert counts.counted == {"slow": 2, "idle": 1, "live": 2}


def test_the_first_count_is_whole_at_once_and_later_ones_take_turns():
    counts = StateCounts()
    clients = fleet(2 * CLIENTS_A_TICK + 1)
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW, seq=1)
    assert counts.counted == {"live": len(clients)}
    for seq in (2, 3):
        counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW + 100.0, seq)
        assert counts.counted == {"live": len(clients)}
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW + 100.0, seq=4)
    assert counts.counted == {"stale": len(clients)}


def test_a_tick_counts_once_and_who_left_in_between_counts_no_more():
    counts = StateCounts()
    clients = fleet(CLIENTS_A_TICK + 2)
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW, seq=1)
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW, seq=2)
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW, seq=2)
    del clients[str(CLIENTS_A_TICK + 1)]
    counts.turn(clients, LIMITS, NOBODY_COUNTED, NOW, seq=3)
    assert counts.counted == {"live": CLIENTS_A_TICK + 1}


def test_after_a_pause_the_count_begins_anew():
    counts = StateCounts()
    counts.turn(fleet(3), LIMITS, NOBODY_COUNTED, NOW, seq=1)
    counts.turn(fleet(CLIENTS_A_TICK + 5), LIMITS, NOBODY_COUNTED, NOW, seq=9)
    assert counts.counted == {"live": CLIENTS_A_TICK + 5}
