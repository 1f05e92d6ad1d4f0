"""Sends a test to the alert channels, and says what each of them answered."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from monitoring import conf
from monitoring.alerting import environment_channels
from monitoring.alerting.channel_trial import WAIT_SECONDS, TriedChannel, try_channels
from monitoring.core.inputs import echo
from monitoring.management.shared_options import CommandWithExamples
from monitoring.models import AlertChannel

EXAMPLES = """examples:
  python manage.py send_test_alert
  python manage.py send_test_alert --channel operators

It exits with 1 if any channel failed.
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = "Sends a test to each alert channel, those that are off included, and prints what was answered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", metavar="NAME", help="only this channel")

    def handle(self, *, channel: str | None, **options: Any) -> None:  # noqa: ARG002
        try:
            # A shell need not have the variable that the worker has.
            environment_channels.keep_rows(timezone.now(), switch_off=False)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        channels = list(AlertChannel.objects.by_name())
        if channel is not None:
            channels = _only(channel, channels)
        if not channels:
            raise CommandError(
                "There are no alert channels: set AVATAR_ALERT_URLS, or add one in the admin"
                if conf.current().enabled
                else "Monitoring is off, and there are no alert channels"
            )
        tried = try_channels(channels, WAIT_SECONDS)
        for line in _table(tried):
            self.stdout.write(line)
        failures = [one for one in tried if not one.answer.is_sent]
        if failures:
            raise CommandError(f"{len(failures)} of {len(tried)} failed")


def _only(name: str, channels: list[AlertChannel]) -> list[AlertChannel]:
    found = [one for one in channels if one.name == name]
    if not found:
        names = ", ".join(one.name for one in channels) or "there are none"
        raise CommandError(f"--channel {echo(name)}: must be a channel's name ({names})")
    return found


def _table(tried: list[TriedChannel]) -> list[str]:
    rows = [("channel", "kind", "result", "seconds", "answer")]
    rows += [
        (
            one.channel.name,
            one.channel.kind,
            "ok" if one.answer.is_sent else "failed",
            f"{one.seconds:.2f}",
            one.answer.text,
        )
        for one in tried
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]]) for row in rows]
