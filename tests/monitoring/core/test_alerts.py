from dataclasses import replace

import pytest

from monitoring.core.alert_instructions import AnsweredAlert, LiveState, SilencedTime
from monitoring.core.alert_rules import CLOCK_SKEW, STORE_LAG, AlertScope, Comparison, Rule, default_rules
from monitoring.core.alert_state import Observation
from monitoring.core.alerts import AlertBook

CPU = "cpu_percent"
GONE = Observation(gone=True)


@pytest.fixture
def book():
    return AlertBook(default_rules({}))


def observe(book: AlertBook, value, second: float, subject: str = "web", rule: str = CPU) -> None:
    observation = value if isinstance(value, Observation) else Observation(value)
    book.observe(rule, subject, observation, 1_000.0 + second)


def changes(book: AlertBook) -> list[tuple]:
    return [(one.state, one.rule, one.subject, one.ended) for one in book.take_changes()]


def test_the_book_keeps_firing_alerts_with_their_messages(book):
    observe(book, 85.34, 1.0)
    alert = book.firing[CPU, "web"]
    assert (alert.message, alert.value, alert.threshold) == ("High CPU usage: 85.3%", 85.34, 80.0)
    assert (alert.severity, alert.at, alert.since, alert.state) == ("warning", 1_001.0, 1_001.0, "firing")
    assert (alert.rule, alert.scope, alert.last, alert.peak) == (CPU, "host", 85.34, 85.34)


def test_an_ended_alert_is_a_change_with_its_last_value_and_its_peak(book):
    for second, value in enumerate([85.0, 97.0, 85.0, *[10.0] * 5]):
        observe(book, value, float(second))
    firing, resolved = book.take_changes()
    assert book.firing == {}
    assert (resolved.state, resolved.at, resolved.since) == ("resolved", 1_007.0, 1_000.0)
    assert (resolved.value, resolved.peak, resolved.last) == (firing.value, 97.0, 10.0)


def test_firing_alerts_follow_a_clock_that_was_set(book):
    observe(book, 90.0, 1.0)
    book.move(7_200.0)
    observe(book, 90.0, 7_202.0)
    book.end(CPU, "web", 8_210.0)
    firing, resolved = book.take_changes()
    assert (firing.at, firing.since) == (1_001.0, 1_001.0)
    assert (resolved.at, resolved.since) == (8_210.0, 8_201.0)


def test_each_change_is_taken_once(book):
    observe(book, 90.0, 1.0)
    assert len(book.take_changes()) == 1
    assert book.take_changes() == []


def test_a_subject_that_is_gone_ends_its_alert(book):
    observe(book, 90.0, 1.0)
    book.end(CPU, "web", 1_002.0)
    book.end(CPU, "nobody", 1_002.0)
    assert changes(book) == [("firing", CPU, "web", ""), ("resolved", CPU, "web", "client gone")]


def test_the_end_of_the_watch_ends_all_alerts(book):
    observe(book, 90.0, 1.0)
    observe(book, 95.0, 1.0, rule="memory_percent")
    book.end_all(1_002.0)
    assert book.firing == {}
    assert [change[0] + change[3] for change in changes(book)] == ["firing"] * 2 + ["resolvedserver stopped"] * 2


@pytest.mark.parametrize(
    ("value", "seconds", "ended"),
    [
        pytest.param(10.0, 5, "", id="its value came down"),
        pytest.param(None, 60, "not measured", id="nobody knows the value"),
        pytest.param(GONE, 5, "client gone", id="nothing is left to be measured"),
    ],
)
def test_an_alert_says_why_it_ended_and_ends_in_time(book, value, seconds, ended):
    observe(book, 90.0, 0.0)
    for second in range(1, seconds):
        observe(book, value, float(second))
    assert [change.state for change in book.take_changes()] == ["firing"]
    observe(book, value, float(seconds))
    assert [(one.state, one.ended, one.peak) for one in book.take_changes()] == [("resolved", ended, 90.0)]


def test_thresholds_can_be_replaced_and_the_wait_set():
    rules = default_rules({CPU: 90.0}, 10.0)
    assert (rules[CPU].threshold, rules["memory_percent"].threshold) == (90.0, 85.0)
    assert [rule.for_seconds for rule in rules.values()] == [10.0, 10.0, 10.0, 0.0]


def test_an_unknown_threshold_raises_and_names_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown cpu; the names are cpu_percent, memory_percent, latency_ms, stale"):
        default_rules({"cpu": 90.0})


# Reports while it fires


def test_a_firing_alert_reports_its_last_value_and_peak_every_five_seconds_whichever_way_they_go(book):
    for second, value in enumerate([85.0, 97.0, 96.0, 95.0, 94.0, 93.0, 92.0, 91.0, 90.0, None, None]):
        observe(book, value, float(second))
    reports = [(one.state, one.at, one.since, one.value, one.last, one.peak) for one in book.take_reports()]
    assert reports == [
        ("firing", 1_005.0, 1_000.0, 85.0, 93.0, 97.0),
        ("firing", 1_010.0, 1_000.0, 85.0, None, 97.0),
    ]
    assert book.take_reports() == []
    assert [change.peak for change in book.take_changes()] == [85.0]


def test_reports_of_very_many_alerts_are_made_over_several_ticks(book):
    told = []
    for second in range(8):
        for number in range(500):
            observe(book, 90.0, float(second), f"web-{number}")
        told.append(len(book.take_reports()))
    assert told == [0] * 5 + [200, 200, 100]


# In frames


def test_the_message_has_the_documented_keys(book):
    observe(book, 85.3, 0.0)
    observe(book, 92.0, 1.5)
    assert book.messages("web", "web:1", 1_002.5) == [
        {
            "type": "performance_alert",
            "severity": "warning",
            "message": "High CPU usage: 85.3%",
            "metric": CPU,
            "value": 85.3,
            "current": 92.0,
            "peak": 92.0,
            "threshold": 80.0,
            "timestamp": 1_000.0,
            "state": "firing",
            "subject": "web",
            "node": "web:1",
            "rule": CPU,
            "scope": "host",
            "since": 1_000.0,
            "duration": 2.5,
            "flapping": False,
            "reason": "",
            "grouped": False,
            "runbook": "",
            "acknowledged": None,
            "silenced": False,
        }
    ]


def test_a_shown_alert_s_current_value_may_be_unknown(book):
    for second, value in enumerate([85.0, 97.0, None]):
        observe(book, value, float(second))
    assert [(one["current"], one["peak"]) for one in book.messages("web", "web:1", 1_003.0)] == [(None, 97.0)]


def test_an_alert_without_data_says_so():
    silent = replace(default_rules({})[CPU], no_data="fire", no_data_seconds=2.0)
    book = AlertBook({CPU: silent})
    for second in range(4):
        observe(book, None, float(second))
    (shown,) = book.messages("web", "web:1", 1_003.0)
    assert (shown["message"], shown["reason"]) == ("CPU of web is not known since 2s", "no data")
    assert (shown["value"], shown["current"]) == (2.0, 3.0)


def test_an_acknowledged_alert_says_by_whom_and_until_when(book):
    observe(book, 90.0, 0.0)
    book.apply(LiveState(acknowledged=[AnsweredAlert(CPU, "web", "ann", 1_000.5, 1_100.0)]))
    shown = [book.messages("web", "web:1", now)[0]["acknowledged"] for now in (1_001.0, 1_100.0)]
    assert shown == [{"by": "ann", "until": 1_100.0}, None]


def test_a_silenced_alert_says_so_while_it_is(book):
    observe(book, 90.0, 0.0)
    book.apply(LiveState(silenced=[SilencedTime({"host": "w*", "severity": "warning"}, 1_010.0, 1_020.0)]))
    assert [book.messages("web", "web:1", now)[0]["silenced"] for now in (1_009.0, 1_010.0, 1_020.0)] == [
        False, True, False,
    ]  # fmt: skip
    book.apply(LiveState(silenced=[SilencedTime({"host": "x*"}, 0.0, 2_000.0)]))
    assert [one["silenced"] for one in book.messages("web", "web:1", 1_010.0)] == [False]


def test_an_alert_that_was_resolved_by_hand_is_not_shown_until_it_fires_again(book):
    observe(book, 90.0, 0.0)
    book.apply(LiveState(resolved=[AnsweredAlert(CPU, "web", "ann", 1_000.0)]))
    assert (book.messages("web", "web:1", 1_001.0), book.total) == ([], 0)
    for second in range(1, 8):
        observe(book, 10.0, float(second))
    observe(book, 90.0, 8.0)
    assert book.total == len(book.messages("web", "web:1", 1_009.0)) == 1


@pytest.mark.parametrize("text", ["{nobody} waits", "{} waits", "{value.unit}", "{value[0]}", "{value:second}", "{"])
def test_a_project_s_message_that_cannot_be_formatted_is_shown_as_it_is(text):
    book = AlertBook({"x": Rule("x", 1.0, 1.0, "warning", text)})
    observe(book, 2.0, 0.0, rule="x")
    assert book.firing["x", "web"].message == text


# Rules that change while it runs


def changed(**more) -> dict[str, Rule]:
    rules = default_rules({})
    return {**rules, CPU: replace(rules[CPU], **more)}


def test_an_alert_goes_on_under_a_changed_threshold(book):
    observe(book, 90.0, 0.0)
    book.take_changes()
    book.use(changed(threshold=50.0, exit_threshold=40.0, severity="critical"))
    observe(book, 60.0, 1.0)
    (report,) = book.take_reports()
    assert (report.threshold, report.severity, report.last) == (50.0, "critical", 60.0)
    for second in range(2, 8):
        observe(book, 45.0, float(second))
    assert CPU in {key for key, _ in book.firing}
    assert book.take_changes() == []


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param({}, id="it was deleted or disabled"),
        pytest.param(changed(metric="memory_percent"), id="it is about another metric"),
        pytest.param(changed(scope=AlertScope.FLEET), id="it is now about the fleet"),
        pytest.param(changed(comparison=Comparison.BELOW, exit_threshold=90.0), id="it compares the other way"),
    ],
)
def test_an_alert_ends_if_its_rule_no_longer_applies(book, rules):
    observe(book, 90.0, 3.0)
    book.take_changes()
    book.use(rules)
    assert changes(book) == [("resolved", CPU, "web", "rule changed")]
    assert book.firing == {}


def test_a_deleted_rule_forgets_what_was_pending():
    book = AlertBook(changed(for_seconds=5.0))
    observe(book, 90.0, 0.0)
    book.use({})
    book.use(changed(for_seconds=5.0))
    for second in range(1, 6):
        observe(book, 90.0, float(second))
    assert book.firing == {}


def test_rules_of_the_project_s_own_code_stay_in_force_and_built_in_ones_may_be_switched_off(book):
    own = Rule("queue", 10.0, 8.0, "info", "Long")
    for rule in (own, STORE_LAG, CLOCK_SKEW):
        book.add(rule)
    book.use([*default_rules({}).values(), replace(STORE_LAG, threshold=9.0)])
    assert book.rules["queue"] == own
    assert book.rules["store_lag_seconds"].threshold == 9.0
    assert "clock_skew_seconds" not in book.rules
    book.use([replace(own, threshold=99.0)])
    assert book.rules["queue"].threshold == 99.0


def test_rows_change_rules_switch_them_off_and_give_them_back(book):
    own = Rule("queue", 10.0, 8.0, "info", "Long")
    book.add(own)
    observe(book, 90.0, 0.0)
    book.apply(LiveState.of([replace(own, threshold=99.0)], off=[CPU]))
    assert (book.rules["queue"].threshold, CPU in book.rules) == (99.0, False)
    assert [change[3] for change in changes(book)] == ["", "rule changed"]
    book.apply(LiveState.of([], off=["queue"]))
    assert (CPU in book.rules, "queue" in book.rules) == (True, False)
    book.add(own)
    assert "queue" not in book.rules


def test_who_holds_the_rules_sees_that_they_changed(book):
    """What looks at them in each tick sorts them only then."""
    before = book.rules
    book.add(Rule("queue", 10.0, 8.0, "info", "Long"))
    assert "queue" not in before
    assert book.rules is not before
    after = book.rules
    book.add(Rule("queue", 99.0, 8.0, "info", "Long"))
    assert book.rules is after


def test_an_answer_is_to_what_had_begun_by_then(book):
    observe(book, 90.0, 10.0)
    book.apply(LiveState(acknowledged=[AnsweredAlert(CPU, "web", "ann", 1_009.0)]))
    assert [one["acknowledged"] for one in book.messages("web", "web:1", 1_011.0)] == [None]


def test_a_rule_that_is_in_force_is_not_replaced_by_the_program_s_own(book):
    book.use([replace(STORE_LAG, threshold=9.0)])
    book.add(STORE_LAG)
    assert book.rules["store_lag_seconds"].threshold == 9.0
