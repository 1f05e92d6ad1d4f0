"""Who is told about alerts, and what they were told: channels, and the outbox of notices."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from monitoring.columns import MAX_USERNAME
from monitoring.models.alert import Alert
from monitoring.models.alert_rule import SEVERITIES
from monitoring.row_words import word

APPRISE, EMAIL, WEBHOOK, ALERTMANAGER = "apprise", "email", "webhook", "alertmanager"
CHANNEL_KINDS = [(one, one) for one in (APPRISE, EMAIL, WEBHOOK, ALERTMANAGER)]
FIRING, RESOLVED, REPEATED, ESCALATED, TEST = "firing", "resolved", "repeated", "escalated", "test"
NOTICE_KINDS = [(one, gettext_lazy(one)) for one in (FIRING, RESOLVED, REPEATED, ESCALATED, TEST)]


LONGEST_CLAIM = timedelta(minutes=30)
"""How long one process may keep a notice from others."""

SENT_ANEW = ["content", "created_at", "due_at", "sent_at", "attempts", "claimed_until"]
"""The columns of a row that is sent once more."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""Between processes that share the database, at most; by more if a clock was set back meanwhile."""


class AlertChannelQuerySet(models.QuerySet["AlertChannel"]):
    def usable(self) -> Self:
        """Those that are told about alerts, in one order, so that whoever locks them does not wait in a circle."""
        return self.filter(enabled=True, disabled_at__isnull=True).order_by("pk")

    def of_environment(self) -> Self:
        """Those of AVATAR_ALERT_URLS."""
        return self.exclude(fingerprint="").order_by("pk")

    def by_name(self) -> Self:
        return self.order_by("name")


class AlertChannel(models.Model):
    """One way to tell somebody, and which alerts it is for.

    `target` (a URL, or addresses) and `secret` are encrypted; both are empty for a channel of AVATAR_ALERT_URLS, whose
    target is the URL there with the `fingerprint`. `matchers` are those of a silence.
    """

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=CHANNEL_KINDS)
    enabled = models.BooleanField(default=True)
    target = models.TextField(blank=True)
    secret = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    severity = models.CharField(max_length=16, choices=SEVERITIES, default="warning")
    matchers = models.JSONField(default=dict, blank=True)
    tells_resolved = models.BooleanField(default=True)
    group_minutes = models.PositiveIntegerField(default=15)
    repeat_minutes = models.PositiveIntegerField(default=240)
    escalates_after_minutes = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=255, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.CharField(max_length=MAX_USERNAME, blank=True)

    objects = AlertChannelQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class NoticeQuerySet(models.QuerySet["Notice"]):
    def that_count(self, since: datetime) -> Self:
        """Those that told a channel something, or still may, oldest first."""
        return self.exclude(kind=TEST).filter(created_at__gte=since, given_up_at__isnull=True).order_by("created_at")

    def keys_of_repeated(self, channels: Collection[int]) -> dict[tuple[int, str], uuid.UUID]:
        """By channel and group, the latest that says that alerts still fire, unless it is being sent."""
        found = self.filter(channel__in=channels, kind=REPEATED, sent_at__isnull=False).order_by("created_at", "pk")
        return {(channel, group): key for channel, group, key in found.values_list("channel", "group", "key")}

    def upsert(self, rows: Iterable[Notice]) -> None:
        """Inserts the rows, or sends those with the same key once more."""
        rows = list(rows)
        self.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=SENT_ANEW)
        if any(row.pk is None for row in rows):
            # SQLite before 3.35 does not tell them.
            numbers = dict(self.filter(key__in=[row.key for row in rows]).values_list("key", "pk"))
            for row in rows:
                row.pk = numbers[row.key]

    def waiting(self) -> Self:
        """Those that are neither sent nor given up."""
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Those that may be sent now, in the order in which they are due: nobody is sending them, and nothing of their
        group waits before."""
        before = Notice.objects.waiting().filter(
            channel=models.OuterRef("channel"), group=models.OuterRef("group"), pk__lt=models.OuterRef("pk")
        )
        return (
            self.waiting()
            .unclaimed(now)
            .whose_time_has_come(now)
            .filter(~models.Exists(before))
            .order_by("due_at", "pk")
        )

    def whose_time_has_come(self, now: datetime) -> Self:
        # A notice of the future was written before the clock was set back, and its times mean nothing any more.
        return self.filter(models.Q(due_at__lte=now) | models.Q(created_at__gt=now + CLOCKS_DIFFER))

    def unclaimed(self, now: datetime) -> Self:
        is_over = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lte=now)
        return self.filter(is_over | models.Q(claimed_until__gt=now + LONGEST_CLAIM + CLOCKS_DIFFER))

    def claim(self, notice: Notice, now: datetime, until: datetime) -> bool:
        """Whether the notice, with its answers as they are, is now this process's to send: another one that also found
        it due gets False."""
        mine = self.filter(pk=notice.pk, attempts=notice.attempts).waiting().unclaimed(now).whose_time_has_come(now)
        return mine.update(claimed_until=until, attempts=notice.attempts + 1, answers=notice.answers) == 1

    def overdue(self, before: datetime, now: datetime) -> Self:
        """Those that are due and wait since before the moment."""
        return self.waiting().filter(due_at__lte=now, created_at__lt=before)

    def to_channels_that_are_off(self) -> Self:
        """Those that nobody will send."""
        off = models.Q(channel__enabled=False) | models.Q(channel__disabled_at__isnull=False)
        return self.waiting().exclude(kind=TEST).filter(off)

    def latest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def ended_before(self, moment: datetime) -> Self:
        """Those about alerts that are no longer kept."""
        is_over = models.Q(sent_at__isnull=False) | models.Q(given_up_at__isnull=False)
        return self.filter(is_over, created_at__lt=moment, mentions__isnull=True)


class Notice(models.Model):
    """One message about the alerts of a group to one channel; its row is written before it is sent.

    `key` identifies it to receivers, however often it is sent. It is due at `due_at`, and worked on by one process
    until `claimed_until`. It ends as `sent_at` or `given_up_at`. `answers` are the attempts, the latest last.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=NOTICE_KINDS)
    group = models.CharField(max_length=320, blank=True)
    content = models.JSONField(default=dict)
    alerts: models.ManyToManyField[Alert, NoticeAlert] = models.ManyToManyField(
        Alert, through="NoticeAlert", related_name="notices"
    )
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    answers = models.JSONField(default=list, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="avatar_notice_waits",
            ),
            models.Index(fields=["channel", "group", "-created_at"], name="avatar_notice_by_group"),
            models.Index(fields=["-created_at"], name="avatar_notice_by_time"),
        ]

    @property
    def last_answer(self) -> str:
        """What the receiver answered to the last attempt; empty before the first."""
        return str(self.answers[-1]["text"]) if self.answers else ""

    def __str__(self) -> str:
        return gettext("%(kind)s to %(channel)s") % {"kind": word(self.kind), "channel": self.channel}


class NoticeAlertQuerySet(models.QuerySet["NoticeAlert"]):
    def ended_unheard(self, since: datetime) -> models.QuerySet[Alert]:
        """The alerts that ended since then and that no notice is about, unless it was given up."""
        heard = self.filter(alert=models.OuterRef("pk"), notice__given_up_at__isnull=True)
        return Alert.objects.filter(~models.Exists(heard), ended_at__gte=since)

    def still_matter(self, since: datetime) -> Self:
        """By which a channel knows that an alert fires that is not over, or ended since; oldest first."""
        later = NoticeAlert.objects.filter(
            alert=models.OuterRef("alert"),
            notice__channel=models.OuterRef("notice__channel"),
            notice__given_up_at__isnull=True,
            state=RESOLVED,
            pk__gt=models.OuterRef("pk"),
        )
        return (
            # By the alerts, which are few: otherwise every mention that is kept would be looked at.
            self.filter(alert__in=Alert.objects.not_over_before(since).values("pk"))
            .filter(~models.Exists(later), state=FIRING, notice__given_up_at__isnull=True)
            .order_by("pk")
        )


class NoticeAlert(models.Model):
    """What a notice says about one alert. `was_hidden` if a silence or an acknowledgement has covered it since."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="mentions")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="mentions")
    state = models.CharField(max_length=16)
    severity = models.CharField(max_length=16)
    peak = models.FloatField()
    was_hidden = models.BooleanField(db_default=False)

    objects = NoticeAlertQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "alert"], name="avatar_mention_once")]

    def __str__(self) -> str:
        return f"{self.alert}: {word(self.state)}"
