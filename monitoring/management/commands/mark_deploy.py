"""Marks a moment, so that the trends show what happened then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from monitoring.core.inputs import echo, plain_text
from monitoring.management.shared_options import CommandWithExamples
from monitoring.models import Marker
from monitoring.models.marker import LONGEST_TEXT
from monitoring.moments import parse_moment

EXAMPLES = """examples:
  python manage.py mark_deploy "release 1.4"
  python manage.py mark_deploy "new load balancer" --at 2026-11-23T14:05
  python manage.py mark_deploy "rolled back" --at -10m
"""


class Command(CommandWithExamples):
    help = "Marks a moment: every trend draws a line there with the text."
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", help=f"what happened, at most {LONGEST_TEXT} characters")
        parser.add_argument("--at", default="now", metavar="T", help="when: now, -10m, or an ISO 8601 time (UTC)")

    def handle(self, *, text: str, at: str, **options: Any) -> None:  # noqa: ARG002
        text = " ".join(text.split())
        if not 0 < len(text) <= LONGEST_TEXT:
            raise CommandError(f"text of {len(text)} characters: must have 1 to {LONGEST_TEXT}")
        try:
            plain_text(text, LONGEST_TEXT)
        except ValueError as error:
            raise CommandError(f"text {echo(text)}: must be {error}") from error
        marker = Marker.objects.create(at=_moment(at), text=text)
        self.stdout.write(f"marked {marker.at:%Y-%m-%d %H:%M:%S} UTC: {text}", self.style.SUCCESS)


def _moment(text: str) -> datetime:
    try:
        return parse_moment(text, timezone.now())
    except ValueError as error:
        raise CommandError(f"--at {error}") from None
