"""The alerts of one node: the book of what fires now. An alert goes on from here as follows:

AlertState ─▶ AlertBook ─▶ AlertRecord ─▶ NodeAlert ─▶ AlertEpisode ─▶ Alert
step()        fires it     in a batch     of a node    of all nodes    the row
alert_state   here         records        alert_episodes               models/alert
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from monitoring.core.alert_answers import AlertAnswers
from monitoring.core.alert_instructions import LiveState
from monitoring.core.alert_messages import as_message, first_message, foremost
from monitoring.core.alert_metrics import CLIENT
from monitoring.core.alert_rules import ALERT_METRICS, AlertScope, Rule
from monitoring.core.alert_state import AlertState, Observation, step
from monitoring.core.records import CLIENT_GONE, RULE_CHANGED, SERVER_STOPPED, AlertRecord

Key = tuple[str, str]
"""A rule's key and a subject."""

MOST_REPORTS = 200
"""Made in one tick; of more alerts, the others are reported in the next ones."""

NEW = AlertState()


class AlertBook:
    """The alerts of one node: what fires now, by rule and subject, and what changed since `take_changes`.

    All times, `at`, are UTC epoch seconds of one clock; `move` follows it when it is set. `answers` only change
    what is shown.
    """

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = dict(rules)
        """The rules in force, by key: another dictionary once they change."""
        self.firing: dict[Key, AlertRecord] = {}
        self.answers = AlertAnswers()
        self.rules_version = ""
        """What frames say of the rules that are rows: another text once they change, empty while nothing is known."""
        self.at = 0.0
        """When something was observed last."""
        self._built_in = dict(rules)
        self._own: dict[str, Rule] = {}
        self._off: frozenset[str] = frozenset()
        self._states: dict[Key, AlertState] = {}
        self._reported_at: dict[Key, float] = {}
        self._changes: list[AlertRecord] = []
        self._reports: list[AlertRecord] = []

    # Rules

    def add(self, rule: Rule) -> None:
        """Puts in force a rule that the program itself has; the one of that name that is in force now stays."""
        self._own[rule.key] = rule
        if rule.key not in self._off and rule.key not in self.rules:
            self.rules = {**self.rules, rule.key: rule}

    def use(self, rules: Mapping[str, Rule] | Iterable[Rule]) -> None:
        """From now on these rules are in force, and those that the project's own code has added.

        What fires by a rule that is no longer there, or is now about something else, ends; other alerts go on under the
        changed rule. Rules about the whole fleet are not a node's to decide.
        """
        given = rules.values() if isinstance(rules, Mapping) else rules
        # The built-in ones are among those given, unless somebody switched them off.
        own = {key: rule for key, rule in self._own.items() if key not in ALERT_METRICS}
        self._put_in_force({**own, **{rule.key: rule for rule in given}})

    def apply(self, state: LiveState) -> None:
        """Follows what the site has decided: its rules replace those of the same name, and those that it switches off
        are no longer in force; its answers are shown."""
        self.answers, self.rules_version = AlertAnswers(state), state.rules_version
        self._off = frozenset(state.off)
        self._put_in_force(state.in_force({**self._built_in, **self._own}))

    def _put_in_force(self, rules: Mapping[str, Rule]) -> None:
        wanted = {key: rule for key, rule in rules.items() if rule.scope is not AlertScope.FLEET}
        before, self.rules = self.rules, wanted
        for key, subject in list(self._states.keys() | self.firing.keys()):
            if key not in wanted or not is_same_watch(before.get(key), wanted[key]):
                self.end(key, subject, self.at, RULE_CHANGED)
        for of, alert in self.firing.items():
            rule = wanted[alert.rule]
            if before.get(alert.rule) != rule:
                alert.severity, alert.threshold = rule.severity, rule.threshold
                self._reported_at[of] = 0.0

    # Watching

    def observe(self, key: str, subject: str, observation: Observation, at: float) -> None:
        """Takes one observation of a subject by the rule of this key."""
        of, rule = (key, subject), self.rules[key]
        after = self._states[of] = step(self._states.get(of, NEW), observation, rule, at)
        self.follow(of, rule, after, at)

    def follow(self, of: Key, rule: Rule, after: AlertState, at: float, clients: list[str] | None = None) -> None:
        """Takes the state of a subject after one step: its alert begins to fire, goes on, or ends.

        `clients` are examples of those that are in breach together, if the alert is about many.
        """
        if at > self.at:
            self.at = at
        if of in self.firing:
            if after.fires:
                self._goes_on(of, rule, after, at, clients)
            else:
                self._resolve(of, at, after.ended, after)
        elif after.fires:
            self._fire(of, rule, after, at, clients)

    def end(self, rule: str, subject: str, at: float, ended: str = CLIENT_GONE) -> None:
        """Ends the subject's alert, if it fires, and forgets its state."""
        self._states.pop((rule, subject), None)
        if (rule, subject) in self.firing:
            self._resolve((rule, subject), at, ended)

    def end_all(self, at: float) -> None:
        """The watch is over: ends all alerts."""
        for key, subject in list(self.firing):
            self.end(key, subject, at, SERVER_STOPPED)
        self._states.clear()

    def move(self, seconds: float) -> None:
        """The clock was set: what it said before, it would now say as so much later."""
        if seconds:
            self.at += seconds
            self._states = {key: state.moved(seconds) for key, state in self._states.items()}
            self._reported_at = {key: at + seconds for key, at in self._reported_at.items()}
            for alert in self.firing.values():
                alert.at = alert.since = alert.at + seconds

    # Reading

    @property
    def total(self) -> int:
        """How many are firing and were not resolved by hand."""
        return len(self.standing())

    def standing(self) -> list[AlertRecord]:
        """The alerts that are firing and were not resolved by hand."""
        return [alert for alert in self.firing.values() if not self.answers.is_resolved(alert)]

    def take_changes(self) -> list[AlertRecord]:
        """What began or ended since the last call, in order."""
        changes, self._changes = self._changes, []
        return changes

    def take_reports(self) -> list[AlertRecord]:
        """Firing alerts with their last value and peak, each every few seconds."""
        reports, self._reports = self._reports, []
        return reports

    def messages(self, host: str, node: str, now: float) -> list[dict[str, Any]]:
        """The firing alerts in SPEC.md's format, as far as a frame has room for them; `now` is UTC epoch seconds."""
        answers = self.answers
        shown = foremost(self.standing(), lambda alert: (alert.severity, alert.scope == CLIENT, alert.at))
        return [
            {
                **as_message(alert, node, now, self.rules[alert.rule].runbook),
                "acknowledged": answers.acknowledgement(alert, now),
                "silenced": answers.is_silenced(alert, host, node, now),
            }
            for alert in shown
        ]

    def _fire(self, key: Key, rule: Rule, state: AlertState, at: float, clients: list[str] | None) -> None:
        value = state.value if state.value is not None else rule.threshold
        alert = AlertRecord(
            metric=rule.metric,
            subject=key[1],
            state="firing",
            at=at,
            severity=rule.severity,
            message=first_message(rule, key[1], value, state.reason, grouped=clients is not None),
            value=value,
            threshold=rule.threshold,
            peak=value if state.peak is None else state.peak,
            since=at,
            rule=rule.key,
            scope=rule.scope.value,
            last=value,
            grouped=clients is not None,
            examples=clients or [],
            flapping=state.flapping,
            reason=state.reason,
        )
        self.firing[key] = alert
        self._reported_at[key] = at
        self._changes.append(msgspec.structs.replace(alert))

    def _goes_on(self, key: Key, rule: Rule, state: AlertState, at: float, clients: list[str] | None) -> None:
        alert = self.firing[key]
        alert.last = state.value
        alert.peak = alert.peak if state.peak is None else state.peak
        if at - self._reported_at[key] >= rule.peak_seconds and len(self._reports) < MOST_REPORTS:
            self._reported_at[key] = at
            alert.examples = clients or alert.examples
            self._reports.append(msgspec.structs.replace(alert, at=at))

    def _resolve(self, key: Key, at: float, ended: str, state: AlertState | None = None) -> None:
        del self._reported_at[key]
        alert = self.firing.pop(key)
        if state is not None:
            alert.last = state.value
            alert.peak = alert.peak if state.peak is None else state.peak
        self._changes.append(msgspec.structs.replace(alert, state="resolved", at=at, ended=ended))


def is_same_watch(before: Rule | None, after: Rule) -> bool:
    """Whether a rule still watches the same values for the same side, so that its alerts go on."""
    if before is None:
        return False
    both = [(rule.metric, rule.scope, rule.comparison, rule.each_threshold is None) for rule in (before, after)]
    return both[0] == both[1]
