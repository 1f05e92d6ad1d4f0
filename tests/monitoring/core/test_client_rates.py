from monitoring.core.client_rates import RATE_SECONDS, MessageRates
from monitoring.core.metrics import ClientMetrics


def test_a_rate_is_known_from_the_second_look_on():
    rates, ada = MessageRates(), ClientMetrics("ada", 0.0, message_count=100)
    assert rates.of(ada, 50.0) is None
    rates.turn({"ada": ada}, 50.0, seq=1)
    assert rates.of(ada, 50.0) is None
    ada.message_count += 3
    rates.turn({"ada": ada}, 52.0, seq=2)
    assert rates.of(ada, 52.0) == 1.5


def test_a_rate_covers_the_last_five_to_ten_seconds():
    rates, ada = MessageRates(), ClientMetrics("ada", 0.0)
    for second in range(31):
        rates.turn({"ada": ada}, 100.0 + second, seq=second)
        if second < 20:
            ada.message_count += 10
    assert rates.of(ada, 130.0) == 0.0
    assert RATE_SECONDS == 5.0


def test_who_connected_meanwhile_is_counted_since_then():
    rates, ada = MessageRates(), ClientMetrics("ada", 0.0)
    rates.turn({"ada": ada}, 50.0, seq=1)
    eve = ClientMetrics("eve", 51.0, message_count=4)
    assert rates.of(eve, 53.0) == 2.0
    assert rates.of(eve, 51.1) is None


def test_who_took_the_id_of_another_has_nothing_of_its_count():
    rates = MessageRates()
    rates.turn({"ada": ClientMetrics("ada", 0.0, message_count=1_000)}, 50.0, seq=1)
    assert rates.of(ClientMetrics("ada", 51.0, message_count=2), 52.0) == 2.0


def test_of_a_client_that_was_renamed_it_is_not_known_at_first():
    rates = MessageRates()
    rates.turn({"ada": ClientMetrics("ada", 0.0, message_count=1_000)}, 50.0, seq=1)
    assert rates.of(ClientMetrics("eve", 0.0, message_count=1_001), 52.0) is None


def test_after_a_pause_it_is_not_known():
    rates, ada = MessageRates(), ClientMetrics("ada", 0.0)
    rates.turn({"ada": ada}, 50.0, seq=1)
    rates.turn({"ada": ada}, 500.0, seq=400)
    assert rates.of(ada, 500.0) is None
