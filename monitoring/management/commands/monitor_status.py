"""Says how the site is: for people as a table, for monitoring systems as a plugin, for programs as JSON."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db import close_old_connections

from monitoring.core.inputs import echo, number
from monitoring.history.site_status import SiteStatus, StatusLevel, site_status
from monitoring.management.shared_options import CommandWithExamples
from monitoring.management.status_report import as_json, status_line, written

SHORTEST, LONGEST, USUAL = 0.5, 3600.0, "2"
CLEAR = "\x1b[2J\x1b[H"

EXAMPLES = """exit code:
  0 OK        nothing fires that is more than information
  1 WARNING   a warning fires, or a channel for notices is disabled
  2 CRITICAL  a critical alert fires
  3 UNKNOWN   nobody can know: Redis or the database is away or does not
              answer, nothing was stored for five minutes, no node reports,
              or the input is bad

What is acknowledged or silenced is shown and does not count.

examples:
  python manage.py monitor_status           # once; the first line is that of a Nagios plugin
  python manage.py monitor_status --watch   # again every 2 seconds, until Ctrl-C
  python manage.py monitor_status --json | jq .alerts
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = "Shows the nodes, their clients, how far storing is behind, and what fires."
    # The exit code and the first line belong to the status; `check` says what is configured badly.
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        leave = parser.exit

        def leave_as_plugin(status: int = 0, message: str | None = None) -> Any:
            # argparse's 2 for bad input would mean that an alert is critical.
            leave(int(StatusLevel.UNKNOWN) if status else 0, message)

        parser.exit = leave_as_plugin  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--watch",
            nargs="?",
            const=USUAL,
            metavar="SECONDS",
            help=f"again every so many seconds, {SHORTEST} to {LONGEST:.0f}, by default {USUAL}, until Ctrl-C",
        )
        parser.add_argument("--json", action="store_true", help="as JSON, with --watch one object on each line")

    def handle(self, *, watch: str | None, json: bool, **options: Any) -> None:  # noqa: ARG002
        level = self._show(as_lines=json) if watch is None else self._watch(_seconds(watch), as_lines=json)
        if level:
            sys.exit(int(level))

    def _watch(self, seconds: float, *, as_lines: bool) -> StatusLevel:
        level = StatusLevel.UNKNOWN
        try:
            while True:
                level = self._show(as_lines=as_lines, is_watched=True)
                self.stdout.flush()
                # A server that was restarted meanwhile is asked anew.
                close_old_connections()
                time.sleep(seconds)
        except KeyboardInterrupt:
            return level

    def _show(self, *, as_lines: bool, is_watched: bool = False) -> StatusLevel:
        try:
            status = site_status()
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=int(StatusLevel.UNKNOWN)) from None
        if as_lines:
            self.stdout.write(json.dumps(as_json(status), indent=None if is_watched else 2))
        else:
            self._show_table(status, is_watched=is_watched)
        return status.level

    def _show_table(self, status: SiteStatus, *, is_watched: bool) -> None:
        is_terminal = self.stdout.isatty()
        if is_watched and is_terminal:
            self.stdout.write(CLEAR, ending="")
        width = shutil.get_terminal_size().columns
        parts = [status_line(status), written(status, width, is_terminal=is_terminal and not self.style_is_off())]
        self.stdout.write("\n\n".join(filter(None, parts)))
        if is_watched and not is_terminal:
            self.stdout.write("")

    def style_is_off(self) -> bool:
        """Whether `--no-color` or NO_COLOR asks for plain text."""
        return self.style.SUCCESS("x") == "x"


def _seconds(text: str) -> float:
    try:
        return number(text, SHORTEST, LONGEST)
    except ValueError as error:
        raise CommandError(f"--watch {echo(text)}: must be {error}", returncode=int(StatusLevel.UNKNOWN)) from None
