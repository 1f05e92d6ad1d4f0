"""Writes the notices that are due into the outbox, in the transaction that changed alerts, answers or silences.

What each channel was told is in the rows of its notices, so nothing is lost or told twice whoever calls when.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, router, transaction

from monitoring import conf
from monitoring.alerting import channel_terms, notice_rows, notice_texts, prompt_delivery, told
from monitoring.alerting.acknowledgements import expire
from monitoring.alerting.notice_rows import Planned
from monitoring.alerting.rules import rules_in_force
from monitoring.alerting.silences import SilencesSince, matches
from monitoring.alerting.told import Mention
from monitoring.core.alert_rules import Rule
from monitoring.core.notice_policy import Candidate, Decision, decide, rank
from monitoring.core.records import CLIENT_GONE, GROUPED, NODE_GONE
from monitoring.core.rescue import OnceAMinute
from monitoring.models import Alert, AlertChannel, Notice, NoticeAlert

logger = logging.getLogger(__name__)
why = OnceAMinute()

MISSED = timedelta(hours=1)
"""How long ago an alert may have ended that nobody was told about while it fired."""


def plan_notices(now: datetime) -> int:
    """Writes what each channel is to be told and was not told yet; returns how many notices that are.

    Calling it again, at any time and from several processes at once, writes nothing twice. Whatever is wrong with an
    alert or a channel is logged, and never keeps the caller's own changes from being stored: only raises
    django.db.OperationalError and InterfaceError, when the database cannot be used.
    """
    alias = router.db_for_write(Notice)
    try:
        with transaction.atomic(using=alias):
            expire(now)
        with transaction.atomic(using=alias):
            planned = _plan(now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        _log(error)
        return 0
    if planned:
        transaction.on_commit(prompt_delivery.ask, using=alias, robust=True)
    return planned


def _log(error: Exception) -> None:
    if why.is_due(type(error).__name__):
        logger.error("Notices could not be written; the next minute tries again", exc_info=error)


def _plan(now: datetime) -> int:
    # Whoever else plans waits here, and then sees what this transaction wrote.
    channels = list(AlertChannel.objects.usable().select_for_update())
    if not channels:
        return 0
    known = told.mentions(now, max(max(channel_terms.of(one).repeat, channel_terms.of(one).window) for one in channels))
    firing = list(Alert.objects.firing())
    over = _over(now, known)
    silences = SilencesSince(min([now, *(alert.ended_at for alert in over if alert.ended_at is not None)]))
    silenced = {alert.pk for alert in [*firing, *over] if silences.hide(alert, now)}
    acknowledged = {alert.pk for alert in firing if alert.acknowledged_at is not None}
    told.note_hidden(silenced.intersection(alert.pk for alert in firing), acknowledged)
    by_group: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in [*firing, *over]:
        by_group[alert.rule or alert.metric].append(alert)
    rules = rules_in_force()
    metrics = {alert.metric for alert in [*firing, *over]} | {
        rules[group].metric for group in by_group if group in rules
    }
    plan = _Plan(known, silences, silenced, now, rules, notice_texts.own_labels(metrics))
    due = (plan.try_to_tell(channel, group, alerts) for channel in channels for group, alerts in by_group.items())
    return _write([one for one in due if one is not None], now)


def _over(now: datetime, known: told.Told) -> list[Alert]:
    """The ended alerts that some channel may have to hear about: it knows that they fired, or nobody ever did."""
    return [*Alert.objects.having(known.fired_and_over), *NoticeAlert.objects.ended_unheard(now - MISSED)]


def _ends_quietly(alert: Alert) -> bool:
    """Whether its end is no news: one alert about many took its place, or the client went with its server."""
    return alert.ended == GROUPED or (bool(alert.client_id) and alert.ended in (NODE_GONE, CLIENT_GONE))


def _write(due: Sequence[Planned], now: datetime) -> int:
    """Returns how many notices were written: if the database refuses one, it does not keep the others from it."""
    if not due:
        return 0
    try:
        notice_rows.write(due, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(due) == 1:
            _log(error)
            return 0
        return sum(_write([one], now) for one in due)
    return len(due)


class _Plan(NamedTuple):
    known: told.Told
    silences: SilencesSince
    silenced: set[int]
    now: datetime
    rules: Mapping[str, Rule]
    labels: Mapping[str, str]

    def try_to_tell(self, channel: AlertChannel, group: str, alerts: Iterable[Alert]) -> Planned | None:
        """The same as `tell`, but what is wrong with one rule or channel does not keep others from being told."""
        try:
            return self.tell(channel, group, alerts)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            _log(error)
            return None

    def tell(self, channel: AlertChannel, group: str, alerts: Iterable[Alert]) -> Planned | None:
        """The notice that the channel is due about alerts of one rule; None if there is none."""
        terms = channel_terms.of(channel)
        mentions = self.known.by_channel[channel.pk]
        concerned = [
            alert
            for alert in alerts
            if (alert.pk in mentions or self._is_for(channel, alert))
            and (terms.tells_each_end or alert.ended_at is None or not _ends_quietly(alert))
        ]
        if not concerned:
            return None
        candidates = [self._candidate(alert, channel, mentions.get(alert.pk)) for alert in concerned]
        decision = decide(terms, candidates, self.known.before(channel.pk, group, terms, self.now), self.now)
        if decision is None:
            return None
        return self._notice(channel, _rule_of(group, concerned, self.rules), decision, concerned)

    def _notice(self, channel: AlertChannel, rule: Rule, decision: Decision, alerts: Sequence[Alert]) -> Planned:
        by_number = {alert.pk: alert for alert in alerts}
        firing = [by_number[one] for one in decision.firing]
        firing.sort(key=lambda one: (rank(one.severity), one.started_at))
        over = [by_number[one] for one in decision.over]
        content = notice_texts.content_of(
            decision.kind,
            rule,
            firing=firing,
            over=over,
            base_url=conf.current().public_url,
            most=channel_terms.most_listed(channel),
            own_label=self.labels.get(rule.metric, ""),
        )
        return Planned(channel, decision.kind, rule.key, content, [*firing, *over])

    def _is_for(self, channel: AlertChannel, alert: Alert) -> bool:
        if rank(alert.severity) > rank(channel.severity) or (channel.matchers and not matches(channel.matchers, alert)):
            return False
        # A channel is not told what was over before it was set up as it is.
        return alert.ended_at is None or (
            alert.ended_at >= channel.changed_at
            and not alert.ended
            and alert.acknowledged_at is None
            # Nor what a silence hid until it was over.
            and not self.silences.hide(alert, alert.ended_at)
        )

    def _candidate(self, alert: Alert, channel: AlertChannel, mention: Mention | None) -> Candidate:
        is_acknowledged = alert.acknowledged_at is not None and channel_terms.heeds_acknowledgements(channel)
        return Candidate(
            number=alert.pk,
            severity=alert.severity,
            began=alert.started_at,
            is_over=alert.ended_at is not None,
            is_hidden=alert.pk in self.silenced or (alert.ended_at is None and is_acknowledged),
            told=mention.severity if mention else None,
            was_hidden=bool(mention and mention.was_hidden),
        )


def _rule_of(group: str, alerts: Sequence[Alert], rules: Mapping[str, Rule]) -> Rule:
    """The rule in force; if there is none any more, or it is no row, what its alerts tell of it."""
    first = alerts[0]
    return rules.get(group) or Rule(
        first.metric, first.threshold, first.threshold, first.severity, first.message, name=group
    )
