"""Keeps the history without Celery: does what its tasks do, once or at their times."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser

from monitoring import conf
from monitoring.jobs import JOBS, wait_for_calls
from monitoring.management.shared_options import CommandWithExamples
from monitoring.store_loop import EndBySignal, StoreLoop, failure

EXAMPLES = """examples:
  python manage.py store_history          # once, as from cron every minute
  python manage.py store_history --loop   # every minute, until SIGTERM or Ctrl-C

It may run beside Celery and any number of times at once: everything is stored exactly once.
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = (
        "Stores what the servers have measured, rolls minutes up to hours and days, and deletes what is no longer kept."
    )
    # Cron would send a mail every minute with what the checks say; `migrate` and `check` say it.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="keep running, and do it every minute")

    def handle(self, *, loop: bool, verbosity: int, **options: Any) -> None:  # noqa: ARG002
        try:
            redis_url = conf.current().redis_url
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        if not redis_url:
            raise CommandError("The setting REDIS_URL is missing: metrics are live only, and there is nothing to store")
        if loop:
            self._run_until_ended(verbosity)
        else:
            self._run_once(verbosity)

    def _run_once(self, verbosity: int) -> None:
        failures: dict[str, None] = {}
        for job in JOBS.values():
            try:
                said = job()
            except Exception as error:
                part, text = failure(error)
                if not part:
                    raise
                failures[text] = None
            else:
                if verbosity:
                    self.stdout.write(said)
        wait_for_calls()
        if failures:
            raise CommandError("; ".join(failures))

    def _run_until_ended(self, verbosity: int) -> None:
        ending = EndBySignal()
        ending.listen()
        if verbosity:
            self.stdout.write("storing the history every minute, until SIGTERM or Ctrl-C")
            self.stdout.flush()
        StoreLoop().run(ending)
        if verbosity:
            self.stdout.write("ended")
