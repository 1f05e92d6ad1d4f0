from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from monitoring.core.notice_policy import NEVER, Before, Candidate, Decision, Terms, decide, rank, worst

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PEOPLE = Terms()


def alert(number: int = 1, severity: str = "warning", **fields) -> Candidate:
    return Candidate(number, severity, NOW - MINUTE, **fields)


def told_at(minutes: float, severity: str = "warning", resolved: float | None = None) -> Before:
    """What was told so many minutes ago."""
    return Before(NOW - minutes * MINUTE, severity, None if resolved is None else NOW - resolved * MINUTE)


def test_an_alert_is_told_at_once():
    assert decide(PEOPLE, [alert()], Before(), NOW) == Decision("firing", [1], [])


def test_another_one_waits_until_the_window_is_over():
    alerts = [alert(1, told="warning"), alert(2)]
    assert decide(PEOPLE, alerts, told_at(14), NOW) is None
    assert decide(PEOPLE, alerts, told_at(15), NOW) == Decision("firing", [1, 2], [])


def test_a_higher_severity_does_not_wait():
    assert decide(PEOPLE, [alert(1, "critical", told="warning")], told_at(1), NOW) == Decision("firing", [1], [])
    assert decide(PEOPLE, [alert(1, "critical", told="critical"), alert(2)], told_at(1, "critical"), NOW) is None


def test_the_end_is_told_at_once_but_once_in_a_window():
    over = [alert(is_over=True, told="warning")]
    assert decide(PEOPLE, over, told_at(1), NOW) == Decision("resolved", [], [1])
    assert decide(PEOPLE, over, told_at(1, resolved=14), NOW) is None
    assert decide(PEOPLE, over, told_at(1, resolved=15), NOW) == Decision("resolved", [], [1])


def test_the_end_of_one_of_two_is_told_with_the_end_of_the_other():
    assert decide(PEOPLE, [alert(1, is_over=True, told="warning"), alert(2, told="warning")], told_at(60), NOW) is None


def test_an_end_can_be_news_to_nobody():
    over = [alert(is_over=True, told="warning")]
    assert decide(PEOPLE._replace(tells_resolved=False), over, told_at(60), NOW) is None


def test_what_is_hidden_is_not_told_and_neither_is_its_end():
    assert decide(PEOPLE, [alert(is_hidden=True)], Before(), NOW) is None
    assert decide(PEOPLE, [alert(is_hidden=True, told="warning")], told_at(600), NOW) is None
    assert decide(PEOPLE, [alert(is_hidden=True, is_over=True, told="warning")], told_at(600), NOW) is None


def test_what_was_hidden_is_told_again():
    alerts = [alert(told="warning", was_hidden=True)]
    assert decide(PEOPLE, alerts, told_at(60), NOW) == Decision("firing", [1], [])


def test_it_is_repeated_until_it_is_over_if_at_all():
    alerts = [alert(told="warning")]
    assert decide(PEOPLE, alerts, told_at(239), NOW) is None
    assert decide(PEOPLE, alerts, told_at(240), NOW) == Decision("repeated", [1], [])
    assert decide(PEOPLE._replace(repeat=NEVER), alerts, told_at(10_000), NOW) is None


def test_a_clock_that_was_set_back_does_not_silence_a_channel():
    assert decide(PEOPLE, [alert(told="warning"), alert(2)], told_at(-600), NOW) is not None


START = datetime(2026, 11, 27, tzinfo=UTC)


class Story:
    """One channel and one rule: every few seconds alerts fire, end, are hidden or shown, and the channel is asked for.

    What it was told is kept as the database keeps it.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms, self.now = terms, START
        self.alerts: dict[int, Candidate] = {}
        self.told: list[tuple[datetime, Decision, str]] = []
        self.latest: dict[int, int] = {}
        self.numbers = 0

    def turn(self, seconds: int, changes: list[tuple[str, int, str]]) -> None:
        self.now += timedelta(seconds=seconds)
        for change, subject, severity in changes:
            self._change(change, subject, severity)
        decision = decide(self.terms, list(self.alerts.values()), self.before(), self.now)
        if decision is not None:
            self._tell(decision)
        assert decide(self.terms, list(self.alerts.values()), self.before(), self.now) is None, "told twice"

    def _change(self, change: str, subject: int, severity: str) -> None:
        number = self.latest.get(subject)
        present = None if number is None else self.alerts.get(number)
        if change == "fire" and (present is None or present.is_over):
            self.numbers += 1
            number = self.numbers
            self.latest[subject] = number
            self.alerts[number] = Candidate(number, severity, self.now)
        elif present is not None and not present.is_over and number is not None:
            hidden = {"hide": True, "show": False}.get(change, present.is_hidden)
            was_hidden = present.was_hidden or (hidden and present.told is not None)
            over = change == "end"
            self.alerts[number] = present._replace(is_over=over, is_hidden=hidden and not over, was_hidden=was_hidden)

    def _tell(self, decision: Decision) -> None:
        severities = [self.alerts[number].severity for number in decision.firing]
        self.told.append((self.now, decision, worst(severities)))
        for number in decision.firing:
            one = self.alerts[number]
            self.alerts[number] = one._replace(told=one.severity, was_hidden=False)
        for number in decision.over:
            del self.alerts[number]

    def before(self) -> Before:
        firing = [(at, severity) for at, decision, severity in self.told if decision.kind != "resolved"]
        resolved = [at for at, decision, _ in self.told if decision.kind == "resolved"]
        lately = [severity for at, severity in firing if self.now - at < self.terms.window]
        return Before(firing[-1][0] if firing else None, worst(lately), resolved[-1] if resolved else None)


changes = some.lists(
    some.tuples(
        some.sampled_from(["fire", "fire", "end", "hide", "show"]),
        some.integers(0, 3),
        some.sampled_from(["warning", "critical", "info"]),
    ),
    max_size=4,
)
turns = some.lists(some.tuples(some.integers(1, 400), changes), max_size=40)


@given(turns)
@settings(max_examples=200)
def test_a_channel_hears_at_most_one_notice_of_a_severity_in_a_window(turns):
    story = Story(PEOPLE)
    for seconds, what in turns:
        story.turn(seconds, what)
    firing = [(at, severity) for at, decision, severity in story.told if decision.kind == "firing"]
    for (earlier, severity), (later, higher) in pairwise(firing):
        assert later - earlier >= PEOPLE.window or rank(higher) < rank(severity)
    resolved = [at for at, decision, _ in story.told if decision.kind == "resolved"]
    assert all(later - earlier >= PEOPLE.window for earlier, later in pairwise(resolved))


@given(turns)
@settings(max_examples=200)
def test_in_the_end_a_channel_knows_all_that_fires_and_that_the_rest_is_over(turns):
    """Whatever happened before, once nothing changes for a window."""
    story = Story(PEOPLE)
    for seconds, what in turns:
        story.turn(seconds, what)
    for _ in range(3):
        story.turn(900, [])
    shown = [one for one in story.alerts.values() if not one.is_over and not one.is_hidden]
    assert all(one.told == one.severity and not one.was_hidden for one in shown)
    if not [one for one in story.alerts.values() if not one.is_over]:
        assert not [one for one in story.alerts.values() if one.told]


@given(some.integers(1, 600))
def test_a_metric_that_crosses_its_threshold_every_second_is_told_twice_at_most_in_a_window(seconds):
    story = Story(PEOPLE)
    for second in range(seconds):
        story.turn(1, [("end" if second % 2 else "fire", 1, "warning")])
    assert len(story.told) <= 2
