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
from monitoring.alerting import channel_terms, notice_texts, prompt_delivery, told
from monitoring.alerting.acknowledgements import expire
from monitoring.alerting.rules import rules_in_force
from monitoring.alerting.silences import SilencesSince, matches
from monitoring.alerting.told import Mention
from monitoring.core.alert_rules import Rule
from monitoring.core.notice_policy import Candidate, Decision, decide, rank
from monitoring.core.records import CLIENT_GONE, GROUPED, NODE_GONE
from monitoring.core.rescue import OnceAMinute
from monitoring.models import Alert, AlertChannel, Notice, NoticeAlert
from monitoring.models.notice import ALERTMANAGER, FIRING, REPEATED, RESOLVED

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
    plan = _Plan(known, silences, silenced, now, rules_in_force())
    return sum(plan.try_to_tell(channel, group, alerts) for channel in channels for group, alerts in by_group.items())


def _over(now: datetime, known: told.Told) -> list[Alert]:
    """The ended alerts that some channel may have to hear about: it knows that they fired, or nobody ever did."""
    return [*Alert.objects.having(known.fired_and_over), *NoticeAlert.objects.ended_unheard(now - MISSED)]


def _ends_quietly(alert: Alert) -> bool:
    """Whether its end is no news: one alert about many took its place, or the client went with its server."""
    return alert.ended == GROUPED or (bool(alert.client_id) and alert.ended in (NODE_GONE, CLIENT_GONE))


class _Plan(NamedTuple):
    known: told.Told
    silences: SilencesSince
    silenced: set[int]
    now: datetime
    rules: Mapping[str, Rule]

    def try_to_tell(self, channel: AlertChannel, group: str, alerts: Iterable[Alert]) -> int:
        """The same as `tell`, but what is wrong with one rule or channel does not keep others from being told."""
        try:
            return self.tell(channel, group, alerts)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            _log(error)
            return 0

    def tell(self, channel: AlertChannel, group: str, alerts: Iterable[Alert]) -> int:
        """Writes the notice that the channel is due about alerts of one rule; returns 0 if there is none."""
        terms = channel_terms.of(channel)
        mentions = self.known.by_channel[channel.pk]
        concerned = [
            alert
            for alert in alerts
            if (alert.pk in mentions or self._is_for(channel, alert))
            and (terms.tells_each_end or alert.ended_at is None or not _ends_quietly(alert))
        ]
        if not concerned:
            return 0
        candidates = [self._candidate(alert, channel, mentions.get(alert.pk)) for alert in concerned]
        decision = decide(terms, candidates, self.known.before(channel.pk, group, terms, self.now), self.now)
        if decision is not None:
            with transaction.atomic(using=router.db_for_write(Notice)):
                _write(channel, _rule_of(group, concerned, self.rules), decision, concerned, self.now)
        return int(decision is not None)

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


def _write(channel: AlertChannel, rule: Rule, decision: Decision, alerts: Sequence[Alert], now: datetime) -> None:
    by_number = {alert.pk: alert for alert in alerts}
    firing = sorted((by_number[one] for one in decision.firing), key=lambda one: (rank(one.severity), one.started_at))
    over = [by_number[one] for one in decision.over]
    content = notice_texts.content_of(
        decision.kind,
        rule,
        firing=firing,
        over=over,
        base_url=conf.current().public_url,
        most=channel_terms.most_listed(channel),
    )
    notice = _row(channel, decision.kind, rule.key)
    notice.content, notice.created_at, notice.due_at = content, now, now
    notice.save()
    NoticeAlert.objects.bulk_create(
        NoticeAlert(
            notice=notice,
            alert=alert,
            state=FIRING if alert.ended_at is None else RESOLVED,
            severity=alert.severity,
            peak=alert.peak,
        )
        for alert in [*firing, *over]
    )


def _row(channel: AlertChannel, kind: str, group: str) -> Notice:
    """A new row; an Alertmanager is told every few minutes that alerts still fire, which is always the same row."""
    if kind == REPEATED and channel.kind == ALERTMANAGER:
        row = Notice.objects.last_repeated(channel, group)
        if row is not None:
            row.mentions.all().delete()
            row.sent_at, row.attempts, row.claimed_until = None, 0, None
            return row
    return Notice(channel=channel, kind=kind, group=group)


def _rule_of(group: str, alerts: Sequence[Alert], rules: Mapping[str, Rule]) -> Rule:
    """The rule in force; if there is none any more, or it is no row, what its alerts tell of it."""
    first = alerts[0]
    return rules.get(group) or Rule(
        first.metric, first.threshold, first.threshold, first.severity, first.message, name=group
    )
