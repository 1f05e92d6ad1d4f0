import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.stats.latest_values import MOST_SEVERAL, SHARES, LatestValues
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch

WINDOW = 10.0


def taken(current: LatestValues, now: float, seconds: int = 1) -> tuple[Gauge, Sketch]:
    return current.take(now, seconds, WINDOW)


def test_no_measurement_gives_nothing():
    current = LatestValues()
    assert current.now() == (Gauge(), Sketch())
    assert taken(current, 1.0) == (Gauge(), Sketch())


def test_one_client_has_the_mean_and_percentiles_of_its_readings():
    current = LatestValues()
    for value in range(1, 101):
        current.put("ada", float(value))
    gauge, shares = current.now()
    assert gauge.average == 50.5
    assert shares.quantiles(0.5, 0.99) == [pytest.approx(50, rel=0.011), pytest.approx(99, rel=0.011)]


def test_ten_clients_measured_alike_give_their_readings():
    current = LatestValues()
    for value in range(1, 11):
        current.put(str(value), float(value))
    gauge, shares = current.now()
    assert (gauge.count, gauge.average) == (10, 5.5)
    assert shares == Sketch(dict.fromkeys(Sketch.of(map(float, range(1, 11))).bins, SHARES))
    assert taken(current, 1.0) == (Gauge(10, 55.0, 1.0, 10.0), Sketch.of(map(float, range(1, 11))))


def test_very_many_clients_with_several_readings_each_give_their_means():
    current = LatestValues()
    for number in range(MOST_SEVERAL + 1):
        for value in (10.0, 20.0, 60.0):
            current.put(str(number), value)
    assert current.now()[0].average == pytest.approx(30)


def test_a_client_that_is_measured_more_often_counts_no_more():
    current = LatestValues()
    for _ in range(99):
        current.put("often", 1_000.0)
    current.put("once", 10.0)
    gauge, shares = current.now()
    assert (gauge.count, gauge.average) == (2, 505)
    assert shares.quantile(0.5) == pytest.approx(10, rel=0.01)
    assert taken(current, 1.0)[0].average == 505


def test_rationed_pings_do_not_change_percentiles():
    """300 clients that are pinged every 15 s and ten slow ones that are pinged every 5 s, for a minute."""
    current, minute, sketch = LatestValues(), Gauge(), Sketch()
    for second in range(75):
        for number in range(300):
            if number % 15 == second % 15:
                current.put(f"fast-{number}", 5.0)
        for number in range(10):
            if number % 5 == second % 5:
                current.put(f"slow-{number}", 500.0)
        gauge, part = current.take(float(second), 1, 30.0)
        if second >= 15:
            minute, sketch = minute + gauge, sketch + part
    assert (minute.count, minute.average) == (60 * 310, pytest.approx((300 * 5 + 10 * 500) / 310))
    assert sketch.quantile(0.95) == pytest.approx(5, rel=0.01)


def test_two_clients_that_answer_late_count_as_two():
    current = LatestValues()
    for number in range(98):
        current.put(str(number), 10.0)
    for client_id in ("late", "later"):
        current.put(client_id, 18_000.0)
    assert current.now()[0].average == pytest.approx((98 * 10 + 2 * 18_000) / 100)
    assert taken(current, 1.0)[1].quantile(0.95) == pytest.approx(10, rel=0.01)


def test_a_value_holds_until_the_next_one():
    current = LatestValues()
    current.put("ada", 10.0)
    assert [taken(current, float(now))[0].sum for now in range(3)] == [10, 10, 10]
    current.put("ada", 30.0)
    assert taken(current, 3.0) == (Gauge(1, 30.0, 30.0, 30.0), Sketch.of([30.0]))


def test_a_client_silent_for_longer_than_the_window_is_forgotten():
    current = LatestValues()
    current.put("ada", 10.0)
    taken(current, 0.0)
    assert taken(current, 9.0)[0].count == 1
    taken(current, 10.0)
    assert current.now()[0].count == 0


def test_a_client_that_leaves_is_forgotten_but_its_last_readings_count():
    current = LatestValues()
    current.put("ada", 10.0)
    current.remove("ada")
    assert current.now() == (Gauge(), Sketch())
    assert taken(current, 1.0) == (Gauge(1, 10.0, 10.0, 10.0), Sketch.of([10.0]))
    current.remove("nobody")
    assert taken(current, 2.0)[0].count == 0


def test_an_interval_of_several_seconds_counts_for_each_of_them():
    current = LatestValues()
    current.put("ada", 10.0)
    assert taken(current, 5.0, seconds=5) == (Gauge(5, 50.0, 10.0, 10.0), Sketch.of([10.0] * 5))


def test_fractions_of_a_second_count_once_when_it_ends():
    current = LatestValues()
    current.put("ada", 10.0)
    assert taken(current, 0.1, seconds=0)[0].count == 0
    current.put("ada", 20.0)
    assert taken(current, 1.0)[0] == Gauge(1, 15.0, 10.0, 20.0)


def test_no_percentile_lies_beyond_the_lowest_and_highest():
    """One of ten clients is slow; the others are measured every second, the slow one only now and then."""
    source, current, slow = random.Random(7), LatestValues(), {"c0": 500.0}
    values: dict[str, float] = {}
    for second in range(1, 300):
        for client, value in {f"c{source.randrange(1, 10)}": source.uniform(1, 50.0), **slow}.items():
            current.put(client, value)
            values[client] = value
        slow = {"c0": source.choice([500.0, 400.0, 3.0])} if second % 7 == 0 else {}
        gauge, sketch = taken(current, second * 0.001)
        assert (gauge.min, gauge.max) == (min(values.values()), max(values.values()))
        assert sketch.quantile(1.0) == pytest.approx(gauge.max, rel=0.01)
        if second % 11 == 0:
            gone = source.choice(sorted(values))
            current.remove(gone)
            del values[gone]
            taken(current, second * 0.001 + 0.0005)


def test_the_lowest_and_highest_are_actual_readings():
    current = LatestValues()
    for value in (5.0, 25.0):
        current.put("ada", value)
    assert taken(current, 1.0)[0] == Gauge(1, 15.0, 5.0, 25.0)
    assert taken(current, 2.0)[0] == Gauge(1, 15.0, 15.0, 15.0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abc"), st.integers(1, 1_000).map(float)),
        st.tuples(st.just("remove"), st.sampled_from("abc"), st.none()),
        st.tuples(st.just("take"), st.none(), st.none()),
    ),
    max_size=60,
)


@given(steps)
def test_it_always_holds_each_clients_last_value(some):
    current, model, running, now = LatestValues(), {}, {}, 0.0
    for what, client_id, value in some:
        now += 0.1
        if what == "put":
            running.setdefault(client_id, []).append(value)
            model[client_id] = sum(running[client_id]) / len(running[client_id])
            current.put(client_id, value)
        elif what == "remove":
            model.pop(client_id, None)
            running.pop(client_id, None)
            current.remove(client_id)
        else:
            running = {}
            current.take(now, 1, 1e9)
        gauge, shares = current.now()
        assert (gauge.count, shares.count) == (len(model), len(model) * SHARES)
        assert gauge.sum == pytest.approx(sum(model.values()))


def test_a_confirmed_value_is_kept_as_long_as_a_new_one_and_is_no_reading():
    latest = LatestValues()
    latest.put("ada", 20.0)
    for now in range(1, 9):
        latest.take(float(now), 1, 10.0)
    latest.confirm("ada")
    latest.put("ada", 30.0)
    assert latest.value("ada") == 30.0
    latest.take(9.0, 1, 10.0)
    latest.confirm("ada")
    latest.confirm("nobody")
    latest.remove("ada")
    assert latest.take(10.0, 1, 10.0)[0].count == 0


def test_a_confirmed_value_expires_after_the_window():
    latest = LatestValues()
    latest.put("ada", 20.0)
    for now in range(1, 9):
        latest.take(float(now), 1, 10.0)
    latest.confirm("ada")
    found = [latest.take(float(now), 1, 10.0)[0].count for now in range(9, 21)]
    assert found == [1] * 11 + [0]
