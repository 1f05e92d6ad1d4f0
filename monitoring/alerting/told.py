"""What channels were told, read from the rows of their notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models.fields.json import KT

from monitoring.alerting.channel_terms import heeds_acknowledgements
from monitoring.core.notice_policy import Before, Terms, worst
from monitoring.models import AlertChannel, Notice, NoticeAlert
from monitoring.models.notice import FIRING, RESOLVED

LATELY = timedelta(days=2)
"""For how long an end is still told."""


class Mention(NamedTuple):
    """What a channel was told last about an alert that it knows to fire."""

    severity: str
    was_hidden: bool


class Told(NamedTuple):
    """By channel: the alerts that it was told fire and not that they are over, and when it was told what."""

    by_channel: Mapping[int, Mapping[int, Mention]]
    notices: Mapping[tuple[int, str], list[tuple[datetime, str, str]]]
    fired_and_over: set[int]

    def before(self, channel: int, group: str, terms: Terms, now: datetime) -> Before:
        firing_at = resolved_at = None
        severities = []
        for created_at, kind, severity in self.notices.get((channel, group), []):
            if kind == RESOLVED:
                resolved_at = created_at
                continue
            firing_at = created_at
            if now - created_at < terms.window:
                severities.append(severity)
        return Before(firing_at, worst(severities), resolved_at)


def mentions(now: datetime, longest: timedelta) -> Told:
    """Of the last two days, and the notices of `longest`, if that is more."""
    by_channel: defaultdict[int, dict[int, Mention]] = defaultdict(dict)
    over: set[int] = set()
    rows = NoticeAlert.objects.still_matter(now - LATELY)
    for channel, alert, severity, was_hidden, ended_at in rows.values_list(
        "notice__channel", "alert", "severity", "was_hidden", "alert__ended_at"
    ):
        by_channel[channel][alert] = Mention(severity, was_hidden)
        if ended_at is not None:
            over.add(alert)
    return Told(by_channel, _notices(now - max(LATELY, longest)), over)


def _notices(since: datetime) -> dict[tuple[int, str], list[tuple[datetime, str, str]]]:
    found: defaultdict[tuple[int, str], list[tuple[datetime, str, str]]] = defaultdict(list)
    rows = Notice.objects.that_count(since).annotate(worst=KT("content__severity"))
    for channel, group, at, kind, severity in rows.values_list("channel", "group", "created_at", "kind", "worst"):
        found[channel, group].append((at, kind, severity))
    return found


def note_hidden(silenced: Collection[int], acknowledged: Collection[int]) -> None:
    """Notes that silences or acknowledgements cover these alerts: once that is over, channels hear of them again."""
    seen = NoticeAlert.objects.filter(state=FIRING, was_hidden=False)
    if silenced:
        seen.filter(alert__in=silenced).update(was_hidden=True)
    if acknowledged:
        seen.filter(alert__in=acknowledged, notice__channel__in=_that_heed()).update(was_hidden=True)


def _that_heed() -> list[int]:
    """The channels from which acknowledged alerts are kept."""
    return [channel.pk for channel in AlertChannel.objects.usable() if heeds_acknowledgements(channel)]
