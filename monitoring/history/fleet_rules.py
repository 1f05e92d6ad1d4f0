"""Rules about all nodes together: decided where minutes are stored, second by second, by the machine that decides live.

Each rule's state is a row with the moment up to which it was evaluated. Both move together, and only from where they
were read: several processes, a crash or a run more change nothing. What arrives after its minute was evaluated is
stored, but decides nothing any more.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from monitoring.alerting.outbox import plan_notices
from monitoring.alerting.rules import rules_in_force
from monitoring.columns import timestamp
from monitoring.core.alert_messages import first_message
from monitoring.core.alert_rules import NODE_VANISHED, AlertScope, Rule
from monitoring.core.alert_state import AlertState, Observation, step
from monitoring.core.alert_values import observation_of, value_of
from monitoring.core.alerts import is_same_watch
from monitoring.core.records import RULE_CHANGED, AlertRecord, Batch
from monitoring.core.stats.sample import Sample
from monitoring.history import seconds
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.models import FleetWatch, Minute
from monitoring.storage.episodes import store_alerts
from monitoring.storage.vanished_nodes import OBSERVER

MINUTE = 60
SETTLED = 3.0
"""Seconds into a minute: then nodes have handed over all of the minute before."""

MOST_MINUTES = 120
"""Evaluated in one run. After a longer outage, what lies before is left out: nobody is to be told of it any more."""

STEADY_MINUTES = 2
"""A rule that is farther behind was itself not evaluated: seconds of which nothing is known are then no evidence."""

SUBJECT = "fleet"

logger = logging.getLogger(__name__)


class Evaluated(NamedTuple):
    """Where a rule stands after some seconds, and what its alert did in them."""

    state: AlertState
    records: list[AlertRecord]


def evaluate(now: float) -> int:
    """Evaluates every rule about the fleet for the minutes that have ended by `now`, by Redis's clock.

    Returns how many rules came further. If the journal cannot be read, the next run continues from there. Raises
    django.db.Error while the database cannot be used.
    """
    rules = {
        key: rule
        for key, rule in rules_in_force().items()
        if rule.scope is AlertScope.FLEET and rule.metric != NODE_VANISHED.metric
    }
    end = math.floor((now - SETTLED) / MINUTE) * MINUTE
    watches = {watch.rule: watch for watch in FleetWatch.objects.all()}
    for key in watches.keys() - rules.keys():
        _forget(watches[key])
    for key in rules.keys() - watches.keys():
        started = {"until": end - MINUTE, "definition": msgspec.to_builtins(rules[key])}
        watches[key], _ = FleetWatch.objects.get_or_create(rule=key, defaults=started)
    due = [watches[key] for key in rules if watches[key].until < end]
    if not due:
        return 0
    try:
        minutes = _Minutes(max(min(watch.until for watch in due), end - MOST_MINUTES * MINUTE), end)
    except SecondsUnavailableError as error:
        logger.warning("Rules about all nodes are evaluated later: %s", error)
        return 0
    return sum(_advance(watch, rules[watch.rule], minutes, end) for watch in due)


def _advance(watch: FleetWatch, rule: Rule, minutes: _Minutes, end: int) -> bool:
    """Evaluates one rule; False if another run has done so."""
    before = _known_rule(watch.definition)
    records: list[AlertRecord] = []
    state = _known_state(watch.state)
    if before is None or not is_same_watch(before, rule):
        if state.fires and before is not None:
            records = [_record(before, state, watch.until, RULE_CHANGED, is_over=True)]
        state = AlertState()
    since = max(watch.until, end - MOST_MINUTES * MINUTE)
    skips_unknown = end - watch.until > STEADY_MINUTES * MINUTE
    evaluated = evaluated_over(rule, state, minutes.observations(rule, since, skips_unknown=skips_unknown))
    moved = {"until": end, "state": msgspec.to_builtins(evaluated.state), "definition": msgspec.to_builtins(rule)}
    with transaction.atomic():
        # The row stays locked until the transaction ends, so a second run waits here and then sees 0.
        if FleetWatch.objects.filter(pk=watch.pk, until=watch.until).update(**moved) != 1:
            return False
        _store([*records, *evaluated.records])
    return True


def evaluated_over(rule: Rule, state: AlertState, observations: Iterator[tuple[float, Observation]]) -> Evaluated:
    """Pure: the state after these observations, each with its moment; what began and ended, and what still fires."""
    records: list[AlertRecord] = []
    at = state.seen_at or 0.0
    for at, observation in observations:
        before, state = state, step(state, observation, rule, at)
        if before.fires and not state.fires:
            ended = msgspec.structs.replace(state, since=before.since, flapping=before.flapping, reason=before.reason)
            records.append(_record(rule, ended, at, state.ended, is_over=True))
        elif state.fires and not before.fires:
            records.append(_record(rule, state, at))
    if state.fires and (not records or records[-1].at != at):
        records.append(_record(rule, state, at))
    return Evaluated(state, records)


class _Minutes:
    """What all nodes together measured, from the journal's seconds, or from stored minutes that it no longer holds.

    Raises SecondsUnavailableError.
    """

    def __init__(self, start: int, end: int) -> None:
        held = seconds.span()
        self._end = end
        self._held_since = end if held is None else min(end, math.ceil(held[0].timestamp() / MINUTE) * MINUTE)
        since = max(start, self._held_since)
        found = seconds.samples(timestamp(since), timestamp(end)) if since < end else []
        self._seconds = {math.floor(sample.start): sample for sample in found}
        self._stored: dict[int, Sample] = {}
        if start < self._held_since:
            rows = Minute.objects.between(timestamp(start), timestamp(self._held_since)).of_fleet()
            self._stored = {row.epoch: row.readable_sample() for row in rows}
            logger.info(
                "The journal no longer holds the seconds from %s to %s: there, rules about all nodes are evaluated by "
                "the values of whole minutes",
                timestamp(start),
                timestamp(self._held_since),
            )

    def observations(self, rule: Rule, since: int, *, skips_unknown: bool) -> Iterator[tuple[float, Observation]]:
        """Each second's, at its end. A stored minute's value is that of each of its seconds."""
        for epoch in range(since, self._end):
            sample, at = self._seconds.get(epoch), float(epoch + 1)
            stored = self._stored.get(epoch - epoch % MINUTE)
            if sample is not None:
                observation, at = observation_of(rule, sample, max(1.0, sample.seconds)), sample.until
            elif epoch < self._held_since and stored is not None:
                observation = Observation(value_of(rule, stored))
            else:
                observation = None if skips_unknown else Observation()
            if observation is not None:
                yield at, observation


def _record(rule: Rule, state: AlertState, at: float, ended: str = "", *, is_over: bool = False) -> AlertRecord:
    value = state.value if state.value is not None else state.peak if state.peak is not None else rule.threshold
    peak = value if state.peak is None else state.peak
    return AlertRecord(
        metric=rule.metric,
        subject=SUBJECT,
        state="resolved" if is_over else "firing",
        at=float(at),
        severity=rule.severity,
        message=first_message(rule, SUBJECT, value, state.reason, grouped=False),
        value=value,
        threshold=rule.threshold,
        peak=peak,
        since=state.since,
        ended=ended,
        rule=rule.key,
        scope=rule.scope,
        last=state.value,
        flapping=state.flapping,
        reason=state.reason,
    )


def _forget(watch: FleetWatch) -> None:
    """A rule that is no longer in force: its alert ends where it was last evaluated."""
    rule, state = _known_rule(watch.definition), _known_state(watch.state)
    with transaction.atomic():
        if FleetWatch.objects.filter(pk=watch.pk, until=watch.until).delete()[0] == 1 and rule and state.fires:
            _store([_record(rule, state, watch.until, RULE_CHANGED, is_over=True)])


def _store(records: list[AlertRecord]) -> None:
    if store_alerts([Batch(OBSERVER, OBSERVER, "", 0, alerts=records)]):
        plan_notices(timezone.now())


def _known_rule(definition: Mapping[str, Any]) -> Rule | None:
    try:
        return msgspec.convert(definition, Rule)
    except msgspec.ValidationError:
        return None  # of another release


def _known_state(state: Mapping[str, Any]) -> AlertState:
    try:
        return msgspec.convert(state, AlertState)
    except msgspec.ValidationError:
        return AlertState()  # of another release
