import pytest

from monitoring.core.alert_messages import as_message
from monitoring.core.alert_rules import default_rules
from monitoring.core.alerts import NOTHING, AlertBook


@pytest.fixture
def book():
    return AlertBook(default_rules({}))


def observe(book: AlertBook, value: float | None, now: float, subject: str = "host", metric: str = "cpu_percent"):
    book.observe(metric, subject, value, now, 1000.0 + now)


def test_the_book_keeps_firing_alerts_with_their_messages(book):
    observe(book, 85.34, 1.0)
    alert = book.firing["cpu_percent", "host"]
    assert (alert.message, alert.value, alert.threshold) == ("High CPU usage: 85.3%", 85.34, 80.0)
    assert (alert.severity, alert.at, alert.state) == ("warning", 1001.0, "firing")


def test_an_ended_alert_is_a_change_with_its_peak(book):
    for now, value in enumerate([85.0, 97.0, 85.0]):
        observe(book, value, float(now))
    for now in range(3, 8):
        observe(book, 10.0, float(now))
    firing, resolved = book.take_changes()
    assert book.firing == {}
    assert (resolved.state, resolved.at, resolved.peak, resolved.value) == ("resolved", 1007.0, 97.0, firing.value)


def test_firing_alerts_follow_a_clock_that_was_set(book):
    observe(book, 90.0, 1.0)
    book.move(7_200.0)
    book.end("cpu_percent", "host", 8_210.0)
    firing, resolved = book.take_changes()
    assert (firing.at, firing.since) == (1_001.0, 1_001.0)
    assert (resolved.at, resolved.since) == (8_210.0, 8_201.0)


def test_each_change_is_taken_once(book):
    observe(book, 90.0, 1.0)
    assert len(book.take_changes()) == 1
    assert book.take_changes() == []


def test_subjects_fire_independently(book):
    for subject, value in (("ada", 61.0), ("bob", 60.0), ("eve", 90.0)):
        observe(book, value, 1.0, subject, "stale_client_seconds")
    assert sorted(book.subjects("stale_client_seconds")) == ["ada", "eve"]
    assert book.subjects("cpu_percent") == []


def test_a_stale_client_that_speaks_ends_its_alert_at_once(book):
    observe(book, 61.0, 1.0, "ada", "stale_client_seconds")
    observe(book, 0.0, 2.0, "ada", "stale_client_seconds")
    assert book.firing == {}


def test_a_subject_that_is_gone_ends_its_alert(book):
    observe(book, 90.0, 1.0)
    book.end("cpu_percent", "host", 1002.0)
    book.end("cpu_percent", "nobody", 1002.0)
    assert [change.state for change in book.take_changes()] == ["firing", "resolved"]


def test_the_end_of_the_watch_ends_all_alerts(book):
    observe(book, 90.0, 1.0)
    observe(book, 95.0, 1.0, metric="memory_percent")
    book.end_all(1002.0)
    assert book.firing == {}
    assert [change.state for change in book.take_changes()] == ["firing", "firing", "resolved", "resolved"]


def test_it_forgets_subjects_without_alerts(book):
    for number in range(100):
        observe(book, 10.0, 1.0, f"client-{number}", "stale_client_seconds")
    assert book._states == {}


def test_thresholds_can_be_replaced(book):
    rules = default_rules({"cpu_percent": 90.0})
    assert (rules["cpu_percent"].threshold, rules["memory_percent"].threshold) == (90.0, 85.0)


def test_an_unknown_threshold_raises_and_names_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown cpu; the names are cpu_percent, memory_percent, latency_ms, stale"):
        default_rules({"cpu": 90.0})


def test_the_message_has_the_documented_keys(book):
    observe(book, 85.3, 1.0)
    assert as_message(book.firing["cpu_percent", "host"], "host:1") == {
        "type": "performance_alert",
        "severity": "warning",
        "message": "High CPU usage: 85.3%",
        "metric": "cpu_percent",
        "value": 85.3,
        "current": None,
        "peak": 85.3,
        "threshold": 80.0,
        "timestamp": 1001.0,
        "state": "firing",
        "subject": "host",
        "node": "host:1",
    }


def test_a_growing_peak_is_reported_while_it_fires_but_not_at_each_tick(book):
    for now in range(12):
        observe(book, 85.0 + now, float(now))
    assert [(one.state, one.at, one.since, one.peak, one.value) for one in book.take_peaks()] == [
        ("firing", 1005.0, 1000.0, 90.0, 85.0),
        ("firing", 1010.0, 1000.0, 95.0, 85.0),
    ]
    assert book.take_peaks() == []
    assert [change.peak for change in book.take_changes()] == [85.0]


def test_an_unchanged_peak_is_not_reported_again(book):
    for now in range(30):
        observe(book, 95.0 - now / 10, float(now))
    assert book.take_peaks() == []


def test_a_shown_alert_has_its_first_value_the_current_one_and_the_peak(book):
    for now, value in enumerate([85.0, 97.0, 88.0]):
        observe(book, value, float(now))
    (shown,) = book.messages("web:1")
    assert (shown["message"], shown["value"], shown["current"], shown["peak"]) == ("High CPU usage: 85.0%", 85, 88, 97)
    observe(book, None, 3.0)
    assert [(one["current"], one["peak"]) for one in book.messages("web:1")] == [(None, 97.0)]


@pytest.mark.parametrize(
    ("value", "seconds", "ended"),
    [
        pytest.param(10.0, 5, "", id="its value came down"),
        pytest.param(None, 60, "not measured", id="nobody knows the value"),
        pytest.param(NOTHING, 5, "client gone", id="nothing is left to be measured"),
    ],
)
def test_an_alert_says_why_it_ended_and_ends_in_time(book, value, seconds, ended):
    observe(book, 90.0, 0.0)
    for now in range(1, seconds):
        observe(book, value, float(now))
    assert [change.state for change in book.take_changes()] == ["firing"]
    observe(book, value, float(seconds))
    assert [(one.state, one.ended, one.peak) for one in book.take_changes()] == [("resolved", ended, 90.0)]


def test_nothing_left_to_measure_fires_no_alert(book):
    observe(book, NOTHING, 1.0)
    assert book.take_changes() == []


def test_the_end_of_the_watch_differs_from_that_of_a_subject(book):
    observe(book, 90.0, 1.0)
    observe(book, 90.0, 1.0, "ada", "stale_client_seconds")
    book.end("stale_client_seconds", "ada", 1002.0)
    book.end_all(1003.0)
    assert [one.ended for one in book.take_changes() if one.state == "resolved"] == ["client gone", "server stopped"]


def test_peaks_of_very_many_alerts_are_reported_over_several_ticks(book):
    told = []
    for now in range(63):
        for number in range(500):
            observe(book, 61.0 + now, float(now), f"client-{number}", "stale_client_seconds")
        told.append(len(book.take_peaks()))
    assert told[60:] == [200, 200, 100]
